"""A schedule as a test that can be pasted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from streamkit.mapping import EventSourceMapping
from streamkit.testing.simulation.faults import Killed, Raises, Slow
from streamkit.testing.simulation.literals import literal
from streamkit.testing.simulation.references import References
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
    given = {name: value for name, value in options.items() if value and value != _DEFAULTS.get(name)}
    if given.get("mapping") == getattr(handler, "mapping", None):
        given.pop("mapping", None)
    references = References(handler, invariant, *filter(callable, given.values()))
    tested = references.of(invariant, "invariant")
    arguments = [references.of(handler, "handler"), tested]
    arguments += [f"{name}={_option(name, value, references)}" for name, value in given.items()]
    if schedule.shards > 1:
        arguments.append(f"shards={schedule.shards}")
    if schedule.batch_size is not None:
        arguments.append(f"batch_size={schedule.batch_size}")
    if schedule.random_seed:
        arguments.append(f"random_seed={schedule.random_seed}")
    if schedule.faults:
        arguments.append(f"faults={literal(dict(schedule.faults))}")
    steps = schedule.steps[:-1] if schedule.steps and isinstance(schedule.steps[-1], Run) else schedule.steps
    lines = [
        *_imports(schedule, references.imports),
        "",
        "",
        *references.comments,
        f"def test_{tested.replace('.', '_').removeprefix('test_')}_with_seed_{seed}() -> None:",
        f"    {_with(arguments)} as (table, runner):",
        *(f"        {line}" for step in steps or ("pass",) for line in str(step).splitlines()),
    ]
    return "\n".join(lines)


def _with(arguments: list[str]) -> str:
    line = f"with replay({', '.join(arguments)})"
    if len(line) <= _WIDTH:
        return line
    return "with replay(\n        " + ",\n        ".join(arguments) + ",\n    )"


def _imports(schedule: Schedule, users: Mapping[str, set[str]]) -> list[str]:
    ours = {type(fault).__name__ for fault in schedule.faults.values() if isinstance(fault, Killed | Raises | Slow)}
    names = {**users, "streamkit.testing": {"replay", *ours}}
    if any("Decimal(" in str(step) for step in schedule.steps):
        names["decimal"] = {"Decimal"}
    return [f"from {module} import {', '.join(sorted(names[module]))}" for module in sorted(names)]


def _option(name: str, value: Any, references: References) -> str:
    """Return an option's value as Python's text."""
    if callable(value):
        return references.of(value, name)
    if isinstance(value, EventSourceMapping):
        usual = EventSourceMapping().to_aws()
        value = {name: setting for name, setting in value.to_aws().items() if usual.get(name) != setting}
    if isinstance(value, Mapping):
        return literal(dict(value))
    if name != "world":
        return literal(value)
    return f"[{', '.join(references.of(one, name) for one in value)}]"
