"""Following a live stream on the real clock: what is due happens, and between two things it is waited for the next."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from streamkit.local.bell import Bell
from streamkit.local.calls import InTurn, SideBySide
from streamkit.local.handover import HandOver
from streamkit.local.invokers.invoker import ConcurrentInvoker
from streamkit.local.journal import SourceNoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from streamkit.local.clock import Clock
    from streamkit.local.engine import Engine
    from streamkit.local.journal import InvocationFinished
    from streamkit.local.setup import Setup
    from streamkit.local.sources.source import LiveSource

__all__ = ["Following"]

_LOOK_AGAIN = timedelta(seconds=1)
"""How long is waited at the most: the machine's clock may be set meanwhile."""


class Following:
    """One mapping on a live stream, until it is asked to stop, the stream is over, or (if wanted) it has caught up."""

    def __init__(self, setup: Setup, engine: Engine, clock: Clock) -> None:
        self._setup = setup
        self._source = cast("LiveSource", setup.source)
        self._engine = engine
        self._clock = clock
        self._bell = Bell()
        self._changes = HandOver(self._bell.ring)

    def change(self, change: Callable[[], None]) -> None:
        """Change something of the mapping, between two things that happen: in the thread that follows, if one does."""
        self._changes.do(change)

    def stop(self) -> None:
        """Begin nothing more. From any thread, and from a signal handler."""
        self._setup.stopping = True
        self._bell.ring()

    def run(
        self,
        finished: Callable[[InvocationFinished], None],
        *,
        until: datetime | None = None,
        until_caught_up: bool = False,
    ) -> str:
        """Go on until the end, and return what it was. ``finished`` is told of each invocation that ended."""
        since = time.monotonic()
        self._source.listen(self._bell.ring)
        with self._side_by_side(), self._changes.taken():
            try:
                return self._go_on(finished, until, since if until_caught_up else None)
            finally:
                self._setup.stopping = False

    def _go_on(
        self, finished: Callable[[InvocationFinished], None], until: datetime | None, caught_up_since: float | None
    ) -> str:
        while True:
            self._bell.silence()
            self._changes.take()
            self._tell()
            now = self._clock.now()
            if until is not None and now >= until:
                self._setup.stopping = True
            due = self._engine.next_due(now)
            if due is not None and due[0] <= now:
                ended = due[1].turn(now)
                if ended is not None:
                    finished(ended)
                continue
            end = self._end(caught_up_since if due is None else None)
            if end is not None:
                # What was noted while this was the end: with it, records may be lost.
                self._tell()
                return end
            times = [when for when in (until, None if due is None else due[0]) if when is not None and when > now]
            wait = min(times, default=now + _LOOK_AGAIN) - now
            self._bell.wait(min(wait, _LOOK_AGAIN).total_seconds())

    def _end(self, caught_up_since: float | None) -> str | None:
        """Return why this is the end, None where it is none: what is under way is waited for."""
        if self._engine.under_way:
            return None
        if self._setup.stopping:
            return "stopped"
        if self._source.over is not None and self._engine.finished:
            return self._source.over
        if caught_up_since is not None and not self._setup.delivers:
            return "disabled"  # nothing is read, so that nothing is caught up with
        if caught_up_since is None or not self._source.caught_up(caught_up_since):
            return None
        # What it caught up with may have come since the engine looked.
        return None if self._bell.rung else "caught up"

    def _tell(self) -> None:
        while self._engine.unlisted:
            shard_id, number = self._engine.unlisted.pop(0)
            done = "nothing of it was" if number is None else f"everything up to {number} was"
            text = f"the stream does not list the shard any more; {done} done with, what it had besides is gone unread"
            self._setup.journal.write(SourceNoted(self._clock.now(), shard_id, text, loses_records=True))
        for note in self._source.take_notes():
            self._setup.journal.write(SourceNoted(self._clock.now(), *note))

    @contextmanager
    def _side_by_side(self) -> Iterator[None]:
        invoker = self._setup.invoker
        if not isinstance(invoker, ConcurrentInvoker):
            yield
            return
        calls = self._setup.calls = SideBySide(invoker, self._bell.ring)
        try:
            yield
        finally:
            calls.close()
            self._setup.calls = InTurn(invoker)
