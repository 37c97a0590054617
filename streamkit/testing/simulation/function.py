"""The function in a simulation: what calls it, and what happens to its process."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from streamkit.local.batching import read_event
from streamkit.local.invokers.faults import Fault, FaultyInvoker, FunctionCrashedError
from streamkit.local.invokers.invoker import Answer
from streamkit.testing.simulation.faults import COLD_START, SET_ORDER, Killed, Raises, Slow
from streamkit.testing.simulation.interrupting import Interruption
from streamkit.testing.simulation.setorder import reordered

if TYPE_CHECKING:
    from types import CodeType

    from streamkit.local.invokers.invoker import Invoker
    from streamkit.testing.simulation.faults import SimulatedFault, SimulatedFaults
    from streamkit.testing.simulation.memory import Memory

__all__ = ["SimulatedFunction"]


_TEXTS = {
    "throttle": "Lambda did not call the function, which has no capacity left",
    "service_error": "Lambda did not call the function, for an error of its own",
    "timeout": "the function did nothing until its time was up",
    "crash": "the function did its work, and its process died before the answer was out",
    "duplicate": "the function did its work and answered, and got the same event once more",
    COLD_START: "the first call of a new process",
    SET_ORDER: "the sets of the images have another order",
}


class SimulatedFunction:
    """An Invoker that lets the planned faults happen around, and within, another one.

    ``happened``: what a fault did, by the number of its call; ``kinds``: how often each kind of fault did something.

    ``file``: the one with the handler's code, None where there is none that could be stopped at a line. ``services``:
    code in which nothing is stopped, see `Interruption`.
    """

    def __init__(  # noqa: PLR0913  # the function, its process, and what happens to them
        self,
        inner: Invoker,
        faults: SimulatedFaults,
        memory: Memory,
        file: str | None,
        services: frozenset[CodeType] = frozenset(),
        *,
        timeout: float,
    ) -> None:
        outside: dict[int, Any] = {call: fault for call, fault in faults.items() if fault in get_args(Fault)}
        self.function_name = inner.function_name
        self.happened: dict[int, str] = {}
        self.kinds: Counter[str] = Counter()
        self.calls = 0
        self.records = 0
        self._inner = FaultyInvoker(inner, outside, seed=None, timeout=timeout)
        self._faults = faults
        self._memory = memory
        self._file = file
        self._dead = False
        self._services = services
        self._fault_of: dict[str, SimulatedFault | None] = {}

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        """See `Invoker`."""
        self.calls += 1
        fault = self._faults.get(self.calls)
        self._fault_of[request_id] = fault
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
                self._note_fault(
                    fault, f"{fault}: {_TEXTS[fault]}" if isinstance(fault, str) else f"took {fault.seconds} s"
                )
        if isinstance(fault, Slow):
            answer = replace(answer, seconds=float(fault.seconds))
        # Lambda starts a new process after one that died or had to be stopped.
        self._dead = self._dead or fault in ("timeout", "crash")
        if lost:
            names = ", ".join(lost)
            new = f"the process is a new one, and has lost {names} (what outlives a process belongs into world=)"
            self.happened[self.calls] = "; ".join(filter(None, (self.happened.get(self.calls), new)))
        if answer.throttled is None:
            self.records += len(read_event(event)["Records"])
        return answer

    def fault_of(self, request_id: str) -> SimulatedFault | None:
        """Return what happened at the last call of a request."""
        return self._fault_of.get(request_id)

    def _interrupted(self, fault: Killed | Raises, event: bytes, request_id: str, function_arn: str) -> Answer:
        answer = Answer()
        if self._file is None:
            return self._inner.invoke(event, request_id, function_arn)
        with Interruption(self._file, fault, self._services) as interruption:
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
