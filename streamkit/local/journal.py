"""What happened, once: an append-only list of typed facts from which every view, number and picture derives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from streamkit.local.window import closed_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from streamkit.local.destinations.discards import OnFailureRecord
    from streamkit.local.window import CloseCause, WindowEnd
    from streamkit.observing import RecordFailure

__all__ = [
    "Checkpointed",
    "Fact",
    "InvocationFinished",
    "InvocationStarted",
    "Journal",
    "Listener",
    "MappingUpdated",
    "OutcomeName",
    "RecordsDiscarded",
    "RecordsDoneBefore",
    "RecordsExpired",
    "RecordsFiltered",
    "RecordsRead",
    "RetryScheduled",
    "SourceNoted",
    "Warned",
    "WindowClosed",
    "WindowOpened",
]

OutcomeName: TypeAlias = Literal["success", "partial", "failure", "throttled"]


@dataclass(frozen=True, slots=True)
class RecordsRead:
    """Records were read from a shard."""

    at: datetime
    shard_id: str
    sequence_numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordsFiltered:
    """Records matched no filter of the mapping: they are never delivered."""

    at: datetime
    shard_id: str
    sequence_numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordsDoneBefore:
    """Records that a lane, ahead of the checkpoint, had done when an earlier run was killed: not done again."""

    at: datetime
    shard_id: str
    sequence_numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InvocationStarted:
    """The function was called."""

    at: datetime
    shard_id: str
    request_id: str
    attempt: int
    sequence_numbers: tuple[str, ...]
    why: str
    event: bytes
    lane: int = 0
    """Which of the shard's lanes: 0 to ParallelizationFactor - 1."""
    iterator_age: int | None = None
    """How old the last record was, in milliseconds: AWS's IteratorAge."""
    final: CloseCause | None = None
    """Why it is the final invocation of its tumbling window; None for all others."""


@dataclass(frozen=True, slots=True)
class InvocationFinished:
    """The function's answer arrived."""

    at: datetime
    shard_id: str
    request_id: str
    attempt: int
    outcome: OutcomeName
    why: str
    response: Any
    error: BaseException | None
    failures: Sequence[RecordFailure]
    handled: int
    """How many records this attempt is done with."""
    sequence_numbers: tuple[str, ...]
    """The records of the attempt."""
    lane: int = 0
    log: str = ""
    """What the function wrote to stdout and stderr, where the invoker holds it."""

    @property
    def failed(self) -> int:
        """How many records an attempt had that failed, in part or as a whole: AWS's FailedInvokeEventCount."""
        return len(self.sequence_numbers) if self.outcome in ("partial", "failure") else 0


@dataclass(frozen=True, slots=True)
class RetryScheduled:
    """The same records will be tried again."""

    at: datetime
    shard_id: str
    request_id: str
    retry_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Checkpointed:
    """Everything up to this record is done with."""

    at: datetime
    shard_id: str
    sequence_number: str


@dataclass(frozen=True, slots=True)
class RecordsDiscarded:
    """Records were given up, or (without any) the final invocation of a tumbling window was.

    ``record`` is the on-failure record; ``delivered`` whether a destination took it.
    """

    at: datetime
    shard_id: str
    sequence_numbers: tuple[str, ...]
    record: OnFailureRecord
    delivered: bool
    error: BaseException | None
    """What the destination raised."""
    object_key: str | None = None
    """The name of the object that it is in a bucket; None where the destination is a queue or a topic."""
    lane: int = 0

    @property
    def attempts(self) -> int:
        """How many attempts the on-failure record speaks of."""
        attempts: int = self.record["requestContext"]["approximateInvokeCount"]
        return attempts


@dataclass(frozen=True, slots=True)
class RecordsExpired:
    """Records left the stream before they were handled."""

    at: datetime
    shard_id: str
    sequence_numbers: tuple[str, ...]
    why: str
    lane: int = 0


@dataclass(frozen=True, slots=True)
class WindowOpened:
    """A tumbling window opened, with its first invocation; or was open when an earlier run ended."""

    at: datetime
    shard_id: str
    start: datetime
    end: datetime
    """A record that was created at this time or later closes it."""
    closes_at: datetime
    """When it closes without one, on the runner's clock."""
    waits_for: str = field(init=False)
    """The same in words."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "waits_for", closed_by(self.end, self.closes_at))


@dataclass(frozen=True, slots=True)
class WindowClosed:
    """A tumbling window is over. Why its final invocation was made, and what became of that."""

    at: datetime
    shard_id: str
    start: datetime
    end: datetime
    cause: CloseCause
    how: WindowEnd


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that Lambda accepts in silence and that its author did not mean."""

    at: datetime
    shard_id: str
    text: str
    loses_records: bool = True
    """Whether records are lost by it that count as handled."""


@dataclass(frozen=True, slots=True)
class SourceNoted:
    """Something happened to the reading of a live stream: what it was, and how reading goes on."""

    at: datetime
    shard_id: str
    """Nothing where it concerns the whole stream."""
    text: str
    loses_records: bool = False
    """Whether records are lost by it that nobody has read."""


@dataclass(frozen=True, slots=True)
class MappingUpdated:
    """Settings of the mapping were changed while it ran. ``changes``: AWS's names and the new values."""

    at: datetime
    changes: dict[str, Any]


Fact: TypeAlias = (
    RecordsRead
    | RecordsFiltered
    | RecordsDoneBefore
    | InvocationStarted
    | InvocationFinished
    | RetryScheduled
    | Checkpointed
    | RecordsDiscarded
    | RecordsExpired
    | WindowOpened
    | WindowClosed
    | MappingUpdated
    | SourceNoted
    | Warned
)


class Listener(Protocol):
    """Something that follows a run."""

    def note(self, fact: Fact) -> None:
        """Take in the next fact."""
        ...


class Journal:
    """The facts of a run, in order. Listeners get each one when it is written.

    ``keep=False`` passes facts on without holding them: a run of any length in bounded memory.
    """

    def __init__(self, *, keep: bool = True) -> None:
        self.keep = keep
        self._facts: list[Fact] = []
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        """Let ``listener`` hear every fact from now on."""
        self._listeners.append(listener)

    def write(self, fact: Fact) -> None:
        """Add a fact."""
        if self.keep:
            self._facts.append(fact)
        for listener in self._listeners:
            listener.note(fact)

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def __getitem__(self, index: int) -> Fact:
        return self._facts[index]
