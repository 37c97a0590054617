"""A recording as a source: records in Lambda's form, checked, in the order of one shard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.local.sources.heldlog import HELD_FROM, HeldLog, held
from streamkit.local.sources.ingestion import Streams, read_pages
from streamkit.local.sources.sorting import in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from streamkit.local.records import StreamRecord
    from streamkit.local.sources.pagedlog import PagedLog

__all__ = ["Recording"]

_SHARD_ID = "shardId-00000000000000000000-00000000"
_NO_ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/recording/stream/2026-01-01T00:00:00.000"


class Recording:
    """Records of one stream as one shard (a recording does not say which shard a record came from).

    ``records``: dicts in Lambda's form, or pairs of such a dict and where it stands, for error messages. They are put
    in the order of their sequence numbers; ``reordered`` says how many were not. However many they are, only a few
    pages of them are in memory: the others are in a temporary file. A list of more than 1,000, which is in memory
    anyway, keeps its records there, and they become JSON as they are read: leave them alone while the runner runs.

    Raises RecordError for a record that no stream could hold, two with the same sequence number, or several streams
    (where such a list is read, too: for a record behind its first 1,000 that has no JSON form); OSError where the
    temporary file finds no room.
    """

    def __init__(self, records: Iterable[Any]) -> None:
        self._log: HeldLog | PagedLog
        kept = held(records) if isinstance(records, list | tuple) and len(records) > HELD_FROM else None
        if kept is not None:
            (self._log, named), self.reordered = kept, 0
        else:
            streams = Streams()
            self._log, self.reordered = in_order(read_pages(records, streams))
            named = streams.only()
        self.stream_arn = named or _NO_ARN
        self.names_its_stream = bool(named)

    @property
    def shard_ids(self) -> Sequence[str]:
        """The one shard."""
        return (_SHARD_ID,)

    @property
    def first_created_at(self) -> datetime | None:
        """The creation time of the first record that has one."""
        return self._log.first_created_at

    @property
    def last_created_at(self) -> datetime | None:
        """The latest creation time of any record."""
        return self._log.last_created_at

    def __len__(self) -> int:
        return len(self._log)

    def read(self, shard_id: str, position: int, limit: int, now: datetime) -> Sequence[StreamRecord]:  # noqa: ARG002  # Source
        """See `Source`."""
        return self._log.read(position, limit, now)

    def next_arrival(self, shard_id: str, position: int, now: datetime) -> datetime | None:  # noqa: ARG002  # Source
        """See `Source`."""
        return self._log.next_arrival(position, now)

    def latest(self, shard_id: str, now: datetime) -> int:  # noqa: ARG002  # Source
        """See `Source`."""
        return self._log.latest(now)

    def after(self, shard_id: str, sequence_number: str) -> int:  # noqa: ARG002  # Source
        """See `Source`."""
        return self._log.after(sequence_number)

    def parents(self, shard_id: str) -> Sequence[str]:  # noqa: ARG002  # Source
        """See `Source`: there are none."""
        return ()

    def ended(self, shard_id: str, position: int) -> bool:  # noqa: ARG002  # Source
        """See `Source`: never, since that a recording ends does not say that its shard was closed."""
        return False
