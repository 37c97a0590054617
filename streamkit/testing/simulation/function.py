"""The function in a simulation: what calls it, and what happens to its process."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from streamkit.local.batching import read_event
from streamkit.local.invokers.faults import Fault, FaultyInvoker, FunctionCrashedError
from streamkit.local.invokers.invoker import Answer
from streamkit.testing.simulation.faults import COLD_START, SET_ORDER, Killed, Raises, Slow, counts
from streamkit.testing.simulation.interrupting import Interruption
from streamkit.testing.simulation.setorder import reordered

if TYPE_CHECKING:
    from streamkit.local.invokers.invoker import Invoker
    from streamkit.testing.simulation.faults import SimulatedFault, SimulatedFaults
    from streamkit.testing.simulation.memory import Memory

__all__ = ["SimulatedFunction", "StuckError"]

PATIENCE = 20
"""So many failures in a row at one record, none of which was made by a fault, are taken for one that has no end."""


class StuckError(AssertionError):
    """The handler fails at a record again and again, without any fault: its shard goes no further."""


class SimulatedFunction:
    """An Invoker that lets the planned faults happen around, and within, another one.

    ``happened``: what a fault did, by the number of its call; ``kinds``: how often each kind of fault did something.

    ``file``: the one with the handler's code, None where there is none that could be stopped at a line. ``patient``:
    whether failures have an end by themselves, since the mapping limits its retries.
    """

    def __init__(  # noqa: PLR0913  # the function, its process, and what happens to them
        self,
        inner: Invoker,
        faults: SimulatedFaults,
        memory: Memory,
        file: str | None,
        *,
        timeout: float,
        patient: bool,
    ) -> None:
        outside: dict[int, Any] = {call: fault for call, fault in faults.items() if fault in get_args(Fault)}
        self.function_name = inner.function_name
        self.happened: dict[int, str] = {}
        self.kinds: Counter[str] = Counter()
        self.calls = 0
        self.records = 0
        self._inner = FaultyInvoker(inner, outside, seed=0, timeout=timeout)
        self._faults = faults
        self._memory = memory
        self._file = file
        self._dead = False
        self._patient = patient
        self._failures: Counter[str] = Counter()

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        """See `Invoker`. Raises StuckError for a handler that fails at a record for ever."""
        self.calls += 1
        fault = self._faults.get(self.calls)
        lost: list[str] = []
        if self._dead or fault == COLD_START:
            lost, self._dead = self._memory.lose(), False
        if fault == SET_ORDER:
            other = reordered(event)
            event, fault = (event, None) if other is None else (other, fault)
        if isinstance(fault, Killed | Raises):
            answer = self._interrupted(fault, event, request_id, function_arn)
        else:
            answer = self._inner.invoke(event, request_id, function_arn)
            if fault is not None:
                self._note_fault(fault, fault if isinstance(fault, str) else f"takes {fault.seconds} s")
        if isinstance(fault, Slow):
            answer = replace(answer, seconds=float(fault.seconds))
        # Lambda starts a new process after one that died or had to be stopped.
        self._dead = self._dead or fault in ("timeout", "crash")
        if lost:
            new = f"the process is a new one, which has lost {', '.join(lost)}"
            self.happened[self.calls] = "; ".join(filter(None, (self.happened.get(self.calls), new)))
        if answer.throttled is None:
            self._note(event, answer, fault)
        return answer

    def _interrupted(self, fault: Killed | Raises, event: bytes, request_id: str, function_arn: str) -> Answer:
        answer = Answer()
        if self._file is None:
            return self._inner.invoke(event, request_id, function_arn)
        with Interruption(self._file, fault) as interruption:
            answer = self._inner.invoke(event, request_id, function_arn)
        if interruption.where is None:
            return answer
        verb = "killed before" if isinstance(fault, Killed) else "an error instead of"
        self._note_fault(fault, f"{verb} {interruption.where}")
        if isinstance(fault, Killed):
            self._dead = True
            return Answer(error=FunctionCrashedError(f"killed before {interruption.where}"))
        return answer

    def _note_fault(self, fault: SimulatedFault, text: str) -> None:
        self.happened[self.calls] = text
        self.kinds[fault if isinstance(fault, str) else type(fault).__name__] += 1

    def _note(self, event: bytes, answer: Answer, fault: SimulatedFault | None) -> None:
        """Count what was brought, and failures that no fault explains."""
        delivered: list[dict[str, Any]] = read_event(event)["Records"]
        self.records += len(delivered)
        failed = _failed_at(answer, delivered)
        if failed is None:
            self._failures.clear()
        elif fault is None or not counts(fault):
            self._failures[failed] += 1
            if self._failures[failed] >= PATIENCE and not self._patient:
                raise StuckError(_stuck(failed, delivered, answer)) from answer.error


def _failed_at(answer: Answer, delivered: list[dict[str, Any]]) -> str | None:
    """Return the number of the record at which a call failed, None where it did not."""
    if answer.error is not None:
        return delivered[0]["dynamodb"]["SequenceNumber"] if delivered else "the final invocation of a window"
    failures = answer.response.get("batchItemFailures") if isinstance(answer.response, dict) else None
    if not failures or not isinstance(failures, list):
        return None
    first = failures[0]
    return str(first.get("itemIdentifier") if isinstance(first, dict) else first)


def _stuck(failed: str, delivered: list[dict[str, Any]], answer: Answer) -> str:
    record = next((one for one in delivered if one["dynamodb"]["SequenceNumber"] == failed), None)
    what = failed if record is None else f"{record['eventName']} of {record['dynamodb']['Keys']}"
    cause = answer.error or next((failure.error for failure in answer.failures), None)
    why = "" if cause is None else f", with {type(cause).__name__}: {cause}"
    return (
        f"the handler failed {PATIENCE} times in a row at {what}{why}, and no fault had a part in it. Lambda would try "
        f"it for 24 hours, while everything behind it in its shard waits: handle it, or set MaximumRetryAttempts"
    )
