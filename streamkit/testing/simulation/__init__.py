"""A handler under many schedules of faults, batch boundaries and redeliveries, held against an invariant."""

from __future__ import annotations

from streamkit.testing.simulation.errors import SimulationError
from streamkit.testing.simulation.faults import Killed, Raises, SimulatedFault, SimulatedFaults, Slow
from streamkit.testing.simulation.replaying import replay
from streamkit.testing.simulation.simulating import Simulation, SimulationFailedError, simulate

__all__ = [
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
]
