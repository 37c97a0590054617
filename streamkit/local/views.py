"""What a run looks like: invocations, discarded records and checkpoints, each derived from the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamkit.local.batching import read_event
from streamkit.local.journal import Checkpointed, InvocationFinished, InvocationStarted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from streamkit.local.journal import Fact, OutcomeName

__all__ = ["Invocation", "cause_of", "checkpoints_in", "invocations_in"]


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of the function, and what came of it."""

    shard_id: str
    sequence_numbers: list[str]
    request_id: str
    """Kept when the same records are retried, new for every new extent (SEMANTICS §3)."""
    attempt: int
    """1 for the first call with these records; throttled calls do not count, and a batch that only lost expired
    records keeps its count (U)."""
    at: datetime
    event: dict[str, Any]
    response: Any
    error: BaseException | None
    """What the function raised; where it reported records instead, the exception of the first of them, if known."""
    outcome: OutcomeName | None
    """None while it is running."""
    why: str
    """The rule that led to the call."""
    lane: int = 0
    """Which of the shard's lanes it was in: 0 to ParallelizationFactor - 1."""
    log: str = ""
    """What the function wrote to stdout and stderr, where the invoker holds it."""


def invocations_in(facts: Iterable[Fact]) -> list[Invocation]:
    """Return the invocations in the order in which they started."""
    started: list[InvocationStarted] = []
    finished: dict[int, InvocationFinished] = {}
    running: dict[tuple[str, str], int] = {}
    for fact in facts:
        if isinstance(fact, InvocationStarted):
            running[fact.shard_id, fact.request_id] = len(started)
            started.append(fact)
        elif isinstance(fact, InvocationFinished):
            finished[running.pop((fact.shard_id, fact.request_id))] = fact
    return [_invocation(fact, finished.get(index)) for index, fact in enumerate(started)]


def _invocation(start: InvocationStarted, end: InvocationFinished | None) -> Invocation:
    return Invocation(
        shard_id=start.shard_id,
        sequence_numbers=list(start.sequence_numbers),
        request_id=start.request_id,
        attempt=start.attempt,
        at=start.at,
        event=read_event(start.event),
        response=None if end is None else end.response,
        error=None if end is None else cause_of(end),
        outcome=None if end is None else end.outcome,
        why=start.why,
        lane=start.lane,
        log="" if end is None else end.log,
    )


def cause_of(fact: InvocationFinished) -> BaseException | None:
    """Return the exception behind an invocation that did not fully succeed, where it is known."""
    if fact.error is not None:
        return fact.error
    return next((failure.error for failure in fact.failures), None)


def checkpoints_in(facts: Iterable[Fact]) -> dict[str, str]:
    """Return the last checkpoint of each shard that has one."""
    return {fact.shard_id: fact.sequence_number for fact in facts if isinstance(fact, Checkpointed)}
