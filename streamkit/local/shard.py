"""One lane of a shard: the state machine that decides everything.

`step(lane, signal, now, rules)` returns the next lane and the effects that the shell has to carry out. It is pure: no
clock, no I/O, no journal. The order of the records is that of the shard, and a lane has one invocation at a time.

    waiting ──begin──▶ extents[0] ──Invoke──▶ running ──Answered──▶ success: Checkpoint, next extent
                           ▲                                    ├─▶ partial: Checkpoint, the rest is a new extent
                           └────────── retry_at ────────────────┴─▶ failure: Retry, or Discard when none is left
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

from streamkit.local.batching import first_batch
from streamkit.local.outcomes import Failure, Outcome, Partial, Success, Throttled
from streamkit.local.retries import STREAM_RETENTION, back_off

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from streamkit.local.records import StreamRecord

__all__ = [
    "Answered",
    "Arrived",
    "Checkpoint",
    "Condition",
    "Discard",
    "Effect",
    "Expire",
    "Extent",
    "Invoke",
    "Lane",
    "Retry",
    "Rules",
    "Signal",
    "Woken",
    "step",
]

Condition: TypeAlias = Literal["RetryAttemptsExhausted", "RecordAgeExceeded"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a lane needs of the mapping's settings, and what makes its jitter repeatable."""

    batch_size: int
    maximum_retry_attempts: int
    seed: int
    shard_id: str
    retention: timedelta = STREAM_RETENTION


@dataclass(frozen=True, slots=True)
class Extent:
    """The exact list of records of one attempt: the unit of retrying (SEMANTICS §3)."""

    number: int
    """Which extent of the lane it is: retries keep it, and with it the request id; a new extent has a new one."""
    records: tuple[StreamRecord, ...]
    why: str
    """The rule that made it."""
    attempts: int = 0
    """Attempts so far that count against MaximumRetryAttempts."""
    throttles: int = 0
    """Throttles in a row: they never count, but each one waits longer."""


@dataclass(frozen=True, slots=True)
class Lane:
    """The state of one lane."""

    waiting: tuple[StreamRecord, ...] = ()
    """Read, and not yet in an extent."""
    extents: tuple[Extent, ...] = ()
    """What is to be tried, the next one first."""
    running: bool = False
    retry_at: datetime | None = None
    opened: int = 0
    """How many extents there were so far."""

    @property
    def idle(self) -> bool:
        """Whether it has no attempt to make or to wait for: then the shell reads on, and says what `Arrived`."""
        return not self.running and not self.extents


@dataclass(frozen=True, slots=True)
class Arrived:
    """Records were read from the shard, or none: whatever is waiting may go now."""

    records: tuple[StreamRecord, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """The running invocation ended."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Woken:
    """The time of ``retry_at`` has come."""


Signal: TypeAlias = Arrived | Answered | Woken


@dataclass(frozen=True, slots=True)
class Invoke:
    """Call the function with this extent."""

    extent: Extent
    attempt: int
    why: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Nothing to do: the extent is tried again at ``at``."""

    extent: Extent
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything up to this record is done with."""

    sequence_number: str


@dataclass(frozen=True, slots=True)
class Discard:
    """Give these records up and tell the on-failure destination."""

    extent: Extent
    condition: Condition
    invoke_count: int
    failure: Failure | Partial | None


@dataclass(frozen=True, slots=True)
class Expire:
    """These records are gone from the stream: nobody is told (U)."""

    records: tuple[StreamRecord, ...]
    why: str


Effect: TypeAlias = Invoke | Retry | Checkpoint | Discard | Expire


@dataclass(frozen=True, slots=True)
class _Turn:
    """One step: when it happens, by which rules, and what comes of it."""

    now: datetime
    rules: Rules
    effects: list[Effect]


def step(lane: Lane, signal: Signal, now: datetime, rules: Rules) -> tuple[Lane, list[Effect]]:
    """Return what the lane becomes when it gets ``signal`` at ``now``, and what is to be done."""
    turn = _Turn(now, rules, [])
    match signal:
        case Arrived(records):
            lane = replace(lane, waiting=lane.waiting + records)
            if lane.idle and lane.waiting:
                lane = _open(lane, rules)
        case Answered(outcome):
            lane = _settle(replace(lane, running=False), outcome, turn)
        case Woken():
            lane = replace(lane, retry_at=None)
        case _:
            assert_never(signal)
    return _begin(lane, turn), turn.effects


def _settle(lane: Lane, outcome: Outcome, turn: _Turn) -> Lane:
    """Draw the consequence of an attempt at the first extent."""
    extent = lane.extents[0]
    match outcome:
        case Success():
            turn.effects.append(Checkpoint(extent.records[-1].sequence_number))
            return replace(lane, extents=lane.extents[1:])
        case Partial(index, why) if index > 0:
            turn.effects.append(Checkpoint(extent.records[index - 1].sequence_number))
            return _with_first(lane, extent.records[index:], why)
        case Partial() | Failure():
            return _failed(lane, replace(extent, attempts=extent.attempts + 1, throttles=0), outcome, turn)
        case Throttled(why):
            throttled = replace(extent, throttles=extent.throttles + 1)
            return _retry(lane, throttled, throttled.throttles, why, turn)
    assert_never(outcome)


def _failed(lane: Lane, extent: Extent, outcome: Failure | Partial, turn: _Turn) -> Lane:
    limit = turn.rules.maximum_retry_attempts
    if limit < 0 or extent.attempts <= limit:
        of = "without end" if limit < 0 else f"of {limit}"
        return _retry(lane, extent, extent.attempts, f"retry {extent.attempts} {of}: {outcome.why}", turn)
    turn.effects.append(Discard(extent, "RetryAttemptsExhausted", extent.attempts, outcome))
    turn.effects.append(Checkpoint(extent.records[-1].sequence_number))
    return replace(lane, extents=lane.extents[1:])


def _retry(lane: Lane, extent: Extent, failures: int, why: str, turn: _Turn) -> Lane:
    at = turn.now + back_off(failures, turn.rules.seed, turn.rules.shard_id, extent.number)
    turn.effects.append(Retry(extent, at, why))
    return replace(lane, extents=(replace(extent, why=why), *lane.extents[1:]), retry_at=at)


def _begin(lane: Lane, turn: _Turn) -> Lane:
    """Start the next attempt, if one is due."""
    while lane.extents and not lane.running and lane.retry_at is None:
        extent = lane.extents[0]
        gone = _expired(extent, turn)
        if gone:
            lane = _cut(lane, extent, gone, turn)
        else:
            turn.effects.append(Invoke(extent, extent.attempts + 1, extent.why))
            lane = replace(lane, running=True)
    return lane


def _open(lane: Lane, rules: Rules) -> Lane:
    count, limit = first_batch(lane.waiting, rules.batch_size)
    records, waiting = lane.waiting[:count], lane.waiting[count:]
    return _with_first(replace(lane, waiting=waiting), records, f"new batch: {limit} (SEMANTICS §2)")


def _expired(extent: Extent, turn: _Turn) -> int:
    """Count the records at the front of the extent that the stream no longer holds."""
    for index, record in enumerate(extent.records):
        if record.created_at is None or turn.now - record.created_at <= turn.rules.retention:
            return index
    return len(extent.records)


def _cut(lane: Lane, extent: Extent, gone: int, turn: _Turn) -> Lane:
    """Drop the first ``gone`` records from the extent that is due."""
    turn.effects.append(Expire(extent.records[:gone], "a stream holds records for 24 hours (SEMANTICS §3)"))
    turn.effects.append(Checkpoint(extent.records[gone - 1].sequence_number))
    if gone == len(extent.records):
        return replace(lane, extents=lane.extents[1:])
    # A cut extent keeps its retry count (U).
    why = "the records before it had expired (SEMANTICS §3)"
    return _with_first(lane, extent.records[gone:], why, attempts=extent.attempts)


def _with_first(lane: Lane, records: tuple[StreamRecord, ...], why: str, *, attempts: int = 0) -> Lane:
    """Put a new extent in the place of the first one."""
    extent = Extent(lane.opened + 1, records, why, attempts)
    return replace(lane, extents=(extent, *lane.extents[1:]), opened=extent.number)
