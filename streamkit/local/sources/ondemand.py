"""A live stream as a source that is read on when somebody says so, and keeps what it read: runs on a virtual clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from streamkit.local.cascade import depth_of_writes
from streamkit.local.sources.shardlog import ShardLog
from streamkit.local.streams.client import StreamAskError
from streamkit.local.streams.description import describe_stream
from streamkit.local.streams.reader import ShardReader, Start

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from streamkit.local.records import StreamRecord
    from streamkit.local.streams.client import StreamsClient
    from streamkit.local.streams.description import KnownShard

__all__ = ["OnDemandStream"]


class _Shard:
    """A shard as far as it was read."""

    def __init__(self, known: KnownShard, reader: ShardReader) -> None:
        self.parents = () if known.parent is None else (known.parent,)
        self.reader = reader
        self.log = ShardLog()
        self.closed = False
        """Whether it was read to its end."""


class OnDemandStream:
    """A stream that somebody else keeps, from its oldest record on, all in memory: for tests.

    Between two calls of `read_on` nothing changes, so that what a runner does with it depends on nothing but the calls.

    Raises StreamAskError where the stream cannot be asked.
    """

    def __init__(self, client: StreamsClient, stream_arn: str) -> None:
        self._client = client
        self.stream_arn = stream_arn
        self._shards: dict[str, _Shard] = {}
        self._records: list[StreamRecord] = []
        self._discover()

    @property
    def shard_ids(self) -> Sequence[str]:
        """The stream's shards, closed ones included, parents before children."""
        return tuple(self._shards)

    @property
    def records(self) -> list[dict[str, Any]]:
        """Every record that was read, in Lambda's form, in the order in which they were read."""
        return [orjson.loads(record.json) for record in self._records]

    def read_on(self) -> Sequence[StreamRecord]:
        """Read what is there now, of new shards too, and return it.

        Raises StreamAskError where the stream cannot be asked, or records were trimmed before they were read.
        """
        before = len(self._records)
        unread = [shard for shard in self._shards.values() if not shard.closed]
        while unread:
            for shard in unread:
                self._read_shard(shard)
            unread = self._discover()
        return self._records[before:]

    def read(self, shard_id: str, position: int, limit: int, now: datetime) -> Sequence[StreamRecord]:
        """See `Source`."""
        return self._shards[shard_id].log.read(position, limit, now)

    def next_arrival(self, shard_id: str, position: int, now: datetime) -> datetime | None:
        """See `Source`."""
        return self._shards[shard_id].log.next_arrival(position, now)

    def latest(self, shard_id: str, now: datetime) -> int:  # noqa: ARG002  # Source
        """See `Source`. What was written is there, though DynamoDB may date it behind a clock that stands."""
        return len(self._shards[shard_id].log)

    def after(self, shard_id: str, sequence_number: str) -> int:
        """See `Source`."""
        return self._shards[shard_id].log.after(sequence_number)

    def parents(self, shard_id: str) -> Sequence[str]:
        """See `Source`."""
        return self._shards[shard_id].parents

    def ended(self, shard_id: str, position: int) -> bool:
        """See `Source`."""
        shard = self._shards[shard_id]
        return shard.closed and position >= len(shard.log)

    def _read_shard(self, shard: _Shard) -> None:
        again = True
        while again:
            reading = shard.reader.read()
            if reading.note is not None and reading.note.loses_records:
                raise StreamAskError(f"{self.stream_arn}, shard {reading.note.shard_id}: {reading.note.text}")
            for record in reading.records:
                caused = record._replace(depth=depth_of_writes())
                self._records.append(caused)
                shard.log.append(caused)
            shard.closed = reading.ended
            again = reading.again and not reading.ended

    def _discover(self) -> list[_Shard]:
        """Return the shards that are new: asked for where there are none, or one was closed and has no child yet."""
        parents = {parent for shard in self._shards.values() for parent in shard.parents}
        if self._shards and all(not shard.closed or name in parents for name, shard in self._shards.items()):
            return []
        new = []
        for known in describe_stream(self._client, self.stream_arn).shards:
            if known.shard_id not in self._shards:
                reader = ShardReader(self._client, self.stream_arn, known.shard_id, Start())
                new.append(self._shards.setdefault(known.shard_id, _Shard(known, reader)))
        return new
