"""What following a live stream shows: a table that moves on a terminal, a line now and then without one; on stderr."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table

from streamkit.cli.progress import event_line
from streamkit.local.journal import (
    Checkpointed,
    InvocationFinished,
    InvocationStarted,
    MappingUpdated,
    RecordsDiscarded,
    RecordsExpired,
    RecordsFiltered,
    RecordsRead,
    RetryScheduled,
    SourceNoted,
)
from streamkit.local.texts import counted

if TYPE_CHECKING:
    from streamkit.local.journal import Fact

__all__ = ["LiveTable", "StatusLines", "Traffic"]

_SPAN = 10.0
"""Rates are those of the last so many seconds."""
_SHOWN_SHARDS = 8


@dataclass(slots=True)
class _ShardTraffic:
    """What goes on in one shard."""

    handled: int = 0
    failures: int = 0
    waiting: int = 0
    """How many records were read and are not done with."""
    age: int | None = None
    """The last batch's iterator age, in milliseconds."""
    checkpoint: str = "-"
    state: str = "reading"
    touched: float = 0.0
    recent: deque[tuple[float, int]] = field(default_factory=deque)
    """When so many records were handled, lately."""

    def rate(self, now: float) -> float:
        """Return how many records a second were handled lately."""
        while self.recent and self.recent[0][0] < now - _SPAN:
            self.recent.popleft()
        return sum(count for _, count in self.recent) / _SPAN


class Traffic:
    """The state of every shard, as the journal tells it."""

    def __init__(self) -> None:
        self.shards: dict[str, _ShardTraffic] = {}
        # A terminal is drawn by a thread of its own.
        self._lock = threading.Lock()

    def note(self, fact: Fact) -> None:
        """Take in the next fact."""
        if not isinstance(fact, SourceNoted | MappingUpdated):
            with self._lock:
                self._note(fact)

    def _note(self, fact: Any) -> None:
        now, shard = time.monotonic(), self.shards.setdefault(fact.shard_id, _ShardTraffic())
        shard.touched = now
        match fact:
            case RecordsRead():
                shard.waiting += len(fact.sequence_numbers)
            case RecordsFiltered() | RecordsDiscarded() | RecordsExpired():
                shard.waiting -= len(fact.sequence_numbers)
            case InvocationStarted():
                shard.age, shard.state = (
                    fact.iterator_age,
                    f"attempt {fact.attempt}" if fact.attempt > 1 else "invoking",
                )
            case InvocationFinished():
                shard.handled += fact.handled
                shard.waiting -= fact.handled
                shard.failures += fact.outcome in ("partial", "failure")
                shard.recent.append((now, fact.handled))
                shard.state = "reading"
            case RetryScheduled():
                shard.state = f"retry at {fact.retry_at.astimezone():%H:%M:%S}"
            case Checkpointed():
                shard.checkpoint = fact.sequence_number
            case _:
                pass

    def table(self) -> Table:
        """Return a row for each shard that something happened in lately."""
        with self._lock:
            return self._table(time.monotonic())

    def _table(self, now: float) -> Table:
        table = Table(box=None, pad_edge=False)
        for name in ("shard", "checkpoint", "iterator age", "records/s", "handled", "waiting", "failures", "state"):
            table.add_column(
                name, justify="left" if name in ("shard", "state") else "right", no_wrap=name != "checkpoint"
            )
        lately = sorted(self.shards.items(), key=lambda pair: pair[1].touched)[-_SHOWN_SHARDS:]
        for name, shard in sorted(lately):
            counts = f"{shard.rate(now):.0f}", f"{shard.handled}", f"{max(0, shard.waiting)}", f"{shard.failures}"
            table.add_row(name[-17:], shard.checkpoint, _age(shard.age), *counts, shard.state)
        if not lately:
            table.add_row("waiting for records")
        return table

    def line(self) -> str:
        """Return all shards as one line."""
        now, shards = time.monotonic(), self.shards.values()
        handled = counted(sum(shard.handled for shard in shards), "record")
        rate, failures = sum(shard.rate(now) for shard in shards), sum(shard.failures for shard in shards)
        oldest = max((shard.age for shard in shards if shard.age is not None), default=None)
        return f"{handled} handled, {rate:.0f}/s, {counted(failures, 'failure')}, iterator age {_age(oldest)}"


def _age(milliseconds: int | None) -> str:
    return "-" if milliseconds is None else f"{milliseconds / 1000:.1f} s"


class LiveTable:
    """A table that moves; what went wrong scrolls above it."""

    def __init__(self) -> None:
        self._shown: set[tuple[str, str]] = set()
        self._traffic = Traffic()
        self._live = Live(
            console=Console(stderr=True),
            get_renderable=self._traffic.table,
            refresh_per_second=4,
            # What the handler prints goes above the table, unless it was sent elsewhere: there it arrives untouched.
            redirect_stdout=sys.stdout.isatty() or sys.stdout is sys.stderr,
        )

    def note(self, fact: Fact) -> None:
        """Show a fact."""
        self._traffic.note(fact)
        line = event_line(fact, self._shown)
        if line is not None:
            self._live.console.print(line, markup=False, highlight=False, emoji=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()


class StatusLines:
    """One line for each thing that went wrong, and one about all when something happened for ``every`` seconds."""

    def __init__(self, every: float = _SPAN) -> None:
        self._shown: set[tuple[str, str]] = set()
        self._traffic = Traffic()
        self._every = every
        self._told = time.monotonic()

    def note(self, fact: Fact) -> None:
        """Show a fact, if it is worth a line."""
        self._traffic.note(fact)
        line = event_line(fact, self._shown)
        if line is not None:
            click.echo(line, err=True)
        if time.monotonic() >= self._told + self._every:
            self._told = time.monotonic()
            click.echo(self._traffic.line(), err=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass
