"""Recorded records in a file: a Lambda event, a list of records, or JSON lines of either."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson

from streamkit.local.records import RecordError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["read_recorded"]

_BOM = b"\xef\xbb\xbf"
_FORMS = 'a Lambda event ({"Records": […]}), a list of records, or JSON lines with one record or event each'


def read_recorded(lines: Iterable[bytes], name: str) -> Iterator[tuple[Any, str]]:
    """Yield each record with where it stands (``name``, line, place), for error messages.

    A first line that is JSON by itself makes the input JSON lines, which are read one by one; anything else is read as
    one document. Raises RecordError for input that is empty or not JSON, with the line, and for JSON of another form.
    """
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    first = next(numbered, None)
    if first is None:
        raise RecordError(f"{name} is empty: expected {_FORMS}")
    start = (first[0], first[1].removeprefix(_BOM))
    if _is_json(start[1]):
        yield from _json_lines(start, numbered, name)
    else:
        yield from _document([start, *numbered], name)


def _json_lines(start: tuple[int, bytes], rest: Iterable[tuple[int, bytes]], name: str) -> Iterator[tuple[Any, str]]:
    yield from _records_in(orjson.loads(start[1]), f"{name}, line {start[0]}")
    for number, line in rest:
        where = f"{name}, line {number}"
        try:
            value = orjson.loads(line.rstrip())
        except orjson.JSONDecodeError as error:
            raise RecordError(f"{where} is not JSON: {error.msg}; is it cut off? It begins {_begin(line)}") from None
        yield from _records_in(value, where)


def _document(numbered: list[tuple[int, bytes]], name: str) -> Iterator[tuple[Any, str]]:
    try:
        value = orjson.loads(b"".join(line for _, line in numbered).rstrip())
    except orjson.JSONDecodeError as error:
        number, line, why = _line_at_fault(numbered, error)
        raise RecordError(
            f"{name}, line {number} is not JSON: {why}; is the file cut off there? It begins {_begin(line)}; "
            f"expected {_FORMS}"
        ) from None
    yield from _records_in(value, name)


def _line_at_fault(numbered: list[tuple[int, bytes]], error: orjson.JSONDecodeError) -> tuple[int, bytes, str]:
    # Of JSON lines whose first one is damaged the parser blames the second, where it saw that something was missing.
    others = [line for _, line in numbered[1:3]]
    number, line = numbered[0]
    if others and line.strip() not in (b"[", b"{") and all(_is_json(other) for other in others):
        return number, line, _why_not(line)
    number, line = numbered[min(error.lineno, len(numbered)) - 1]
    return number, line, error.msg


def _begin(line: bytes) -> str:
    return repr(line[:60].decode(errors="replace").rstrip())


def _records_in(value: Any, where: str) -> Iterator[tuple[Any, str]]:
    if isinstance(value, dict) and "dynamodb" not in value and isinstance(value.get("Records"), list):
        value = value["Records"]
    elif isinstance(value, dict):
        if not {"dynamodb", "eventSource", "EventSource"} & set(value):
            found = ", ".join(list(value)[:5]) or "nothing"
            raise RecordError(f"{where} is not a DynamoDB stream event or record (it has {found}): expected {_FORMS}")
        yield value, where
        return
    if not isinstance(value, list):
        raise RecordError(f"{where} holds {json.dumps(value):.60}: expected {_FORMS}")
    for index, record in enumerate(value, 1):
        yield record, f"{where}, record {index}"


def _is_json(line: bytes) -> bool:
    return not _why_not(line)


def _why_not(line: bytes) -> str:
    """Say why a line is not JSON by itself; nothing if it is."""
    try:
        orjson.loads(line.rstrip())
    except orjson.JSONDecodeError as error:
        return error.msg
    return ""
