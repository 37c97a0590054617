"""Drives one lane: calls the function, carries out what the lane decides, and writes down what happened."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from streamkit.local.answers import described, outcome_of
from streamkit.local.batching import event_json
from streamkit.local.cascade import caused_by, check_cascade
from streamkit.local.delivery import deliver
from streamkit.local.journal import (
    InvocationFinished,
    InvocationStarted,
    RecordsDiscarded,
    RecordsExpired,
    RetryScheduled,
    Warned,
    WindowClosed,
    WindowOpened,
)
from streamkit.local.lane import (
    Answered,
    Arrived,
    Checkpoint,
    Close,
    CloseWindow,
    Discard,
    Effect,
    Expire,
    Extent,
    Invoke,
    Lane,
    Retry,
    Signal,
    Woken,
)
from streamkit.local.outcomes import warnings_of
from streamkit.local.recordlist import Records
from streamkit.local.running import Running
from streamkit.local.seeding import seeded_uuid
from streamkit.local.shard import has_expired, step
from streamkit.local.window import window_members

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from streamkit.local.records import StreamRecord
    from streamkit.local.setup import Setup
    from streamkit.local.window import CloseCause, OpenWindow

__all__ = ["LaneWorker"]


class LaneWorker:
    """One lane of a shard. ``finished`` is told up to which record the lane is done, and when.

    None in place of a record: the lane is done with a tumbling window. ``window``: the one that it begins with.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # a lane's place, and what it begins with
        self,
        setup: Setup,
        shard_id: str,
        number: int,
        now: datetime,
        finished: Callable[[int, str | None, datetime], None],
        window: OpenWindow | None = None,
    ) -> None:
        self._setup = setup
        self._shard_id = shard_id
        self._number = number
        self._on_finished = finished
        self._effects: deque[Effect] = deque()
        """What was decided and is not carried out yet."""
        self._due: Invoke | None = None
        self._running: Running | None = None
        self._lane = Lane(now, window=window)
        self._rules = setup.rules(shard_id, number)
        self._named = (0, "")
        """The extent that was tried last, and its request id."""
        if window is not None:
            self._tell_open(window, now)

    @property
    def idle(self) -> bool:
        """Whether it has no attempt to make or to wait for."""
        return self._lane.idle

    @property
    def hungry(self) -> bool:
        """Whether it could make a larger batch of more records."""
        return self._lane.idle and not self._lane.full and len(self._lane.waiting) < self._rules.batch_size

    @property
    def window(self) -> OpenWindow | None:
        """The tumbling window that is open: an invocation was made for it."""
        window = self._lane.window
        return window if window is not None and window.started else None

    @property
    def closes_at(self) -> datetime | None:
        """When the open window closes if no record comes, None where that is not the question."""
        return self._lane.closes_at(self._rules)

    def next_end(self, now: datetime) -> datetime | None:
        """Return when what is under way comes to its end, None where nothing is."""
        if self._effects:
            return now
        running = self._running
        if running is None or running.ends_at is not None:
            return None if running is None else running.ends_at
        return now if running.call.done() else None

    @property
    def under_way(self) -> bool:
        """Whether a call is waited for, or something that was decided is still to be done."""
        return self._running is not None or bool(self._effects)

    def next_step(self, now: datetime) -> datetime | None:
        """Return when it goes on with the batches that it has, None where there is none."""
        end = self.next_end(now)
        if end is not None or self._running is not None or self._lane.idle:
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
            self._running = running = self._running.answered(now, self._setup)
            if running.ends_at is not None and running.ends_at <= now:
                finished = self._finish(running, now)
        elif self._due is not None and not has_expired(self._due.extent, now, self._rules):
            self._start(self._due, now)
        elif self._lane.idle:
            self._apply(Arrived(()), now)
        else:
            # What was due may be too old by now, or the mapping another: it is looked at again.
            self._due, self._lane = None, self._lane._replace(running=False, window=self.window)
            self._apply(Woken(), now)
        self._carry_out_all(now)
        return finished

    def give(self, records: Sequence[StreamRecord], now: datetime) -> None:
        """Let records arrive. What follows from it happens at the next turn."""
        self._apply(Arrived(records), now)

    def close(self, cause: CloseCause, now: datetime) -> None:
        """Let the open window be closed. Its final invocation starts at the next turn."""
        self._apply(Close(cause), now)

    def take_back(self) -> Records:
        """Return the records that are in no batch yet; the lane no longer has them."""
        waiting = self._lane.waiting
        self._lane = self._lane._replace(waiting=Records(), waiting_from=None, full=False)
        return waiting

    def follow(self) -> None:
        """Go by the mapping as it is now. A batch that is being tried stays; its limits are the new ones."""
        self._rules = self._setup.rules(self._shard_id, self._number)

    def begin(self, now: datetime) -> None:
        """Let the batching window begin now."""
        self._lane = self._lane._replace(since=now)

    def _apply(self, signal: Signal, now: datetime) -> None:
        self._lane, effects = step(self._lane, signal, now, self._rules)
        self._effects += effects

    def _carry_out_all(self, now: datetime) -> None:
        # Whatever is interrupted here (Ctrl-C, a full disk), the state says what is still to be done: state is changed
        # before a fact is written; a delivery counts when it has come back, the end of a window when it is saved.
        while self._effects:
            effect = self._effects[0]
            if isinstance(effect, Discard):
                fact = self._discarded(effect, now)
                self._effects.popleft()
                self._setup.journal.write(fact)
            elif isinstance(effect, CloseWindow):
                self._on_finished(self._number, None, now)
                self._effects.popleft()
                window, cause, _ = effect.final
                self._setup.journal.write(WindowClosed(now, self._shard_id, *window, cause, effect.how))
            else:
                self._effects.popleft()
                self._carry_out(effect, now)

    def _discarded(self, discard: Discard, now: datetime) -> RecordsDiscarded:
        extent = discard.extent
        with caused_by(discard.depth):
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
        setup, records, final = self._setup, due.extent.records, due.extent.final
        check_cascade(due.depth, setup.cascade_limit, setup.invoker.function_name, setup.source.stream_arn)
        request_id, numbers = self._request_id(due.extent), records.numbers
        event = event_json(records, window_members(due.part, self._shard_id, self._rules.stream_arn))
        created = records.created_at[-1] if records else None
        age = None if created is None else (now - created) // timedelta(milliseconds=1)
        why, cause = due.why, None if final is None else final.cause
        self._start_window(now)
        setup.journal.write(
            InvocationStarted(
                now, self._shard_id, request_id, due.attempt, numbers, why, event, self._number, age, cause
            )
        )
        with caused_by(due.depth):
            call = setup.calls.start(event, request_id, setup.function_arn)
        running = Running(due, request_id, numbers, event, now, call)
        self._running = running.answered(now, setup) if call.done() else running
        # Only now: a call that was interrupted (Ctrl-C) is made again when the run goes on.
        self._due = None

    def _start_window(self, now: datetime) -> None:
        window = self._lane.window
        if window is not None and not window.started:
            self._lane = self._lane._replace(window=window._replace(started=True))
            self._tell_open(window, now)

    def _tell_open(self, window: OpenWindow, now: datetime) -> None:
        (start, end), delay = window.bounds, self._rules.close_delay
        self._setup.journal.write(WindowOpened(now, self._shard_id, start, end, end + delay))

    def _finish(self, running: Running, now: datetime) -> InvocationFinished:
        answer, records = running.answer, running.invoke.extent.records
        reporting = self._setup.mapping.reports_batch_item_failures
        outcome = outcome_of(answer, running.invoke.extent, reporting=reporting)
        name, handled, why = described(outcome, len(records))
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
            log=answer.log,
        )
        self._running = None
        if again is None:
            self._apply(Answered(outcome), now)
        else:
            self._due = replace(running.invoke, why=f"delivered again: {again}")
        self._setup.journal.write(fact)
        for text, loses in warnings_of(answer.response, reporting):
            self._setup.journal.write(Warned(now, self._shard_id, text, loses))
        return fact

    def _request_id(self, extent: Extent) -> str:
        if self._named[0] != extent.number:
            # A final invocation has no record: its window has to do.
            first = extent.records.numbers[0] if extent.records else extent.window
            parts = self._rules.seed, self._shard_id, self._number, extent.number, first
            self._named = (extent.number, seeded_uuid("request", *parts))
        return self._named[1]
