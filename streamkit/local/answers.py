"""What an invoker's answer means: how long the attempt took, how it ended, and in which words."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from streamkit.local.invokers.invoker import Answer, FunctionTimeoutError
from streamkit.local.outcomes import (
    Failure,
    Outcome,
    Partial,
    Success,
    Throttled,
    read_response,
    read_window_response,
)
from streamkit.local.texts import error_name

if TYPE_CHECKING:
    from streamkit.local.journal import OutcomeName
    from streamkit.local.lane import Extent
    from streamkit.local.setup import Setup

__all__ = ["described", "in_time", "outcome_of"]


def in_time(answer: Answer, event: bytes, setup: Setup) -> tuple[timedelta, Answer]:
    """Return how long the invocation takes, and its answer, unless that is too late."""
    if answer.seconds is not None:
        took = timedelta(seconds=answer.seconds)
    else:
        took = timedelta(0) if answer.throttled is not None else setup.duration(event)
    if took <= setup.timeout or answer.throttled is not None:
        return took, answer
    # The handler ran to its end here; on Lambda it is stopped. Its answer is lost either way.
    return setup.timeout, Answer(error=FunctionTimeoutError(setup.timeout.total_seconds()))


def outcome_of(answer: Answer, extent: Extent, *, reporting: bool) -> Outcome:
    """Return how the attempt ended; ``reporting``: whether the mapping has ReportBatchItemFailures."""
    if answer.throttled is not None:
        return Throttled(answer.throttled)
    if answer.error is not None:
        return Failure("Unhandled", f"the function raised {error_name(answer.error)} (SEMANTICS §3)")
    if extent.window is not None:
        return read_window_response(answer.response, extent.records, reporting)
    return read_response(answer.response, extent.records) if reporting else Success()


def described(outcome: Outcome, size: int) -> tuple[OutcomeName, int, str]:
    """Return the outcome's name, how many of ``size`` records are done with, and why."""
    match outcome:
        case Success():
            return "success", size, "every record was handled" if size else "the window was processed"
        case Partial(index, why):
            return "partial", index, why
        case Failure(_, why):
            return "failure", 0, why
        case Throttled(why):
            return "throttled", 0, why
    assert_never(outcome)
