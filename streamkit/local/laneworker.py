"""Drives one lane: calls the function, carries out what the lane decides, and writes down what happened."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from streamkit.local.batching import event_json
from streamkit.local.cascade import caused_by, check_cascade
from streamkit.local.delivery import deliver
from streamkit.local.invokers.invoker import Answer, FunctionTimeoutError
from streamkit.local.journal import (
    InvocationFinished,
    InvocationStarted,
    RecordsDiscarded,
    RecordsExpired,
    RetryScheduled,
    Warned,
)
from streamkit.local.lane import (
    Answered,
    Arrived,
    Checkpoint,
    Discard,
    Effect,
    Expire,
    Extent,
    Invoke,
    Lane,
    Retry,
    Rules,
    Signal,
    Woken,
)
from streamkit.local.outcomes import Failure, Outcome, Partial, Success, Throttled, read_response, warnings_of
from streamkit.local.recordlist import Records
from streamkit.local.seeding import seeded_uuid
from streamkit.local.shard import has_expired, step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from streamkit.local.journal import OutcomeName
    from streamkit.local.records import StreamRecord
    from streamkit.local.setup import Setup

__all__ = ["LaneWorker"]

_NO_AGE = -1


@dataclass(frozen=True, slots=True)
class _Running:
    """An invocation under way. It was called when it started; its answer arrives at ``ends_at``."""

    invoke: Invoke
    request_id: str
    numbers: tuple[str, ...]
    ends_at: datetime
    answer: Answer


class LaneWorker:
    """One lane of a shard. ``finished`` is told up to which record the lane is done, and when."""

    def __init__(
        self, setup: Setup, shard_id: str, number: int, now: datetime, finished: Callable[[int, str, datetime], None]
    ) -> None:
        self._setup = setup
        self._shard_id = shard_id
        self._number = number
        self._on_finished = finished
        self._effects: deque[Effect] = deque()
        """What was decided and is not carried out yet."""
        self._due: Invoke | None = None
        self._running: _Running | None = None
        self._lane = Lane(now)
        self._rules = _rules(setup, shard_id, number)
        self._named = (0, "")
        """The extent that was tried last, and its request id."""

    @property
    def idle(self) -> bool:
        """Whether it has no attempt to make or to wait for."""
        return self._lane.idle

    @property
    def hungry(self) -> bool:
        """Whether it could make a larger batch of more records."""
        return self._lane.idle and not self._lane.full and len(self._lane.waiting) < self._rules.batch_size

    def next_end(self, now: datetime) -> datetime | None:
        """Return when what is under way comes to its end, None where nothing is."""
        if self._effects:
            return now
        return None if self._running is None else self._running.ends_at

    def next_step(self, now: datetime) -> datetime | None:
        """Return when it goes on with the batches that it has, None where there is none."""
        end = self.next_end(now)
        if end is not None or self._lane.idle:
            return end
        return self._lane.retry_at or now

    def next_time(self, now: datetime) -> datetime | None:
        """Return when it can go on with the records that it has, None where it has nothing to go on with."""
        return self.next_step(now) or self._lane.opens_at(self._rules)

    def turn(self, now: datetime) -> InvocationFinished | None:
        """Let the next thing happen; call it when its time has come."""
        finished: InvocationFinished | None = None
        if self._effects:
            pass
        elif self._running is not None:
            finished = self._finish(self._running, now)
        elif self._due is not None and not has_expired(self._due.extent, now, self._rules):
            self._start(self._due, now)
        elif self._lane.idle:
            self._apply(Arrived(()), now)
        else:
            # What was due may be too old by now, or the mapping another: it is looked at again.
            self._due, self._lane = None, self._lane._replace(running=False)
            self._apply(Woken(), now)
        self._carry_out_all(now)
        return finished

    def give(self, records: Sequence[StreamRecord], now: datetime) -> None:
        """Let records arrive. What follows from it happens at the next turn."""
        self._apply(Arrived(records), now)

    def take_back(self) -> Records:
        """Return the records that are in no batch yet; the lane no longer has them."""
        waiting = self._lane.waiting
        self._lane = self._lane._replace(waiting=Records(), waiting_from=None, full=False)
        return waiting

    def follow(self) -> None:
        """Go by the mapping as it is now. A batch that is being tried stays; its limits are the new ones."""
        self._rules = _rules(self._setup, self._shard_id, self._number)

    def begin(self, now: datetime) -> None:
        """Let the batching window begin now."""
        self._lane = self._lane._replace(since=now)

    def _apply(self, signal: Signal, now: datetime) -> None:
        self._lane, effects = step(self._lane, signal, now, self._rules)
        self._effects += effects

    def _carry_out_all(self, now: datetime) -> None:
        # Whatever is interrupted here (Ctrl-C, a full disk), the state says what is still to be done: state is changed
        # before a fact is written, and a delivery counts when it has come back.
        while self._effects:
            effect = self._effects[0]
            if isinstance(effect, Discard):
                fact = self._discarded(effect, now)
                self._effects.popleft()
                self._setup.journal.write(fact)
            else:
                self._effects.popleft()
                self._carry_out(effect, now)

    def _discarded(self, discard: Discard, now: datetime) -> RecordsDiscarded:
        extent = discard.extent
        with caused_by(extent.records):
            delivery = deliver(discard, self._setup, now, self._request_id(extent), self._shard_id)
        return RecordsDiscarded(now, self._shard_id, extent.records.numbers, *delivery, self._number)

    def _carry_out(self, effect: Invoke | Retry | Checkpoint | Expire, now: datetime) -> None:
        write, shard_id = self._setup.journal.write, self._shard_id
        match effect:
            case Invoke():
                # Not at once: whoever drives the runner may stop between an answer and the next call.
                self._due = effect
            case Retry(extent, at, why):
                write(RetryScheduled(now, shard_id, self._request_id(extent), at, why))
            case Checkpoint(sequence_number):
                self._on_finished(self._number, sequence_number, now)
            case Expire(records, why):
                write(RecordsExpired(now, shard_id, records.numbers, why, self._number))
            case _:
                assert_never(effect)

    def _start(self, due: Invoke, now: datetime) -> None:
        setup, records = self._setup, due.extent.records
        check_cascade(records, setup.cascade_limit, setup.invoker.function_name, setup.source.stream_arn)
        request_id, numbers, event = self._request_id(due.extent), records.numbers, event_json(records)
        created = records.created_at[-1]
        age = None if created is None else (now - created) // timedelta(milliseconds=1)
        setup.journal.write(
            InvocationStarted(now, self._shard_id, request_id, due.attempt, numbers, due.why, event, self._number, age)
        )
        with caused_by(records):
            answer = setup.invoker.invoke(event, request_id, setup.function_arn)
        took, answer = self._time_of(answer, event)
        self._running = _Running(due, request_id, numbers, now + took, answer)
        # Only now: a call that was interrupted (Ctrl-C) is made again when the run goes on.
        self._due = None

    def _time_of(self, answer: Answer, event: bytes) -> tuple[timedelta, Answer]:
        """Return how long the invocation takes, and its answer, unless that is too late."""
        if answer.seconds is not None:
            took = timedelta(seconds=answer.seconds)
        else:
            took = timedelta(0) if answer.throttled is not None else self._setup.duration(event)
        timeout = self._setup.timeout
        if took <= timeout or answer.throttled is not None:
            return took, answer
        # The handler ran to its end here; on Lambda it is stopped. Its answer is lost either way.
        return timeout, Answer(error=FunctionTimeoutError(timeout.total_seconds()))

    def _finish(self, running: _Running, now: datetime) -> InvocationFinished:
        answer, records = running.answer, running.invoke.extent.records
        outcome = self._outcome(answer, records)
        name, handled, why = _described(outcome, len(records))
        again = answer.again
        fact = InvocationFinished(
            at=now,
            shard_id=self._shard_id,
            request_id=running.request_id,
            attempt=running.invoke.attempt,
            outcome=name,
            why=why if again is None else f"{why}; it is delivered again: {again}",
            response=answer.response,
            error=answer.error,
            failures=answer.failures,
            handled=0 if again is not None else handled,
            sequence_numbers=running.numbers,
            lane=self._number,
        )
        self._running = None
        if again is None:
            self._apply(Answered(outcome), now)
        else:
            self._due = replace(running.invoke, why=f"delivered again: {again}")
        self._setup.journal.write(fact)
        for text, loses in warnings_of(answer.response, self._setup.mapping.reports_batch_item_failures):
            self._setup.journal.write(Warned(now, self._shard_id, text, loses))
        return fact

    def _outcome(self, answer: Answer, records: Records) -> Outcome:
        if answer.throttled is not None:
            return Throttled(answer.throttled)
        if answer.error is not None:
            return Failure("Unhandled", f"the function raised {type(answer.error).__name__} (SEMANTICS §3)")
        if self._setup.mapping.reports_batch_item_failures:
            return read_response(answer.response, records)
        return Success()

    def _request_id(self, extent: Extent) -> str:
        if self._named[0] != extent.number:
            parts = self._rules.seed, self._shard_id, self._number, extent.number, extent.records.numbers[0]
            self._named = (extent.number, seeded_uuid("request", *parts))
        return self._named[1]


def _rules(setup: Setup, shard_id: str, lane: int) -> Rules:
    mapping = setup.mapping
    age = mapping.maximum_record_age_in_seconds
    return Rules(
        batch_size=mapping.batch_size,
        maximum_retry_attempts=mapping.maximum_retry_attempts,
        seed=setup.seed,
        shard_id=shard_id,
        lane=lane,
        bisect=mapping.bisect_batch_on_function_error,
        window=timedelta(seconds=mapping.maximum_batching_window_in_seconds),
        maximum_age=None if age == _NO_AGE else timedelta(seconds=age),
    )


def _described(outcome: Outcome, size: int) -> tuple[OutcomeName, int, str]:
    match outcome:
        case Success():
            return "success", size, "every record was handled"
        case Partial(index, why):
            return "partial", index, why
        case Failure(_, why):
            return "failure", 0, why
        case Throttled(why):
            return "throttled", 0, why
    assert_never(outcome)
