"""The event of a tumbling window, as Lambda or Powertools' middleware pass it, to its parts (SEMANTICS §5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from streamkit.errors import EventError
from streamkit.events import Window
from streamkit.incoming import records_of

__all__ = ["WindowEvent", "read_window_event"]

_FINAL, _EARLY = "isFinalInvokeForWindow", "isWindowTerminatedEarly"


class WindowEvent(NamedTuple):
    """What one invocation gets."""

    records: list[Any]
    """Raw, none in a final invocation."""
    state: Any
    """As JSON has it."""
    window: Window


def read_window_event(event: Any) -> WindowEvent:
    """Return the parts of a window's event.

    Raises EventError for an event of no DynamoDB stream, or of a mapping without a tumbling window.
    """
    records = records_of(event)
    if not isinstance(event, Mapping):
        raise EventError(
            f"{type(event).__name__} holds no window: Powertools' DynamoDBStreamModel leaves out what the event says "
            f"of it; take event_parser away, the changes are typed without it"
        )
    missing = [name for name in ("window", "state") if event.get(name) is None]
    if missing:
        raise EventError(
            f"this is a @tumbling_window handler, and the event has no {' and no '.join(missing)}: its mapping lacks "
            f"TumblingWindowInSeconds; deploy it with the settings that the handler's .mapping has (an event made by "
            f'hand has "window": {{"start": …, "end": …}} and, to begin with, "state": {{}})'
        )
    bounds = event["window"]
    if not isinstance(bounds, Mapping):
        raise EventError(f"the event's window is {bounds!r:.100}: expected an object with start and end")
    window = Window(
        start=_time(bounds, "start"),
        end=_time(bounds, "end"),
        shard_id=str(event.get("shardId", "")),
        is_final=event.get(_FINAL) is True,
        terminated_early=event.get(_EARLY) is True,
    )
    return WindowEvent(records, event["state"], window)


def _time(bounds: Mapping[str, Any], name: str) -> datetime:
    text: Any = bounds.get(name)
    try:
        when = datetime.fromisoformat(text)
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise EventError(
            f"the event's window has the {name} {text!r}: expected a time like 2026-01-31T12:00:00Z"
        ) from None
