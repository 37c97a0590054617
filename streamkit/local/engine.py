"""What drives the shards of a mapping through time: of everything that can happen, the earliest thing happens next."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from streamkit.local.cascade import CascadeError
from streamkit.local.checkpoints import LiveCheckpoints
from streamkit.local.sources.recording import Recording
from streamkit.local.sources.source import LiveSource
from streamkit.local.views import cause_of
from streamkit.local.worker import ShardWorker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from streamkit.local.checkpoints import ShardCheckpoint
    from streamkit.local.clock import Clock
    from streamkit.local.journal import InvocationFinished
    from streamkit.local.setup import Setup

__all__ = ["Engine", "InvocationFailedError", "drive", "raise_for"]


class InvocationFailedError(AssertionError):
    """An invocation failed, and no exception is known that could be raised in its place."""


class Engine:
    """The shards of one mapping. Shards that come later are found, and wait for their parents."""

    def __init__(self, setup: Setup, now: datetime) -> None:
        self._setup = setup
        self._workers: dict[str, ShardWorker] = {}
        self.done_before = 0
        """How many records the saved checkpoints pass over."""
        saved = {} if setup.checkpoints is None else setup.checkpoints.load()
        # A mapping that ran before knows its shards; those that it does not know are younger than it is.
        latest = setup.mapping.starting_position == "LATEST" and not isinstance(setup.source, Recording) and not saved
        for shard_id in setup.source.shard_ids:
            self._start(shard_id, now, saved, latest=latest and shard_id not in saved)
        self.unlisted = [
            (shard_id, one.sequence_number)
            for shard_id, one in saved.items()
            if setup.live and shard_id not in self._workers and not one.finished
        ]
        """Shards that a live stream does not list any more, and up to which record each was done with before."""
        self._finished: set[str] = set()

    @property
    def seed(self) -> int:
        """The seed of the run."""
        return self._setup.seed

    def next_due(self, now: datetime) -> tuple[datetime, ShardWorker] | None:
        """Return what happens next and when, None where nothing would without new records."""
        if len(self._setup.source.shard_ids) > len(self._workers):
            for shard_id in self._setup.source.shard_ids:
                if shard_id not in self._workers:
                    self._start(shard_id, now, {})
        return self._next_live(now) if self._setup.live else self._earliest(now)

    def _earliest(self, now: datetime) -> tuple[datetime, ShardWorker] | None:
        earliest: tuple[datetime, ShardWorker] | None = None
        for worker in self._workers.values():
            when = worker.next_time(now)
            if when is not None and (earliest is None or when < earliest[0]):
                earliest = (when, worker)
        return earliest

    def _next_live(self, now: datetime) -> tuple[datetime, ShardWorker] | None:
        """Return what is due, of the shard that waited longest: one that always has something holds up no other."""
        waiting: list[tuple[datetime, ShardWorker]] = []
        for shard_id, worker in list(self._workers.items()):
            when = worker.next_time(now)
            if when is None:
                self._note_end(shard_id, worker)
            elif when <= now:
                self._workers[shard_id] = self._workers.pop(shard_id)
                return when, worker
            else:
                waiting.append((when, worker))
        return min(waiting, key=itemgetter(0), default=None)

    def _note_end(self, shard_id: str, worker: ShardWorker) -> None:
        checkpoints = self._setup.checkpoints
        if shard_id in self._finished or not isinstance(checkpoints, LiveCheckpoints) or not worker.finished:
            return
        self._finished.add(shard_id)
        checkpoints.save_finished(shard_id)

    def follow(self, now: datetime, *, anew: bool) -> None:
        """Go by the mapping as it is now. ``anew``: whether batching windows begin again."""
        for worker in self._workers.values():
            worker.follow(now, anew=anew)

    @property
    def under_way(self) -> bool:
        """Whether a call is waited for, or something that was decided is still to be done."""
        return any(worker.under_way for worker in self._workers.values())

    @property
    def finished(self) -> bool:
        """Whether every shard is closed and every record of it done with."""
        known = len(self._setup.source.shard_ids) == len(self._workers)
        return known and all(worker.finished for worker in self._workers.values())

    def _start(
        self, shard_id: str, now: datetime, saved: Mapping[str, ShardCheckpoint], *, latest: bool = False
    ) -> None:
        source, checkpoints = self._setup.source, self._setup.checkpoints
        checkpoint, position = saved.get(shard_id), 0
        if checkpoint is not None:
            position = self._resume(shard_id, checkpoint)
            self.done_before += position
        elif latest:
            position = source.latest(shard_id, now)
        if checkpoint is None and checkpoints is not None:
            if latest and isinstance(source, LiveSource) and isinstance(checkpoints, LiveCheckpoints):
                checkpoints.save_start(shard_id, now)
            else:
                before = source.read(shard_id, position - 1, 1, now) if position else ()
                checkpoints.save(shard_id, before[0].sequence_number if before else None)
        parents = [self._workers[parent] for parent in source.parents(shard_id) if parent in self._workers]
        self._workers[shard_id] = ShardWorker(self._setup, shard_id, position, now, parents, checkpoint)

    def _resume(self, shard_id: str, checkpoint: ShardCheckpoint) -> int:
        source = self._setup.source
        if checkpoint.sequence_number is not None:
            return source.after(shard_id, checkpoint.sequence_number)
        if checkpoint.since is not None and isinstance(source, LiveSource):
            return source.begin_at(shard_id, checkpoint.since)
        return 0


def drive(engines: Sequence[Engine], clock: Clock, until: datetime | None, *, fail_fast: bool) -> None:
    """Let everything happen up to ``until``; without it, until nothing more would without new records.

    ``fail_fast`` raises for the first failing invocation: its exception, or InvocationFailedError.
    """
    while True:
        now = clock.now()
        due = [(found, engine) for engine in engines if (found := engine.next_due(now)) is not None]
        if not due:
            return
        (when, worker), engine = min(due, key=lambda pair: pair[0][0])
        if until is not None and when > until:
            return
        if when > now:
            clock.sleep_until(when)
            continue
        try:
            finished = worker.turn(now)
        except CascadeError as error:
            _note_seed(error, engine.seed)
            raise
        if fail_fast and finished is not None:
            raise_for(finished, engine.seed)


def raise_for(finished: InvocationFinished, seed: int) -> None:
    """Raise an invocation's exception, or InvocationFailedError, unless it succeeded or was not made."""
    if finished.outcome in ("success", "throttled"):
        return
    error = cause_of(finished) or InvocationFailedError(
        f"an invocation of shard {finished.shard_id} ended as {finished.outcome}: {finished.why}"
    )
    _note_seed(error, seed)
    raise error


def _note_seed(error: BaseException, seed: int) -> None:
    note = f"in a run with seed {seed}: the same seed gives the same run"
    if note not in getattr(error, "__notes__", ()):
        error.add_note(note)
