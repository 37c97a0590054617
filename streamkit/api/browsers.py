"""Keeping web pages out: whoever may call the API runs functions, and a browser calls whatever a page tells it to.

A page of another site can send a simple request here without being asked, and one whose host name it lets point to this
machine (DNS rebinding) can even read the answers. AWS's clients send neither such a Host nor an Origin.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from streamkit.api.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["refuse_browsers"]

_LOOPBACK = re.compile(r"127(\.\d{1,3}){3}|\[::1\]|([a-z0-9-]+\.)*localhost", re.ASCII)
_PORT = re.compile(r":\d{1,5}", re.ASCII)


def refuse_browsers(headers: Mapping[str, str], *, loopback: bool) -> None:
    """Raise Refusal for what only a web page would send.

    ``headers``: by their names in small letters; ``loopback``: whether the server is there for this machine alone.
    """
    host = headers.get("host", "")
    if loopback and host and not _is_loopback(host):
        raise _denied(
            f"the Host header {host!r:.200} is none of this machine's own names (127.0.0.1, localhost, *.localhost, "
            f"[::1]): streamkit serve answers to these alone, so that no web page reaches it under a name of its own"
        )
    origin = headers.get("origin")
    if origin is not None and not _same_site(origin, host, loopback=loopback):
        raise _denied(f"the Origin {origin!r:.200} is another site's: web pages may not use this API")
    if headers.get("sec-fetch-site", "").lower() == "cross-site":
        raise _denied("Sec-Fetch-Site says that a page of another site asks: web pages may not use this API")


def _denied(message: str) -> Refusal:
    return Refusal("AccessDeniedException", message, 403)


def _is_loopback(host: str) -> bool:
    name = host.lower()
    port = _PORT.search(name[name.rfind("]") + 1 :])
    if port is not None and name.endswith(port[0]):
        name = name.removesuffix(port[0])
    return _LOOPBACK.fullmatch(name.removesuffix(".")) is not None


def _same_site(origin: str, host: str, *, loopback: bool) -> bool:
    try:
        split = urlsplit(origin)
        netloc = split.netloc
    except ValueError:
        return False
    if split.scheme not in ("http", "https") or not netloc:
        return False
    return _is_loopback(netloc) if loopback else netloc.lower() == host.lower()
