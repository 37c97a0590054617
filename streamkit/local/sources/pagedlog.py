"""The records of one shard in order, put away in pages: as many as there are, in a few pages' memory."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from streamkit.local.recordlist import Records
from streamkit.local.records import StreamRecord, number_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.local.sources.origins import Origins
    from streamkit.local.sources.spool import Spool

__all__ = ["PAGE_BYTES", "PAGE_RECORDS", "Entry", "PagedLog"]

PAGE_RECORDS = 250
PAGE_BYTES = 256_000
"""How large a page is to be, by its records and by their JSON, give or take: small beside what a process has anyway,
large beside what there is to do and to remember for each page."""

_AT_ONCE = datetime.min.replace(tzinfo=UTC)
_CACHED = 2


class Entry(NamedTuple):
    """A record on its way to another log."""

    order: tuple[int, str]
    record: StreamRecord
    origin: int
    """Where it stood in the input."""
    place: str | None
    """The same in the words that came with it."""


class _Page(NamedTuple):
    """What memory keeps of a page."""

    start: int
    """The position of its first record."""
    records: tuple[int, int]
    """The address of its records,"""
    origins: tuple[int, int]
    """and of where they stood: that is only read again to sort them."""
    last: tuple[int, str]
    """The order of its last record's number."""
    first_readable: datetime
    """From when on its first record is readable."""
    all_readable: datetime
    """From when on its last record is, and with it every other."""


class _Loaded:
    """A page with its records."""

    def __init__(self, page: _Page, records: Records) -> None:
        self.page = page
        self.records = records
        self._arrivals: list[datetime] | None = None

    @property
    def arrivals(self) -> list[datetime]:
        """From when on each record is readable: its time, and never before the one in front of it."""
        if self._arrivals is None:
            times = [when or _AT_ONCE for when in self.records.created_at]
            self._arrivals = list(accumulate(times, max, initial=self.page.first_readable))[1:]
        return self._arrivals


class PagedLog:
    """What a `ShardLog` is, in a `Spool`, which several may share. Records are appended by the page."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._pages: list[_Page] = []
        self._starts: list[int] = []
        self._length = 0
        self._loaded: dict[int, _Loaded] = {}
        self.first_created_at: datetime | None = None
        """The creation time of the first record that has one."""
        self.last_created_at: datetime | None = None
        """The latest creation time of any record."""

    def append(self, records: Records, origins: Origins) -> None:
        """Add a page of records, at least one: none has a lower number than the one in front of it."""
        before = self._pages[-1].all_readable if self._pages else _AT_ONCE
        first = next(filter(None, records.created_at), None)
        latest = max(filter(None, records.created_at), default=None)
        if first is not None and latest is not None:
            self.first_created_at = self.first_created_at or first
            self.last_created_at = max(latest, self.last_created_at or latest)
        page = _Page(
            start=self._length,
            records=self._spool.add(records),
            origins=self._spool.add(origins),
            last=number_order(records.numbers[-1]),
            first_readable=max(before, records.created_at[0] or before),
            all_readable=max(before, latest or before),
        )
        self._pages.append(page)
        self._starts.append(page.start)
        self._length += len(records)

    def takes(self, sequence_number: str) -> bool:
        """Whether a page that begins with this number could be appended."""
        return not self._pages or self._pages[-1].last < number_order(sequence_number)

    def entries(self) -> Iterator[Entry]:
        """Yield every record with where it stood in the input."""
        for page in self._pages:
            records: Records = self._spool.get(page.records)
            origins: Origins = self._spool.get(page.origins)
            yield from map(Entry, map(number_order, records.numbers), records, origins.indexes, origins.places)

    def read(self, position: int, limit: int, now: datetime) -> Records:
        """Return up to ``limit`` records from ``position`` on that are readable at ``now``."""
        found = Records()
        end = min(position + limit, self._length)
        while position < end:
            index = self._index(position)
            stop = min(end, self._readable_end(index, now))
            if stop <= position:
                break
            start = self._starts[index]
            found += self._load(index).records[position - start : stop - start]
            position = stop
        return found

    def next_arrival(self, position: int, now: datetime) -> datetime | None:
        """Return when the record at ``position`` becomes readable: ``now`` if it is, None where there is none."""
        if position >= self._length:
            return None
        index = self._index(position)
        page = self._pages[index]
        if page.all_readable <= now:
            return now
        return max(now, self._load(index).arrivals[position - page.start])

    def latest(self, now: datetime) -> int:
        """Return the position behind the last record that is readable at ``now``."""
        index = bisect_right(self._pages, now, key=attrgetter("all_readable"))
        return self._length if index == len(self._pages) else self._readable_end(index, now)

    def after(self, sequence_number: str) -> int:
        """Return the position behind the last record whose number is not above this one."""
        order = number_order(sequence_number)
        index = bisect_right(self._pages, order, key=attrgetter("last"))
        if index == len(self._pages):
            return self._length
        return self._starts[index] + bisect_right(self._load(index).records.numbers, order, key=number_order)

    def _index(self, position: int) -> int:
        """Return which page has the record at ``position``."""
        return bisect_right(self._starts, position) - 1

    def _readable_end(self, index: int, now: datetime) -> int:
        """Return the position behind the last record of a page that is readable at ``now``."""
        page = self._pages[index]
        if page.all_readable <= now:
            return self._starts[index + 1] if index + 1 < len(self._starts) else self._length
        if page.first_readable > now:
            return page.start
        return page.start + bisect_right(self._load(index).arrivals, now)

    def _load(self, index: int) -> _Loaded:
        loaded = self._loaded.get(index)
        if loaded is None:
            page = self._pages[index]
            if len(self._loaded) == _CACHED:
                del self._loaded[next(iter(self._loaded))]
            loaded = self._loaded[index] = _Loaded(page, self._spool.get(page.records))
        return loaded

    def __len__(self) -> int:
        return self._length
