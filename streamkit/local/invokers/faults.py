"""Faults as data: what goes wrong between Lambda and the function, and at which call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import fsum
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from streamkit.local.invokers.invoker import Answer, FunctionTimeoutError
from streamkit.local.seeding import seeded

if TYPE_CHECKING:
    from streamkit.local.invokers.invoker import Invoker

__all__ = ["Fault", "FaultRates", "Faults", "FaultyInvoker", "FunctionCrashedError", "planned"]

Fault: TypeAlias = Literal["throttle", "service_error", "timeout", "crash", "duplicate"]
"""``throttle``, ``service_error``: the function is not run; it is tried again, and no retry is counted.

``timeout``: the function hangs before it does anything, and is stopped when its time is up: a failed attempt.

``crash``: the function does its work, and its process dies before the answer is out: a failed attempt, whose work is
done and will be done again.

``duplicate``: the function does its work and answers, and gets the same event once more: at-least-once delivery.
"""

_ROUNDING = 1e-9

_FAULTS: tuple[Fault, ...] = get_args(Fault)


@dataclass(frozen=True, slots=True)
class FaultRates:
    """How often each fault happens, as a share of the calls from 0 to 1; which calls those are, the run's seed says.

    Raises ValueError for a share below 0, and where all together are more than 1.
    """

    throttle: float = 0.0
    service_error: float = 0.0
    timeout: float = 0.0
    crash: float = 0.0
    duplicate: float = 0.0

    def __post_init__(self) -> None:
        shares = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, share in shares.items():
            if type(share) not in (int, float) or not 0 <= share <= 1:
                raise ValueError(f"the rate of {name} takes a share of the calls from 0 to 1, not {share!r}")
        if fsum(shares.values()) > 1 + _ROUNDING:
            raise ValueError(f"the rates of all faults together are at most 1, these are {fsum(shares.values())}")

    def at(self, call: int, seed: int) -> Fault | None:
        """Return what goes wrong at this call, counted from 1."""
        drawn = seeded(seed, "fault", call).random()
        for name in _FAULTS:
            drawn -= getattr(self, name)
            if drawn < 0:
                return name
        return None


Faults: TypeAlias = FaultRates | Mapping[int, Fault]
"""Rates, or a plan: which fault happens at which call of the run, counted from 1."""


def planned(faults: Faults, calls: int, seed: int) -> dict[int, Fault]:
    """Return what goes wrong at each of the first ``calls`` calls: a plan that can be given in the place of rates."""
    plan: dict[int, Fault] = {}
    for call in range(1, calls + 1):
        fault = _fault_at(faults, call, seed)
        if fault is not None:
            plan[call] = fault
    return plan


def checked(faults: Faults) -> Faults:
    """Return the faults. Raises ValueError for a plan with a call below 1 or an unknown fault."""
    if isinstance(faults, FaultRates):
        return faults
    if not isinstance(faults, Mapping):
        raise TypeError(f'faults are FaultRates or a plan like {{3: "timeout"}}, not {faults!r:.200}')
    for call, fault in faults.items():
        if type(call) is not int or call < 1:
            raise ValueError(f"a plan of faults says at which call, counted from 1; {call!r} is none")
        if fault not in _FAULTS:
            raise ValueError(f"call {call} has the fault {fault!r}: there are {', '.join(_FAULTS)}")
    return dict(faults)


class FunctionCrashedError(Exception):
    """The function's process ended before its answer was out."""

    def __init__(self, where: str) -> None:
        super().__init__(f"Runtime exited without providing a reason ({where})")


class FaultyInvoker:
    """An Invoker that lets the planned faults happen around another one. ``seed``: None where a plan needs none."""

    def __init__(self, inner: Invoker, faults: Faults, *, seed: int | None, timeout: float) -> None:
        self._inner = inner
        self._faults = checked(faults)
        self._seed = seed
        self._timeout = timeout
        self._calls = 0
        self._delivered_again: set[str] = set()
        self.function_name = inner.function_name

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        """See `Invoker`."""
        self._calls += 1
        fault = _fault_at(self._faults, self._calls, self._seed or 0)
        where = f"{fault} injected at call {self._calls}"
        if self._seed is not None:
            where += f" (seed {self._seed})"
        match fault:
            case "throttle" | "service_error":
                return Answer(throttled=where)
            case "timeout":
                return Answer(error=FunctionTimeoutError(self._timeout, where), seconds=self._timeout)
        answer = self._inner.invoke(event, request_id, function_arn)
        # A duplicate has none of its own: else a rate of 1 would have no end.
        if answer.throttled is not None:
            return answer
        if fault == "duplicate" and request_id not in self._delivered_again:
            self._delivered_again.add(request_id)
            return replace(answer, again=where)
        self._delivered_again.discard(request_id)
        if fault == "crash":
            return replace(answer, response=None, error=FunctionCrashedError(where), failures=())
        return answer


def _fault_at(faults: Faults, call: int, seed: int) -> Fault | None:
    return faults.at(call, seed) if isinstance(faults, FaultRates) else faults.get(call)
