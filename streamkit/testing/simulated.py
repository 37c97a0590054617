"""``@pytest.mark.simulate(handler)``: the test is the invariant that is held against the handler."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import TestCase

from streamkit.testing.marking import MarkError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

__all__ = ["GIVEN", "MARK", "Simulated", "hold", "simulated", "taken"]

MARK = "simulate"

GIVEN = ("table", "runner")
"""The parameters of a test that come from the simulation, and are no fixtures."""


def taken(function: Callable[..., Any]) -> list[str]:
    """Return which parameters of a test come from the simulation."""
    return [name for name in inspect.signature(function).parameters if name in GIVEN]


class Simulated(NamedTuple):
    """What the marks of a test say: the handler, and `simulate`'s settings."""

    handler: Callable[..., Any]
    options: dict[str, Any]


def simulated(item: pytest.Item) -> Simulated | None:
    """Return what is to be simulated with a test, None where it has no such mark; an inner mark counts before an outer.

    Raises MarkError for a mark that says too little or something unknown, and for a test that nobody would simulate.
    """
    marks = list(item.iter_markers(MARK))
    if not marks:
        return None
    test = getattr(item, "obj", None)
    if test is None or isinstance(getattr(item, "instance", None), TestCase):
        raise MarkError(
            f"@pytest.mark.{MARK} is for test functions and for methods of plain classes: unittest calls its own tests"
        )
    if inspect.iscoroutinefunction(test) or inspect.isgeneratorfunction(test):
        raise MarkError(f"@pytest.mark.{MARK} makes the test an invariant, which is a plain function: without async")
    handlers: tuple[Any, ...] = ()
    options: dict[str, Any] = {}
    for mark in reversed(marks):
        more = {name: value for name, value in mark.kwargs.items() if name != "handler"}
        given = (*mark.args, mark.kwargs["handler"]) if "handler" in mark.kwargs else mark.args
        handlers, options = given or handlers, options | more
    from streamkit.testing.simulation import simulate  # noqa: PLC0415  # with the whole runner

    allowed = [name for name, one in inspect.signature(simulate).parameters.items() if one.kind is one.KEYWORD_ONLY]
    unknown = [name for name in options if name not in allowed]
    if len(handlers) != 1 or unknown:
        told = f"knows no {', '.join(unknown)}" if unknown else f"takes one handler, not {len(handlers)}"
        raise MarkError(
            f"@pytest.mark.{MARK} {told}: @pytest.mark.{MARK}(handler=handler, schedules=200). Its settings are "
            f"{', '.join(allowed)}"
        )
    return Simulated(handlers[0], options)


def hold(item: pytest.Function, asked: Simulated, seed: int | None) -> str:
    """Hold the test, as an invariant, against the handler; return what was tried, in words.

    ``seed``: the one to begin with where the mark names none; None leaves it to `simulate`. Raises MarkError for what
    cannot be simulated, SimulationFailedError where the invariant does not hold.
    """
    __tracebackhide__ = True
    from streamkit.testing.simulation import SimulationError, simulate  # noqa: PLC0415  # as above

    given: dict[str, Any] = {} if seed is None else {"seed": seed}
    try:
        return str(simulate(asked.handler, _invariant(item), **(given | asked.options)))
    except SimulationError as error:
        raise MarkError(f"@pytest.mark.{MARK}: {error}") from error


def _invariant(item: pytest.Function) -> Callable[..., object]:
    """Return the test with its fixtures filled in: what is left to be given is the simulation's."""
    test: Callable[..., object] = item.obj
    parameters = inspect.signature(test).parameters
    fixtures = {name: item.funcargs[name] for name in parameters if name in item.funcargs and name not in GIVEN}
    if not fixtures:
        return test

    # With the name and the module of the test: a simulation that fails writes them into the test that it prints.
    @wraps(test)
    def invariant(**given: Any) -> object:
        __tracebackhide__ = True
        return test(**fixtures, **given)

    left = [parameters[name].replace(kind=inspect.Parameter.KEYWORD_ONLY) for name in taken(test)]
    vars(invariant)["__signature__"] = inspect.Signature(left)
    return invariant
