"""Asking an ASGI application without a network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from streamkit.api.application import Application

__all__ = ["Asked", "ask", "asking"]


@dataclass
class Asked:
    """What was answered; ``status`` 0: nothing was."""

    status: int = 0
    headers: Mapping[str, str] | None = None
    body: bytes = b""

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str | None:
        return (self.headers or {}).get("x-amzn-errortype")


def ask(application: Application, method: str, path: str, body: Any = b"", **how: Any) -> Asked:
    """Send a request; see `asking`."""
    return anyio.run(partial(asking, application, method, path, body, **how))


async def asking(
    application: Application,
    method: str,
    path: str,
    body: Any = b"",
    *,
    headers: Mapping[str, str] | None = None,
    query: str = "",
    raw: bool = True,
    leaves: bool = False,
) -> Asked:
    """Send a request. ``body``: bytes, several chunks of them, or what is sent as JSON.

    ``raw``: whether the server tells the path as it came; ``leaves``: the client is gone behind the first chunk.
    """
    chunks: Sequence[bytes] = (
        body if isinstance(body, list) else [body if isinstance(body, bytes) else json.dumps(body).encode()]
    )
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
    }
    if raw:
        scope["raw_path"] = path.encode("latin-1")
    answered = Asked()
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": chunk, "more_body": leaves or place + 1 < len(chunks)}
        for place, chunk in enumerate(chunks)
    ]

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answered.status = message["status"]
            answered.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            answered.body += message.get("body", b"")

    await application(scope, receive, send)
    return answered
