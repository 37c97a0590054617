"""The state machine of one lane of a shard: it decides everything.

`step(lane, signal, now, rules)` returns the next lane and the effects that the shell has to carry out. It is pure: no
clock, no I/O, no journal. The order of the records is that of the shard, and a lane has one invocation at a time.

    waiting ──open──▶ extents[0] ──Invoke──▶ running ──Answered──▶ success: Checkpoint, next extent
                          ▲                                    ├─▶ partial: Checkpoint, the rest is a new extent
                          │                                    ├─▶ failure, bisecting: two halves, the first one next
                          └────────── retry_at ────────────────┴─▶ failure: Retry, or Discard when none is left

With a tumbling window an extent belongs to one window, whose state is in the lane from its first Invoke on until its
final invocation, an extent without records, succeeds or is given up (CloseWindow).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from streamkit.local.batching import Batch, first_batch
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
    FinalCall,
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
from streamkit.local.window import CAUSES, OpenWindow, WindowPart, window_at
from streamkit.settings import MAX_STATE_BYTES

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from streamkit.local.window import CloseCause, TimeWindow, WindowEnd

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
        case Close(cause):
            lane = _with_final(lane, cause, turn)
        case _:
            assert_never(signal)
    return _begin(lane, turn), turn.effects


def _with_waiting(lane: Lane, waiting: Records, turn: _Turn) -> Lane:
    if not waiting:
        return lane._replace(waiting=Records(), waiting_from=None, full=False)
    full = bool(turn.rules.window) and _next_batch(lane, waiting, turn)[0].full
    return lane._replace(waiting=waiting, waiting_from=lane.waiting_from or turn.now, full=full)


def _next_batch(lane: Lane, waiting: Records, turn: _Turn) -> tuple[Batch, TimeWindow | None]:
    """Return the next batch and its tumbling window; none of the records where the open window must close first."""
    rules = turn.rules
    if not rules.tumbling and lane.window is None:
        return first_batch(waiting, rules.batch_size), None
    window = lane.window
    if window is None:
        window = OpenWindow(window_at(waiting.created_at[0] or turn.now, rules.tumbling))
    size = window.leading(waiting.created_at) if rules.tumbling else 0
    if not size:
        return Batch(0, True, "the open window closes first"), None
    around = WindowPart(window.bounds, window.state).size(rules.shard_id, rules.stream_arn)
    batch = first_batch(waiting[:size], rules.batch_size, around)
    if batch.size == size < len(waiting):
        batch = Batch(size, True, "the next record belongs to a later window")
    return batch, window.bounds


def _open_if_due(lane: Lane, turn: _Turn) -> Lane:
    """Make the next batch of what is waiting, if its time has come."""
    due = lane.opens_at(turn.rules)
    if due is None or due > turn.now:
        return lane
    batch, window = _next_batch(lane, lane.waiting, turn)
    if not batch.size:
        return _with_final(lane, "later record" if turn.rules.tumbling else "mapping update", turn)
    limit = "the batching window elapsed" if turn.rules.window and not batch.full else batch.limit
    rest = _with_waiting(lane, lane.waiting[batch.size :], turn)
    return _with_new(rest, [lane.waiting[: batch.size]], f"new batch: {limit} (SEMANTICS §2)", window, replaced=0)


def _with_final(lane: Lane, cause: CloseCause, turn: _Turn) -> Lane:
    """Make the final invocation of the open window the next thing to do."""
    if lane.window is None:
        return lane
    why = f"the final invocation of its window: {CAUSES[cause]} (SEMANTICS §5)"
    number, window = lane.opened + 1, lane.window.bounds
    final = Extent(number, Records(), why, window=window, final=FinalCall(window, cause, turn.now))
    return lane._replace(extents=(final, *lane.extents), opened=number)


def _adopt(lane: Lane, state: bytes | None, turn: _Turn) -> Lane:
    """Let the open window have this state. One that is too large ends it at once (SEMANTICS §5)."""
    if lane.window is None or state is None:
        return lane
    lane = lane._replace(window=lane.window._replace(state=state))
    if len(state) <= MAX_STATE_BYTES:
        return _with_waiting(lane, lane.waiting, turn)  # of a larger state fewer records fill an event
    return _with_final(lane, "state too large", turn)


def _settle(lane: Lane, outcome: Outcome, turn: _Turn) -> Lane:
    """Draw the consequence of an attempt at the first extent."""
    extent = lane.extents[0]
    match outcome:
        case Success(state):
            done = lane._replace(extents=lane.extents[1:])
            if extent.final is not None:
                return _closed(done, extent.final, "processed", turn)
            turn.effects.append(Checkpoint(extent.records.numbers[-1]))
            return _adopt(done, state, turn)
        case Partial(index, why, state) if index > 0:
            turn.effects.append(Checkpoint(extent.records.numbers[index - 1]))
            # Adopted if, and only if, the checkpoint advances (U).
            return _adopt(_with_new(lane, [extent.records[index:]], why, extent.window), state, turn)
        case Partial() | Failure():
            return _failed(lane, extent._replace(attempts=extent.attempts + 1, throttles=0), outcome, turn)
        case Throttled(why):
            throttled = extent._replace(throttles=extent.throttles + 1)
            return _retry(lane, throttled, throttled.throttles, why, turn)
    assert_never(outcome)


def _closed(lane: Lane, final: FinalCall, how: WindowEnd, turn: _Turn) -> Lane:
    """Let the open window be over. What waits may fill a batch now that it begins a window of its own."""
    turn.effects.append(CloseWindow(final, how))
    return _with_waiting(lane._replace(window=None), lane.waiting, turn)


def _failed(lane: Lane, extent: Extent, outcome: Failure | Partial, turn: _Turn) -> Lane:
    """Halve, retry or discard an extent that failed at its own first record, or as a whole."""
    limit = turn.rules.maximum_retry_attempts
    half = len(extent.records) // 2
    if turn.rules.bisect and half:
        # At once, depth-first, and whatever attempts are left: only single records use those up.
        halves = [extent.records[:half], extent.records[half:]]
        return _with_new(lane, halves, f"half of a batch that failed: {outcome.why}", extent.window)
    if limit < 0 or extent.attempts <= limit:
        of = "without end" if limit < 0 else f"of {limit}"
        return _retry(lane, extent, extent.attempts, f"retry {extent.attempts} {of}: {outcome.why}", turn)
    return _give_up(lane, Discard(extent, "RetryAttemptsExhausted", extent.attempts, outcome), turn)


def _give_up(lane: Lane, discard: Discard, turn: _Turn) -> Lane:
    """Discard the first extent, or so much of it as the discard says."""
    extent, part = discard.extent, lane.part(discard.extent)
    turn.effects.append(replace(discard, part=part, depth=_depth(lane, extent)))
    if extent.final is not None:
        return _closed(lane._replace(extents=lane.extents[1:]), extent.final, "discarded", turn)
    return _without_first(lane, len(extent.records), turn)


def _retry(lane: Lane, extent: Extent, failures: int, why: str, turn: _Turn) -> Lane:
    rules = turn.rules
    at = turn.now + back_off(failures, rules.seed, rules.shard_id, rules.lane, extent.number)
    turn.effects.append(Retry(extent, at, why))
    return lane._replace(extents=(extent._replace(why=why), *lane.extents[1:]), retry_at=at)


def _begin(lane: Lane, turn: _Turn) -> Lane:
    """Start the next attempt, if one is due."""
    while lane.extents and not lane.running and lane.retry_at is None:
        extent = lane.extents[0]
        if gone := _too_old(turn.rules.retention, extent, turn.now):
            lane = _expire(lane, extent, gone, turn)
        elif gone := _too_old(turn.rules.maximum_age, extent, turn.now):
            given_up = extent._replace(records=extent.records[:gone])
            lane = _give_up(lane, Discard(given_up, "RecordAgeExceeded", extent.attempts, None), turn)
        elif fitting := _too_large(lane, extent, turn):
            parts = [extent.records[:fitting], extent.records[fitting:]]
            why = "with the state that its window has now, the event would be over 6 MB"
            lane = _with_new(lane, parts, why, extent.window)
        else:
            lane = _invoke(lane, extent, turn)
    return lane


def _too_large(lane: Lane, extent: Extent, turn: _Turn) -> int:
    """Return how many records fit into an event, where not all do: the state may have grown since they were batched."""
    part = lane.part(extent)
    if part is None or not extent.records:
        return 0
    around = part.size(turn.rules.shard_id, turn.rules.stream_arn)
    fitting = first_batch(extent.records, len(extent.records), around).size
    return fitting if fitting < len(extent.records) else 0


def _invoke(lane: Lane, extent: Extent, turn: _Turn) -> Lane:
    depth = _depth(lane, extent)
    if extent.window is not None and extent.final is None:
        if lane.window is None:
            # What waits may belong to a later window than this one, and is then held up by its end alone.
            lane = _with_waiting(lane._replace(window=OpenWindow(extent.window)), lane.waiting, turn)
        lane = lane._replace(window=lane.window and lane.window.reached_by(depth))
    turn.effects.append(Invoke(extent, extent.attempts + 1, extent.why, lane.part(extent), depth))
    return lane._replace(running=True)


def _depth(lane: Lane, extent: Extent) -> int:
    """Return how many invocations led to this one: of a final one, how many led to its window's records."""
    if extent.records:
        # The least: where anything in a batch came from outside, so may what the handler writes.
        return min(extent.records.depths)
    return (lane.window and lane.window.depth) or 0


def has_expired(extent: Extent, now: datetime, rules: Rules) -> bool:
    """Whether the extent, or a record of it, is too old to be tried."""
    return any(_too_old(age, extent, now) for age in (rules.retention, rules.maximum_age))


def _too_old(age: timedelta | None, extent: Extent, now: datetime) -> int:
    """Count the records at the front of the extent that are older than this; 1 for a final invocation that is."""
    if age is None:
        return 0
    if extent.final is not None:
        return now - extent.final.due > age
    for index, created_at in enumerate(extent.records.created_at):
        if created_at is None or now - created_at <= age:
            return index
    return len(extent.records)


def _expire(lane: Lane, extent: Extent, gone: int, turn: _Turn) -> Lane:
    """Let go of the first ``gone`` records, which the stream does not hold any more."""
    if extent.final is not None:
        return _closed(lane._replace(extents=lane.extents[1:]), extent.final, "expired", turn)
    turn.effects.append(Expire(extent.records[:gone], "a stream holds records for 24 hours (SEMANTICS §3)"))
    return _without_first(lane, gone, turn)


def _without_first(lane: Lane, count: int, turn: _Turn) -> Lane:
    """Be done with the first ``count`` records of the first extent."""
    extent = lane.extents[0]
    turn.effects.append(Checkpoint(extent.records.numbers[count - 1]))
    if count == len(extent.records):
        return lane._replace(extents=lane.extents[1:])
    # A cut extent keeps its retry count (U).
    why = "the records before it had expired (SEMANTICS §3)"
    return _with_new(lane, [extent.records[count:]], why, extent.window, attempts=extent.attempts)


def _with_new(  # noqa: PLR0913  # what an extent is made of
    lane: Lane, parts: list[Records], why: str, window: TimeWindow | None, *, attempts: int = 0, replaced: int = 1
) -> Lane:
    """Put new extents in front, in the place of the first ``replaced`` ones."""
    new = [Extent(lane.opened + place, records, why, attempts, window=window) for place, records in enumerate(parts, 1)]
    return lane._replace(extents=(*new, *lane.extents[replaced:]), opened=lane.opened + len(new))
