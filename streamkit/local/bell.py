"""A bell: whoever waits for it wakes up when it is rung."""

from __future__ import annotations

from queue import Empty, SimpleQueue

__all__ = ["Bell"]


class Bell:
    """Rung by anybody, waited for by one thread.

    No `threading.Event`: a signal handler that sets one waits for ever, if the signal came while the same thread was
    clearing it.
    """

    def __init__(self) -> None:
        self._rung: SimpleQueue[None] = SimpleQueue()

    @property
    def rung(self) -> bool:
        """Whether it was rung since it was silenced."""
        return not self._rung.empty()

    def ring(self) -> None:
        """Wake who waits, now or when it waits next. From any thread, and from a signal handler."""
        if not self.rung:
            self._rung.put(None)

    def silence(self) -> None:
        """Forget that it was rung."""
        while self.rung:
            self._rung.get()

    def wait(self, seconds: float) -> None:
        """Wait until it is rung, unless it was already, for so many seconds at the most."""
        try:
            self._rung.get(timeout=seconds)
        except Empty:
            return
        self.ring()
