"""The execution environments of a function: as many as it has invocations at once, used again most recent first."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from streamkit.local.invokers.guard import Guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local.invokers.sandbox import Sandbox

__all__ = ["Sandboxes"]

_PATIENCE = 10.0
"""How long `close` waits for the threads whose processes it killed, in seconds."""


class Sandboxes:
    """Keeps them. ``most``: how many there are at once; None is no limit."""

    def __init__(self, start: Callable[[str], Sandbox], most: int | None) -> None:
        self._start = start
        self._most = most
        self._changed = threading.Condition()
        self._idle: list[Sandbox] = []
        self._busy: set[Sandbox] = set()
        self._takers: list[int] = []
        """The threads of the invocations that are under way, those included whose process is not started yet."""
        self._guard: Guard | None = None
        self._owner = os.getpid()
        self._closed = False

    def is_closed(self) -> bool:
        """Whether all of them are ended, or being ended."""
        return self._closed

    def take(self, function_arn: str) -> Sandbox | None:
        """Return one that is free, or a new one; None where as many as there may be are taken.

        Raises RuntimeError after `close`, and OSError where no process can be started.
        """
        with self._changed:
            if self.is_closed():
                raise RuntimeError("this LambdaRuntime is closed: make another one")
            if self._most is not None and len(self._takers) >= self._most:
                return None
            if self._guard is None:
                self._guard = Guard()
            guard = self._guard
            self._takers.append(threading.get_ident())
            sandbox, last_words = self._free()
        try:
            if sandbox is None:
                sandbox = self._start(function_arn)
                guard.watch(sandbox.pid)
        except BaseException:
            with self._changed:
                self._takers.remove(threading.get_ident())
                self._changed.notify_all()
            raise
        if last_words:
            sandbox.say(last_words)
        with self._changed:
            self._busy.add(sandbox)
            if self.is_closed():
                sandbox.kill()
        return sandbox

    def give_back(self, sandbox: Sandbox) -> None:
        """Take one back that was taken. One that cannot be used again is closed."""
        with self._changed:
            self._busy.discard(sandbox)
            self._takers.remove(threading.get_ident())
            if self.is_closed() or not sandbox.usable:
                self._end(sandbox)
            else:
                self._idle.append(sandbox)
            self._changed.notify_all()

    def close(self) -> None:
        """End all of them, those that are busy too. It may be called again."""
        if os.getpid() != self._owner:  # a fork of this process: they are not its own
            return
        with self._changed:
            self._closed = True
            for sandbox in self._busy:
                sandbox.kill()
            # Not for this thread itself: it may have been interrupted in an invocation.
            own = {threading.get_ident()}
            self._changed.wait_for(lambda: own.issuperset(self._takers), _PATIENCE)
            while self._idle:
                self._end(self._idle.pop())
            guard, self._guard = self._guard, None
        if guard is not None:
            guard.close()

    def _free(self) -> tuple[Sandbox | None, str]:
        """Return one that can be used, and what those wrote that ended since they were used last."""
        last_words = ""
        while self._idle:
            sandbox = self._idle.pop()
            if sandbox.lives:
                return sandbox, last_words
            self._end(sandbox)
            last_words += sandbox.last_words()
        return None, last_words

    def _end(self, sandbox: Sandbox) -> None:
        sandbox.close()
        if self._guard is not None:
            self._guard.forget(sandbox.pid)
