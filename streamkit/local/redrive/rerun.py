"""A failed batch run through a handler again."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streamkit.local.clock import VirtualClock
from streamkit.local.invokers.context import MAX_TIMEOUT
from streamkit.local.invokers.functionerror import FunctionError
from streamkit.local.invokers.invoker import Answer
from streamkit.local.journal import InvocationFinished, Journal
from streamkit.local.redrive.source import BatchSource, OpenedWindow
from streamkit.local.runner import LocalRunner
from streamkit.local.summary import RunSummary
from streamkit.local.window import NEW_STATE
from streamkit.mapping import EventSourceMapping

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from streamkit.local.invokers.invoker import Invoker
    from streamkit.local.journal import Fact, Listener
    from streamkit.local.recordlist import Records
    from streamkit.local.redrive.document import FailedBatch

__all__ = ["PatientInvoker", "Rerun", "rerun"]

_POLL_BYTES = 1_048_576
_POLL_RECORDS = 1000
_LONGEST_WINDOW = 300
_LONGEST_NAME = 256


class Rerun:
    """What came of it; a journal's listener."""

    def __init__(self, records: int) -> None:
        self.summary = RunSummary(records)
        self.handled: list[str] = []

    def note(self, fact: Fact) -> None:
        """Take in a fact of the run."""
        self.summary.note(fact)
        if isinstance(fact, InvocationFinished):
            self.handled += fact.sequence_numbers[: fact.handled]

    @property
    def ok(self) -> bool:
        """Whether every record was handled, and every result of a window."""
        return self.summary.ok

    @property
    def why(self) -> str:
        """Why not, in words."""
        causes = [loss.cause if loss.sequence_numbers else f"{loss.what}: {loss.cause}" for loss in self.summary.losses]
        return "; ".join(dict.fromkeys([*causes, *self.summary.warnings])) or "not every record was reached"


def rerun(  # noqa: PLR0913, PLR0917  # a batch, and how it is run
    invoker: Invoker,
    batch: FailedBatch,
    records: Records,
    mapping: EventSourceMapping,
    given: AbstractSet[str] = frozenset(),
    state: bytes = NEW_STATE,
    timeout: float = MAX_TIMEOUT,
    listener: Listener | None = None,
) -> Rerun:
    """Run these records as one batch, as it was; without retries, since what fails stays where it is.

    ``given``: the names of the settings that somebody asked for, and that hold instead. ``state``: of its tumbling
    window, where the final invocation is run.

    The clock is virtual, and starts when the first record was created: none is too old.
    """
    result = Rerun(len(records))
    journal = Journal(keep=False)
    journal.subscribe(result)
    if listener is not None:
        journal.subscribe(listener)
    settings = _settings(batch, records, mapping, given)
    in_window = batch.window is not None and (settings.tumbling_window_in_seconds > 0 or batch.final)
    started = next((when for when in records.created_at if when is not None), batch.window and batch.window.end)
    runner = LocalRunner(
        invoker,
        BatchSource(batch.stream_arn, batch.shard_id, records),
        settings,
        clock=VirtualClock(started) if started else None,
        checkpoints=OpenedWindow(batch.shard_id, batch.window, state) if in_window and batch.window else None,
        timeout=timeout,
        journal=journal,
    )
    runner.run()
    return result


def _settings(
    batch: FailedBatch, records: Records, mapping: EventSourceMapping, given: AbstractSet[str]
) -> EventSourceMapping:
    """Return the mapping that makes one invocation of all records, and tries no more than that."""
    one_page = len(records) <= _POLL_RECORDS and sum(records.sizes) <= _POLL_BYTES
    batching: dict[str, Any] = {
        "batch_size": max(1, len(records)),
        # What one poll does not bring is waited for; the clock is virtual.
        "maximum_batching_window_in_seconds": 0 if one_page else _LONGEST_WINDOW,
        "maximum_retry_attempts": 0,
        "bisect_batch_on_function_error": False,
    }
    fixed: dict[str, Any] = {
        # Both have been applied: these are the records of one lane that matched.
        "filter_criteria": None,
        "parallelization_factor": 1,
        "maximum_record_age_in_seconds": -1,
        "starting_position": "TRIM_HORIZON",
        "enabled": True,
        "destination_config": None,
    }
    if 0 < len(batch.function_arn) <= _LONGEST_NAME:
        # The function's context then says whose records these are.
        fixed["function_name"] = batch.function_arn
    changes = {name: value for name, value in batching.items() if name not in given} | fixed
    return EventSourceMapping.model_validate(mapping.model_dump() | changes, context={"warned": True})


@dataclass(slots=True)
class PatientInvoker:
    """An Invoker that gives up on a function that is throttled or away, instead of asking for 24 hours."""

    inner: Invoker
    waits: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0)
    """Seconds, real ones, between one call and the next."""
    sleep: Callable[[float], object] = field(default=time.sleep)

    @property
    def function_name(self) -> str:
        """See `Invoker`."""
        return self.inner.function_name

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        """See `Invoker`."""
        answer = self.inner.invoke(event, request_id, function_arn)
        for wait in self.waits:
            if answer.throttled is None:
                return answer
            self.sleep(wait)
            answer = self.inner.invoke(event, request_id, function_arn)
        if answer.throttled is None:
            return answer
        return Answer(error=FunctionError("NotInvoked", f"the function was not run: {answer.throttled}"))
