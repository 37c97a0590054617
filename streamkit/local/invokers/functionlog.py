"""What a function writes to stdout and stderr, invocation by invocation."""

from __future__ import annotations

from collections import deque

__all__ = ["MAX_LOG_BYTES", "FunctionLog"]

MAX_LOG_BYTES = 16 * 1_048_576
"""How much is kept of what one invocation writes; of more, the first and the last half."""


class FunctionLog:
    """Collects what is written. ``most``: how many bytes are kept of one invocation."""

    def __init__(self, most: int = MAX_LOG_BYTES) -> None:
        self._half = most // 2
        self._first = bytearray()
        self._last: deque[bytes] = deque()
        self._last_size = 0
        self._left_out = 0

    def write(self, data: bytes) -> None:
        """Add what was written."""
        room = max(0, self._half - len(self._first))
        self._first += data[:room]
        if len(data) > room:
            self._last.append(data[room:])
            self._last_size += len(data) - room
        while self._last_size > self._half:
            over, oldest = self._last_size - self._half, self._last.popleft()
            if over < len(oldest):
                self._last.appendleft(oldest[over:])
            left_out = min(over, len(oldest))
            self._left_out += left_out
            self._last_size -= left_out

    def take(self) -> str:
        """Return what has been written since the last time; bytes that are no UTF-8 as Python escapes them."""
        gap = f"\n[{self._left_out} bytes are left out here]\n".encode() if self._left_out else b""
        told = b"".join((self._first, gap, *self._last))
        self._first, self._left_out, self._last_size = bytearray(), 0, 0
        self._last.clear()
        return told.decode(errors="backslashreplace")
