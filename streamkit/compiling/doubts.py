"""Why the reference decides."""

from __future__ import annotations

__all__ = ["DoubtError", "NotCompiledError"]


class NotCompiledError(Exception):
    """A type, or a part of one, has a construct that is left to the reference; the text says which."""


class DoubtError(Exception):
    """An image was read, but it is not so plain that the reference would surely read it to the same value."""
