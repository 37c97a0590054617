"""The pure machine of a lane: batching windows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from streamkit.local.batching import MAX_PAYLOAD_BYTES
from streamkit.local.lane import Answered, Arrived, Invoke, Lane, Retry, Woken
from streamkit.local.outcomes import Failure, Success
from streamkit.local.shard import step
from tests.local.builders import START, after, stream_record
from tests.local.lanes import FAILURE, RULES, after_all, arrived, extents, numbers, only

WINDOW = replace(RULES, window=timedelta(seconds=10))
DONE = Answered(Success())
NOTHING = Arrived(())


def test_records_wait_until_the_window_elapses() -> None:
    lane, effects = after_all(arrived(1, 2), rules=WINDOW)
    assert effects == []
    assert lane.idle
    assert lane.opens_at(WINDOW) == after(10)
    lane, effects = step(lane, NOTHING, after(9.999), WINDOW)
    assert effects == []
    lane, effects = step(lane, NOTHING, after(10), WINDOW)
    assert numbers(only(effects, Invoke).extent.records) == [1, 2]
    assert "window elapsed" in only(effects, Invoke).why


def test_records_that_come_later_join_the_same_window() -> None:
    lane, _ = after_all(arrived(1), rules=WINDOW)
    lane, effects = step(lane, arrived(2), after(9), WINDOW)
    assert effects == []
    assert lane.opens_at(WINDOW) == after(10)
    assert lane.waiting_from == START
    lane, effects = step(lane, arrived(3), after(9.5), WINDOW)
    assert numbers(only(effects, Invoke).extent.records) == [1, 2, 3]


def test_a_full_batch_goes_at_once_and_the_rest_waits_for_the_next_window() -> None:
    lane, effects = after_all(arrived(1, 2, 3, 4), rules=WINDOW)
    assert numbers(only(effects, Invoke).extent.records) == [1, 2, 3]
    assert "BatchSize" in only(effects, Invoke).why
    assert not lane.full
    lane, effects = step(lane, DONE, after(4), WINDOW)
    assert not any(isinstance(effect, Invoke) for effect in effects)
    assert lane.opens_at(WINDOW) == after(14)


def test_a_batch_that_reaches_6_mb_goes_at_once_and_takes_what_fits() -> None:
    rules = replace(WINDOW, batch_size=100)
    large = [stream_record(number, json=b"x" * (MAX_PAYLOAD_BYTES // 3)) for number in (1, 2, 3)]
    lane, effects = step(Lane(START), Arrived(tuple(large[:2])), START, rules)
    assert effects == []
    assert not lane.full
    lane, effects = step(lane, Arrived((large[2],)), after(1), rules)
    assert numbers(only(effects, Invoke).extent.records) == [1, 2]
    assert "6 MB" in only(effects, Invoke).why
    assert numbers(lane.waiting) == [3]


@pytest.mark.parametrize(("took", "opens"), [(0, 10), (3, 13), (10, 20), (1000, 1010)])
def test_the_next_window_begins_when_the_invocation_ends(took: float, opens: float) -> None:
    lane, _ = after_all(arrived(1, 2, 3), rules=WINDOW)
    lane, _ = step(lane, arrived(4), after(took / 2), WINDOW)
    lane, _ = step(lane, DONE, after(took), WINDOW)
    assert lane.opens_at(WINDOW) == after(opens)


def test_what_filled_a_batch_during_the_invocation_goes_when_it_ends() -> None:
    lane, _ = after_all(arrived(1, 2, 3), rules=WINDOW)
    lane, effects = step(lane, arrived(4, 5, 6, 7), after(1), WINDOW)
    assert effects == []
    assert lane.full
    assert lane.opens_at(WINDOW) is None
    lane, _ = step(lane, DONE, after(5), WINDOW)
    opens = lane.opens_at(WINDOW)
    assert opens is not None
    assert opens <= after(5)
    lane, effects = step(lane, NOTHING, after(5), WINDOW)
    assert numbers(only(effects, Invoke).extent.records) == [4, 5, 6]
    assert numbers(lane.waiting) == [7]


@pytest.mark.parametrize(
    ("came", "opens"), [(0, 10), (9, 10), (10.001, 20), (11, 20), (25, 30), (29.999, 30), (86_391, 86_400)]
)
def test_empty_windows_follow_one_another(came: float, opens: float) -> None:
    lane, effects = step(Lane(START), arrived(1), after(came), WINDOW)
    assert effects == []
    assert lane.opens_at(WINDOW) == after(opens)


@pytest.mark.parametrize("came", [10, 20, 86_400])
def test_what_comes_at_the_very_end_of_an_empty_window_goes_with_it(came: float) -> None:
    _, effects = step(Lane(START), arrived(1), after(came), WINDOW)
    assert numbers(only(effects, Invoke).extent.records) == [1]


def test_empty_windows_follow_the_end_of_the_last_invocation() -> None:
    lane, _ = after_all(arrived(1, 2, 3), rules=WINDOW)
    lane, _ = step(lane, DONE, after(3), WINDOW)
    lane, _ = step(lane, arrived(4), after(47), WINDOW)
    assert lane.opens_at(WINDOW) == after(53)


def test_an_empty_poll_invokes_nothing_whatever_the_time() -> None:
    for now in (0, 10, 15, 10_000):
        assert step(Lane(START), NOTHING, after(now), WINDOW) == (Lane(START), [])


def test_a_retry_waits_for_its_back_off_and_not_for_the_window() -> None:
    lane, _ = after_all(arrived(1, 2, 3), Answered(FAILURE), rules=WINDOW)
    assert lane.retry_at is not None
    assert lane.retry_at < after(1)
    assert lane.opens_at(WINDOW) is None
    lane, effects = step(lane, Woken(), lane.retry_at, WINDOW)
    assert only(effects, Invoke).attempt == 2


def test_a_window_that_elapses_during_a_back_off_opens_nothing() -> None:
    lane, _ = after_all(arrived(1, 2, 3), Answered(FAILURE), rules=WINDOW)
    lane, effects = step(lane, arrived(4), after(60), WINDOW)
    assert effects == []
    assert extents(lane) == [[1, 2, 3]]


def test_the_window_begins_again_with_the_end_of_each_attempt() -> None:
    lane, effects = after_all(arrived(1, 2, 3), Answered(FAILURE), rules=WINDOW)
    lane, _ = step(lane, arrived(4), after(0.1), WINDOW)
    lane, _ = step(lane, Woken(), only(effects, Retry).at, WINDOW)
    lane, _ = step(lane, Answered(Failure(None, "again")), after(7), WINDOW)
    assert lane.opens_at(WINDOW) == after(17)


def test_halves_wait_for_no_window() -> None:
    rules = replace(WINDOW, bisect=True)
    lane, effects = after_all(arrived(1, 2, 3), Answered(FAILURE), rules=rules)
    assert numbers(only(effects, Invoke).extent.records) == [1]
    _, effects = step(lane, DONE, START, rules)
    assert numbers(only(effects, Invoke).extent.records) == [2, 3]


def test_records_may_become_too_old_in_their_window() -> None:
    rules = replace(WINDOW, window=timedelta(seconds=300), maximum_age=timedelta(seconds=60))
    lane, _ = after_all(arrived(1), rules=rules)
    lane, _ = step(lane, arrived(2, at=after(250)), after(250), rules)
    lane, effects = step(lane, NOTHING, after(300), rules)
    assert numbers(only(effects, Invoke).extent.records) == [2]


def test_a_batch_that_was_too_old_as_a_whole_begins_no_window() -> None:
    rules = replace(WINDOW, maximum_age=timedelta(seconds=60))
    lane, _ = after_all(arrived(1, 2, 3, at=after(-100)), rules=rules, now=after(4))
    assert lane.idle
    assert lane.since == START
    lane, _ = step(lane, arrived(4, at=after(5)), after(5), rules)
    assert lane.opens_at(rules) == after(10)


def test_without_a_window_nothing_waits() -> None:
    lane, _ = after_all(arrived(1, 2, 3, 4))
    assert not lane.full
    assert lane.opens_at(RULES) is None
    lane, _ = step(lane, DONE, after(5), RULES)
    assert lane.opens_at(RULES) == START
