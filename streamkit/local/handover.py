"""Work that another thread hands over: it is done in the thread whose things it changes."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["HandOver"]


class HandOver:
    """Takes work for a thread that is busy. ``bell`` is called when there is some."""

    def __init__(self, bell: Callable[[], object]) -> None:
        self._bell = bell
        self._lock = threading.Lock()
        self._taker: int | None = None
        """The thread that takes it now."""
        self._waiting: deque[tuple[Callable[[], None], Future[None]]] = deque()

    def do(self, work: Callable[[], None]) -> None:
        """Have it done, and return when it is; what it raises is raised here.

        Where no thread takes it, and in that thread itself, it is done at once.
        """
        with self._lock:
            if self._taker in (None, threading.get_ident()):
                work()
                return
            done: Future[None] = Future()
            self._waiting.append((work, done))
        self._bell()
        done.result()

    def take(self) -> None:
        """Do what was handed over, in the order in which it was."""
        while self._waiting:
            work, done = self._waiting.popleft()
            try:
                work()
            except BaseException as error:  # it is raised where the work comes from
                done.set_exception(error)
                if not isinstance(error, Exception):
                    raise  # Ctrl-C is meant for this thread
            else:
                done.set_result(None)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Let this thread take what is handed over, until the block ends."""
        with self._lock:
            self._taker = threading.get_ident()
        try:
            yield
        finally:
            with self._lock:
                self._taker = None
                self.take()
