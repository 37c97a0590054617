"""Every error that streamkit raises, and what it warns of: what was given, where, what is allowed, how to fix it."""

from __future__ import annotations

from functools import partial
from typing import Any

__all__ = [
    "AttributeValueError",
    "DecodeError",
    "EventError",
    "FilterPatternWarning",
    "HandlerDefinitionError",
    "StreamkitError",
    "ViewTypeError",
    "WindowStateError",
]


class StreamkitError(Exception):
    """The common base of streamkit's own errors."""


class HandlerDefinitionError(StreamkitError, TypeError):
    """A decorated function, or an option of its decorator, is not of a form that can work; raised at decoration."""


class EventError(StreamkitError, ValueError):
    """The event that a handler was called with is not a DynamoDB stream event; the whole invocation fails."""


class FilterPatternWarning(UserWarning):
    """A filter that Lambda accepts has a part that can never match a DynamoDB stream record, or is one too many.

    An account takes five filters by default, ten by quota.
    """


class AttributeValueError(StreamkitError, ValueError):
    """A value that is not DynamoDB JSON, or that DynamoDB could not store.

    ``path`` leads to it in the terms of the item: ``lines.2.qty``.
    """

    def __init__(self, problem: str, path: tuple[str | int, ...] = ()) -> None:
        self.problem = problem
        self.path = ".".join(str(step) for step in path)
        super().__init__(f"{self.path}: {problem}" if path else problem)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problem, (self.path,) if self.path else ())


class DecodeError(StreamkitError, ValueError):
    """A record that cannot be turned into what the handler asks for. The original error is its ``__cause__``.

    ``sequence_number`` is the record's (None where it has none) and ``part`` the piece of the record that is at
    fault: ``NewImage``, ``OldImage``, ``Keys`` or ``record``.
    """

    def __init__(self, problem: str, *, sequence_number: str | None, part: str) -> None:
        self.problem = problem
        self.sequence_number = sequence_number
        self.part = part
        super().__init__(f"record {sequence_number or '(without SequenceNumber)'}, {part}: {problem}")

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors cross processes, and Exception would rebuild this one from its text alone.
        return partial(type(self), sequence_number=self.sequence_number, part=self.part), (self.problem,)


class ViewTypeError(DecodeError):
    """The stream's view type does not carry an image that the handler's types ask for.

    Every record of such a stream fails alike, so it is never offered to ``@handler.invalid``: a wrong setting must
    not empty a stream into a quarantine.
    """


class WindowStateError(StreamkitError, ValueError):
    """The state of a window cannot go to Lambda as it is, or did not come back as one; the whole invocation fails."""
