"""Where on-failure records go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from streamkit.errors import StreamkitError

if TYPE_CHECKING:
    from streamkit.local.destinations.discards import OnFailureRecord

__all__ = ["BucketDestination", "Destination", "DestinationError", "EventKeeper", "MemoryDestination"]


class DestinationError(StreamkitError):
    """An on-failure record cannot be delivered, or not to such a destination: the text says why and what helps."""


@runtime_checkable
class Destination(Protocol):
    """A queue or topic for on-failure records. If it raises, the records count as dropped and the shard goes on."""

    def send(self, record: OnFailureRecord) -> None:
        """Deliver one record."""
        ...


@runtime_checkable
class BucketDestination(Protocol):
    """A bucket for on-failure records; used where the mapping's destination is one. Raising is as for a queue."""

    def put(self, key: str, record: OnFailureRecord) -> None:
        """Write one record as the object ``key``, content type application/octet-stream."""
        ...


@runtime_checkable
class EventKeeper(Destination, Protocol):
    """A destination that gets the event with every record, as a bucket does, wherever the mapping sends it."""

    @property
    def keeps_event(self) -> bool:
        """Whether the record is to have its ``payload``."""
        ...


class MemoryDestination:
    """Keeps the records in ``sent``, and those for a bucket also in ``objects`` under their keys."""

    def __init__(self) -> None:
        self.sent: list[OnFailureRecord] = []
        self.objects: dict[str, OnFailureRecord] = {}

    def send(self, record: OnFailureRecord) -> None:
        """Keep one record."""
        self.sent.append(record)

    def put(self, key: str, record: OnFailureRecord) -> None:
        """Keep one record under its key."""
        self.objects[key] = record
        self.send(record)
