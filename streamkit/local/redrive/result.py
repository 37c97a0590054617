"""What became of one on-failure record, and of a whole redrive."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from streamkit.local.redrive.document import FailedBatch

__all__ = ["RedriveResult", "Redriven", "Status"]

Status: TypeAlias = Literal["handled", "failed", "trimmed", "left"]
"""``handled``: every record of it was. ``failed``: not every one. ``trimmed``: the stream has not all of them any more;
what it has was run. ``left``: it was not run, for the reason that is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redriven:
    """What became of one on-failure record, or of something else that lay where it would."""

    name: str
    """What it is called where it lies."""
    status: Status
    why: str = ""
    """Why it was not handled, or, although it was, could not be removed."""
    batch: FailedBatch | None = None
    """What it says; None where it is no on-failure record."""
    handled: tuple[str, ...] = ()
    """The sequence numbers that succeeded."""
    failed: tuple[str, ...] = ()
    """Those that were run and did not."""
    notes: tuple[str, ...] = ()
    removed: bool = False

    @property
    def ok(self) -> bool:
        """Whether it is handled, and no trouble came with that."""
        return self.status == "handled" and not self.why


@dataclass(slots=True)
class RedriveResult:
    """The whole, counted."""

    counts: Counter[Status] = field(default_factory=Counter)
    handled: int = 0
    """How many records succeeded."""
    failed: int = 0
    trouble: str = ""
    """Why it ended before everything was looked at."""
    ok: bool = True
    """Whether everything that was found was handled."""

    def add(self, one: Redriven) -> None:
        """Count one."""
        self.counts[one.status] += 1
        self.handled += len(one.handled)
        self.failed += len(one.failed)
        self.ok = self.ok and one.ok

    def stop(self, trouble: str) -> None:
        """Note why nothing more is looked at."""
        self.trouble, self.ok = trouble, False
