"""What can happen to a call in a simulation: the faults of any local run, and those in the handler's own code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from streamkit.local.invokers.faults import Fault

__all__ = [
    "COLD_START",
    "SET_ORDER",
    "Killed",
    "Raises",
    "SimulatedFault",
    "SimulatedFaults",
    "Slow",
    "checked_faults",
    "counts",
]

COLD_START: Literal["cold_start"] = "cold_start"
SET_ORDER: Literal["set_order"] = "set_order"

_NAMES: tuple[str, ...] = (*get_args(Fault), COLD_START, SET_ORDER)


@dataclass(frozen=True, slots=True)
class Killed:
    """The function's process dies before the ``line``-th line of the handler's file that the call runs, from 1 on.

    What was done before that line is done, and will be done again: a failed attempt, as of a time-out in mid-work.
    """

    line: int

    def __post_init__(self) -> None:
        _check_line(self)


@dataclass(frozen=True, slots=True)
class Raises:
    """The ``line``-th line of the handler's file that calls something raises in its place: what it calls was down.

    What is raised is an ordinary Exception, which the handler may catch.
    """

    line: int

    def __post_init__(self) -> None:
        _check_line(self)


@dataclass(frozen=True, slots=True)
class Slow:
    """The call takes so many seconds on the runner's clock, while other shards and lanes go on."""

    seconds: int

    def __post_init__(self) -> None:
        if type(self.seconds) is not int or not 1 <= self.seconds <= 900:  # noqa: PLR2004  # the longest Timeout
            raise ValueError(f"Slow takes whole seconds from 1 to Lambda's 900, not {self.seconds!r}")


SimulatedFault: TypeAlias = Fault | Literal["cold_start", "set_order"] | Killed | Raises | Slow
"""`Fault`, `Killed`, `Raises`, `Slow`, or one of these:

``cold_start``: the call is the first of a new process.

``set_order``: the elements of the images' sets come in another order. DynamoDB says that it keeps none; whether a
stream's record may have another one each time is not known (U).
"""

SimulatedFaults: TypeAlias = Mapping[int, SimulatedFault]
"""A plan: which fault happens at which call of the function, counted from 1."""


def checked_faults(faults: Any) -> dict[int, SimulatedFault]:
    """Return the plan. Raises TypeError or ValueError for one with a call below 1 or an unknown fault."""
    if not isinstance(faults, Mapping):
        raise TypeError(f'faults are a plan like {{1: "duplicate", 2: Killed(3)}}, not {faults!r:.200}')
    for call, fault in faults.items():
        if type(call) is not int or call < 1:
            raise ValueError(f"a plan of faults says at which call, counted from 1; {call!r} is none")
        if not isinstance(fault, Killed | Raises | Slow) and fault not in _NAMES:
            raise ValueError(
                f"call {call} has the fault {fault!r}: there are {', '.join(_NAMES)}, Killed(line), Raises(line) and "
                f"Slow(seconds)"
            )
    return dict(faults)


def counts(fault: SimulatedFault) -> bool:
    """Whether the mapping counts a call with this fault as a failed attempt (SEMANTICS §3)."""
    return fault in ("timeout", "crash") or isinstance(fault, Killed | Raises)


def _check_line(fault: Killed | Raises) -> None:
    if type(fault.line) is not int or fault.line < 1:
        raise ValueError(f"{type(fault).__name__} takes which line it is, counted from 1, not {fault.line!r}")
