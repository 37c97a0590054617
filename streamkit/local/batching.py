"""How many of the waiting records go into the next invocation (SEMANTICS §2)."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamkit.local.records import StreamRecord

__all__ = ["MAX_PAYLOAD_BYTES", "Batch", "event_json", "first_batch"]

MAX_PAYLOAD_BYTES = 6_291_456
"""The largest event that Lambda sends synchronously: 6 MB of JSON."""

_HEAD = b'{"Records":['
_TAIL = b"]}"


class Batch(NamedTuple):
    """How many records the next batch takes."""

    size: int
    full: bool
    """Whether BatchSize or 6 MB is the limit: then waiting for more would bring nothing."""
    limit: str
    """Why not more, in words."""


def first_batch(waiting: Sequence[StreamRecord], batch_size: int) -> Batch:
    """Return what the next batch takes of the records that are waiting.

    A single record is always taken: DynamoDB's 400 kB items cannot reach the limit alone.
    """
    records = waiting[:batch_size]
    if _event_size(records) > MAX_PAYLOAD_BYTES and len(records) > 1:
        return Batch(_within_payload(records), True, "the next record would bring the event over 6 MB")
    if len(records) == batch_size:
        return Batch(batch_size, True, "BatchSize reached")
    return Batch(len(records), False, "no more records were there")


def event_json(records: Sequence[StreamRecord]) -> bytes:
    """Return the event that Lambda sends for these records."""
    return _HEAD + b",".join([record.json for record in records]) + _TAIL


def _event_size(records: Sequence[StreamRecord]) -> int:
    commas = max(0, len(records) - 1)
    return len(_HEAD) + len(_TAIL) + commas + sum([len(record.json) for record in records])


def _within_payload(records: Sequence[StreamRecord]) -> int:
    sizes = list(accumulate([1 + len(record.json) for record in records], initial=len(_HEAD) + len(_TAIL) - 1))
    return max(1, bisect_right(sizes, MAX_PAYLOAD_BYTES) - 1)
