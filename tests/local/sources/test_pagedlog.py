from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.recordlist import Records
from streamkit.local.records import number_order
from streamkit.local.sources.origins import Origins
from streamkit.local.sources.pagedlog import Entry, PagedLog
from streamkit.local.sources.shardlog import ShardLog
from streamkit.local.sources.spool import Spool
from tests.local.builders import START, after, full, stream_record

if TYPE_CHECKING:
    from streamkit.local.records import StreamRecord


def records_of(moments: list[int | None]) -> list[StreamRecord]:
    """Return records at these seconds; their numbers are the even ones."""
    return [stream_record(2 * n, at=None if at is None else after(at)) for n, at in enumerate(moments, 1)]


def paged(records: list[StreamRecord], lengths: list[int]) -> PagedLog:
    """Return a log of these records; ``lengths`` are those of its first pages, the last one takes the rest."""
    log, start = PagedLog(Spool(200)), 0
    for length in [*lengths, len(records)]:
        page = records[start : start + length]
        if page:
            log.append(Records.of(page), Origins(range(start, start + len(page)), [None] * len(page)))
        start += length
    return log


def flat(records: list[StreamRecord]) -> ShardLog:
    log = ShardLog()
    for record in records:
        log.append(record)
    return log


moments = st.lists(st.none() | st.integers(0, 20), max_size=12)
lengths = st.lists(st.integers(1, 4), max_size=8)
questions = st.lists(st.tuples(st.integers(0, 13), st.integers(0, 13), st.integers(-1, 21)), min_size=1, max_size=6)


@given(moments, lengths, questions)
def test_a_paged_log_answers_as_a_shard_log_does(
    moments: list[int | None], lengths: list[int], questions: list[tuple[int, int, int]]
) -> None:
    records = records_of(moments)
    log, reference = paged(records, lengths), flat(records)
    assert len(log) == len(reference)
    # Several questions in turn: each reader is elsewhere, and only some pages are in memory.
    for position, limit, seconds in questions:
        now = after(seconds)
        assert list(log.read(position, limit, now)) == list(reference.read(position, limit, now))
        assert log.next_arrival(position, now) == reference.next_arrival(position, now)
        assert log.latest(now) == reference.latest(now)
        assert log.after(full(position + limit)) == reference.after(full(position + limit))


@given(moments, lengths)
def test_it_knows_the_first_and_the_latest_creation_time(moments: list[int | None], lengths: list[int]) -> None:
    log = paged(records_of(moments), lengths)
    times = [after(at) for at in moments if at is not None]
    assert log.first_created_at == next(iter(times), None)
    assert log.last_created_at == max(times, default=None)


@given(moments, lengths)
def test_its_entries_are_its_records_and_where_they_stood(moments: list[int | None], lengths: list[int]) -> None:
    records = records_of(moments)
    assert list(paged(records, lengths).entries()) == [
        Entry(number_order(record.sequence_number), record, index, None) for index, record in enumerate(records)
    ]


def test_places_in_words_are_kept() -> None:
    log = PagedLog(Spool())
    log.append(Records.of(records_of([0, 0])), Origins((5, 3), ("line 6", "line 4")))
    assert [(entry.origin, entry.place) for entry in log.entries()] == [(5, "line 6"), (3, "line 4")]


def test_it_takes_only_what_is_above_its_last_number() -> None:
    log = PagedLog(Spool())
    assert log.takes("1")
    log.append(Records.of(records_of([0])), Origins([0], [None]))
    assert [log.takes(number) for number in (full(1), full(2), full(3), "0" + full(3))] == [False, False, True, True]


def test_a_page_that_is_not_readable_yet_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    log = paged(records_of([10, 20, 30]), [1])
    monkeypatch.setattr(Spool, "get", None)
    assert not log.read(0, 3, START)
    assert log.latest(after(10)) == 1
    assert log.next_arrival(0, after(10)) == after(10)


def test_only_the_last_pages_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    log = paged(records_of([0] * 6), [1] * 6)
    got, get = [], Spool.get

    def counted(spool: Spool, address: tuple[int, int]) -> Any:
        got.append(address)
        return get(spool, address)

    monkeypatch.setattr(Spool, "get", counted)
    for position in (0, 0, 1, 0, 1):
        log.read(position, 1, START)
    assert len(got) == 2
    log.read(0, 6, START)
    log.read(0, 6, START)
    assert len(got) == 2 + 4 + 6


@pytest.mark.parametrize("limit", [0, -1])
def test_no_records_are_read_where_none_are_asked_for(limit: int) -> None:
    assert not paged(records_of([0, 0]), [1]).read(1, limit, START)
