"""A request as the API's operations see it: what it asks for, in which region, and with what."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from streamkit.api.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Answer", "Call", "region_of"]

_SCOPE = re.compile(r"Credential=[^/,\s]+/\d{8}/([a-z]{2}[a-z0-9-]{3,30})/lambda/aws4_request", re.ASCII)


class Answer(NamedTuple):
    """What is sent back."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""

    @classmethod
    def of(cls, status: int, members: Mapping[str, Any]) -> Answer:
        """Return an answer of JSON."""
        return cls(status, {"Content-Type": "application/json"}, json.dumps(members).encode())


@dataclass(frozen=True, slots=True)
class Call:
    """A request to one operation."""

    request_id: str
    region: str
    path: Sequence[str]
    """The variable parts of the path."""
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """By their names in small letters."""
    body: bytes = b""

    def parameter(self, name: str) -> str | None:
        """Return a parameter of the query, None where it is not there."""
        values = self.query.get(name)
        return values[0] if values else None

    def name(self, index: int = 0) -> str:
        """Return a variable part of the path, as it was before it was quoted. Raises Refusal for what is no text."""
        try:
            return unquote(self.path[index], errors="strict")
        except UnicodeDecodeError:
            raise Refusal("ValidationException", f"{self.path[index]!r:.200} in the path is not UTF-8 text") from None

    def json(self) -> Any:
        """Return what the body holds; nothing at all is an empty object. Raises Refusal for what is no JSON."""
        if not self.body.strip():
            return {}
        try:
            return json.loads(self.body.decode(), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            # Its type is that of Invoke's payload: what AWS says here is not recorded (U).
            raise Refusal(
                "InvalidRequestContentException", f"Could not parse request body into json: {error}"
            ) from None


def region_of(authorization: str | None, default: str) -> str:
    """Return the region that a request was signed for, the ``default`` where it was not signed."""
    match = _SCOPE.search(authorization or "")
    return default if match is None else match[1]


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
