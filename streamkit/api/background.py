"""Asynchronous invocations: run behind the caller's back, and again when they fail, as Lambda does."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["RETRY_AFTER", "Background", "Outcome"]

Outcome: TypeAlias = Literal["done", "failed", "throttled"]

RETRY_AFTER = (60.0, 120.0)
"""When Lambda tries again what failed, in seconds after each attempt: two more times."""

_THROTTLED_AFTER = (1.0, 300.0)
"""Lambda tries again what it could not run: at first after a second, then after twice as long, up to 5 minutes."""

_MAX_AGE = 6 * 3600.0
"""How long Lambda keeps an event, in seconds."""


@dataclass(order=True, slots=True)
class _Waiting:
    due: float
    number: int
    """Which of those that are due at once was first."""
    what: str = field(compare=False)
    attempt: Callable[[], Outcome] = field(compare=False)
    since: float = field(compare=False)
    failures: int = field(default=0, compare=False)
    throttles: int = field(default=0, compare=False)


class Background:
    """Runs them on threads of its own, up to ``workers`` at once. They are kept in memory: `close` drops what waits.

    ``told`` gets a line for each that is given up, as nobody else learns of it. ``retry_after``: see `RETRY_AFTER`;
    ``throttled_after``: the first and the longest wait of what was throttled, in seconds.
    """

    def __init__(
        self,
        told: Callable[[str], None],
        *,
        workers: int = 10,
        retry_after: Sequence[float] = RETRY_AFTER,
        throttled_after: tuple[float, float] = _THROTTLED_AFTER,
        max_age: float = _MAX_AGE,
    ) -> None:
        self._told = told
        self._most = workers
        self._retry_after = retry_after
        self._throttled_after = throttled_after
        self._max_age = max_age
        self._changed = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._numbers = itertools.count()
        self._workers = 0
        self._idle = 0
        self._closed = False

    def submit(self, what: str, attempt: Callable[[], Outcome]) -> None:
        """Run ``attempt`` soon, and again as long as it does not answer ``done``. ``what``: its name, for `told`."""
        now = time.monotonic()
        self._put(_Waiting(now, next(self._numbers), what, attempt, now))

    def close(self) -> None:
        """Drop what waits. What is running runs on; its threads do not keep the process alive."""
        with self._changed:
            self._closed = True
            dropped, self._waiting = self._waiting, []
            self._changed.notify_all()
        for one in sorted(dropped):
            self._drop(one)

    def _drop(self, one: _Waiting) -> None:
        self._told(f"{one.what} is dropped: the server ends")

    def _put(self, one: _Waiting) -> None:
        with self._changed:
            closed = self._closed
            if not closed:
                heapq.heappush(self._waiting, one)
                if self._idle == 0 and self._workers < self._most:
                    self._workers += 1
                    threading.Thread(target=self._work, name="streamkit-invoke", daemon=True).start()
                self._changed.notify()
        if closed:
            self._drop(one)

    def _work(self) -> None:
        while (one := self._next()) is not None:
            outcome = one.attempt()
            if outcome == "failed":
                self._failed(one)
            elif outcome == "throttled":
                self._throttled(one)

    def _next(self) -> _Waiting | None:
        """Wait for one that is due; None at the end."""
        with self._changed:
            self._idle += 1
            try:
                while not self._closed:
                    wait = self._waiting[0].due - time.monotonic() if self._waiting else None
                    if wait is not None and wait <= 0:
                        return heapq.heappop(self._waiting)
                    self._changed.wait(wait)
                return None
            finally:
                self._idle -= 1

    def _failed(self, one: _Waiting) -> None:
        if one.failures == len(self._retry_after):
            self._told(f"{one.what} is given up: it failed {one.failures + 1} times")
            return
        one.due = time.monotonic() + self._retry_after[one.failures]
        one.failures += 1
        self._put(one)

    def _throttled(self, one: _Waiting) -> None:
        first, longest = self._throttled_after
        now = time.monotonic()
        one.due = now + min(first * 2.0 ** min(one.throttles, 30), longest)
        if one.due - one.since > self._max_age:
            self._told(f"{one.what} is given up: it could not be run for {self._max_age / 3600:g} hours")
            return
        one.throttles += 1
        self._put(one)
