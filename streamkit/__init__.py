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
)
from streamkit.events import Change, Insert, Modify, RecordMeta, Remove
from streamkit.handlers import StreamHandler, stream_handler
from streamkit.responses import BatchItemFailure

if TYPE_CHECKING:
    from streamkit.mapping import EventSourceMapping

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
    "ViewTypeError",
    "stream_handler",
]


def __getattr__(name: str) -> Any:
    # A pydantic model: making it costs more than the rest of this import, and on Lambda nobody reads it.
    if name == "EventSourceMapping":
        from streamkit.mapping import EventSourceMapping  # noqa: PLC0415  # as above

        return EventSourceMapping
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
