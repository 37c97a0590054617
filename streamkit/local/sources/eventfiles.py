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

    A first line that is JSON by itself makes the input JSON lines, which are read one by one, each as a whole; anything
    else is read as one document, which is in memory as a whole. Raises RecordError for input that is empty or not JSON,
    with the line, and for JSON of another form.
    """
    every = enumerate(lines, 1)
    numbered = ((number, line) for number, line in every if line.strip())
    first = next(numbered, None)
    if first is None:
        raise RecordError(f"{name} is empty: expected {_FORMS}")
    number, line = first[0], first[1].removeprefix(_BOM)
    value, flaw = _parsed(line)
    if flaw:
        yield from _document([(number, line), *numbered], name)
        return
    yield from _records_in(value, f"{name}, line {number}")
    begin = f"{name}, line "
    for number, line in every:
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            yield from _unusual_line(line, f"{begin}{number}")
            continue
        if type(value) is dict and "dynamodb" in value:
            # What most lines hold, without the cost of a generator for each.
            yield value, f"{begin}{number}"
        else:
            yield from _records_in(value, f"{begin}{number}")


def _unusual_line(line: bytes, where: str) -> Iterator[tuple[Any, str]]:
    """Yield the records of a line that orjson does not take: it may be blank, or end with blanks that JSON lacks."""
    if line.strip():
        value, flaw = _parsed(line)
        if flaw:
            raise RecordError(f"{where} is not JSON: {flaw}; is it cut off? It begins {_begin(line)}")
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
    if others and line.strip() not in (b"[", b"{") and not any(_parsed(other)[1] for other in others):
        return number, line, _parsed(line)[1]
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


def _parsed(line: bytes) -> tuple[Any, str]:
    """Return the value of a line of JSON, and why it is none: nothing if it is."""
    try:
        return orjson.loads(line.rstrip()), ""
    except orjson.JSONDecodeError as error:
        return None, error.msg
