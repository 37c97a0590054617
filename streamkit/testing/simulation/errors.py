"""What a simulation cannot be made of."""

from __future__ import annotations

from streamkit.errors import StreamkitError

__all__ = ["SimulationError"]


class SimulationError(StreamkitError, ValueError):
    """A simulation cannot be made of what it was given, or would prove nothing."""
