"""What cannot be exported."""

from __future__ import annotations

from streamkit.errors import StreamkitError

__all__ = ["ExportError"]


class ExportError(StreamkitError, ValueError):
    """A mapping, or an option, that the tool could not deploy: the text says what was given and what is expected."""
