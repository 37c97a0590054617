"""A schedule as a test that can be pasted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from streamkit.mapping import EventSourceMapping
from streamkit.testing.simulation.faults import Killed, Raises, Slow
from streamkit.testing.simulation.literals import literal
from streamkit.testing.simulation.schedule import Run

if TYPE_CHECKING:
    from streamkit.testing.simulation.schedule import Schedule

__all__ = ["as_test"]

_WIDTH = 100
_DEFAULTS = {"key": "id", "view_type": "NEW_AND_OLD_IMAGES"}


def as_test(schedule: Schedule, handler: Any, invariant: Any, options: Mapping[str, Any], seed: int) -> str:
    """Return Python's text of a test that performs the schedule and checks the invariant.

    ``options``: what `simulate` was given that `replay` takes.
    """
    arguments = [_name(handler), _name(invariant)]
    given = {name: value for name, value in options.items() if value and value != _DEFAULTS.get(name)}
    if given.get("mapping") == getattr(handler, "mapping", None):
        given.pop("mapping", None)
    known = _known((handler, invariant))
    arguments += [f"{name}={_option(value, known)}" for name, value in given.items()]
    if schedule.shards > 1:
        arguments.append(f"shards={schedule.shards}")
    if schedule.batch_size is not None:
        arguments.append(f"batch_size={schedule.batch_size}")
    if schedule.faults:
        arguments.append(f"faults={literal(dict(schedule.faults))}")
    steps = schedule.steps[:-1] if schedule.steps and isinstance(schedule.steps[-1], Run) else schedule.steps
    lines = [
        *_imports(
            schedule,
            (handler, invariant, *filter(callable, given.values())),
            [known[id(one)] for one in given.get("world", ()) if id(one) in known],
        ),
        "",
        "",
        f"def test_{re.sub('[^0-9a-zA-Z]+', '_', _name(invariant)).strip('_')}_with_seed_{seed}() -> None:",
        f"    {_with(arguments)} as (table, runner):",
        *(f"        {line}" for step in steps or ("pass",) for line in str(step).splitlines()),
    ]
    return "\n".join(lines)


def _with(arguments: list[str]) -> str:
    line = f"with replay({', '.join(arguments)})"
    if len(line) <= _WIDTH:
        return line
    return "with replay(\n        " + ",\n        ".join(arguments) + ",\n    )"


def _imports(schedule: Schedule, functions: tuple[Any, ...], objects: list[tuple[str, str]]) -> list[str]:
    names: dict[str, set[str]] = {"streamkit.testing": {"replay"}}
    for fault in schedule.faults.values():
        if isinstance(fault, Killed | Raises | Slow):
            names["streamkit.testing"].add(type(fault).__name__)
    if any("Decimal(" in str(step) for step in schedule.steps):
        names["decimal"] = {"Decimal"}
    for function in functions:
        module, name = getattr(function, "__module__", None), _name(function)
        if module is not None and name.isidentifier():
            names.setdefault(module, set()).add(name)
    for module, name in objects:
        names.setdefault(module, set()).add(name)
    return [f"from {module} import {', '.join(sorted(names[module]))}" for module in sorted(names)]


def _name(function: Any) -> str:
    """Return what a function is called; of one made within another, the name that it has there."""
    name: str = getattr(function, "__qualname__", None) or type(function).__name__
    return name.rpartition(".<locals>.")[2]


def _option(value: Any, known: Mapping[int, tuple[str, str]]) -> str:
    """Return an option's value as Python's text, an object by the name that the user's own modules have for it."""
    if callable(value):
        return _name(value)
    if isinstance(value, EventSourceMapping):
        usual = EventSourceMapping().to_aws()
        value = {name: setting for name, setting in value.to_aws().items() if usual.get(name) != setting}
    if isinstance(value, Mapping):
        return literal(dict(value))
    if isinstance(value, str) or all(isinstance(part, str) for part in value):
        return literal(value)
    return f"[{', '.join(known[id(one)][1] if id(one) in known else '...' for one in value)}]"


def _known(functions: tuple[Any, ...]) -> dict[int, tuple[str, str]]:
    """Return the modules and names of objects, by their ids, that the modules of these functions have."""
    return {
        id(value): (function.__module__, name)
        for function in functions
        for name, value in getattr(function, "__globals__", {}).items()
    }
