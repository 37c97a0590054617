"""How far a shard is done with: the checkpoint (SEMANTICS §2)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Frontier"]


class Frontier:
    """The numbers of the records of a shard that were read, in order, and which of them each lane still has to do.

    The checkpoint is the last record before the lowest unfinished one of all lanes (I). What a filter took out is
    nobody's, so that the checkpoint passes over it.
    """

    def __init__(self, lanes: int) -> None:
        # Numbers, not records: what is done with, but lies above the checkpoint, need not be kept.
        self._read: deque[str] = deque()
        self._lanes: list[deque[str]] = [deque() for _ in range(lanes)]
        self._nobodys: str | None = None

    def __len__(self) -> int:
        """Return how many records that were read lie above the checkpoint."""
        return len(self._read)

    def read(self, numbers: Sequence[str]) -> None:
        """Take in what was read next; it is unfinished, and nobody's until it is given to lanes."""
        self._read.extend(numbers)
        self.hold(numbers)

    def give(self, lanes: Sequence[Sequence[str]]) -> None:
        """Give what was nobody's to the lanes; what is given to none is done with."""
        self._nobodys = None
        for mine, given in zip(self._lanes, lanes, strict=True):
            mine.extend(given)

    def finish(self, lane: int, number: str) -> None:
        """Note that a lane is done with every record of its own up to this one."""
        mine = self._lanes[lane]
        while mine.popleft() != number:
            pass

    def take_back(self, lane: int, count: int) -> None:
        """Take the last so many records from a lane: they are unfinished, and nobody's until they are given again."""
        for _ in range(count):
            self._lanes[lane].pop()

    def hold(self, numbers: Sequence[str]) -> None:
        """Let the checkpoint stay below these records, which are nobody's, until they are given to lanes."""
        self._nobodys = numbers[0] if numbers else None

    def divide(self, lanes: int) -> None:
        """Have so many lanes from now on; those that there were have nothing left to do."""
        self._lanes = [deque() for _ in range(lanes)]

    def advance(self) -> str | None:
        """Return the new checkpoint, None where the old one stands."""
        lowest = {mine[0] for mine in self._lanes if mine} | {self._nobodys}
        read, last = self._read, None
        while read and read[0] not in lowest:
            last = read.popleft()
        return last
