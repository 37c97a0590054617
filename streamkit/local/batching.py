"""How many of the waiting records go into the next invocation (SEMANTICS §2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamkit.local.records import StreamRecord

__all__ = ["MAX_PAYLOAD_BYTES", "event_json", "first_batch"]

MAX_PAYLOAD_BYTES = 6_291_456
"""The largest event that Lambda sends synchronously: 6 MB of JSON."""

_HEAD = b'{"Records":['
_TAIL = b"]}"


def first_batch(waiting: Sequence[StreamRecord], batch_size: int) -> tuple[int, str]:
    """Return how many records the next batch takes, and why not more.

    A single record is always taken: DynamoDB's 400 kB items cannot reach the limit alone.
    """
    size = len(_HEAD) + len(_TAIL)
    for count, record in enumerate(waiting[:batch_size]):
        size += len(record.json) + (1 if count else 0)
        if count and size > MAX_PAYLOAD_BYTES:
            return count, "the next record would bring the event over 6 MB"
    count = min(len(waiting), batch_size)
    return count, "BatchSize reached" if count == batch_size else "no more records were there"


def event_json(records: Sequence[StreamRecord]) -> bytes:
    """Return the event that Lambda sends for these records."""
    return _HEAD + b",".join([record.json for record in records]) + _TAIL
