from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from streamkit.local.outcomes import Failure, Outcome, Partial, Success, Throttled
from streamkit.local.shard import (
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
    Signal,
    Woken,
    step,
)
from tests.local.builders import START, after, full, short, stream_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamkit.local.records import StreamRecord

RULES = Rules(batch_size=3, maximum_retry_attempts=1, seed=0, shard_id="s")
ENDLESS = replace(RULES, maximum_retry_attempts=-1)
FAILURE = Failure("Unhandled", "it raised")

E = TypeVar("E", bound=Effect)


def arrived(*numbers: int, at: datetime | None = START) -> Arrived:
    return Arrived(tuple(stream_record(number, at=at) for number in numbers))


def after_all(*signals: Signal, rules: Rules = RULES, now: datetime = START) -> tuple[Lane, list[Effect]]:
    """Return the lane after these signals, and the effects of the last one."""
    lane, effects = Lane(), list[Effect]()
    for signal in signals:
        lane, effects = step(lane, signal, now, rules)
    return lane, effects


def numbers(records: Sequence[StreamRecord]) -> list[int]:
    return [short(record.sequence_number) for record in records]


def only(effects: list[Effect], kind: type[E]) -> E:
    (effect,) = [effect for effect in effects if isinstance(effect, kind)]
    return effect


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
    assert after_all(Arrived(())) == (Lane(), [])


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
    lane, _ = step(Lane(), Arrived((*arrived(1, 2).records, *young)), START, ENDLESS)
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


@dataclass
class Life:
    """A lane driven as the shell drives it: every step with its time and what came of it."""

    rules: Rules
    records: tuple[StreamRecord, ...]
    steps: list[tuple[Lane, Signal, datetime, Lane, list[Effect]]] = field(default_factory=list)

    def effects(self, kind: type[E]) -> list[E]:
        return [effect for *_, effects in self.steps for effect in effects if isinstance(effect, kind)]


@st.composite
def lives(draw: st.DrawFn) -> Life:
    times = draw(st.lists(st.none() | st.integers(-100_000, 0), min_size=1, max_size=8))
    records = tuple(stream_record(number, at=None if at is None else after(at)) for number, at in enumerate(times, 1))
    rules = Rules(
        batch_size=draw(st.integers(1, 4)),
        maximum_retry_attempts=draw(st.integers(-1, 3)),
        seed=draw(st.integers(0, 3)),
        shard_id="s",
    )
    answers = draw(st.lists(st.integers(0, 5), max_size=20))
    life = Life(rules, records)
    lane, now, position = Lane(), START, 0
    for _ in range(500):
        if lane.running:
            now += timedelta(seconds=draw(st.sampled_from([0, 1, 40_000])))
            signal: Signal = Answered(_outcome(answers.pop(0) if answers else 0, len(lane.extents[0].records)))
        elif lane.retry_at is not None:
            now = max(now, lane.retry_at)
            signal = Woken()
        elif position < len(records) or lane.waiting:
            wanted = max(0, rules.batch_size - len(lane.waiting))
            signal = Arrived(records[position : position + wanted])
            position += wanted
        else:
            return life
        before = lane
        lane, effects = step(before, signal, now, rules)
        life.steps.append((before, signal, now, lane, effects))
    raise AssertionError("a lane never came to its end")


def _outcome(kind: int, size: int) -> Outcome:
    if kind == 0:
        return Success()
    if kind == 1:
        return Throttled("busy")
    return FAILURE if kind == 2 else Partial((kind - 3) % size, "named")


@settings(max_examples=60)
@given(lives())
def test_a_step_is_a_function_of_its_arguments(life: Life) -> None:
    for before, signal, now, lane, effects in life.steps:
        given_lane = copy.deepcopy(before)
        assert step(before, signal, now, life.rules) == (lane, effects)
        assert before == given_lane


@settings(max_examples=60)
@given(lives())
def test_there_is_one_invocation_at_a_time(life: Life) -> None:
    running = False
    for _, signal, _, lane, effects in life.steps:
        if isinstance(signal, Answered):
            assert running
            running = False
        for _ in [effect for effect in effects if isinstance(effect, Invoke)]:
            assert not running
            running = True
        assert lane.running == running
        assert not (running and lane.retry_at is not None)


@settings(max_examples=60)
@given(lives())
def test_a_retry_lies_in_the_future_and_is_kept(life: Life) -> None:
    for _, _, now, lane, effects in life.steps:
        for effect in effects:
            if isinstance(effect, Retry):
                assert effect.at > now
                assert lane.retry_at == effect.at


@settings(max_examples=60)
@given(lives())
def test_checkpoints_only_go_forward_and_reach_the_end(life: Life) -> None:
    checkpoints = [int(effect.sequence_number) for effect in life.effects(Checkpoint)]
    assert checkpoints == sorted(set(checkpoints))
    assert checkpoints[-1] == int(life.records[-1].sequence_number)


@settings(max_examples=60)
@given(lives())
def test_every_record_ends_handled_discarded_or_expired_and_once(life: Life) -> None:
    done: list[int] = []
    for before, signal, _, _, effects in life.steps:
        if isinstance(signal, Answered):
            records = before.extents[0].records
            if isinstance(signal.outcome, Success):
                done += numbers(records)
            elif isinstance(signal.outcome, Partial):
                done += numbers(records[: signal.outcome.index])
        for effect in effects:
            if isinstance(effect, Discard):
                done += numbers(effect.extent.records)
            elif isinstance(effect, Expire):
                done += numbers(effect.records)
    assert done == numbers(life.records)


@settings(max_examples=60)
@given(lives())
def test_an_extent_is_one_list_of_records_with_one_budget(life: Life) -> None:
    extents: dict[int, list[int]] = {}
    for invoke in life.effects(Invoke):
        given_numbers = numbers(invoke.extent.records)
        assert extents.setdefault(invoke.extent.number, given_numbers) == given_numbers
        assert 1 <= len(given_numbers) <= life.rules.batch_size
        assert given_numbers == list(range(given_numbers[0], given_numbers[-1] + 1))
        assert life.rules.maximum_retry_attempts < 0 or invoke.attempt <= life.rules.maximum_retry_attempts + 1
    for discard in life.effects(Discard):
        assert discard.invoke_count == life.rules.maximum_retry_attempts + 1
    assert list(extents) == sorted(extents)
