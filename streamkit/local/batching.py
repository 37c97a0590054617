"""How many of the waiting records go into the next invocation (SEMANTICS §2)."""

from __future__ import annotations

import json
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from streamkit.local.recordlist import Records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamkit.local.records import StreamRecord

__all__ = ["MAX_PAYLOAD_BYTES", "Batch", "event_json", "first_batch", "read_event"]

MAX_PAYLOAD_BYTES = 6_291_456
"""The largest event that Lambda sends synchronously: 6 MB of JSON."""

_HEAD = b'{"Records":['
_TAIL = b"]}"
_WINDOW_ENDS = (b'"isWindowTerminatedEarly":false}', b'"isWindowTerminatedEarly":true}')
_AROUND = len(_HEAD) + len(_TAIL)


class Batch(NamedTuple):
    """How many records the next batch takes."""

    size: int
    full: bool
    """Whether BatchSize or 6 MB is the limit: then waiting for more would bring nothing."""
    limit: str
    """Why not more, in words."""


def first_batch(waiting: Sequence[StreamRecord], batch_size: int, around: int = 0) -> Batch:
    """Return what the next batch takes of the records that are waiting.

    ``around``: how many bytes the event has besides. A single record is always taken: DynamoDB's 400 kB items cannot
    reach the limit alone.
    """
    sizes = list(map(len, Records.of(waiting).jsons[:batch_size]))
    if len(sizes) > 1 and around + _AROUND + sum(sizes) + len(sizes) - 1 > MAX_PAYLOAD_BYTES:
        return Batch(_within_payload(sizes, around), True, "the next record would bring the event over 6 MB")
    if len(sizes) == batch_size:
        return Batch(batch_size, True, "BatchSize reached")
    return Batch(len(sizes), False, "no more records were there")


def event_json(records: Sequence[StreamRecord], more: bytes = b"") -> bytes:
    """Return the event that Lambda sends for these records; ``more`` is the JSON of its members behind them."""
    parts = list(Records.of(records).jsons) or [b""]
    # Not around the joined text: that would copy megabytes twice more.
    parts[0] = _HEAD + parts[0]
    parts[-1] += b"]%b}" % more if more else _TAIL
    return b",".join(parts)


def read_event(event: bytes) -> Any:
    """Return an event as the function gets it."""
    # A state may hold integers of more than 64 bits and lone surrogates, which orjson does not read as they are.
    return json.loads(event) if event.endswith(_WINDOW_ENDS) else orjson.loads(event)


def _within_payload(sizes: Sequence[int], around: int) -> int:
    ends = list(accumulate([1 + size for size in sizes], initial=around + _AROUND - 1))
    return max(1, bisect_right(ends, MAX_PAYLOAD_BYTES) - 1)
