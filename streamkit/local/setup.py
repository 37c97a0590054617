"""What all shards of a run share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local.checkpoints import Checkpoints
    from streamkit.local.destinations.destination import BucketDestination, Destination
    from streamkit.local.invokers.invoker import Invoker
    from streamkit.local.journal import Journal
    from streamkit.local.sources.source import Source
    from streamkit.mapping import EventSourceMapping

__all__ = ["Setup", "duration_of"]


_LONGEST = 86_400
"""A day: far behind every Timeout, and what lies behind that all ends the same."""


@dataclass(slots=True, kw_only=True)
class Setup:
    """What all shards of a run share. The mapping changes when it is updated, and what follows from it; no more."""

    source: Source
    mapping: EventSourceMapping
    invoker: Invoker
    function_arn: str
    destination: Destination | BucketDestination | None
    journal: Journal
    checkpoints: Checkpoints | None
    seed: int
    duration: Callable[[bytes], timedelta]
    """How long an invocation takes, by the event that it gets."""
    timeout: timedelta
    """How long it may take."""
    cascade_limit: int | None


def duration_of(duration: float | Callable[[dict[str, Any]], float]) -> Callable[[bytes], timedelta]:
    """Return how long an invocation takes, from seconds or from a function of the event that returns seconds."""
    if callable(duration):
        return lambda event: _seconds(duration(orjson.loads(event)), "returns seconds")
    fixed = _seconds(duration, "takes seconds")
    return lambda _event: fixed


def _seconds(value: Any, verb: str) -> timedelta:
    if type(value) not in (int, float) or not 0 <= value <= _LONGEST:
        raise ValueError(f"duration {verb} from 0 to {_LONGEST}, or is a function of the event, not {value!r}")
    return timedelta(seconds=value)
