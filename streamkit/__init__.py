"""Typed AWS Lambda handlers for DynamoDB Streams, and the event source mapping on your own machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.errors import (
    AttributeValueError,
    DecodeError,
    EventError,
    FilterPatternWarning,
    HandlerDefinitionError,
    StreamkitError,
    ViewTypeError,
    WindowStateError,
)
from streamkit.events import Change, Insert, Modify, RecordMeta, Remove, Window
from streamkit.handlers import StreamHandler, stream_handler
from streamkit.responses import BatchItemFailure

if TYPE_CHECKING:
    from streamkit.explaining import explain
    from streamkit.mapping import EventSourceMapping
    from streamkit.windows import TumblingWindow, tumbling_window

__all__ = [
    "AttributeValueError",
    "BatchItemFailure",
    "Change",
    "DecodeError",
    "EventError",
    "EventSourceMapping",
    "FilterPatternWarning",
    "HandlerDefinitionError",
    "Insert",
    "Modify",
    "RecordMeta",
    "Remove",
    "StreamHandler",
    "StreamkitError",
    "TumblingWindow",
    "ViewTypeError",
    "Window",
    "WindowStateError",
    "explain",
    "stream_handler",
    "tumbling_window",
]


# Imported when they are first asked for: the mapping is a pydantic model, whose making costs more than the rest of this
# import and which nobody reads on Lambda; and a function without windows does not pay for them.
_LATE = {
    "EventSourceMapping": "streamkit.mapping",
    "explain": "streamkit.explaining",
    "TumblingWindow": "streamkit.windows",
    "tumbling_window": "streamkit.windows",
}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        from importlib import import_module  # noqa: PLC0415  # as above

        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
