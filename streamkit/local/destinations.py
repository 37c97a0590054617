"""Where on-failure records go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from streamkit.local.discards import OnFailureRecord

__all__ = ["Destination", "MemoryDestination"]


@runtime_checkable
class Destination(Protocol):
    """Something that takes on-failure records. If it raises, the records count as dropped and the shard goes on."""

    def send(self, record: OnFailureRecord) -> None:
        """Deliver one record."""
        ...


class MemoryDestination:
    """Keeps the records in ``sent``."""

    def __init__(self) -> None:
        self.sent: list[OnFailureRecord] = []

    def send(self, record: OnFailureRecord) -> None:
        """Keep one record."""
        self.sent.append(record)
