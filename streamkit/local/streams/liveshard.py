"""What is known of one shard of a live stream while it is read."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streamkit.local.streams.reader import Start
from streamkit.local.streams.shardbuffer import ShardBuffer

if TYPE_CHECKING:
    from streamkit.local.streams.description import KnownShard

__all__ = ["LiveShard", "Trouble"]

_NOTHING_MORE = 4
"""After so many pages in a row without a record none is left (U): one may be empty while records lie further on."""


@dataclass(slots=True)
class Trouble:
    """Asking for something failed, since when, and how often."""

    since: float = 0.0
    failures: int = 0


@dataclass(slots=True)
class LiveShard:
    """A shard, where reading it starts, and what was read ahead."""

    known: KnownShard
    start: Start = field(default_factory=Start)
    opened: bool = False
    """Whether it is read: from the first time on that it is asked for."""
    buffer: ShardBuffer = field(default_factory=ShardBuffer)
    ended: bool = False
    found_nothing: deque[float] = field(default_factory=lambda: deque(maxlen=_NOTHING_MORE))
    """When the last readings in a row began that found nothing."""
    trouble: Trouble = field(default_factory=Trouble)

    def caught_up(self, since: float) -> bool:
        """Whether everything was read that was there at ``since``, as far as can be told."""
        nothing = self.found_nothing
        return self.ended or (len(nothing) == _NOTHING_MORE and nothing[0] >= since)
