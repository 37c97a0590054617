"""The pure machine of a lane: halving, partial responses, and records that are too old."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.lane import (
    Answered,
    Arrived,
    Checkpoint,
    Discard,
    Effect,
    Expire,
    Invoke,
    Lane,
    Retry,
    Rules,
    Woken,
)
from streamkit.local.outcomes import Failure, Outcome, Partial, Success, Throttled
from streamkit.local.shard import step
from tests.local.builders import START, after, full, stream_record
from tests.local.lanes import FAILURE, RULES, after_all, arrived, extents, numbers, only

HALVING = replace(RULES, batch_size=9, bisect=True)
AGEING = replace(RULES, maximum_age=timedelta(seconds=60))
FAILED = Answered(FAILURE)
DONE = Answered(Success())


@pytest.mark.parametrize(
    ("count", "halves"),
    [(2, [[1], [2]]), (3, [[1], [2, 3]]), (5, [[1, 2], [3, 4, 5]]), (8, [[1, 2, 3, 4], [5, 6, 7, 8]])],
)
def test_an_extent_is_halved_at_the_smaller_half_and_the_first_one_goes_at_once(
    count: int, halves: list[list[int]]
) -> None:
    lane, effects = after_all(arrived(*range(1, count + 1)), FAILED, rules=HALVING)
    assert extents(lane) == halves
    invoke = only(effects, Invoke)
    assert effects == [invoke]
    assert numbers(invoke.extent.records) == halves[0]
    assert lane.running
    assert lane.retry_at is None
    assert invoke.why == "half of a batch that failed: it raised"


def test_each_half_is_a_new_extent_with_a_fresh_budget() -> None:
    lane, effects = after_all(arrived(1, 2, 3, 4), FAILED, FAILED, rules=HALVING)
    assert [(extent.number, extent.attempts) for extent in lane.extents] == [(4, 0), (5, 0), (3, 0)]
    assert only(effects, Invoke).attempt == 1


def test_the_first_half_is_done_with_depth_first() -> None:
    lane, _ = after_all(arrived(1, 2, 3, 4), FAILED, FAILED, rules=HALVING)
    assert extents(lane) == [[1], [2], [3, 4]]
    lane, effects = step(lane, DONE, START, HALVING)
    assert effects[0] == Checkpoint(full(1))
    assert numbers(only(effects, Invoke).extent.records) == [2]
    lane, effects = step(lane, FAILED, START, HALVING)
    assert only(effects, Retry).extent.records == lane.extents[0].records
    assert extents(lane) == [[2], [3, 4]]


def test_a_second_half_goes_at_once_when_the_first_is_discarded() -> None:
    none = replace(HALVING, maximum_retry_attempts=0)
    lane, effects = after_all(arrived(1, 2), FAILED, FAILED, rules=none)
    assert numbers(only(effects, Discard).extent.records) == [1]
    assert numbers(only(effects, Invoke).extent.records) == [2]
    assert lane.retry_at is None


def test_halving_needs_no_retries_and_uses_none() -> None:
    none = replace(HALVING, maximum_retry_attempts=0)
    lane, effects = after_all(arrived(*range(1, 9)), FAILED, FAILED, FAILED, rules=none)
    assert extents(lane) == [[1], [2], [3, 4], [5, 6, 7, 8]]
    _, effects = step(lane, FAILED, START, none)
    assert only(effects, Discard).invoke_count == 1


def test_a_single_record_is_retried_and_then_discarded() -> None:
    _, effects = after_all(arrived(1), FAILED, rules=HALVING)
    assert "retry 1 of 1" in only(effects, Retry).why
    _, effects = after_all(arrived(1), FAILED, Woken(), FAILED, rules=HALVING)
    assert only(effects, Discard).invoke_count == 2


def test_what_arrives_joins_no_half() -> None:
    lane, _ = after_all(arrived(1, 2), FAILED, arrived(3, 4), rules=HALVING)
    assert extents(lane) == [[1], [2]]
    assert numbers(lane.waiting) == [3, 4]
    lane, effects = step(lane, DONE, START, HALVING)
    assert numbers(only(effects, Invoke).extent.records) == [2]


def test_a_throttled_extent_is_not_halved() -> None:
    lane, effects = after_all(arrived(1, 2), Answered(Throttled("busy")), rules=HALVING)
    assert only(effects, Retry).why == "busy"
    assert extents(lane) == [[1, 2]]


def test_a_partial_response_is_a_new_extent_and_no_half() -> None:
    lane, effects = after_all(arrived(1, 2, 3, 4), Answered(Partial(1, "2 was named")), rules=HALVING)
    assert effects[0] == Checkpoint(full(1))
    assert extents(lane) == [[2, 3, 4]]
    assert lane.extents[0].attempts == 0


def test_an_extent_that_fails_at_its_own_first_record_is_halved() -> None:
    lane, effects = after_all(
        arrived(1, 2, 3, 4), Answered(Partial(1, "2")), Answered(Partial(0, "2 again")), rules=HALVING
    )
    assert extents(lane) == [[2], [3, 4]]
    assert not any(isinstance(effect, Checkpoint | Retry) for effect in effects)
    assert only(effects, Invoke).why == "half of a batch that failed: 2 again"


def test_a_partial_response_of_a_half_leaves_the_other_half_alone() -> None:
    lane, _ = after_all(arrived(*range(1, 9)), FAILED, Answered(Partial(2, "3")), rules=HALVING)
    assert extents(lane) == [[3, 4], [5, 6, 7, 8]]


@pytest.mark.parametrize("outcome", [Failure(None, "invalid"), Partial(0, "first")])
def test_a_report_that_exhausts_is_told_as_it_was(outcome: Failure | Partial) -> None:
    _, effects = after_all(arrived(1), Answered(outcome), Woken(), Answered(outcome), rules=HALVING)
    assert only(effects, Discard).failure == outcome


def test_records_of_the_age_are_delivered_and_older_ones_discarded() -> None:
    _, effects = after_all(arrived(1, 2), rules=AGEING, now=after(60))
    assert numbers(only(effects, Invoke).extent.records) == [1, 2]
    lane, effects = after_all(arrived(1, 2), rules=AGEING, now=after(60.000001))
    discard, checkpoint = effects
    assert isinstance(discard, Discard)
    assert (discard.condition, discard.invoke_count, discard.failure) == ("RecordAgeExceeded", 0, None)
    assert numbers(discard.extent.records) == [1, 2]
    assert checkpoint == Checkpoint(full(2))
    assert lane.idle


def _aged(*ages: int | None) -> Arrived:
    """Return records that are so many seconds old at START."""
    return Arrived(
        tuple(stream_record(number, at=None if age is None else after(-age)) for number, age in enumerate(ages, 1))
    )


def test_only_the_front_is_cut_and_the_rest_goes_at_once() -> None:
    lane, effects = after_all(_aged(99, 61, 60), rules=AGEING)
    assert numbers(only(effects, Discard).extent.records) == [1, 2]
    assert only(effects, Checkpoint) == Checkpoint(full(2))
    invoke = only(effects, Invoke)
    assert numbers(invoke.extent.records) == [3]
    assert (invoke.extent.number, invoke.attempt) == (2, 1)
    assert "expired" in invoke.why
    assert [type(effect) for effect in effects] == [Discard, Checkpoint, Invoke]
    assert lane.running


def test_an_old_record_behind_a_young_one_is_delivered() -> None:
    _, effects = after_all(_aged(0, 99, 0), rules=AGEING)
    assert numbers(only(effects, Invoke).extent.records) == [1, 2, 3]


def test_a_record_without_a_time_is_never_too_old() -> None:
    _, effects = after_all(_aged(99, None, 99), rules=AGEING)
    assert numbers(only(effects, Discard).extent.records) == [1]


def test_an_extent_that_was_tried_tells_its_attempts_and_keeps_them() -> None:
    lane, _ = after_all(_aged(50, 0), FAILED, rules=AGEING)
    lane, effects = step(lane, Woken(), after(11), AGEING)
    assert only(effects, Discard).invoke_count == 1
    assert only(effects, Discard).extent.number == 1
    invoke = only(effects, Invoke)
    assert (numbers(invoke.extent.records), invoke.attempt, invoke.extent.number) == ([2], 2, 2)
    _, effects = step(lane, FAILED, after(12), AGEING)
    discard = only(effects, Discard)
    assert (discard.condition, discard.invoke_count) == ("RetryAttemptsExhausted", 2)


def test_a_throttle_is_no_attempt_when_its_records_become_too_old() -> None:
    lane, _ = after_all(arrived(1), Answered(Throttled("busy")), rules=AGEING)
    _, effects = step(lane, Woken(), after(61), AGEING)
    assert only(effects, Discard).invoke_count == 0


def test_age_is_looked_at_before_an_attempt_and_not_after_it() -> None:
    none = replace(AGEING, maximum_retry_attempts=0)
    lane, _ = after_all(arrived(1), rules=none)
    _, effects = step(lane, FAILED, after(1000), none)
    assert only(effects, Discard).condition == "RetryAttemptsExhausted"
    _, effects = step(lane, DONE, after(1000), none)
    assert effects == [Checkpoint(full(1))]


def test_the_rest_after_a_partial_response_is_discarded_if_it_is_too_old_by_then() -> None:
    lane, _ = after_all(arrived(1, 2, 3), rules=AGEING)
    lane, effects = step(lane, Answered(Partial(1, "2 was named")), after(61), AGEING)
    assert effects[0] == Checkpoint(full(1))
    assert effects[-1] == Checkpoint(full(3))
    assert (only(effects, Discard).condition, only(effects, Discard).invoke_count) == ("RecordAgeExceeded", 0)
    assert lane.idle


def test_halves_are_cut_each_by_itself() -> None:
    rules = replace(AGEING, bisect=True, batch_size=4)
    lane, _ = after_all(_aged(50, 50, 50, 0), rules=rules)
    lane, effects = step(lane, FAILED, after(11), rules)
    assert [numbers(effect.extent.records) for effect in effects if isinstance(effect, Discard)] == [[1, 2], [3]]
    assert numbers(only(effects, Invoke).extent.records) == [4]


def test_records_that_left_the_stream_are_gone_before_their_age_is_asked_for() -> None:
    _, effects = after_all(_aged(86_401, 61, 0), rules=AGEING)
    assert [type(effect) for effect in effects] == [Expire, Checkpoint, Discard, Checkpoint, Invoke]
    assert numbers(only(effects, Expire).records) == [1]
    assert numbers(only(effects, Discard).extent.records) == [2]
    assert numbers(only(effects, Invoke).extent.records) == [3]


def test_an_age_above_the_streams_never_comes_to_bear() -> None:
    week = replace(RULES, maximum_age=timedelta(days=7))
    _, effects = after_all(_aged(8 * 86_400, 86_401, 86_400), rules=week)
    assert not any(isinstance(effect, Discard) for effect in effects)
    assert numbers(only(effects, Expire).records) == [1, 2]
    assert numbers(only(effects, Invoke).extent.records) == [3]


def test_an_extent_whose_rest_becomes_too_old_later_is_cut_again() -> None:
    endless = replace(AGEING, maximum_retry_attempts=-1)
    lane, _ = after_all(_aged(50, 30, 0), FAILED, rules=endless)
    cuts = []
    for now in (11, 31, 61):
        lane, effects = step(lane, Woken(), after(now), endless)
        cuts.append((numbers(only(effects, Discard).extent.records), only(effects, Discard).invoke_count))
        if lane.running:
            lane, _ = step(lane, FAILED, after(now), endless)
    assert cuts == [([1], 1), ([2], 2), ([3], 3)]
    assert lane.idle


def _calls(count: int, bad: set[int], rules: Rules, *, report: bool) -> list[list[int]]:
    """Return what a function for which these records are bad is called with."""
    lane, effects = step(Lane(START), arrived(*range(1, count + 1)), START, rules)
    calls = []
    while not lane.idle:
        if lane.running:
            given_numbers = numbers(only(effects, Invoke).extent.records)
            calls.append(given_numbers)
            lane, effects = step(lane, Answered(_outcome(given_numbers, bad, report=report)), START, rules)
        else:
            lane, effects = step(lane, Woken(), START, rules)
    return calls


def _outcome(given_numbers: list[int], bad: set[int], *, report: bool) -> Outcome:
    places = [index for index, number in enumerate(given_numbers) if number in bad]
    if not places:
        return Success()
    return Partial(places[0], "named") if report else FAILURE


def _expected(records: list[int], bad: set[int], rules: Rules, *, report: bool) -> list[list[int]]:
    """SEMANTICS §3 as a recursion."""
    failed = [number for number in records if number in bad]
    if not failed:
        return [records]
    half = len(records) // 2
    if report and failed[0] != records[0]:
        return [records, *_expected(records[records.index(failed[0]) :], bad, rules, report=report)]
    if rules.bisect and half:
        first, second = records[:half], records[half:]
        return [records, *_expected(first, bad, rules, report=report), *_expected(second, bad, rules, report=report)]
    return [records] * (rules.maximum_retry_attempts + 1)


@given(st.integers(1, 12), st.sets(st.integers(1, 12)), st.integers(0, 2), st.booleans(), st.booleans())
def test_the_calls_are_those_of_the_specification(
    count: int, bad: set[int], limit: int, bisect: bool, report: bool
) -> None:
    rules = replace(RULES, batch_size=12, maximum_retry_attempts=limit, bisect=bisect)
    records = list(range(1, count + 1))
    assert _calls(count, bad, rules, report=report) == _expected(records, bad, rules, report=report)


def test_no_effect_is_a_wait_where_a_half_or_a_rest_is_next() -> None:
    for outcome in (FAILURE, Partial(0, "first"), Partial(1, "second")):
        effects: list[Effect]
        _, effects = after_all(arrived(1, 2, 3), Answered(outcome), rules=HALVING)
        assert not any(isinstance(effect, Retry) for effect in effects)
        assert isinstance(effects[-1], Invoke)
