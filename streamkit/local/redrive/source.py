"""A failed batch as a stream of its own: one shard that has these records and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.local.checkpoints import ShardCheckpoint
from streamkit.local.records import number_order
from streamkit.local.window import OpenWindow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from streamkit.local.recordlist import Records
    from streamkit.local.window import TimeWindow

__all__ = ["BatchSource", "OpenedWindow"]


class BatchSource:
    """Records of one shard, all readable at once: what they waited for is long over."""

    def __init__(self, stream_arn: str, shard_id: str, records: Records) -> None:
        self.stream_arn = stream_arn
        self.shard_ids = (shard_id,)
        self._records = records

    def read(self, shard_id: str, position: int, limit: int, now: datetime) -> Records:  # noqa: ARG002  # Source
        """See `Source`."""
        return self._records[position : position + limit]

    def next_arrival(self, shard_id: str, position: int, now: datetime) -> datetime | None:  # noqa: ARG002  # Source
        """See `Source`."""
        return now if position < len(self._records) else None

    def latest(self, shard_id: str, now: datetime) -> int:  # noqa: ARG002  # Source
        """See `Source`."""
        return len(self._records)

    def after(self, shard_id: str, sequence_number: str) -> int:  # noqa: ARG002  # Source
        """See `Source`."""
        order = number_order(sequence_number)
        return sum(number_order(number) <= order for number in self._records.numbers)

    def parents(self, shard_id: str) -> Sequence[str]:  # noqa: ARG002  # Source
        """See `Source`: there are none."""
        return ()

    def ended(self, shard_id: str, position: int) -> bool:  # noqa: ARG002  # Source
        """See `Source`: so that a tumbling window closes with the last record."""
        return position >= len(self._records)


class OpenedWindow:
    """Checkpoints of a run that begins in the middle of a tumbling window. They keep nothing."""

    def __init__(self, shard_id: str, bounds: TimeWindow, state: bytes) -> None:
        self._found = {shard_id: ShardCheckpoint(None, window=OpenWindow(bounds, state, started=True))}

    def load(self) -> Mapping[str, ShardCheckpoint]:
        """See `Checkpoints`."""
        return self._found

    def save(self, shard_id: str, sequence_number: str | None, window: OpenWindow | None = None) -> None:
        """See `Checkpoints`."""

    def save_start(self, shard_id: str, since: datetime) -> None:
        """See `Checkpoints`."""

    def save_window(self, shard_id: str, window: OpenWindow | None) -> None:
        """See `Checkpoints`."""

    def save_lane(self, shard_id: str, lane: int, of: int, sequence_number: str) -> None:
        """See `Checkpoints`."""
