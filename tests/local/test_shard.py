"""The pure machine of a lane: batches, attempts, retries, and the stream's 24 hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from streamkit.local.lane import Answered, Arrived, Checkpoint, Discard, Expire, Invoke, Lane, Retry, Woken
from streamkit.local.outcomes import Partial, Success, Throttled
from streamkit.local.shard import step
from tests.local.builders import START, after, full
from tests.local.lanes import FAILURE, RULES, after_all, arrived, numbers, only

if TYPE_CHECKING:
    from streamkit.local.lane import Signal

ENDLESS = replace(RULES, maximum_retry_attempts=-1)


def test_an_idle_lane_invokes_with_what_arrives() -> None:
    lane, effects = after_all(arrived(1, 2))
    (invoke,) = effects
    assert isinstance(invoke, Invoke)
    assert numbers(invoke.extent.records) == [1, 2]
    assert invoke.attempt == 1
    assert "no more records were there" in invoke.why
    assert lane.running
    assert not lane.idle


def test_a_batch_is_full_at_batch_size_and_the_rest_waits() -> None:
    lane, effects = after_all(arrived(1, 2, 3, 4))
    assert numbers(only(effects, Invoke).extent.records) == [1, 2, 3]
    assert "BatchSize" in only(effects, Invoke).why
    assert numbers(lane.waiting) == [4]


def test_nothing_arrived_and_nothing_waits_is_nothing_to_do() -> None:
    assert after_all(Arrived(())) == (Lane(START), [])


def test_records_that_arrive_during_an_invocation_wait_for_its_end() -> None:
    lane, effects = after_all(arrived(1), arrived(2))
    assert effects == []
    assert numbers(lane.waiting) == [2]
    lane, effects = after_all(arrived(1), arrived(2), Answered(Success()), Arrived(()))
    assert numbers(only(effects, Invoke).extent.records) == [2]


def test_a_success_is_a_checkpoint_behind_the_last_record() -> None:
    lane, effects = after_all(arrived(1, 2), Answered(Success()))
    assert effects == [Checkpoint(full(2))]
    assert lane.idle


def test_a_failure_waits_before_the_same_extent_is_tried_again() -> None:
    lane, effects = after_all(arrived(1, 2), Answered(FAILURE))
    (retry,) = effects
    assert isinstance(retry, Retry)
    assert after(0.1875) <= retry.at <= after(0.3125)
    assert lane.retry_at == retry.at
    assert "retry 1 of 1: it raised" in retry.why
    lane, effects = step(lane, Woken(), retry.at, RULES)
    invoke = only(effects, Invoke)
    assert invoke.attempt == 2
    assert invoke.extent.number == retry.extent.number
    assert numbers(invoke.extent.records) == [1, 2]
    assert invoke.why == retry.why


def test_records_that_arrive_during_a_back_off_do_not_end_it() -> None:
    lane, effects = after_all(arrived(1), Answered(FAILURE), arrived(2))
    assert effects == []
    assert lane.retry_at is not None


def test_an_exhausted_extent_is_discarded_and_checkpointed_as_a_whole() -> None:
    lane, effects = after_all(arrived(1, 2), Answered(FAILURE), Woken(), Answered(FAILURE))
    discard = only(effects, Discard)
    assert numbers(discard.extent.records) == [1, 2]
    assert (discard.condition, discard.invoke_count, discard.failure) == ("RetryAttemptsExhausted", 2, FAILURE)
    assert only(effects, Checkpoint) == Checkpoint(full(2))
    assert effects.index(discard) < effects.index(only(effects, Checkpoint))
    assert lane.idle


def test_no_retries_is_one_attempt() -> None:
    _, effects = after_all(arrived(1), Answered(FAILURE), rules=replace(RULES, maximum_retry_attempts=0))
    assert only(effects, Discard).invoke_count == 1


def test_without_a_limit_there_is_always_another_retry() -> None:
    lane, effects = after_all(arrived(1), rules=ENDLESS)
    for _ in range(500):
        lane, effects = step(lane, Answered(FAILURE), START, ENDLESS)
        lane, effects = step(lane, Woken(), START, ENDLESS)
    assert only(effects, Invoke).attempt == 501
    assert "retry 500 without end" in only(effects, Invoke).why


def test_a_partial_response_goes_on_at_once_with_a_new_extent_and_a_fresh_budget() -> None:
    _, effects = after_all(arrived(1, 2, 3), Answered(FAILURE), Woken(), Answered(Partial(1, "2 was named")))
    assert only(effects, Checkpoint) == Checkpoint(full(1))
    invoke = only(effects, Invoke)
    assert numbers(invoke.extent.records) == [2, 3]
    assert invoke.attempt == 1
    assert invoke.extent.number == 2
    assert invoke.why == "2 was named"


def test_a_partial_response_from_the_first_record_on_is_an_ordinary_retry() -> None:
    lane, effects = after_all(arrived(1, 2), Answered(Partial(0, "1 was named")))
    (retry,) = effects
    assert isinstance(retry, Retry)
    assert lane.extents[0].attempts == 1
    assert lane.extents[0].number == 1


def test_the_last_of_such_responses_is_what_the_discard_tells() -> None:
    partial = Partial(0, "1 was named")
    _, effects = after_all(arrived(1), Answered(FAILURE), Woken(), Answered(partial))
    assert only(effects, Discard).failure == partial


def test_a_throttle_waits_longer_each_time_and_never_counts() -> None:
    lane, effects = after_all(arrived(1))
    waits = []
    for _ in range(8):
        lane, effects = step(lane, Answered(Throttled("busy")), START, RULES)
        waits.append((only(effects, Retry).at - START).total_seconds())
        lane, effects = step(lane, Woken(), START, RULES)
        assert only(effects, Invoke).attempt == 1
        assert "busy" in only(effects, Invoke).why
    assert all(0.75 * 0.25 * 2**n <= wait <= 1.25 * 0.25 * 2**n for n, wait in enumerate(waits))


def test_a_failure_ends_a_row_of_throttles() -> None:
    busy: list[Signal] = [Answered(Throttled("busy")), Woken()]
    lane, _ = after_all(arrived(1), *busy * 5, Answered(FAILURE))
    assert lane.extents[0].throttles == 0
    assert lane.extents[0].attempts == 1
    assert lane.retry_at is not None
    assert lane.retry_at <= after(0.3125)


def test_records_of_a_day_are_still_there_and_older_ones_are_gone() -> None:
    day = timedelta(hours=24)
    _, effects = after_all(arrived(1, 2), now=START + day)
    assert numbers(only(effects, Invoke).extent.records) == [1, 2]
    lane, effects = after_all(arrived(1, 2), now=START + day + timedelta(microseconds=1))
    assert numbers(only(effects, Expire).records) == [1, 2]
    assert "24 hours" in only(effects, Expire).why
    assert only(effects, Checkpoint) == Checkpoint(full(2))
    assert lane.idle
    assert len(effects) == 2


def test_only_the_expired_front_of_an_extent_is_cut_and_it_keeps_its_retry_count() -> None:
    young = arrived(3, at=after(60)).records
    lane, _ = step(Lane(START), Arrived((*arrived(1, 2).records, *young)), START, ENDLESS)
    lane, _ = step(lane, Answered(FAILURE), START, ENDLESS)
    lane, effects = step(lane, Woken(), after(86_401), ENDLESS)
    assert numbers(only(effects, Expire).records) == [1, 2]
    assert only(effects, Checkpoint) == Checkpoint(full(2))
    invoke = only(effects, Invoke)
    assert numbers(invoke.extent.records) == [3]
    assert invoke.extent.number == 2
    assert invoke.attempt == 2
    assert "expired" in invoke.why


def test_a_record_without_a_time_does_not_expire() -> None:
    _, effects = after_all(arrived(1, at=None), now=after(10**8))
    assert numbers(only(effects, Invoke).extent.records) == [1]
