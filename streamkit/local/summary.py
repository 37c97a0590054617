"""What a run comes to: counted as the facts come, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

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
    Warned,
    WindowClosed,
    WindowOpened,
)
from streamkit.local.texts import counted, described, second
from streamkit.local.views import cause_of
from streamkit.local.windowlog import WindowLog

if TYPE_CHECKING:
    from streamkit.local.destinations.discards import OnFailureRecord
    from streamkit.local.journal import Fact

__all__ = ["Loss", "RunSummary", "ShardSummary"]


_FINAL = ""
"""Stands for the final invocation of a tumbling window among the numbers of records."""

_COUNTS = ("read", "filtered", "handled", "invocations", "failed_invocations", "retries", "discarded", "expired")


@dataclass(slots=True)
class ShardSummary:
    """The counts of one shard."""

    read: int = 0
    filtered: int = 0
    handled: int = 0
    invocations: int = 0
    failed_invocations: int = 0
    retries: int = 0
    discarded: int = 0
    expired: int = 0
    checkpoint: str | None = None
    causes: dict[str, str] = field(default_factory=dict)
    """Why the last attempt failed, for each record of it that is not handled yet."""

    def note(self, fact: Fact) -> None:
        """Count a fact about this shard."""
        match fact:
            case RecordsRead():
                self.read += len(fact.sequence_numbers)
            case RecordsFiltered():
                self.filtered += len(fact.sequence_numbers)
            case InvocationStarted():
                self.invocations += 1
                self.retries += fact.attempt > 1
            case InvocationFinished():
                self._note_end(fact)
            case Checkpointed():
                self.checkpoint = fact.sequence_number
            case RecordsDiscarded():
                self.discarded += len(fact.sequence_numbers)
            case RecordsExpired():
                self.expired += len(fact.sequence_numbers)
            case RetryScheduled() | Warned() | MappingUpdated() | SourceNoted() | RecordsDoneBefore():
                pass
            case WindowOpened() | WindowClosed():
                pass
            case _:
                assert_never(fact)

    def _note_end(self, fact: InvocationFinished) -> None:
        self.handled += fact.handled
        for number in (fact.sequence_numbers or (_FINAL,)) if self.causes else ():
            self.causes.pop(number, None)
        if fact.outcome != "success":
            self.failed_invocations += 1
            error = cause_of(fact)
            cause = fact.why if error is None else described(error)
            self.causes.update(dict.fromkeys(fact.sequence_numbers[fact.handled :] or (_FINAL,), cause))

    def forget(self, numbers: tuple[str, ...]) -> str:
        """Return why these records, which are lost, or (without any) a final invocation, were not handled."""
        causes = [self.causes.pop(number, "never delivered") for number in numbers or (_FINAL,)]
        return causes[0]

    def counts(self) -> dict[str, int]:
        """Return the numbers by name."""
        return {name: getattr(self, name) for name in _COUNTS}


@dataclass(frozen=True, slots=True)
class Loss:
    """Records that were not handled, or (without any) the result of a tumbling window, and why."""

    shard_id: str
    sequence_numbers: tuple[str, ...]
    what: str
    cause: str
    on_failure_record: OnFailureRecord | None


@dataclass(slots=True)
class RunSummary:
    """The counts of a run that has so many records to bring. Subscribe it to the run's journal."""

    records: int
    shards: dict[str, ShardSummary] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    warnings: dict[str, int] = field(default_factory=dict)
    """Each warning once, and how often it was given."""
    windows: WindowLog = field(default_factory=lambda: WindowLog(keep=False))
    """The tumbling windows: those that are open, and how many closed."""
    live: bool = False
    """Whether the records are those of a live stream: what was read and not handled yet is left for the next time."""
    doubtful: bool = False
    """Whether one of the warnings says that records which count as handled are lost."""
    unread: list[str] = field(default_factory=list)
    """What happened to a live stream so that records are lost which nobody has read."""

    def note(self, fact: Fact) -> None:
        """Count a fact."""
        self.windows.note(fact)
        if isinstance(fact, SourceNoted) and fact.loses_records:
            self.unread.append(f"{fact.shard_id}: {fact.text}")
        if isinstance(fact, MappingUpdated | SourceNoted):
            return
        shard = self.shards.setdefault(fact.shard_id, ShardSummary())
        shard.note(fact)
        match fact:
            case RecordsDiscarded():
                what = f"discarded after {counted(fact.attempts, 'attempt')}"
                if fact.record["requestContext"]["condition"] == "RecordAgeExceeded":
                    what = "discarded: older than MaximumRecordAgeInSeconds"
                if not fact.sequence_numbers:
                    window = fact.record["timeWindowInfo"]["window"]
                    what = f"the result of window {window['start']} to {window['end']}, {what}"
                cause = shard.forget(fact.sequence_numbers)
                self.losses.append(Loss(fact.shard_id, fact.sequence_numbers, what, cause, fact.record))
            case WindowClosed(how="expired"):
                what = f"the result of window {second(fact.start)} to {second(fact.end)}, tried for 24 hours"
                self.losses.append(Loss(fact.shard_id, (), what, shard.forget(()), None))
            case RecordsExpired():
                cause = shard.forget(fact.sequence_numbers)
                self.losses.append(Loss(fact.shard_id, fact.sequence_numbers, f"expired: {fact.why}", cause, None))
            case RecordsDoneBefore():
                self.records -= len(fact.sequence_numbers)
            case Warned():
                self.warnings[fact.text] = self.warnings.get(fact.text, 0) + 1
                self.doubtful = self.doubtful or fact.loses_records
            case _:
                pass

    @property
    def total(self) -> ShardSummary:
        """The counts of all shards together."""
        total = ShardSummary()
        for name in _COUNTS:
            setattr(total, name, sum(getattr(shard, name) for shard in self.shards.values()))
        return total

    @property
    def brought(self) -> int:
        """How many records the run has brought, or has to bring; of a live stream those that were read."""
        return self.total.read if self.live else self.records

    @property
    def ok(self) -> bool:
        """Whether every record that the filters take was handled, none of them in doubt, and every window finished.

        Of a live stream: whether nothing was lost.
        """
        if self.live:
            return not self.losses and not self.doubtful and not self.unread
        total = self.total
        handled = total.handled + total.filtered == self.records and not self.windows.open
        return handled and not self.losses and not self.doubtful
