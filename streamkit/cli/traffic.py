"""What goes on in the shards of a live stream, as a table or as one line."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from streamkit.local.journal import (
    Checkpointed,
    InvocationFinished,
    InvocationStarted,
    MappingUpdated,
    RecordsDiscarded,
    RecordsDoneBefore,
    RecordsExpired,
    RecordsFiltered,
    RecordsRead,
    RetryScheduled,
    SourceNoted,
)
from streamkit.local.texts import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from streamkit.local.journal import Fact

__all__ = ["SPAN", "Traffic"]

SPAN = 10.0
"""Rates are those of the last so many seconds; what did nothing for so long is quiet."""
_NUMBER = 40
"""A sequence number has up to so many digits (SEMANTICS §7)."""
_OTHERS = 60
"""What the other columns of the table take."""
_SHORT, _LONG = 8, 17
"""A shard's name is known by its end: eight letters alone, or with the milliseconds in front."""
_ROOMY = 120
_KILO = 10_000
_MINUTE, _HOUR = 60.0, 3600.0


@dataclass(slots=True)
class _ShardTraffic:
    """What goes on in one shard."""

    handled: int = 0
    failures: int = 0
    lost: int = 0
    waiting: int = 0
    """How many records were read and are not done with."""
    age: int | None = None
    """The last batch's iterator age, in milliseconds."""
    checkpoint: str = "-"
    state: str = "reading"
    troubled: bool = False
    """Whether the last attempt failed."""
    since: float = 0.0
    touched: float = 0.0
    recent: deque[tuple[float, int]] = field(default_factory=deque)
    """When so many records were handled, lately."""

    def rate(self, now: float) -> float:
        """Return how many records a second were handled lately."""
        while self.recent and self.recent[0][0] < now - SPAN:
            self.recent.popleft()
        return sum(count for _, count in self.recent) / min(SPAN, max(1.0, now - self.since))

    def quiet(self, now: float) -> bool:
        """Whether it has nothing to do: how old its last batch was says nothing of it any more."""
        return self.waiting <= 0 and self.touched < now - SPAN


class Traffic:
    """The state of every shard, as the journal tells it."""

    def __init__(self) -> None:
        self._shards: dict[str, _ShardTraffic] = {}
        # A terminal is drawn by a thread of its own.
        self._lock = threading.Lock()

    def note(self, fact: Fact) -> None:
        """Take in the next fact."""
        if not isinstance(fact, SourceNoted | MappingUpdated):
            with self._lock:
                self._note(fact)

    def _note(self, fact: Any) -> None:
        now = time.monotonic()
        shard = self._shards.setdefault(fact.shard_id, _ShardTraffic(since=now))
        shard.touched = now
        match fact:
            case RecordsRead():
                shard.waiting += len(fact.sequence_numbers)
            case RecordsFiltered() | RecordsDoneBefore():
                shard.waiting -= len(fact.sequence_numbers)
            case RecordsDiscarded() | RecordsExpired():
                shard.waiting -= len(fact.sequence_numbers)
                shard.lost += len(fact.sequence_numbers)
                shard.state, shard.troubled = "reading", False
            case InvocationStarted():
                shard.age = fact.iterator_age
                shard.state = f"attempt {fact.attempt}" if fact.attempt > 1 else "invoking"
            case InvocationFinished():
                shard.handled += fact.handled
                shard.waiting -= fact.handled
                shard.troubled = fact.outcome != "success"
                shard.failures += fact.outcome in ("partial", "failure")
                shard.recent.append((now, fact.handled))
                shard.state = "reading"
            case RetryScheduled():
                shard.state = f"retry at {fact.retry_at.astimezone():%H:%M:%S}"
            case Checkpointed():
                shard.checkpoint = fact.sequence_number
            case _:
                pass

    def table(self, width: int, height: int) -> RenderableType:
        """Return a row for each shard, and a line about all. What does not fit is left out: what runs well first."""
        with self._lock:
            now = time.monotonic()
            return Group(*self._rows(now, width, height), Text(self._line(now), style="bold", no_wrap=True))

    def line(self) -> str:
        """Return all shards as one line."""
        with self._lock:
            return self._line(time.monotonic())

    def _rows(self, now: float, width: int, height: int) -> Iterable[RenderableType]:
        if not self._shards:
            return
        # Two of the terminal's lines are the heading and the line about all, two are left for what is told.
        room = max(1, height - 4)
        urgent = sorted(self._shards, key=lambda name: _urgency(self._shards[name], now, name))
        shown = urgent if len(urgent) <= room else urgent[: room - 1]
        yield self._table(sorted(shown), now, width)
        if len(shown) < len(urgent):
            yield Text(f"… and {counted(len(urgent) - len(shown), 'more shard')}")

    def _table(self, names: Iterable[str], now: float, width: int) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
        for name in ("shard", "checkpoint", "age", "rec/s", "handled", "waiting", "failed", "lost", "state"):
            table.add_column(name, justify="left" if name in ("shard", "state") else "right", no_wrap=True)
        length = _LONG if width >= _ROOMY else _SHORT
        digits = min(_NUMBER, max(_SHORT, width - _OTHERS - length))
        for name in names:
            shard = self._shards[name]
            numbers = shard.rate(now), shard.handled, max(0, shard.waiting), shard.failures, shard.lost
            quiet = shard.quiet(now)
            table.add_row(
                name[-length:],
                _end_of(shard.checkpoint, digits),
                "-" if quiet else _age(shard.age),
                *map(_short, numbers),
                "idle" if quiet else shard.state,
                style="red" if shard.troubled else "",
            )
        return table

    def _line(self, now: float) -> str:
        shards = self._shards.values()
        if not shards:
            return "waiting for records"
        handled = counted(sum(shard.handled for shard in shards), "record")
        rate, failures = sum(shard.rate(now) for shard in shards), sum(shard.failures for shard in shards)
        ages = [shard.age for shard in shards if shard.age is not None and not shard.quiet(now)]
        lost = sum(shard.lost for shard in shards)
        told = f"{handled} handled, {rate:.0f}/s, {counted(failures, 'failure')}"
        return told + (f", {lost} lost" if lost else "") + f", iterator age {_age(max(ages, default=None))}"


def _urgency(shard: _ShardTraffic, now: float, name: str) -> tuple[bool, bool, str]:
    return not shard.troubled, shard.quiet(now), name


def _end_of(number: str, digits: int) -> str:
    """Return the end of a sequence number: it is what differs."""
    return number if len(number) <= digits else f"…{number[1 - digits :]}"


def _short(number: float) -> str:
    if number < _KILO:
        return f"{number:.0f}"
    return f"{number / 1e3:.0f}k" if number < _KILO * 1e3 else f"{number / 1e6:.0f}M"


def _age(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "-"
    seconds = milliseconds / 1000
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    return f"{seconds / _MINUTE:.1f} m" if seconds < _HOUR else f"{seconds / _HOUR:.1f} h"
