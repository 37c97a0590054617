"""A few threads that do many things again and again, each at its own pace and never twice at once."""

from __future__ import annotations

import heapq
import threading
import time
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["Poller"]

_THREADS = 16
"""A stream of more shards than that has them take turns."""


class Poller:
    """Does jobs at their times. A job returns after how many seconds it is due again; None: when it is asked for."""

    def __init__(self, threads: int = _THREADS) -> None:
        self._most = threads
        self._changed = threading.Condition()
        self._jobs: dict[Hashable, Callable[[], float | None]] = {}
        self._due: dict[Hashable, float] = {}
        """When each job is due; what is not here waits to be asked for."""
        self._queue: list[tuple[float, int, Hashable]] = []
        self._order = count()
        self._running: set[Hashable] = set()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._closed = False

    def add(self, name: Hashable, job: Callable[[], float | None], delay: float = 0.0) -> None:
        """Do ``job`` in ``delay`` seconds for the first time."""
        self._jobs[name] = job
        self.soon(name, delay)

    def soon(self, name: Hashable, delay: float = 0.0) -> None:
        """Let a job be due in ``delay`` seconds, unless it is due before."""
        due = time.monotonic() + delay
        with self._changed:
            if due < self._due.get(name, float("inf")):
                self._put(name, due)
                self._wake()

    def close(self, timeout: float) -> None:
        """Begin nothing more, and wait up to ``timeout`` seconds for what is under way."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        until = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _put(self, name: Hashable, due: float) -> None:
        self._due[name] = due
        heapq.heappush(self._queue, (due, next(self._order), name))

    def _wake(self) -> None:
        """Let a thread wait for what is due next: one that is idle, else a new one, as long as there may be more."""
        if self._idle:
            self._changed.notify()
        elif len(self._threads) < self._most and not self._closed:
            # Daemons: an answer that is still waited for keeps nobody from ending the process.
            thread = threading.Thread(target=self._work, name="streamkit-poller", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while (name := self._next()) is not None:
            delay: float | None = None
            try:
                delay = self._jobs[name]()
            finally:
                with self._changed:
                    self._running.discard(name)
                    if delay is not None:
                        due = time.monotonic() + delay
                        self._put(name, min(due, self._due.get(name, due)))
                    elif name in self._due:
                        self._put(name, self._due[name])

    def _next(self) -> Hashable | None:
        """Wait for the next job that is due, and take it; None when it is over."""
        with self._changed:
            while not self._closed:
                wait = self._wait()
                if wait == 0:
                    _, _, name = heapq.heappop(self._queue)
                    del self._due[name]
                    self._running.add(name)
                    if self._queue:
                        # This one may take long, and whoever waits may wait for something later.
                        self._wake()
                    return name
                self._idle += 1
                self._changed.wait(wait)
                self._idle -= 1
        return None

    def _wait(self) -> float | None:
        """Return how long the first job that can be done has to wait, None where there is none."""
        while self._queue:
            due, _, name = self._queue[0]
            if self._due.get(name) == due and name not in self._running:
                return max(0.0, due - time.monotonic())
            # Asked for earlier since, or under way: it is put back when it ends.
            heapq.heappop(self._queue)
        return None
