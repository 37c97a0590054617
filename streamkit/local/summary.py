"""What a run comes to: counted as the facts come, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from streamkit.local.journal import (
    Checkpointed,
    InvocationFinished,
    InvocationStarted,
    RecordsDiscarded,
    RecordsExpired,
    RecordsRead,
    RetryScheduled,
    Warned,
)
from streamkit.local.texts import counted, described
from streamkit.local.views import cause_of

if TYPE_CHECKING:
    from streamkit.local.discards import OnFailureRecord
    from streamkit.local.journal import Fact

__all__ = ["Loss", "RunSummary", "ShardSummary"]


_COUNTS = ("read", "handled", "invocations", "failed_invocations", "retries", "discarded", "expired")


@dataclass(slots=True)
class ShardSummary:
    """The counts of one shard."""

    read: int = 0
    handled: int = 0
    invocations: int = 0
    failed_invocations: int = 0
    retries: int = 0
    discarded: int = 0
    expired: int = 0
    checkpoint: str | None = None
    last_cause: str = ""

    def counts(self) -> dict[str, int]:
        """Return the numbers by name."""
        return {name: getattr(self, name) for name in _COUNTS}


@dataclass(frozen=True, slots=True)
class Loss:
    """Records that were not handled, and why."""

    shard_id: str
    sequence_numbers: tuple[str, ...]
    what: str
    cause: str
    on_failure_record: OnFailureRecord | None


@dataclass(slots=True)
class RunSummary:
    """The counts of a run of so many records. Subscribe it to the run's journal."""

    records: int
    shards: dict[str, ShardSummary] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    warnings: dict[str, int] = field(default_factory=dict)
    """Each warning once, and how often it was given."""

    def note(self, fact: Fact) -> None:
        """Count a fact."""
        shard = self.shards.setdefault(fact.shard_id, ShardSummary())
        match fact:
            case RecordsRead():
                shard.read += len(fact.sequence_numbers)
            case InvocationStarted():
                shard.invocations += 1
                shard.retries += fact.attempt > 1
            case InvocationFinished():
                shard.handled += fact.handled
                shard.last_cause = ""
                if fact.outcome != "success":
                    shard.failed_invocations += 1
                    error = cause_of(fact)
                    shard.last_cause = fact.why if error is None else described(error)
            case RetryScheduled():
                pass
            case Checkpointed():
                shard.checkpoint = fact.sequence_number
            case RecordsDiscarded():
                shard.discarded += len(fact.sequence_numbers)
                what = f"discarded after {counted(fact.attempts, 'attempt')}"
                self.losses.append(Loss(fact.shard_id, fact.sequence_numbers, what, shard.last_cause, fact.record))
            case RecordsExpired():
                shard.expired += len(fact.sequence_numbers)
                cause = shard.last_cause or "never delivered"
                self.losses.append(Loss(fact.shard_id, fact.sequence_numbers, f"expired: {fact.why}", cause, None))
            case Warned():
                self.warnings[fact.text] = self.warnings.get(fact.text, 0) + 1
            case _:
                assert_never(fact)

    @property
    def total(self) -> ShardSummary:
        """The counts of all shards together."""
        total = ShardSummary()
        for name in _COUNTS:
            setattr(total, name, sum(getattr(shard, name) for shard in self.shards.values()))
        return total

    @property
    def ok(self) -> bool:
        """Whether every record was handled, and none of them in doubt."""
        return self.total.handled == self.records and not self.losses and not self.warnings
