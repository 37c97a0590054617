"""For tests: events from models, a simulation that looks for what a handler takes for granted, and a pytest plugin.

The plugin is loaded by pytest itself, at every start: what stands here is imported when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamkit.testing.deployment import Finding, TemplateError, check_deployment
    from streamkit.testing.events import ImpossibleEventError, batch, expire, insert, modify, remove
    from streamkit.testing.protocols import RunnerFactory, RunnerOptions, Table, TableFactory, TableOptions, Way
    from streamkit.testing.simulation import (
        Killed,
        Raises,
        SimulatedFault,
        SimulatedFaults,
        Simulation,
        SimulationError,
        SimulationFailedError,
        Slow,
        replay,
        simulate,
    )
    from streamkit.testing.strategies import HypothesisMissingError, changes, streams
    from streamkit.testing.values import UnmakeableError
    from streamkit.testing.windowing import window_event

__all__ = [
    "Finding",
    "HypothesisMissingError",
    "ImpossibleEventError",
    "Killed",
    "Raises",
    "RunnerFactory",
    "RunnerOptions",
    "SimulatedFault",
    "SimulatedFaults",
    "Simulation",
    "SimulationError",
    "SimulationFailedError",
    "Slow",
    "Table",
    "TableFactory",
    "TableOptions",
    "TemplateError",
    "UnmakeableError",
    "Way",
    "batch",
    "changes",
    "check_deployment",
    "expire",
    "insert",
    "modify",
    "remove",
    "replay",
    "simulate",
    "streams",
    "window_event",
]

_LATE = {
    "streamkit.testing.deployment": ("Finding", "TemplateError", "check_deployment"),
    "streamkit.testing.events": ("ImpossibleEventError", "batch", "expire", "insert", "modify", "remove"),
    "streamkit.testing.strategies": ("HypothesisMissingError", "changes", "streams"),
    "streamkit.testing.values": ("UnmakeableError",),
    "streamkit.testing.windowing": ("window_event",),
    "streamkit.testing.protocols": (
        "RunnerFactory",
        "RunnerOptions",
        "Table",
        "TableFactory",
        "TableOptions",
        "Way",
    ),
    "streamkit.testing.simulation": (
        "Killed",
        "Raises",
        "SimulatedFault",
        "SimulatedFaults",
        "Simulation",
        "SimulationError",
        "SimulationFailedError",
        "Slow",
        "replay",
        "simulate",
    ),
}


def __getattr__(name: str) -> Any:
    for module, names in _LATE.items():
        if name in names:
            from importlib import import_module  # noqa: PLC0415  # not at pytest's start

            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
