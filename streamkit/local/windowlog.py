"""The tumbling windows of a run, and the answer to "why did my window not close?", as the journal tells it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streamkit.local.journal import (
    InvocationFinished,
    InvocationStarted,
    MappingUpdated,
    RetryScheduled,
    WindowClosed,
    WindowOpened,
)
from streamkit.local.texts import counted, second
from streamkit.local.window import CAUSES, closed_by

if TYPE_CHECKING:
    from datetime import datetime

    from streamkit.local.journal import Fact
    from streamkit.local.window import CloseCause, WindowEnd

__all__ = ["WindowLog", "WindowRun"]


@dataclass(slots=True)
class WindowRun:
    """One tumbling window of a shard, from its first invocation to the end of its final one."""

    shard_id: str
    start: datetime
    end: datetime
    opened_at: datetime
    """When its first invocation started, on the runner's clock."""
    closes_at: datetime
    """When it closes if no record of a later window is read, on the runner's clock."""
    invocations: int = 0
    """How many calls of the function were made for it, retries and final ones included."""
    records: int = 0
    """How many records its state is made of."""
    closed_at: datetime | None = None
    """When its final invocation succeeded or was given up; None while it is open."""
    cause: CloseCause | None = None
    """Why its final invocation was made; None before that."""
    how: WindowEnd | None = None
    """What became of the final invocation."""
    retry_at: datetime | None = None
    """When the function is called again, where that is waited for."""
    enabled: bool = True
    """Whether the mapping was, when the window was last looked at."""

    @property
    def waits_for(self) -> str:
        """What would close it, in words; nothing where it is closed."""
        if self.closed_at is not None:
            return ""
        if not self.enabled:
            return "the mapping is disabled: it waits until it is enabled again"
        if self.retry_at is not None:
            what = "its final invocation" if self.cause else "an invocation of it"
            return f"{what} failed and is tried again at {second(self.retry_at)} on the runner's clock"
        if self.cause is not None:
            return f"its final invocation is under way: {CAUSES[self.cause]}"
        return closed_by(self.end, self.closes_at)

    def __str__(self) -> str:
        bounds = f"window {second(self.start)} to {second(self.end)} of {self.shard_id}"
        made_of = f"{counted(self.records, 'record')} in {counted(self.invocations, 'invocation')}"
        if self.closed_at is None or self.cause is None:
            return f"{bounds}: {made_of}; open, waits for: {self.waits_for}"
        return f"{bounds}: {made_of}; {self.how} at {second(self.closed_at)}, since {CAUSES[self.cause]}"


@dataclass(slots=True)
class WindowLog:
    """Follows a journal. ``keep``: whether windows that are closed are held too, or only counted."""

    keep: bool = True
    windows: list[WindowRun] = field(default_factory=list)
    """In the order in which they opened; without ``keep`` the open ones only."""
    closed: Counter[CloseCause] = field(default_factory=Counter)
    """How many closed, by cause."""
    enabled: bool = True
    """Whether the mapping is."""
    _open: dict[str, WindowRun] = field(default_factory=dict)

    @property
    def open(self) -> list[WindowRun]:
        """The windows that are open; a shard has one at the most."""
        return list(self._open.values())

    def note(self, fact: Fact) -> None:
        """Take in the next fact."""
        if isinstance(fact, MappingUpdated):
            self.enabled = fact.changes.get("Enabled", self.enabled)
            for one in self._open.values():
                one.enabled = self.enabled
        elif isinstance(fact, WindowOpened):
            window = WindowRun(fact.shard_id, fact.start, fact.end, fact.at, fact.closes_at, enabled=self.enabled)
            self._open[fact.shard_id] = window
            self.windows.append(window)
        elif fact.shard_id in self._open:
            self._note(self._open[fact.shard_id], fact)

    def _note(self, window: WindowRun, fact: Fact) -> None:
        match fact:
            case InvocationStarted():
                window.invocations += 1
                window.cause, window.retry_at = fact.final, None
            case InvocationFinished():
                window.records += fact.handled
            case RetryScheduled():
                window.retry_at = fact.retry_at
            case WindowClosed():
                window.closed_at, window.cause, window.how, window.retry_at = fact.at, fact.cause, fact.how, None
                self.closed[fact.cause] += 1
                del self._open[fact.shard_id]
                if not self.keep:
                    self.windows.remove(window)
            case _:
                pass
