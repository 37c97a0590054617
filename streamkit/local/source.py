"""Where a runner's records come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from streamkit.local.records import StreamRecord

__all__ = ["Source"]


class Source(Protocol):
    """A stream: shards, each a list of records that only grows, read from a position on."""

    @property
    def stream_arn(self) -> str:
        """The stream's ARN."""
        ...

    @property
    def shard_ids(self) -> Sequence[str]:
        """The stream's shards, in the order in which they were made."""
        ...

    def read(self, shard_id: str, position: int, limit: int, now: datetime) -> Sequence[StreamRecord]:
        """Return up to ``limit`` records from ``position`` on that are readable at ``now``."""
        ...

    def next_arrival(self, shard_id: str, position: int, now: datetime) -> datetime | None:
        """Return when the record at ``position`` becomes readable: ``now`` if it is, None where there is none."""
        ...

    def latest(self, shard_id: str, now: datetime) -> int:
        """Return the position behind the last record that is readable at ``now``."""
        ...
