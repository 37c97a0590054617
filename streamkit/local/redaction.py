"""Taking personal data out of stream records, so that a recording of production can be kept and shared."""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Redaction"]

_EVERY = "*"
_STEPS = re.compile(r"(?:[^.\\]|\\.)+", re.DOTALL)
_IMAGES = ("Keys", "NewImage", "OldImage")
_SETS = {"SS": "S", "NS": "N", "BS": "B"}
_DIGITS = 10**15


class Redaction:
    r"""Replaces the values at some paths of an item, in its keys and in both of its images.

    ``paths``: names separated by dots, ``customer.email``; ``*`` is every member of a map and every element of a list,
    ``lines.*.note``; a dot in a name is written ``\.``. What lies below a path is replaced as a whole, each value by
    one of its own type, so that the record stays one: text by text, a number by a number.

    Equal values have equal replacements, everywhere: what belonged together still does, and a value that did not change
    still has not. Which they are depends on ``secret``: without it they cannot be found by trying out all values. BOOL
    becomes false. SizeBytes stays what it was.

    Raises ValueError for a path that names nothing.
    """

    def __init__(self, paths: Sequence[str], secret: bytes) -> None:
        self._paths = {path: _steps(path) for path in paths}
        self._secret = secret
        self.unmatched = set(paths)
        """The paths that led to nothing so far: a misspelled one hides nothing."""

    def redact(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return a record in Lambda's form without the values at the paths; the one that was given stays as it is."""
        data = dict(record["dynamodb"])
        for part in _IMAGES:
            if isinstance(data.get(part), dict):
                for path, steps in self._paths.items():
                    data[part] = self._within({"M": data[part]}, steps, path)["M"]
        return {**record, "dynamodb": data}

    def _within(self, value: Any, steps: Sequence[str], path: str) -> Any:
        """Return an attribute value with what the steps lead to replaced."""
        if not steps:
            self.unmatched.discard(path)
            return self._replaced(value)
        step, rest = steps[0], steps[1:]
        match value:
            case {"M": dict(members)}:
                names = members if step == _EVERY else {_name(step)} & set(members)
                return {"M": members | {name: self._within(members[name], rest, path) for name in names}}
            case {"L": list(elements)} if step == _EVERY:
                return {"L": [self._within(element, rest, path) for element in elements]}
            case _:
                return value

    def _replaced(self, value: Any) -> Any:
        match value:
            case {"M": dict(members)}:
                return {"M": {name: self._replaced(member) for name, member in members.items()}}
            case {"L": list(elements)}:
                return {"L": [self._replaced(element) for element in elements]}
            case {"BOOL": _}:
                return {"BOOL": False}
            case {"NULL": _}:
                return value
            case _:
                return dict(self._leaves(value))

    def _leaves(self, value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        for tag, content in value.items():
            if tag in _SETS:
                yield tag, [self._token(_SETS[tag], one) for one in content]
            else:
                yield tag, self._token(tag, content)

    def _token(self, tag: str, content: Any) -> str:
        digest = hmac.digest(self._secret, f"{tag}{content}".encode(errors="surrogatepass"), "sha256")
        if tag == "N":
            return str(int.from_bytes(digest[:8], "big") % _DIGITS)
        return b64encode(digest[:12]).decode() if tag == "B" else f"redacted-{digest[:8].hex()}"


def _steps(path: str) -> tuple[str, ...]:
    steps = tuple(_STEPS.findall(path))
    if not steps or ".".join(steps) != path:
        raise ValueError(f"{path!r} is no path of an item: write names separated by dots, like customer.email")
    return steps


def _name(step: str) -> str:
    return re.sub(r"\\(.)", r"\1", step, flags=re.DOTALL)
