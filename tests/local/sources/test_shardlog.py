from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.sources.shardlog import ShardLog
from tests.local.builders import START, after, full, stream_record

if TYPE_CHECKING:
    from datetime import datetime


def log_of(*times: float | None) -> ShardLog:
    log = ShardLog()
    for number, at in enumerate(times, 1):
        log.append(stream_record(number, at=None if at is None else after(at)))
    return log


def readable(log: ShardLog, now: datetime, position: int = 0, limit: int = 100) -> list[int]:
    return [int(record.sequence_number[-3:]) for record in log.read(position, limit, now)]


def test_a_record_is_readable_from_its_creation_time_on() -> None:
    log = log_of(10)
    assert readable(log, after(9.999)) == []
    assert readable(log, after(10)) == [1]


def test_a_record_without_a_time_is_readable_at_once() -> None:
    assert readable(log_of(None), START) == [1]


def test_a_record_is_never_readable_before_the_one_in_front_of_it() -> None:
    log = log_of(10, 0, None, 20)
    assert readable(log, after(9)) == []
    assert readable(log, after(10)) == [1, 2, 3]
    assert readable(log, after(20)) == [1, 2, 3, 4]


def test_reading_starts_at_a_position_and_stops_at_a_limit() -> None:
    log = log_of(0, 0, 0, 0)
    assert readable(log, START, position=1, limit=2) == [2, 3]
    assert readable(log, START, position=3, limit=2) == [4]
    assert readable(log, START, position=4, limit=2) == []
    assert readable(log, START, limit=0) == []


def test_the_next_arrival_is_now_for_what_is_there_and_none_behind_the_end() -> None:
    log = log_of(0, 10, None)
    assert log.next_arrival(0, after(5)) == after(5)
    assert log.next_arrival(1, after(5)) == after(10)
    assert log.next_arrival(2, after(5)) == after(10)
    assert log.next_arrival(3, after(5)) is None
    assert log_of(None).next_arrival(0, after(5)) == after(5)


def test_latest_is_behind_what_is_readable() -> None:
    log = log_of(0, 10, 20)
    assert [log.latest(after(at)) for at in (-1, 0, 15, 20)] == [0, 1, 2, 3]
    assert log_of().latest(START) == 0


def test_the_position_behind_a_number_is_found_whether_or_not_the_log_has_it() -> None:
    log = log_of(0, None, 0)
    assert [log.after(full(number)) for number in (0, 1, 2, 3, 4)] == [0, 1, 2, 3, 3]
    assert [log.after(number) for number in ("9", "9" * 30, "0" + full(2))] == [0, 3, 2]
    assert log_of().after(full(1)) == 0


def test_a_log_is_its_records() -> None:
    log = log_of(0, None)
    assert len(log) == 2
    assert [record.created_at for record in log] == [START, None]


times = st.lists(st.none() | st.integers(0, 20), max_size=12)


@given(times, st.integers(0, 12), st.integers(0, 20))
def test_what_has_arrived_can_be_read_and_the_rest_cannot(moments: list[int | None], position: int, now: int) -> None:
    log = log_of(*moments)
    arrival = log.next_arrival(position, after(now))
    there = readable(log, after(now), position, 1)
    assert bool(there) == (arrival == after(now))
    if arrival is not None:
        assert readable(log, arrival, position, 1) == [position + 1]
    assert readable(log, after(now)) == list(range(1, log.latest(after(now)) + 1))
