"""JSON text to objects and lists with lines."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from streamkit.deployment.found import TemplateError
from streamkit.deployment.reading.texts.lined import MAX_DEPTH, Event, built

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["json_value", "with_lines"]

_PART = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]\n]|[^\s"{}\[\]:,]+')
_BEGIN = {"{": "object", "[": "list"}


def json_value(text: str, file: str) -> Any:
    """Return what a JSON text holds, in plain dicts and lists. Raises TemplateError with the line of what is wrong."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise TemplateError(
            f"{file}:{error.lineno}: this begins like JSON and is not: {error.msg} at column {error.colno}"
        ) from None
    except ValueError as error:
        raise TemplateError(f"{file}: this is JSON with a number that cannot be read: {error}") from None
    except RecursionError:
        raise TemplateError(
            f"{file}: more than {MAX_DEPTH} objects and lists stand inside of one another in this JSON"
        ) from None


def with_lines(text: str, file: str) -> Any:
    """Return the same of a text that `json_value` takes, with lines. Raises TemplateError for a name that is twice."""
    return built(_events(text), file, merges=False)


def _events(text: str) -> Iterator[Event]:
    line = 1
    for match in _PART.finditer(text):
        part = match[0]
        if part == "\n":
            line += 1
        elif part in _BEGIN:
            yield Event("object" if part == "{" else "list", line)
        elif part in {"}", "]"}:
            yield Event("end", line)
        else:
            value = json.loads(part)
            yield Event("value", line, value, str(value))
