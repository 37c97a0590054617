"""What a simulation found, taken apart: the printed test, as data."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamkit.testing.simulation import Killed, Raises, SimulationFailedError, Slow, simulate

if TYPE_CHECKING:
    from streamkit.testing.simulation import SimulatedFault

_FAULTS = {"Killed": Killed, "Raises": Raises, "Slow": Slow}


@dataclass(frozen=True)
class Found:
    """The smallest schedule that a simulation printed."""

    error: SimulationFailedError
    steps: list[str]
    """The lines of the test's ``with``, as they stand."""
    settings: dict[str, Any]
    """What `replay` is given besides the two functions."""

    @property
    def faults(self) -> list[SimulatedFault]:
        return list(self.settings.get("faults", {}).values())

    @property
    def puts(self) -> list[dict[str, Any]]:
        """The items that are written."""
        calls = [ast.parse(step, mode="eval").body for step in self.steps if step.startswith("table.put(")]
        return [ast.literal_eval(call.args[0]) for call in calls if isinstance(call, ast.Call)]

    def run(self) -> None:
        """Run the printed test, pasted into a file of its own."""
        namespace: dict[str, Any] = {"__name__": "pasted"}
        exec(self.error.test, namespace)  # noqa: S102  # what simulate printed
        (test,) = [value for name, value in namespace.items() if name.startswith("test_")]
        test()


def look_for(module: Any, *, seed: int = 0, schedules: int = 1000) -> Found:
    """Simulate the module's broken handler and return what is found. Fails where nothing is."""
    try:
        result = simulate(module.broken, module.check, seed=seed, schedules=schedules, **getattr(module, "OPTIONS", {}))
    except SimulationFailedError as error:
        return _taken_apart(error)
    raise AssertionError(f"nothing found: {result}")


def _taken_apart(error: SimulationFailedError) -> Found:
    (block,) = [node for node in ast.walk(ast.parse(error.test)) if isinstance(node, ast.With)]
    call = block.items[0].context_expr
    assert isinstance(call, ast.Call)
    settings = {one.arg or "": ast.unparse(one.value) for one in call.keywords}
    # A setup is a function's name, which says nothing here.
    values = {name: eval(text, dict(_FAULTS)) for name, text in settings.items() if name != "setup"}  # noqa: S307  # the same
    return Found(error, [ast.unparse(step) for step in block.body], values)
