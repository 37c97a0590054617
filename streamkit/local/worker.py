"""Drives one shard: polls it, divides what it reads among its lanes, and keeps its checkpoint."""

from __future__ import annotations

from bisect import bisect_right
from datetime import timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from streamkit.local.frontier import Frontier
from streamkit.local.journal import Checkpointed, RecordsDoneBefore, RecordsFiltered, RecordsRead
from streamkit.local.laneworker import LaneWorker
from streamkit.local.recordlist import Records
from streamkit.local.records import number_order
from streamkit.local.routing import Router
from streamkit.settings import MAX_STATE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from streamkit.local.checkpoints import ShardCheckpoint
    from streamkit.local.journal import InvocationFinished
    from streamkit.local.setup import Setup
    from streamkit.local.window import CloseCause, OpenWindow

__all__ = ["ShardWorker"]

POLL_EVERY = timedelta(seconds=0.25)
"""A shard is polled 4 times a second (SEMANTICS §2)."""

PAGE_RECORDS = 1000
PAGE_BYTES = 1_048_576
"""What one poll brings at the most: 1,000 records or 1 MB (SEMANTICS §2)."""

READ_AHEAD = 10_000
"""How many records, finished, filtered out or not, may lie above the checkpoint before nothing more is read (U): a lane
that is held up does not make the others read without end. A BatchSize that needs more gets more."""


class ShardWorker:
    """One shard. ``position``: where it is read from; ``parents``: the shards that have to be done with before."""

    def __init__(  # noqa: PLR0913, PLR0917  # a shard's place in the stream, and in time
        self,
        setup: Setup,
        shard_id: str,
        position: int,
        now: datetime,
        parents: Sequence[ShardWorker] = (),
        resumed: ShardCheckpoint | None = None,
    ) -> None:
        self._setup = setup
        self._shard_id = shard_id
        self._position = position
        self._parents = parents
        self._polled_at: datetime | None = None
        self._unrouted = Records()
        """Read, and in no lane: to be divided among them, or anew, since the mapping was updated."""
        self._router = Router(setup.mapping)
        self._lanes = self._make_lanes(now, None if resumed is None else resumed.window)
        self._frontier = Frontier(len(self._lanes))
        self._unsaved: str | None = None
        """The checkpoint that is not saved yet."""
        self._unsaved_lanes: dict[int, str] = {}
        self._unsaved_close = False
        """Whether the open window closed and that is not saved yet."""
        self._ahead = dict(resumed.lanes) if resumed is not None and resumed.of == len(self._lanes) else {}

    @property
    def finished(self) -> bool:
        """Whether the shard is closed and every record of it done with: then its children may start."""
        done = not self._parents and not self._frontier and self._window is None
        return done and self._setup.source.ended(self._shard_id, self._position)

    def next_time(self, now: datetime) -> datetime | None:
        """Return when the next thing can happen without a new record, None where nothing can."""
        if self._behind:
            return now
        if not self._setup.delivers:
            return _earliest(lane.next_end(now) for lane in self._lanes)
        if self._held_up(now):
            return None
        if self._routes_now():
            return now
        closing = self._next_close(now)
        times = [self._next_poll(now), *(lane.next_time(now) for lane in self._lanes), closing and closing[0]]
        return _earliest(times)

    def turn(self, now: datetime) -> InvocationFinished | None:
        """Let the next thing that is due at ``now`` happen; call it when `next_time` has come."""
        delivers = self._setup.delivers
        due = [
            (when, index)
            for index, lane in enumerate(self._lanes)
            if (when := lane.next_step(now) if delivers else lane.next_end(now)) is not None and when <= now
        ]
        if due:
            return self._lanes[min(due)[1]].turn(now)
        poll, closing = self._next_poll(now), self._next_close(now)
        if self._behind:
            self._save(now)
        elif self._routes_now():
            self._route(now)
        elif closing is not None and closing[0] <= now:
            self._lanes[0].close(closing[1], now)
        elif poll is not None and poll <= now:
            # Before a batch is made: what is there now goes with it.
            self._poll(now)
        else:
            next(lane for lane in self._lanes if (when := lane.next_time(now)) is not None and when <= now).turn(now)
        return None

    @property
    def under_way(self) -> bool:
        """Whether a call is waited for, or something that was decided is still to be done."""
        return self._behind or any(lane.under_way for lane in self._lanes)

    def follow(self, now: datetime, *, anew: bool) -> None:
        """Go by the mapping as it is now: batches that are being tried stay, what waits is divided anew.

        ``anew``: whether batching windows begin again.
        """
        waiting = [lane.take_back() for lane in self._lanes]
        for index, mine in enumerate(waiting):
            self._frontier.take_back(index, len(mine))
        unrouted = sum(waiting, self._unrouted)
        self._unrouted = unrouted.at(
            sorted(range(len(unrouted)), key=lambda place: number_order(unrouted.numbers[place]))
        )
        self._frontier.hold(self._unrouted.numbers)
        self._router = Router(self._setup.mapping)
        for lane in self._lanes:
            lane.follow()
            if anew:
                lane.begin(now)

    def _make_lanes(self, now: datetime, window: OpenWindow | None = None) -> list[LaneWorker]:
        first = LaneWorker(self._setup, self._shard_id, 0, now, self._lane_finished, window)
        more = range(1, self._router.lanes)
        return [first, *(LaneWorker(self._setup, self._shard_id, n, now, self._lane_finished) for n in more)]

    @property
    def _window(self) -> OpenWindow | None:
        """The shard's open tumbling window: a mapping with windows has one lane only."""
        return self._lanes[0].window

    def _next_close(self, now: datetime) -> tuple[datetime, CloseCause] | None:
        """Return when the open window closes unless a record comes, and why; None where that is not the question."""
        window, closes_at = self._window, self._lanes[0].closes_at
        if window is None or closes_at is None or (self._unrouted and not self._outdated):
            return None
        if len(window.state) > MAX_STATE_BYTES:  # its final invocation was under way when an earlier run was killed
            return now, "state too large"
        if not self._setup.mapping.tumbling_window_in_seconds:
            return now, "mapping update"
        if self._setup.source.ended(self._shard_id, self._position):
            return now, "shard end"
        arrival = self._setup.source.next_arrival(self._shard_id, self._position, now)
        # What can be read already is read first, however long ago the window ended: a backlog is no silence.
        return None if arrival is not None and arrival <= now else (max(now, closes_at), "no later record")

    def _held_up(self, now: datetime) -> bool:
        if self._parents and all(parent.finished for parent in self._parents):
            self._parents = ()
            for lane in self._lanes:
                lane.begin(now)
        return bool(self._parents)

    def _next_poll(self, now: datetime) -> datetime | None:
        if self._unrouted or self._outdated or not any(lane.hungry for lane in self._lanes):
            return None
        most = max(READ_AHEAD, self._setup.mapping.batch_size * len(self._lanes))
        if len(self._lanes) > 1 and len(self._frontier) >= most:
            return None
        arrival = self._setup.source.next_arrival(self._shard_id, self._position, now)
        if arrival is None or self._polled_at is None or self._setup.live:
            return arrival  # a live stream is polled at its own pace
        return max(arrival, self._polled_at + POLL_EVERY)

    def _poll(self, now: datetime) -> None:
        read = self._setup.source.read(self._shard_id, self._position, PAGE_RECORDS, now)
        self._unrouted = _page(Records.of(read)).dated(now)
        numbers = self._unrouted.numbers
        self._frontier.read(numbers)
        self._polled_at = now
        self._position += len(numbers)
        self._setup.journal.write(RecordsRead(now, self._shard_id, numbers))
        self._route(now)

    @property
    def _outdated(self) -> bool:
        """Whether the mapping now has another ParallelizationFactor than the lanes were made for."""
        return self._router.lanes != len(self._lanes)

    def _routes_now(self) -> bool:
        """Whether what is in no lane can be divided now: new lanes wait until the old ones are done."""
        if self._outdated:
            return all(lane.idle for lane in self._lanes) and self._window is None
        return bool(self._unrouted)

    def _route(self, now: datetime) -> None:
        """Divide what is in no lane among them. The state is changed first, then it is told: see `LaneWorker`."""
        if self._outdated:
            self._lanes = self._make_lanes(now)
            self._frontier.divide(len(self._lanes))
            self._ahead = {}
        divided, left_out = self._router.divide(self._unrouted)
        skipped = [self._done_before(index, mine) for index, mine in enumerate(divided)] if self._ahead else None
        lanes = divided if skipped is None else [mine[n:] for mine, n in zip(divided, skipped, strict=True)]
        self._unrouted = Records()
        self._frontier.give([mine.numbers for mine in lanes])
        for lane, mine in zip(self._lanes, lanes, strict=True):
            if mine:
                lane.give(mine, now)
        before = [number for mine, n in zip(divided, skipped or (), strict=False) for number in mine.numbers[:n]]
        self._advance()
        for kind, numbers in ((RecordsDoneBefore, tuple(before)), (RecordsFiltered, left_out.numbers)):
            if numbers:
                self._setup.journal.write(kind(now, self._shard_id, numbers))
        self._save(now)

    def _done_before(self, lane: int, records: Records) -> int:
        """Count the records that the lane had done, ahead of the checkpoint, before a restart."""
        last = number_order(self._ahead.get(lane, ""))
        return sum(number_order(number) <= last for number in records.numbers)

    def _lane_finished(self, lane: int, sequence_number: str | None, now: datetime) -> None:
        if sequence_number is None:
            self._unsaved_close = True
        else:
            self._frontier.finish(lane, sequence_number)
            self._unsaved_lanes[lane] = sequence_number
            self._advance()
        self._save(now)

    def _advance(self) -> None:
        self._unsaved = self._frontier.advance() or self._unsaved

    @property
    def _behind(self) -> bool:
        """Whether something is not saved yet."""
        return self._unsaved is not None or self._unsaved_close

    def _save(self, now: datetime) -> None:
        """Keep the checkpoint, with the open window. Where that fails, it is tried again at the next turn."""
        checkpoints, number = self._setup.checkpoints, self._unsaved
        if checkpoints is not None:
            for lane, done in self._unsaved_lanes.items() if len(self._lanes) > 1 else ():
                checkpoints.save_lane(self._shard_id, lane, len(self._lanes), done)
            if number is not None:
                checkpoints.save(self._shard_id, number, self._window)
            elif self._unsaved_close:
                checkpoints.save_window(self._shard_id, self._window)
        self._unsaved, self._unsaved_lanes, self._unsaved_close = None, {}, False
        if number is not None:
            self._setup.journal.write(Checkpointed(now, self._shard_id, number))


def _earliest(times: Iterable[datetime | None]) -> datetime | None:
    return min((when for when in times if when is not None), default=None)


def _page(records: Records) -> Records:
    """Return what one poll brings: at most 1 MB, at least one record."""
    if sum(records.sizes) <= PAGE_BYTES:
        return records
    return records[: max(1, bisect_right(list(accumulate(records.sizes)), PAGE_BYTES))]
