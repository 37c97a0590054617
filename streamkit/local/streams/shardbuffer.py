"""What was read from a shard of a live stream and is not fetched yet."""

from __future__ import annotations

from collections import deque

from streamkit.local.recordlist import Records

__all__ = ["ShardBuffer"]

_MOST_RECORDS = 20_000
_MOST_BYTES = 16 * 2**20
"""So much is read ahead of the function; then reading waits for it."""


class ShardBuffer:
    """Pages, addressed by the position of a record since reading began. What lies in front of a fetched one is gone."""

    def __init__(self) -> None:
        self._pages: deque[tuple[int, Records, int]] = deque()
        self._bytes = 0
        self.end = 0
        """The position behind the last record."""

    @property
    def full(self) -> bool:
        """Whether enough was read ahead."""
        return bool(self._pages) and (self.end - self._pages[0][0] >= _MOST_RECORDS or self._bytes >= _MOST_BYTES)

    def add(self, records: Records) -> None:
        """Put a page at the end."""
        if records:
            size = sum(map(len, records.jsons))
            self._pages.append((self.end, records, size))
            self._bytes += size
            self.end += len(records)

    def let_go(self, position: int) -> bool:
        """Hold no page any more that lies in front of ``position``; return whether there is room again by that."""
        was_full = self.full
        while self._pages and position >= self._pages[0][0] + len(self._pages[0][1]):
            _, _, size = self._pages.popleft()
            self._bytes -= size
        return was_full and not self.full

    def fetch(self, position: int, limit: int) -> Records:
        """Return up to ``limit`` records from ``position`` on, of one page; whoever fetches is done with those before.

        Raises LookupError for a position that was let go.
        """
        self.let_go(position)
        if not self._pages:
            return Records()
        start, records, _ = self._pages[0]
        if position < start:
            raise LookupError(f"position {position} of a live stream was let go; the oldest that is held is {start}")
        return records[position - start : position - start + limit]
