"""Several records of a shard in order, field by field."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar, overload

from streamkit.local.records import StreamRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

__all__ = ["Records"]

T = TypeVar("T")


class Records(Sequence[StreamRecord]):
    """An immutable sequence of records that holds their fields and no record.

    A stream of a million records is then no million objects for the garbage collector to look through: tuples of
    numbers, texts and times are none of its business.
    """

    __slots__ = ("created_at", "depths", "jsons", "numbers", "sizes")

    def __init__(
        self,
        numbers: Sequence[str] = (),
        created_at: Sequence[datetime | None] = (),
        jsons: Sequence[bytes] = (),
        sizes: Sequence[int] = (),
        depths: Sequence[int] = (),
    ) -> None:
        self.numbers = tuple(numbers)
        self.created_at = tuple(created_at)
        self.jsons = tuple(jsons)
        self.sizes = tuple(sizes)
        self.depths = tuple(depths)

    @classmethod
    def of(cls, records: Iterable[StreamRecord]) -> Records:
        """Return these records in this form."""
        if isinstance(records, Records):
            return records
        return cls(*zip(*records, strict=True))

    def at(self, places: Iterable[int]) -> Records:
        """Return the records at these places."""
        at = list(places)
        return Records(
            _chosen(self.numbers, at),
            _chosen(self.created_at, at),
            _chosen(self.jsons, at),
            _chosen(self.sizes, at),
            _chosen(self.depths, at),
        )

    def dated(self, now: datetime) -> Records:
        """Let records without a time, as in AWS's sample events, age from now on: else they never expired."""
        if None not in self.created_at:
            return self
        return Records(self.numbers, [when or now for when in self.created_at], self.jsons, self.sizes, self.depths)

    def _columns(
        self,
    ) -> tuple[Sequence[str], Sequence[datetime | None], Sequence[bytes], Sequence[int], Sequence[int]]:
        return self.numbers, self.created_at, self.jsons, self.sizes, self.depths

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> StreamRecord: ...
    @overload
    def __getitem__(self, index: slice) -> Records: ...
    def __getitem__(self, index: int | slice) -> StreamRecord | Records:
        numbers, created_at, jsons, sizes, depths = self._columns()
        if isinstance(index, slice):
            return Records(numbers[index], created_at[index], jsons[index], sizes[index], depths[index])
        return StreamRecord(numbers[index], created_at[index], jsons[index], sizes[index], depths[index])

    def __iter__(self) -> Iterator[StreamRecord]:
        return map(_record, zip(*self._columns(), strict=True))

    def __add__(self, others: Iterable[StreamRecord]) -> Records:
        more = Records.of(others)
        if not self.numbers or not more.numbers:
            return more if more.numbers else self
        return Records(
            self.numbers + more.numbers,
            self.created_at + more.created_at,
            self.jsons + more.jsons,
            self.sizes + more.sizes,
            self.depths + more.depths,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Records) and self._columns() == other._columns()

    def __hash__(self) -> int:
        return hash(self.numbers)

    def __repr__(self) -> str:
        return f"Records({', '.join(self.numbers)})"


# StreamRecord(…) runs Python for each record, this none.
_record = partial(tuple.__new__, StreamRecord)


def _chosen(column: Sequence[T], places: Iterable[int]) -> list[T]:
    return [column[place] for place in places]
