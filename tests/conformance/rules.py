"""What a row of the conformance tables is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from streamkit.local.invokers.faults import Fault, FaultRates

Grade: TypeAlias = Literal["D", "O", "I", "U", "C"]
"""The weight of the evidence: documented, observed on AWS, inferred, unknown (chosen by us), contradictory."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of SEMANTICS: where it stands, how well it is known, what it says."""

    section: int
    grade: Grade
    says: str
    choice: str = ""
    """What we chose, in a few words, where the grade is U, I or C."""
    setting: str = ""
    """The mapping's setting or LocalRunner's argument that changes it."""

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
    warns: tuple[str, ...] = ()
    """What the warning names; without it there is none."""


@dataclass(frozen=True, kw_only=True)
class RunRule(Rule):
    """A whole run: what is in the stream, how the function does, what is set; and what must be seen of it."""

    settings: dict[str, Any] = field(default_factory=dict)
    records: int = 4
    """How many, if nothing else about them matters."""
    at: tuple[float, ...] | None = None
    """Else: when each is created, in seconds."""
    items: tuple[str, ...] | None = None
    """Which item each is about; without it, each is about its own."""
    padding: int = 0
    """How many bytes of text each item has besides."""
    numbers: tuple[str, ...] | None = None
    """The sequence numbers, where they are not the table's own."""
    shards: int = 1
    reshards: dict[int, Literal["split", "roll_over"]] = field(default_factory=dict)
    """After which record the oldest open shard is closed, and how."""
    bad: dict[int, int | None] = field(default_factory=dict)
    """Which records fail, so many times or (None) always."""
    how: Literal["raise", "report"] = "raise"
    later: tuple[tuple[float, float], ...] = ()
    """Further records: when each is written, and when it says that it was created, in seconds."""
    tallies: bool = False
    """Whether the function is that of a tumbling window (`Tallying`): its state has the numbers of the records."""
    bad_finals: int | None = 0
    """How many of its final invocations fail, None is all."""
    grows: dict[int, int] = field(default_factory=dict)
    """With which record its state has so many bytes of JSON."""
    close_delay: float = 120
    """The window_close_delay."""
    answers: tuple[Any, ...] | None = None
    """Else: what the function returns, call by call; ``<n>`` stands for the sequence number of record n."""
    faults: dict[int, Fault] | FaultRates | None = None
    """What goes wrong around the function, at which call."""
    duration: float | tuple[float, ...] = 0
    """How long each call takes; several: call by call, and nothing after these."""
    timeout: float = 900
    seed: int = 0
    destination: Literal["none", "takes", "raises"] = "none"
    changes: dict[float, dict[str, Any]] = field(default_factory=dict)
    """Which settings are changed after so many seconds."""
    sees: dict[str, Any]
    """What a view of the run (see tests.conformance.views) must show."""


@dataclass(frozen=True, kw_only=True)
class WriteRule(Rule):
    """What writes to a table add to its stream."""

    writes: tuple[tuple[Any, ...], ...]
    """Name of the operation and its arguments; the last one is looked at."""
    view_type: str = "NEW_AND_OLD_IMAGES"
    key: Any = "id"
    record: dict[str, Any] | None
    """Members, dotted, with what they must be; a member that must be absent is ABSENT. None: no record at all."""


@dataclass(frozen=True, kw_only=True)
class LiveRule(Rule):
    """How a live stream is read: what happens to it, step by step, and what must be seen of the reading."""

    steps: tuple[tuple[Any, ...], ...]
    """``("put", 3)`` writes records, ``("read",)`` runs until caught up, others are methods of FakeStream."""
    starting: Literal["TRIM_HORIZON", "LATEST"] = "TRIM_HORIZON"
    page: int = 100
    """How many shards DescribeStream gives at once."""
    delivered: list[int]
    """The records in the order in which the function got them, counted from 1 as they were written."""
    iterators: tuple[str, ...] = ()
    """The types of the iterators that were asked for, where it matters."""
    loses: bool = False
    """Whether it is told that records were lost."""


ABSENT = "«absent»"
