"""Putting records in the order of their numbers, however many they are, in the memory of a few pages.

Pages that come in order are written straight through. Where one does not, a new run of pages begins, and in the end the
runs are merged: a few at a time, since each needs a page in memory.
"""

from __future__ import annotations

import heapq
from operator import itemgetter, lt
from typing import TYPE_CHECKING

from streamkit.local.recordlist import Records
from streamkit.local.records import RecordError, number_order
from streamkit.local.sources.origins import Origins, place_of
from streamkit.local.sources.pagedlog import PAGE_BYTES, PAGE_RECORDS, Entry, PagedLog
from streamkit.local.sources.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["in_order"]

_RUNS_AT_A_TIME = 16


def in_order(pages: Iterable[tuple[Records, Origins]]) -> tuple[PagedLog, int]:
    """Return the records in the order of their numbers, and how many were in another place.

    Raises RecordError for a number that comes twice, with both places.
    """
    spool = Spool()
    runs = [PagedLog(spool)]
    ordered = True
    for records, origins in pages:
        if not _ascending(records.numbers):
            ordered = False
            records, origins = _sorted(records, origins)  # noqa: PLW2901  # the same page
        if not runs[-1].takes(records.numbers[0]):
            ordered = False
            runs.append(PagedLog(spool))
        runs[-1].append(records, origins)
    if ordered:
        return runs[0], 0
    while len(runs) > _RUNS_AT_A_TIME:
        spool = Spool()
        groups = [runs[first : first + _RUNS_AT_A_TIME] for first in range(0, len(runs), _RUNS_AT_A_TIME)]
        runs = [_merged(group, spool)[0] for group in groups]
    return _merged(runs, Spool())


def _ascending(numbers: Sequence[str]) -> bool:
    """Whether each is above the one in front of it."""
    # Of one length, text is in the order of the integers.
    one_length = len(set(map(len, numbers))) == 1
    orders: Sequence[str | tuple[int, str]] = numbers if one_length else list(map(number_order, numbers))
    return all(map(lt, orders, orders[1:]))


def _sorted(records: Records, origins: Origins) -> tuple[Records, Origins]:
    orders = list(map(number_order, records.numbers))
    indexes = sorted(range(len(orders)), key=orders.__getitem__)
    arranged = itemgetter(*indexes)
    return records.at(indexes), Origins(*map(arranged, origins))


def _merged(runs: Sequence[PagedLog], spool: Spool) -> tuple[PagedLog, int]:
    """Return the records of all runs in order, and how many stood elsewhere in the input."""
    log, moved = PagedLog(spool), 0
    for page in _pages(_unique(heapq.merge(*[run.entries() for run in runs], key=itemgetter(0)))):
        origins = Origins([entry.origin for entry in page], [entry.place for entry in page])
        moved += sum(origin != position for position, origin in enumerate(origins.indexes, len(log)))
        log.append(Records.of([entry.record for entry in page]), origins)
    return log, moved


def _unique(entries: Iterable[Entry]) -> Iterator[Entry]:
    before: Entry | None = None
    for entry in entries:
        if before is not None and entry.order == before.order:
            second, first = place_of(entry.origin, entry.place), place_of(before.origin, before.place)
            raise RecordError(
                f"{second} has the SequenceNumber {entry.record.sequence_number} that {first} has already: "
                f"a stream holds each number once; remove one of them"
            )
        yield entry
        before = entry


def _pages(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    page: list[Entry] = []
    size = 0
    for entry in entries:
        page.append(entry)
        size += len(entry.record.json)
        if len(page) == PAGE_RECORDS or size >= PAGE_BYTES:
            yield page
            page, size = [], 0
    if page:
        yield page
