"""The state machine of one lane of a shard: it decides everything.

`step(lane, signal, now, rules)` returns the next lane and the effects that the shell has to carry out. It is pure: no
clock, no I/O, no journal. The order of the records is that of the shard, and a lane has one invocation at a time.

    waiting ──open──▶ extents[0] ──Invoke──▶ running ──Answered──▶ success: Checkpoint, next extent
                          ▲                                    ├─▶ partial: Checkpoint, the rest is a new extent
                          │                                    ├─▶ failure, bisecting: two halves, the first one next
                          └────────── retry_at ────────────────┴─▶ failure: Retry, or Discard when none is left
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from streamkit.local.batching import first_batch
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
from streamkit.local.outcomes import Failure, Outcome, Partial, Success, Throttled
from streamkit.local.recordlist import Records
from streamkit.local.retries import back_off

if TYPE_CHECKING:
    from datetime import datetime, timedelta

__all__ = ["has_expired", "step"]


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
            lane = _open_if_due(_with_waiting(lane, lane.waiting + records, turn), turn)
        case Answered(outcome):
            # The next batching window begins when an invocation ends (SEMANTICS §2).
            lane = _settle(lane._replace(running=False, since=now), outcome, turn)
        case Woken():
            lane = lane._replace(retry_at=None)
        case _:
            assert_never(signal)
    return _begin(lane, turn), turn.effects


def _with_waiting(lane: Lane, waiting: Records, turn: _Turn) -> Lane:
    if not waiting:
        return lane._replace(waiting=Records(), waiting_from=None, full=False)
    full = bool(turn.rules.window) and first_batch(waiting, turn.rules.batch_size).full
    return lane._replace(waiting=waiting, waiting_from=lane.waiting_from or turn.now, full=full)


def _open_if_due(lane: Lane, turn: _Turn) -> Lane:
    """Make the next batch of what is waiting, if its time has come."""
    due = lane.opens_at(turn.rules)
    if due is None or due > turn.now:
        return lane
    batch = first_batch(lane.waiting, turn.rules.batch_size)
    limit = "the batching window elapsed" if turn.rules.window and not batch.full else batch.limit
    rest = _with_waiting(lane, lane.waiting[batch.size :], turn)
    return _with_new(rest, [lane.waiting[: batch.size]], f"new batch: {limit} (SEMANTICS §2)", replaced=0)


def _settle(lane: Lane, outcome: Outcome, turn: _Turn) -> Lane:
    """Draw the consequence of an attempt at the first extent."""
    extent = lane.extents[0]
    match outcome:
        case Success():
            turn.effects.append(Checkpoint(extent.records.numbers[-1]))
            return lane._replace(extents=lane.extents[1:])
        case Partial(index, why) if index > 0:
            turn.effects.append(Checkpoint(extent.records.numbers[index - 1]))
            return _with_new(lane, [extent.records[index:]], why)
        case Partial() | Failure():
            return _failed(lane, extent._replace(attempts=extent.attempts + 1, throttles=0), outcome, turn)
        case Throttled(why):
            throttled = extent._replace(throttles=extent.throttles + 1)
            return _retry(lane, throttled, throttled.throttles, why, turn)
    assert_never(outcome)


def _failed(lane: Lane, extent: Extent, outcome: Failure | Partial, turn: _Turn) -> Lane:
    """Halve, retry or discard an extent that failed at its own first record, or as a whole."""
    limit = turn.rules.maximum_retry_attempts
    half = len(extent.records) // 2
    if turn.rules.bisect and half:
        # At once, depth-first, and whatever attempts are left: only single records use those up.
        halves = [extent.records[:half], extent.records[half:]]
        return _with_new(lane, halves, f"half of a batch that failed: {outcome.why}")
    if limit < 0 or extent.attempts <= limit:
        of = "without end" if limit < 0 else f"of {limit}"
        return _retry(lane, extent, extent.attempts, f"retry {extent.attempts} {of}: {outcome.why}", turn)
    turn.effects.append(Discard(extent, "RetryAttemptsExhausted", extent.attempts, outcome))
    turn.effects.append(Checkpoint(extent.records.numbers[-1]))
    return lane._replace(extents=lane.extents[1:])


def _retry(lane: Lane, extent: Extent, failures: int, why: str, turn: _Turn) -> Lane:
    rules = turn.rules
    at = turn.now + back_off(failures, rules.seed, rules.shard_id, rules.lane, extent.number)
    turn.effects.append(Retry(extent, at, why))
    return lane._replace(extents=(extent._replace(why=why), *lane.extents[1:]), retry_at=at)


def _begin(lane: Lane, turn: _Turn) -> Lane:
    """Start the next attempt, if one is due."""
    while lane.extents and not lane.running and lane.retry_at is None:
        extent = lane.extents[0]
        if gone := _older_than(turn.rules.retention, extent, turn.now):
            turn.effects.append(Expire(extent.records[:gone], "a stream holds records for 24 hours (SEMANTICS §3)"))
            lane = _cut(lane, extent, gone, turn)
        elif gone := _older_than(turn.rules.maximum_age, extent, turn.now):
            given_up = extent._replace(records=extent.records[:gone])
            turn.effects.append(Discard(given_up, "RecordAgeExceeded", extent.attempts, None))
            lane = _cut(lane, extent, gone, turn)
        else:
            turn.effects.append(Invoke(extent, extent.attempts + 1, extent.why))
            lane = lane._replace(running=True)
    return lane


def has_expired(extent: Extent, now: datetime, rules: Rules) -> bool:
    """Whether a record of the extent is too old to be tried."""
    return any(_older_than(age, extent, now) for age in (rules.retention, rules.maximum_age))


def _older_than(age: timedelta | None, extent: Extent, now: datetime) -> int:
    """Count the records at the front of the extent that are older than this."""
    if age is None:
        return 0
    for index, created_at in enumerate(extent.records.created_at):
        if created_at is None or now - created_at <= age:
            return index
    return len(extent.records)


def _cut(lane: Lane, extent: Extent, gone: int, turn: _Turn) -> Lane:
    """Take the first ``gone`` records, which are too old, from the extent that is due."""
    turn.effects.append(Checkpoint(extent.records.numbers[gone - 1]))
    if gone == len(extent.records):
        return lane._replace(extents=lane.extents[1:])
    # A cut extent keeps its retry count (U).
    why = "the records before it had expired (SEMANTICS §3)"
    return _with_new(lane, [extent.records[gone:]], why, attempts=extent.attempts)


def _with_new(lane: Lane, parts: list[Records], why: str, *, attempts: int = 0, replaced: int = 1) -> Lane:
    """Put new extents in front, in the place of the first ``replaced`` ones."""
    new = [Extent(lane.opened + place, records, why, attempts) for place, records in enumerate(parts, 1)]
    return lane._replace(extents=(*new, *lane.extents[replaced:]), opened=lane.opened + len(new))
