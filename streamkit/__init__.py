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
    from streamkit.conditions import Condition, created, event_name, expired
    from streamkit.explaining import explain
    from streamkit.mapping import EventSourceMapping
    from streamkit.patternbuilding import criteria
    from streamkit.wherefields import where
    from streamkit.wherefunctions import (
        any_of,
        anything_but,
        equals_ignore_case,
        exists,
        one_of,
        prefix,
        present,
        suffix,
    )
    from streamkit.windows import TumblingWindow, tumbling_window

__all__ = [
    "AttributeValueError",
    "BatchItemFailure",
    "Change",
    "Condition",
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
    "any_of",
    "anything_but",
    "created",
    "criteria",
    "equals_ignore_case",
    "event_name",
    "exists",
    "expired",
    "explain",
    "one_of",
    "prefix",
    "present",
    "stream_handler",
    "suffix",
    "tumbling_window",
    "where",
]


# Imported when they are first asked for: the mapping is a pydantic model, whose making costs more than the rest of this
# import and which nobody reads on Lambda; and a function without windows or filters does not pay for them.
_LATE = {
    **dict.fromkeys(("Condition", "created", "event_name", "expired"), "streamkit.conditions"),
    "EventSourceMapping": "streamkit.mapping",
    "criteria": "streamkit.patternbuilding",
    "explain": "streamkit.explaining",
    "where": "streamkit.wherefields",
    **dict.fromkeys(
        ("any_of", "anything_but", "equals_ignore_case", "exists", "one_of", "prefix", "present", "suffix"),
        "streamkit.wherefunctions",
    ),
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
