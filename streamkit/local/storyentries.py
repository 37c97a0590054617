"""What a story tells, from the facts of a journal: calls, and what happened besides."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from streamkit.local.journal import (
    InvocationFinished,
    InvocationStarted,
    MappingUpdated,
    RecordsDiscarded,
    RecordsDoneBefore,
    RecordsFiltered,
    RetryScheduled,
    SourceNoted,
    Warned,
    WindowClosed,
)
from streamkit.local.summary import RunSummary
from streamkit.local.texts import described
from streamkit.local.views import cause_of
from streamkit.local.windowlog import WindowLog

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from streamkit.local.journal import Fact

__all__ = ["Call", "Entry", "Note", "Repeated", "Tale", "told"]

_REPEATS = 4
"""From how many calls in a row on, that differ in nothing but time, all but the first and the last are one entry."""


@dataclass(slots=True)
class Call:
    """One call of the function; ``number`` counts from 1."""

    number: int
    start: InvocationStarted
    end: InvocationFinished | None = None

    @property
    def outcome(self) -> str:
        """How it ended, in a word."""
        return "unanswered" if self.end is None else self.end.outcome

    def essence(self) -> tuple[object, ...]:
        """Return what calls have in common that only repeat each other."""
        cause = None if self.end is None else cause_of(self.end)
        return self.start.shard_id, self.start.request_id, self.outcome, cause and described(cause)


class Repeated(NamedTuple):
    """Calls between two others of the same kind."""

    calls: list[Call]


class Note(NamedTuple):
    """Something else that happened: a text around the names of records."""

    kind: str
    """What it is where it is only counted, in the singular."""
    at: datetime
    shard_id: str
    before: str
    numbers: tuple[str, ...] = ()
    after: str = ""


Entry: TypeAlias = Call | Repeated | Note


@dataclass(slots=True)
class Tale:
    """Everything that a story can tell."""

    entries: list[Entry] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    summary: RunSummary = field(default_factory=lambda: RunSummary(0))
    windows: WindowLog = field(default_factory=WindowLog)
    shard_ids: dict[str, None] = field(default_factory=dict)
    """The shards in which something happened, in the order in which it did."""
    lanes: bool = False
    """Whether a shard has several."""
    start: datetime | None = None
    """When the first thing happened."""
    waiting: dict[tuple[str, str], tuple[Call, RetryScheduled]] = field(default_factory=dict)
    """The calls that are to be made again."""


def told(facts: Iterable[Fact]) -> Tale:
    """Return what there is to tell of these facts."""
    tale = Tale()
    latest: dict[tuple[str, str], Call] = {}
    found: list[Call | Note] = []
    for fact in facts:
        tale.start = tale.start or fact.at
        if not isinstance(fact, MappingUpdated) and fact.shard_id:
            tale.shard_ids[fact.shard_id] = None
        match fact:
            case InvocationStarted(shard_id=shard_id, request_id=request_id):
                call = Call(len(tale.calls) + 1, fact)
                latest[shard_id, request_id] = call
                tale.waiting.pop((shard_id, request_id), None)
                tale.lanes = tale.lanes or fact.lane > 0
                tale.calls.append(call)
                found.append(call)
            case InvocationFinished(shard_id=shard_id, request_id=request_id):
                if (shard_id, request_id) in latest:
                    latest[shard_id, request_id].end = fact
            case RetryScheduled(shard_id=shard_id, request_id=request_id):
                if (shard_id, request_id) in latest:
                    tale.waiting[shard_id, request_id] = latest[shard_id, request_id], fact
            case _:
                pass
        tale.windows.note(fact)
        losses = len(tale.summary.losses)
        tale.summary.note(fact)
        found += _notes(fact, tale, losses)
    tale.entries = list(_folded(found))
    return tale


def _notes(fact: Fact, tale: Tale, losses: int) -> Iterator[Note]:
    """Yield what a fact other than a call's is told as. ``losses``: how many there were before it."""
    at = fact.at
    for loss in tale.summary.losses[losses:]:
        _forget(tale, loss.shard_id, loss.sequence_numbers)
        failed = fact.error if isinstance(fact, RecordsDiscarded) else None
        more = "" if failed is None else f"; its on-failure record was not delivered: {described(failed)}"
        after = f"{loss.what}; last cause: {loss.cause}{more}"
        if loss.sequence_numbers:
            yield Note("loss", at, loss.shard_id, "lost: ", loss.sequence_numbers, f", {after}")
        else:
            yield Note("loss", at, loss.shard_id, f"lost: {after}")
    match fact:
        case WindowClosed(shard_id=shard_id, start=start):
            windows = reversed(tale.windows.windows)
            yield from (
                Note("closed window", at, shard_id, str(window))
                for window in islice((one for one in windows if (one.shard_id, one.start) == (shard_id, start)), 1)
            )
        case RecordsFiltered(shard_id=shard_id, sequence_numbers=numbers):
            yield Note("filtered read", at, shard_id, "filtered out: ", numbers)
        case RecordsDoneBefore(shard_id=shard_id, sequence_numbers=numbers):
            yield Note("resumption", at, shard_id, "done in an earlier run: ", numbers)
        case MappingUpdated():
            changes = ", ".join(f"{name}={value!r:.60}" for name, value in fact.changes.items())
            yield Note("mapping update", at, "", f"mapping updated: {changes}")
        case SourceNoted():
            yield Note("stream note", at, fact.shard_id, f"{'lost' if fact.loses_records else 'stream'}: {fact.text}")
        case Warned():
            yield Note("warning", at, fact.shard_id, f"warning: {fact.text}")
        case _:
            pass


def _forget(tale: Tale, shard_id: str, lost: tuple[str, ...]) -> None:
    """Wait no more for a retry of records that are lost, or (without any) of a final invocation."""
    for key, (call, _) in list(tale.waiting.items()):
        numbers = call.start.sequence_numbers
        if key[0] == shard_id and (numbers == lost or set(numbers) & set(lost)):
            del tale.waiting[key]


def _folded(found: Iterable[Call | Note]) -> Iterator[Entry]:
    """Yield the entries, calls that only repeat each other as one."""
    for essence, entries in groupby(found, key=lambda entry: entry.essence() if isinstance(entry, Call) else None):
        group = list(entries)
        calls = [entry for entry in group if isinstance(entry, Call)]
        if essence is None or len(calls) < _REPEATS:
            yield from group
        else:
            yield from (calls[0], Repeated(calls[1:-1]), calls[-1])
