"""Who wants to know about failed records besides the log: the local runner, while it runs a handler.

A handler answers Lambda with sequence numbers only. The exceptions behind them go to the log and, through this, to
whoever called the handler in the same process, so that a test can show or re-raise them.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RecordFailure", "failures_observed", "observe_failure"]


@dataclass(frozen=True, slots=True)
class RecordFailure:
    """One record that failed in one invocation, and why."""

    sequence_number: str | None
    error: BaseException


# The list itself is shared, not its binding: a handler's own threads and tasks run in copies of the context.
_observed: ContextVar[list[RecordFailure] | None] = ContextVar("streamkit_failures", default=None)


@contextmanager
def failures_observed() -> Iterator[list[RecordFailure]]:
    """Collect the failures of every handler called inside the block."""
    failures: list[RecordFailure] = []
    token = _observed.set(failures)
    try:
        yield failures
    finally:
        _observed.reset(token)


def observe_failure(sequence_number: str | None, error: BaseException) -> None:
    """Tell whoever listens that a record failed."""
    failures = _observed.get()
    if failures is not None:
        failures.append(RecordFailure(sequence_number, error))
