"""The pure machine of a lane: what holds of every life of one, whatever its rules, its records and its answers."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
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
    Signal,
    Woken,
)
from streamkit.local.outcomes import Failure, Outcome, Partial, Success, Throttled
from streamkit.local.shard import step
from tests.local.builders import START, after, stream_record
from tests.local.lanes import FAILURE, E, numbers

if TYPE_CHECKING:
    from streamkit.local.records import StreamRecord

NO_TIME = timedelta(0)


@dataclass(frozen=True)
class Step:
    before: Lane
    signal: Signal
    now: datetime
    lane: Lane
    effects: list[Effect]

    def of(self, kind: type[E]) -> list[E]:
        return [effect for effect in self.effects if isinstance(effect, kind)]


@dataclass
class Life:
    """A lane driven as the shell drives it: every step with its time and what came of it."""

    rules: Rules
    records: tuple[StreamRecord, ...]
    steps: list[Step] = field(default_factory=list)

    def of(self, kind: type[E]) -> list[E]:
        return [effect for one in self.steps for effect in one.of(kind)]


@st.composite
def lives(draw: st.DrawFn) -> Life:
    times = draw(st.lists(st.none() | st.integers(-100, 0) | st.integers(-90_000, 0), min_size=1, max_size=10))
    records = tuple(stream_record(number, at=None if at is None else after(at)) for number, at in enumerate(times, 1))
    rules = Rules(
        batch_size=draw(st.integers(1, 6)),
        maximum_retry_attempts=draw(st.integers(-1, 3)),
        seed=draw(st.integers(0, 3)),
        shard_id="s",
        bisect=draw(st.booleans()),
        window=timedelta(seconds=draw(st.sampled_from([0, 0, 1, 10, 300]))),
        maximum_age=draw(st.sampled_from([None, timedelta(seconds=60), timedelta(hours=1), timedelta(days=7)])),
    )
    answers = draw(st.lists(st.integers(0, 8), max_size=25))
    life = Life(rules, records)
    lane, now, position = Lane(START), START, 0
    for _ in range(500):
        left = len(records) - position
        reads = left and draw(st.booleans())
        opens = lane.opens_at(rules)
        if lane.running:
            # Records also arrive while the function runs: those of another lane's poll.
            now += timedelta(seconds=draw(st.sampled_from([0, 1, 9, 40, 4000, 40_000])))
            signal: Signal = Arrived(()) if reads else Answered(_outcome(answers, len(lane.extents[0].records)))
        elif lane.retry_at is not None:
            now = now if reads else max(now, lane.retry_at)
            signal = Arrived(()) if reads else Woken()
        elif opens is not None and not reads:
            now = max(now, opens)
            signal = Arrived(())
        elif left:
            now += timedelta(seconds=draw(st.sampled_from([0, 0.25, 1, 25])))
            now = now if opens is None else max(life.steps[-1].now, min(now, opens))
            reads, signal = True, Arrived(())
        else:
            return life
        if reads:
            count = draw(st.integers(1, left))
            signal = Arrived(records[position : position + count])
            position += count
        before = lane
        lane, effects = step(before, signal, now, rules)
        life.steps.append(Step(before, signal, now, lane, effects))
    raise AssertionError("a lane never came to its end")


def _outcome(answers: list[int], size: int) -> Outcome:
    kind = answers.pop(0) if answers else 0
    if kind == 0:
        return Success()
    if kind == 1:
        return Throttled("busy")
    if kind <= 4:
        return FAILURE if kind < 4 else Failure(None, "invalid")
    return Partial((kind - 5) % size, "named")


def _age(record: StreamRecord, now: datetime) -> timedelta:
    return NO_TIME if record.created_at is None else now - record.created_at


def _lives(check: Any) -> Any:
    return settings(max_examples=60, deadline=None)(given(lives())(check))


@_lives
def test_a_step_is_a_function_of_its_arguments(life: Life) -> None:
    for one in life.steps:
        given_lane = copy.deepcopy(one.before)
        assert step(one.before, one.signal, one.now, life.rules) == (one.lane, one.effects)
        assert one.before == given_lane


@_lives
def test_there_is_one_invocation_at_a_time(life: Life) -> None:
    running = False
    for one in life.steps:
        if isinstance(one.signal, Answered):
            assert running
            running = False
        for invoke in one.of(Invoke):
            assert not running
            assert invoke.extent == one.lane.extents[0]
            running = True
        assert one.lane.running == running
        assert not (running and one.lane.retry_at is not None)
        assert one.lane.idle == (not running and not one.lane.extents)


@_lives
def test_a_lane_never_stands_still(life: Life) -> None:
    """Something is always due, as long as there are records: an answer, a retry, or a batch."""
    for one in life.steps:
        lane = one.lane
        due = [lane.running, lane.retry_at is not None, lane.opens_at(life.rules) is not None]
        assert sum(due) == (1 if lane.extents or lane.waiting else 0)


@_lives
def test_a_retry_lies_in_the_future_and_is_kept(life: Life) -> None:
    for one in life.steps:
        for retry in one.of(Retry):
            assert one.now < retry.at <= one.now + timedelta(seconds=75)
            assert one.lane.retry_at == retry.at
            assert one.lane.extents[0].number == retry.extent.number


@_lives
def test_checkpoints_only_go_forward_and_reach_the_end(life: Life) -> None:
    checkpoints = [int(checkpoint.sequence_number) for checkpoint in life.of(Checkpoint)]
    assert checkpoints == sorted(set(checkpoints))
    assert checkpoints[-1] == int(life.records[-1].sequence_number)


@_lives
def test_every_record_ends_handled_discarded_or_expired_once_and_in_order(life: Life) -> None:
    done: list[int] = []
    for one in life.steps:
        if isinstance(one.signal, Answered):
            records = one.before.extents[0].records
            if isinstance(one.signal.outcome, Success):
                done += numbers(records)
            elif isinstance(one.signal.outcome, Partial):
                done += numbers(records[: one.signal.outcome.index])
        for effect in one.effects:
            if isinstance(effect, Discard):
                done += numbers(effect.extent.records)
            elif isinstance(effect, Expire):
                done += numbers(effect.records)
        # Nothing is lost on the way either: what is not done is where it must be, in order.
        held = [record for extent in one.lane.extents for record in extent.records]
        left = numbers([*held, *one.lane.waiting])
        assert [*done, *left] == list(range(1, len(done) + len(left) + 1))
    assert done == numbers(life.records)


@_lives
def test_an_extent_is_one_list_of_records_with_one_budget(life: Life) -> None:
    extents: dict[int, list[int]] = {}
    limit = life.rules.maximum_retry_attempts
    for invoke in life.of(Invoke):
        given_numbers = numbers(invoke.extent.records)
        assert extents.setdefault(invoke.extent.number, given_numbers) == given_numbers
        assert 1 <= len(given_numbers) <= life.rules.batch_size
        assert given_numbers == list(range(given_numbers[0], given_numbers[-1] + 1))
        assert limit < 0 or invoke.attempt <= limit + 1
    for discard in life.of(Discard):
        if discard.condition == "RetryAttemptsExhausted":
            assert discard.invoke_count == limit + 1
            assert discard.failure is not None
    for one in life.steps:
        known = [extent.number for extent in one.lane.extents]
        assert len(set(known)) == len(known)
        assert max(known, default=0) <= one.lane.opened
        new = set(known) - {extent.number for extent in one.before.extents}
        assert all(number > one.before.opened for number in new)


@_lives
def test_only_a_cut_extent_begins_with_anothers_attempts(life: Life) -> None:
    attempts: dict[int, int] = {}
    for invoke in life.of(Invoke):
        extent = invoke.extent
        first = extent.number not in attempts
        assert invoke.attempt == extent.attempts + 1
        assert not first or invoke.attempt == 1 or "expired" in invoke.why
        assert first or attempts[extent.number] <= invoke.attempt <= attempts[extent.number] + 1
        attempts[extent.number] = invoke.attempt


@_lives
def test_the_first_record_of_an_attempt_is_never_too_old(life: Life) -> None:
    limit = min(life.rules.retention, life.rules.maximum_age or life.rules.retention)
    for one in life.steps:
        for invoke in one.of(Invoke):
            assert _age(invoke.extent.records[0], one.now) <= limit


@_lives
def test_what_is_discarded_for_its_age_was_too_old_and_still_in_the_stream(life: Life) -> None:
    for one in life.steps:
        for discard in one.of(Discard):
            if discard.condition == "RecordAgeExceeded":
                assert life.rules.maximum_age is not None
                assert discard.failure is None
                ages = [_age(record, one.now) for record in discard.extent.records]
                assert all(age > life.rules.maximum_age for age in ages)
                assert ages[0] <= life.rules.retention
        for expire in one.of(Expire):
            assert all(_age(record, one.now) > life.rules.retention for record in expire.records)


@_lives
def test_a_failing_batch_is_halved_where_halving_is_on_and_never_otherwise(life: Life) -> None:
    for one in life.steps:
        if not isinstance(one.signal, Answered):
            continue
        extent = one.before.extents[0]
        outcome = one.signal.outcome
        failed = isinstance(outcome, Failure) or (isinstance(outcome, Partial) and outcome.index == 0)
        size = len(extent.records)
        if failed and life.rules.bisect and size > 1:
            assert one.lane.opened >= one.before.opened + 2
            assert one.of(Retry) == []
            if not one.of(Discard) and not one.of(Expire):
                halves = [list(half.records) for half in one.lane.extents[:2]]
                assert halves == [list(extent.records[: size // 2]), list(extent.records[size // 2 :])]
                assert [half.attempts for half in one.lane.extents[:2]] == [0, 0]
                assert one.lane.extents[2:] == one.before.extents[1:]
        elif failed or isinstance(outcome, Throttled):
            # The same list of records, or given up as a whole.
            assert one.of(Retry) or numbers(one.of(Discard)[0].extent.records) == numbers(extent.records)


@_lives
def test_a_batch_is_made_full_or_when_its_window_has_elapsed(life: Life) -> None:
    window = life.rules.window
    for one in life.steps:
        made = [extent for extent in one.lane.extents if extent.why.startswith("new batch")]
        for extent in made:
            if extent in one.before.extents or extent.attempts or extent.throttles:
                continue
            assert isinstance(one.signal, Arrived)
            assert one.before.idle
            if not window or len(extent.records) == life.rules.batch_size:
                continue
            assert (one.now - one.before.since) % window == NO_TIME
            assert one.now > one.before.since


@_lives
def test_the_window_begins_with_the_end_of_an_invocation_and_with_nothing_else(life: Life) -> None:
    for one in life.steps:
        assert one.lane.since == (one.now if isinstance(one.signal, Answered) else one.before.since)


@_lives
def test_what_waits_is_known_to_be_full_or_not(life: Life) -> None:
    for one in life.steps:
        full = len(one.lane.waiting) >= life.rules.batch_size
        assert one.lane.full == (bool(life.rules.window) and full)
        assert (one.lane.waiting_from is None) == (not one.lane.waiting)
