"""A stream record as the runner carries it: its place in the shard, its time, and the JSON that Lambda would send."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from streamkit.incoming import foreign_source

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RecordError", "StreamRecord", "number_order", "parse_record", "size_of", "to_json"]


class RecordError(ValueError):
    """A record that no DynamoDB stream could hold: the text says which and why."""


class StreamRecord(NamedTuple):
    """One record of a shard. A tuple, since one is made for every record of a stream, and tuples are made fastest."""

    sequence_number: str
    created_at: datetime | None
    """When the item changed; None where the record does not say, as in AWS's sample events."""
    json: bytes
    """The record in Lambda's form, as it is sent."""
    size: int = 0
    """Its SizeBytes: what it counts for against the 1 MB of a page of the stream (SEMANTICS §2)."""
    depth: int = 0
    """How many invocations led to it, one writing what the next one read: 0 where none did."""


def to_json(value: Any) -> bytes:
    """Return compact JSON, as Lambda sends it."""
    return orjson.dumps(value)


def parse_record(raw: Any, where: str) -> StreamRecord:
    """Read a record in Lambda's form.

    Raises RecordError, starting with ``where`` the record stands, for anything that Lambda could not have sent.
    """
    if not isinstance(raw, dict):
        raise RecordError(
            f"{where} is {_kind(raw)}, not a stream record: expected an object like a Lambda event's Records[0]"
        )
    source = foreign_source(raw)
    if source is not None:
        raise RecordError(f"{where} is from {source}, not from a DynamoDB stream (aws:dynamodb)")
    data = raw.get("dynamodb")
    if not isinstance(data, dict):
        raise RecordError(f'{where} is not a DynamoDB stream record: it has no "dynamodb" object')
    number = data.get("SequenceNumber")
    if number is None:
        raise RecordError(f"{where} has no dynamodb.SequenceNumber, which is how a failure is reported")
    if not isinstance(number, str) or not (number.isascii() and number.isdigit()):
        raise RecordError(f"{where} has the SequenceNumber {number!r}: expected digits as text")
    if not isinstance(data.get("Keys"), dict) or not data["Keys"]:
        raise RecordError(f"{where} (SequenceNumber {number}) has no dynamodb.Keys: every view type carries them")
    created_at, json = _created_at(data, f"{where} (SequenceNumber {number})"), _sent(raw, where)
    return StreamRecord(number, created_at, json, size_of(data.get("SizeBytes"), json))


def size_of(said: Any, json: bytes) -> int:
    """Return the bytes that a record counts for: what it says itself, else the length of its JSON."""
    return said if isinstance(said, int) and not isinstance(said, bool) and said >= 0 else len(json)


def number_order(number: str) -> tuple[int, str]:
    """Return what orders sequence numbers as integers. No int: Python reads none of more than 4,300 digits."""
    digits = number.lstrip("0")
    return len(digits), digits


def _created_at(data: Mapping[str, Any], where: str) -> datetime | None:
    seconds = data.get("ApproximateCreationDateTime")
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise RecordError(
            f"{where} has the ApproximateCreationDateTime {seconds!r}: Lambda sends seconds since 1970, as a number"
        )
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        raise RecordError(
            f"{where} has the ApproximateCreationDateTime {seconds!r}, which is no time: are these milliseconds? "
            f"Lambda sends seconds since 1970"
        ) from None


def _sent(raw: Any, where: str) -> bytes:
    try:
        return to_json(raw)
    except TypeError as error:
        raise RecordError(
            f"{where} is not in Lambda's form, which is JSON ({error}): binary values are base64 text there, "
            f"and ApproximateCreationDateTime is a number"
        ) from None


def _kind(raw: Any) -> str:
    return {list: "a list", str: "text", type(None): "null", bool: "a boolean"}.get(type(raw), "a number")
