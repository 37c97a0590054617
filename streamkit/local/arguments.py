"""What `LocalRunner` is given, checked: each of these raises TypeError or ValueError for what cannot work."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from streamkit.local.clock import Clock, VirtualClock
from streamkit.local.destinations.destination import BucketDestination, Destination, MemoryDestination
from streamkit.local.invokers.inprocess import InProcessInvoker, check_handler
from streamkit.local.invokers.invoker import Invoker
from streamkit.local.sources.recording import Recording
from streamkit.mapping import EventSourceMapping

if TYPE_CHECKING:
    from streamkit.local.sources.source import Source

__all__ = [
    "checked_mapping",
    "clock_of",
    "close_delay_of",
    "destination_of",
    "function_arn_of",
    "invoker_of",
    "stream_of",
]

_LONGEST_DELAY = 86_400
_SOME_ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/unknown"


def stream_of(source: Any) -> Source:
    """Return the stream that a source is: a list of records becomes a recording."""
    if hasattr(source, "next_arrival"):
        return cast("Source", source)
    if isinstance(source, str | bytes | Mapping) or not isinstance(source, Iterable):
        raise TypeError(
            f"a source is a LocalTable or a sequence of records in Lambda's form (of an event: event['Records']), "
            f"not {source!r:.200}"
        )
    return Recording(source)


def checked_mapping(handler: Any, given: Any) -> EventSourceMapping:
    """Return the mapping to run with: the one given, else the handler's own, else Lambda's defaults."""
    if given is None:
        own = getattr(handler, "mapping", None)
        given = own if isinstance(own, EventSourceMapping) else EventSourceMapping()
    warned = isinstance(given, EventSourceMapping)
    if warned:
        # Validated again: pydantic's model_copy(update=…) does not.
        given = given.model_dump()
    if not isinstance(given, Mapping):
        raise TypeError(f"a mapping is an EventSourceMapping or AWS's JSON as a dict, not {given!r:.200}")
    return EventSourceMapping.model_validate(given, context={"warned": warned})


def invoker_of(handler: Any, timeout: float) -> Invoker:
    """Return what calls the handler."""
    if isinstance(handler, Invoker) and not isinstance(handler, type):
        return handler
    check_handler(handler, getattr(handler, "__name__", "handler"))
    return InProcessInvoker(handler, timeout)


def destination_of(
    given: Destination | BucketDestination | None, mapping: EventSourceMapping
) -> Destination | BucketDestination | None:
    """Return what takes the on-failure records: memory, where the mapping has a destination and none is given."""
    to = mapping.on_failure_destination
    if given is None:
        return None if to is None else MemoryDestination()
    usable = isinstance(given, Destination) or (to is not None and ":s3:" in to and hasattr(given, "put"))
    if any(inspect.iscoroutinefunction(getattr(given, name, None)) for name in ("send", "put")):
        raise TypeError(f"{given!r:.200} has an async def send or put, which nobody awaits: a destination is plain")
    if not usable or isinstance(given, type):
        raise TypeError(
            f"a destination has send(record), for a queue or a topic, or put(key, record), for a bucket; "
            f"{given!r:.200} is none for {to or 'a mapping without DestinationConfig'}"
        )
    return given


def clock_of(source: Source) -> Clock:
    """Return the source's own clock; for a recording one that starts with its first record."""
    if isinstance(source, Recording):
        start = source.first_created_at
        return VirtualClock() if start is None else VirtualClock(start)
    clock: Clock | None = getattr(source, "clock", None)
    return VirtualClock() if clock is None else clock


def function_arn_of(mapping: EventSourceMapping, stream_arn: str, handler_name: str) -> str:
    """Return the ARN of the mapping's function, else of one that is called as the handler is."""
    name = mapping.function_name or mapping.function_arn or handler_name
    if name.startswith("arn:"):
        return name
    arn = stream_arn if stream_arn.count(":") > 4 else _SOME_ARN  # noqa: PLR2004  # AWS's samples say "stream-ARN"
    _, partition, _, region, account, _ = arn.split(":", 5)
    owner, separator, rest = name.partition(":function:")
    if separator:
        account, name = owner.rpartition(":")[2], rest
    return f"arn:{partition}:lambda:{region}:{account}:function:{name}"


def close_delay_of(seconds: float) -> timedelta:
    """Return how long after its end a window without later records is closed."""
    if type(seconds) not in (int, float) or not 0 <= seconds <= _LONGEST_DELAY:
        raise ValueError(f"window_close_delay takes seconds from 0 to {_LONGEST_DELAY}, not {seconds!r}")
    return timedelta(seconds=seconds)
