"""Drives one shard: feeds its lane, carries out what the lane decides, and writes down what happened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, assert_never
from uuid import UUID

import orjson

from streamkit.local.batching import event_json
from streamkit.local.discards import on_failure_record
from streamkit.local.journal import (
    Checkpointed,
    InvocationFinished,
    InvocationStarted,
    RecordsDiscarded,
    RecordsExpired,
    RecordsRead,
    RetryScheduled,
    Warned,
)
from streamkit.local.outcomes import Failure, Outcome, Partial, Success, Throttled, read_response, unread_failures
from streamkit.local.retries import seeded
from streamkit.local.shard import (
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
    step,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from streamkit.local.destinations import Destination
    from streamkit.local.invokers import Answer, Invoker
    from streamkit.local.journal import Journal, OutcomeName
    from streamkit.local.records import StreamRecord
    from streamkit.local.source import Source
    from streamkit.mapping import EventSourceMapping

__all__ = ["Setup", "ShardWorker", "duration_of"]


@dataclass(frozen=True, slots=True)
class Setup:
    """What all shards of a run share."""

    source: Source
    mapping: EventSourceMapping
    invoker: Invoker
    function_arn: str
    destination: Destination | None
    journal: Journal
    seed: int
    duration: Callable[[bytes], timedelta]
    """How long an invocation takes, by the event that it gets."""


@dataclass(frozen=True, slots=True)
class _Running:
    """An invocation under way. It was called when it started; its answer arrives at ``ends_at``."""

    extent: Extent
    attempt: int
    request_id: str
    ends_at: datetime
    answer: Answer


class ShardWorker:
    """One shard with one lane."""

    def __init__(self, setup: Setup, shard_id: str, position: int) -> None:
        self._setup = setup
        self._shard_id = shard_id
        self._position = position
        self._due: Invoke | None = None
        self._running: _Running | None = None
        self._lane = Lane()
        self._rules = Rules(
            batch_size=setup.mapping.batch_size,
            maximum_retry_attempts=setup.mapping.maximum_retry_attempts,
            seed=setup.seed,
            shard_id=shard_id,
        )

    def next_time(self, now: datetime) -> datetime | None:
        """Return when the next thing can happen without a new record, None where nothing can."""
        if self._running is not None:
            return self._running.ends_at
        if self._lane.retry_at is not None:
            return self._lane.retry_at
        if self._due is not None or self._lane.waiting:
            return now
        return self._setup.source.next_arrival(self._shard_id, self._position, now)

    def turn(self, now: datetime) -> InvocationFinished | None:
        """Let the next thing that is due at ``now`` happen; call it when `next_time` has come."""
        if self._running is not None:
            return self._finish(self._running, now)
        if self._due is not None:
            self._start(self._due, now)
        elif self._lane.retry_at is not None:
            self._apply(Woken(), now)
        else:
            self._apply(Arrived(tuple(self._read(now))), now)
        return None

    def _read(self, now: datetime) -> Sequence[StreamRecord]:
        wanted = self._rules.batch_size - len(self._lane.waiting)
        records = [
            _dated(record, now) for record in self._setup.source.read(self._shard_id, self._position, wanted, now)
        ]
        if records:
            self._position += len(records)
            self._setup.journal.write(RecordsRead(now, self._shard_id, _numbers(records)))
        return records

    def _apply(self, signal: Signal, now: datetime) -> None:
        self._lane, effects = step(self._lane, signal, now, self._rules)
        for effect in effects:
            self._carry_out(effect, now)

    def _carry_out(self, effect: Effect, now: datetime) -> None:
        write, shard_id = self._setup.journal.write, self._shard_id
        match effect:
            case Invoke():
                # Not at once: whoever drives the runner may stop between an answer and the next call.
                self._due = effect
            case Retry(extent, at, why):
                write(RetryScheduled(now, shard_id, self._request_id(extent), at, why))
            case Checkpoint(sequence_number):
                write(Checkpointed(now, shard_id, sequence_number))
            case Expire(records, why):
                write(RecordsExpired(now, shard_id, _numbers(records), why))
            case Discard():
                self._discard(effect, now)
            case _:
                assert_never(effect)

    def _start(self, due: Invoke, now: datetime) -> None:
        extent, attempt, why = due.extent, due.attempt, due.why
        request_id = self._request_id(extent)
        event = event_json(extent.records)
        numbers = _numbers(extent.records)
        self._setup.journal.write(InvocationStarted(now, self._shard_id, request_id, attempt, numbers, why, event))
        answer = self._setup.invoker.invoke(event, request_id, self._setup.function_arn)
        self._running = _Running(extent, attempt, request_id, now + self._setup.duration(event), answer)
        # Only now: a call that was interrupted (Ctrl-C) is made again when the run goes on.
        self._due = None

    def _finish(self, running: _Running, now: datetime) -> InvocationFinished:
        answer, records = running.answer, running.extent.records
        outcome = self._outcome(answer, records)
        name, handled, why = _described(outcome, len(records))
        fact = InvocationFinished(
            at=now,
            shard_id=self._shard_id,
            request_id=running.request_id,
            attempt=running.attempt,
            outcome=name,
            why=why,
            response=answer.response,
            error=answer.error,
            failures=answer.failures,
            handled=handled,
            sequence_numbers=_numbers(records),
        )
        self._setup.journal.write(fact)
        self._warn_of_lost(answer, now)
        self._running = None
        self._apply(Answered(outcome), now)
        return fact

    def _outcome(self, answer: Answer, records: tuple[StreamRecord, ...]) -> Outcome:
        if answer.throttled is not None:
            return Throttled(answer.throttled)
        if answer.error is not None:
            return Failure("Unhandled", f"the function raised {type(answer.error).__name__} (SEMANTICS §3)")
        if self._setup.mapping.reports_batch_item_failures:
            return read_response(answer.response, records)
        return Success()

    def _warn_of_lost(self, answer: Answer, now: datetime) -> None:
        if not self._setup.mapping.reports_batch_item_failures and unread_failures(answer.response):
            text = (
                "the function reported failed records, but the mapping lacks ReportBatchItemFailures: Lambda does not "
                "read the report, takes the batch for a success, and the failed records are lost (SEMANTICS §4)"
            )
            self._setup.journal.write(Warned(now, self._shard_id, text))

    def _discard(self, discard: Discard, now: datetime) -> None:
        setup = self._setup
        to_bucket = (setup.mapping.on_failure_destination or "").split(":")[2:3] == ["s3"]
        record = on_failure_record(
            discard,
            now=now,
            request_id=self._request_id(discard.extent),
            function_arn=setup.function_arn,
            shard_id=self._shard_id,
            stream_arn=setup.source.stream_arn,
            payload=event_json(discard.extent.records) if to_bucket else None,
        )
        error: Exception | None = None
        if setup.destination is not None:
            try:
                # A copy: what a destination does with it must not change what the journal says.
                setup.destination.send(orjson.loads(orjson.dumps(record)))
            except Exception as raised:  # noqa: BLE001  # whatever it is, the shard goes on (SEMANTICS §3)
                error = raised
        delivered = setup.destination is not None and error is None
        numbers = _numbers(discard.extent.records)
        setup.journal.write(RecordsDiscarded(now, self._shard_id, numbers, record, delivered, error))

    def _request_id(self, extent: Extent) -> str:
        bits = seeded(self._rules.seed, self._shard_id, extent.number, "request").getrandbits(128)
        return str(UUID(int=bits, version=4))


def _dated(record: StreamRecord, now: datetime) -> StreamRecord:
    """Let a record that has no time, as in AWS's sample events, age from when it was read: else it never expired."""
    return record if record.created_at is not None else replace(record, created_at=now)


def _numbers(records: Sequence[StreamRecord]) -> tuple[str, ...]:
    return tuple([record.sequence_number for record in records])


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


def duration_of(duration: float | Callable[[dict[str, Any]], float]) -> Callable[[bytes], timedelta]:
    """Return how long an invocation takes, from seconds or from a function of the event that returns seconds."""
    if isinstance(duration, int | float):
        if duration < 0:
            raise ValueError(f"duration takes seconds from 0 on, or a function of the event, not {duration!r}")
        fixed = timedelta(seconds=duration)
        return lambda _event: fixed
    return lambda event: timedelta(seconds=duration(orjson.loads(event)))
