"""What a queue, a bucket and a folder are to a redrive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from streamkit.errors import StreamkitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["MAX_DOCUMENT_BYTES", "Entry", "Place", "PlaceError"]

MAX_DOCUMENT_BYTES = 33_554_432
"""What is larger is not read: the event of 6 MB, as text in JSON in an envelope's text, may be twice and twice that."""


class PlaceError(StreamkitError):
    """Something about the place where on-failure records lie does not work: the text says what, and what helps."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that lies there."""

    name: str
    """What it is called: a file's path, an object's key, a message's id."""
    content: bytes
    problem: str = ""
    """Why there is no content."""
    handle: str = ""
    """What the place itself knows it by."""


class Place(Protocol):
    """Where on-failure records lie."""

    def entries(self) -> Iterator[Sequence[Entry]]:
        """Give what lies there, in order as far as there is one: what comes together has none.

        Raises PlaceError or AwsAccessError where the place cannot be read (further).
        """
        ...

    def hold(self, entry: Entry) -> bool:
        """Make sure that nobody else gets it while it is run; return whether it is still there to be run."""
        ...

    def remove(self, entry: Entry) -> None:
        """Let it be gone, since it was handled. Raises PlaceError or AwsAccessError where that cannot be."""
        ...

    def close(self) -> None:
        """Give back what was held and not removed."""
        ...
