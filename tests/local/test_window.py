"""Tumbling windows as values: which one a time is in, what belongs to it, what is said of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.texts import second
from streamkit.local.window import CAUSES, CloseCause, OpenWindow, TimeWindow, WindowPart, window_at
from tests.local.builders import START, after

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TEN = timedelta(seconds=10)
WINDOW = TimeWindow(START, after(10))

times = st.datetimes(datetime(1960, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # the strategy wants them naive
lengths = st.integers(1, 900).map(lambda seconds: timedelta(seconds=seconds))


@given(times, lengths)
def test_a_time_is_in_exactly_one_window_and_that_is_as_long_as_it_should_be(when: datetime, length: timedelta) -> None:
    window = window_at(when, length)
    assert window.start <= when < window.end
    assert window.end - window.start == length
    assert (window.start - EPOCH) % length == timedelta(0)


@given(times, lengths)
def test_windows_follow_one_another_without_a_gap(when: datetime, length: timedelta) -> None:
    window = window_at(when, length)
    assert window_at(window.start, length) == window
    assert window_at(window.end - timedelta(microseconds=1), length) == window
    assert window_at(window.end, length) == TimeWindow(window.end, window.end + length)


@given(times, lengths, st.integers(-23, 23))
def test_the_time_zone_in_which_a_time_is_told_does_not_matter(when: datetime, length: timedelta, hours: int) -> None:
    elsewhere = when.astimezone(timezone(timedelta(hours=hours)))
    assert window_at(elsewhere, length) == window_at(when, length)
    assert window_at(elsewhere, length).to_json() == window_at(when, length).to_json()


@given(st.lists(st.integers(-30, 30), max_size=8))
def test_what_leads_is_everything_before_the_first_record_of_a_later_window(seconds: list[int]) -> None:
    count = OpenWindow(WINDOW).leading([after(one) for one in seconds])
    assert all(one < 10 for one in seconds[:count])
    assert count == len(seconds) or seconds[count] >= 10


def test_records_without_a_time_belong_to_the_open_window() -> None:
    assert OpenWindow(WINDOW).leading([None, after(3), None, after(10), None]) == 3


def test_the_depth_of_a_window_is_the_least_of_its_records() -> None:
    window = OpenWindow(WINDOW)
    assert window.depth is None
    assert window.reached_by(3).depth == 3
    assert window.reached_by(3).reached_by(5).depth == 3
    assert window.reached_by(3).reached_by(0).depth == 0


@pytest.mark.parametrize("hours", [0, 5, -3])
def test_bounds_are_told_in_utc_and_whole_seconds(hours: int) -> None:
    when = datetime(2026, 9, 17, 13, 8, 40, 262_000, tzinfo=UTC).astimezone(timezone(timedelta(hours=hours)))
    assert second(when) == "2026-09-17T13:08:40Z"


@pytest.mark.parametrize(("final", "early"), [(False, False), (True, False), (True, True)])
def test_the_members_of_an_event_stand_in_awss_order(final: bool, early: bool) -> None:
    part = WindowPart(WINDOW, b'{"n":1}', final, early)
    event = json.loads(b'{"Records":[]' + part.members("shard", "arn") + b"}")
    assert json.dumps(event) == json.dumps(
        {
            "Records": [],
            "shardId": "shard",
            "eventSourceARN": "arn",
            "window": {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:00:10Z"},
            "state": {"n": 1},
            "isFinalInvokeForWindow": final,
            "isWindowTerminatedEarly": early,
        }
    )


def test_the_state_stands_in_the_event_as_it_is() -> None:
    state = '{"text":"a\\"b}é€","n":1180591620717411303424}'.encode()
    assert b',"state":%b,' % state in WindowPart(WINDOW, state).members("s", "a")


def test_an_on_failure_record_says_the_same_of_the_window() -> None:
    assert json.dumps(WindowPart(WINDOW, b"{}", final=True, early=True).info()) == json.dumps(
        {
            "window": {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:00:10Z"},
            "isFinalInvokeForWindow": True,
            "isWindowTerminatedEarly": True,
        }
    )


def test_every_cause_has_its_words() -> None:
    assert set(CAUSES) == set(get_args(CloseCause))
    assert len(set(CAUSES.values())) == len(CAUSES)
