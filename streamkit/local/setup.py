"""What all shards of a run share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from streamkit.local.batching import read_event
from streamkit.local.calls import Calls, InTurn
from streamkit.local.lane import Rules
from streamkit.local.sources.source import LiveSource
from streamkit.local.window import CLOSE_DELAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local.checkpoints import Checkpoints
    from streamkit.local.destinations.destination import BucketDestination, Destination
    from streamkit.local.invokers.invoker import Invoker
    from streamkit.local.journal import Journal
    from streamkit.local.sources.source import Source
    from streamkit.mapping import EventSourceMapping

__all__ = ["Setup", "duration_of"]


_NO_AGE = -1
_LONGEST = 86_400
"""A day: far behind every Timeout, and what lies behind that all ends the same."""
_TAKES = f"duration takes seconds from 0 to {_LONGEST}, or is a function of the event"
_RETURNS = f"the function given as duration returns seconds from 0 to {_LONGEST}"


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
    close_delay: timedelta = CLOSE_DELAY
    """How long after its end a tumbling window without later records is closed."""
    stopping: bool = False
    """Whether what is under way is to end, and nothing more to begin."""
    calls: Calls = field(init=False)
    """How the function is called."""

    live: bool = field(init=False)
    """Whether the source is a live stream."""

    def __post_init__(self) -> None:
        self.calls = InTurn(self.invoker)
        self.live = isinstance(self.source, LiveSource)

    @property
    def delivers(self) -> bool:
        """Whether records are brought to the function now."""
        return self.mapping.enabled and not self.stopping

    def rules(self, shard_id: str, lane: int) -> Rules:
        """Return what a lane goes by, as the mapping is now."""
        mapping = self.mapping
        age = mapping.maximum_record_age_in_seconds
        return Rules(
            batch_size=mapping.batch_size,
            maximum_retry_attempts=mapping.maximum_retry_attempts,
            seed=self.seed,
            shard_id=shard_id,
            lane=lane,
            bisect=mapping.bisect_batch_on_function_error,
            window=timedelta(seconds=mapping.maximum_batching_window_in_seconds),
            maximum_age=None if age == _NO_AGE else timedelta(seconds=age),
            tumbling=timedelta(seconds=mapping.tumbling_window_in_seconds),
            close_delay=self.close_delay,
            stream_arn=self.source.stream_arn,
        )


def duration_of(duration: float | Callable[[dict[str, Any]], float]) -> Callable[[bytes], timedelta]:
    """Return how long an invocation takes, from seconds or from a function of the event that returns seconds."""
    if callable(duration):
        return lambda event: _seconds(duration(read_event(event)), _RETURNS)
    fixed = _seconds(duration, _TAKES)
    return lambda _event: fixed


def _seconds(value: Any, expected: str) -> timedelta:
    if type(value) not in (int, float) or not 0 <= value <= _LONGEST:
        raise ValueError(f"{expected}, not {value!r}")
    return timedelta(seconds=value)
