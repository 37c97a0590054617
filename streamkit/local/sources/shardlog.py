"""The records of one shard in order, and from when on each can be read."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from streamkit.local.records import number_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from streamkit.local.records import StreamRecord

__all__ = ["ShardLog"]


class ShardLog:
    """An append-only list of records.

    A record is readable from its creation time on, and never before the one in front of it: a shard has an order.
    """

    def __init__(self) -> None:
        self._records: list[StreamRecord] = []
        self._readable_from: list[datetime | None] = []

    def append(self, record: StreamRecord) -> None:
        """Add a record at the end."""
        previous = self._readable_from[-1] if self._readable_from else None
        times = [when for when in (previous, record.created_at) if when is not None]
        self._records.append(record)
        self._readable_from.append(max(times, default=None))

    def read(self, position: int, limit: int, now: datetime) -> Sequence[StreamRecord]:
        """Return up to ``limit`` records from ``position`` on that are readable at ``now``."""
        return self._records[position : min(position + limit, self._readable_end(position, now))]

    def next_arrival(self, position: int, now: datetime) -> datetime | None:
        """Return when the record at ``position`` becomes readable: ``now`` if it is, None where there is none."""
        if position >= len(self._records):
            return None
        return max(now, self._readable_from[position] or now)

    def latest(self, now: datetime) -> int:
        """Return the position behind the last record that is readable at ``now``."""
        return self._readable_end(0, now)

    def after(self, sequence_number: str) -> int:
        """Return the position behind the last record whose number is not above this one."""
        order = number_order(sequence_number)
        return bisect_right(self._records, order, key=lambda record: number_order(record.sequence_number))

    def _readable_end(self, position: int, now: datetime) -> int:
        low, high = position, len(self._records)
        while low < high:
            middle = (low + high) // 2
            readable_from = self._readable_from[middle]
            if readable_from is None or readable_from <= now:
                low = middle + 1
            else:
                high = middle
        return low

    def __iter__(self) -> Iterator[StreamRecord]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)
