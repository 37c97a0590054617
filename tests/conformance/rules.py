"""What a row of the conformance tables is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Grade: TypeAlias = Literal["D", "O", "I", "U", "C"]
"""The weight of the evidence: documented, observed on AWS, inferred, unknown (chosen by us), contradictory."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of SEMANTICS: where it stands, how well it is known, what it says."""

    section: int
    grade: Grade
    says: str

    def __str__(self) -> str:
        return f"{self.section} {self.grade}: {self.says}"


@dataclass(frozen=True, kw_only=True)
class ResponseRule(Rule):
    """What a response means with ReportBatchItemFailures on, for records 1 to 4 in one batch. ``<n>`` stands for the
    sequence number of record n."""

    response: Any
    becomes: Literal["success", "failure", "partial"]
    lowest: int | None = None
    """Of a partial failure: the record that the next extent begins with."""


@dataclass(frozen=True, kw_only=True)
class RunRule(Rule):
    """A whole run: settings, records, which of them are bad and how the handler tells; and what must be seen of it."""

    settings: dict[str, Any] = field(default_factory=dict)
    records: int = 4
    """How many, if their times do not matter."""
    at: tuple[float, ...] | None = None
    """Else: when each is created, in seconds."""
    shards: int = 1
    bad: dict[int, int | None] = field(default_factory=dict)
    """Which records fail, so many times or (None) always."""
    how: Literal["raise", "report"] = "raise"
    throttles: int = 0
    """How many calls, at first, do not reach the function."""
    duration: float = 0
    destination: Literal["none", "takes", "raises"] = "none"
    sees: dict[str, Any]
    """What a view of the run (see test_rules.VIEWS) must show."""


@dataclass(frozen=True, kw_only=True)
class WriteRule(Rule):
    """What writes to a table add to its stream."""

    writes: tuple[tuple[Any, ...], ...]
    """Name of the operation and its arguments; the last one is looked at."""
    view_type: str = "NEW_AND_OLD_IMAGES"
    key: Any = "id"
    record: dict[str, Any] | None
    """Members, dotted, with what they must be; a member that must be absent is ABSENT. None: no record at all."""


ABSENT = "«absent»"
