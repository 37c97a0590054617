"""Many records, field by field, and where each stood in the input: the form in which they are put away."""

from __future__ import annotations

from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from streamkit.local.records import StreamRecord

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = ["Columns", "Origins", "place_of"]


class Columns(NamedTuple):
    """Records, each field by itself: the first ones of `StreamRecord`, which are those that come from the input."""

    sequence_numbers: Sequence[str]
    created_at: Sequence[datetime | None]
    jsons: Sequence[bytes]
    sizes: Sequence[int]

    @classmethod
    def of(cls, records: Sequence[StreamRecord]) -> Columns:
        """Return these records, at least one."""
        return cls(*list(zip(*records, strict=True))[: len(cls._fields)])

    def records(self) -> list[StreamRecord]:
        """Return the records."""
        return list(map(_record, zip(*self, *map(repeat, _REST))))  # noqa: B905  # repeat has no end


# StreamRecord(…) runs Python for each record, this none.
_record = partial(tuple.__new__, StreamRecord)
_REST = [StreamRecord._field_defaults[name] for name in StreamRecord._fields[len(Columns._fields) :]]


class Origins(NamedTuple):
    """Where records stood in the input, one by one."""

    indexes: Sequence[int]
    """From 0 on."""
    places: Sequence[str | None]
    """In the words that came with them, if any did."""


def place_of(index: int, place: str | None) -> str:
    """Return in words where a record stands: in the words that came with it, else by its index."""
    return f"record {index + 1}" if place is None else place
