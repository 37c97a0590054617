"""A live DynamoDB stream as a source: its shards are read ahead by threads, at their own pace."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any

from streamkit.local.aws import AwsAccess
from streamkit.local.clock import SystemClock
from streamkit.local.records import RecordError
from streamkit.local.retries import back_off
from streamkit.local.streams.client import StreamGoneError, StreamsClient, UnavailableError
from streamkit.local.streams.description import describe_stream
from streamkit.local.streams.poller import Poller
from streamkit.local.streams.reader import Note, Reading, ShardReader, Start
from streamkit.local.streams.shardbuffer import ShardBuffer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from streamkit.local.recordlist import Records
    from streamkit.local.streams.description import KnownShard

__all__ = ["POLL_INTERVAL", "LiveStream"]

POLL_INTERVAL = 0.25
"""Lambda polls a shard four times a second (SEMANTICS §2)."""

_DISCOVER_EVERY = 30.0
_DISCOVER_CHILDREN = 1.0
"""How often a shard that was closed is asked for what follows it."""
_LONGEST_WAIT = 5.0
_LAST_ANSWER = 2.0
"""How long closing waits for what was asked."""
_DISCOVERY = "discovery"
_STREAM = ""


@dataclass(slots=True)
class _Trouble:
    """Asking for something failed, since when, and how often."""

    since: float = 0.0
    failures: int = 0


@dataclass(slots=True)
class _Shard:
    known: KnownShard
    start: Start = field(default_factory=Start)
    reader: ShardReader | None = None
    buffer: ShardBuffer = field(default_factory=ShardBuffer)
    ended: bool = False
    read_at: float = -inf
    """When the last reading began that found nothing more."""
    trouble: _Trouble = field(default_factory=_Trouble)


class LiveStream:
    """A stream of DynamoDB, DynamoDB Local, or whatever answers as they do, read while it is written.

    ``access``: the endpoint and the credentials; by default what AWS's own tools would take. ``poll_interval``: seconds
    between two polls of a shard that has nothing new; while there is something, it is read on at once.

    Only what a mapping may do is asked for: DescribeStream, GetShardIterator, GetRecords (SEMANTICS §9). New shards are
    found while it runs. What goes wrong on the way is survived, and told by `take_notes`: expired iterators, trimmed
    records, throttling, a server that is away.

    Raises StreamAskError where the stream is not there or cannot be asked at the beginning, AwsAccessError where boto3,
    a region or a profile is missing.
    """

    def __init__(
        self,
        stream_arn: str,
        access: AwsAccess | None = None,
        *,
        poll_interval: float = POLL_INTERVAL,
        client: Any = None,
    ) -> None:
        if type(poll_interval) not in (int, float) or not 0 < poll_interval <= 60:  # noqa: PLR2004  # a minute
            raise ValueError(f"poll_interval takes seconds above 0, up to 60, not {poll_interval!r}")
        self.stream_arn = stream_arn
        self.clock = SystemClock()
        self._poll_interval = poll_interval
        self._client = StreamsClient(access or AwsAccess(), client)
        description = describe_stream(self._client, stream_arn)
        self.view_type = description.view_type
        self._status = description.status
        self._shards = {known.shard_id: _Shard(known) for known in description.shards}
        self._lock = threading.Lock()
        self._trouble = _Trouble()
        self._notes: deque[Note] = deque()
        self._failure: RecordError | None = None
        self._bell: Callable[[], object] = bool
        self._poller = Poller()
        self._poller.add(_DISCOVERY, self._discover, self._discover_in())

    @property
    def shard_ids(self) -> Sequence[str]:
        """See `Source`."""
        with self._lock:
            return tuple(self._shards)

    def read(self, shard_id: str, position: int, limit: int, now: datetime) -> Records:  # noqa: ARG002  # Source
        """See `Source`. What lies in front of ``position`` is let go."""
        shard = self._shards[shard_id]
        with self._lock:
            waited = shard.buffer.full
            records = shard.buffer.fetch(position, limit)
            if waited and not shard.buffer.full:
                self._poller.soon(shard_id)
            return records

    def next_arrival(self, shard_id: str, position: int, now: datetime) -> datetime | None:
        """See `Source`. A shard is read from the first time on that it is asked for."""
        if self._failure is not None:
            raise self._failure
        shard = self._shards[shard_id]
        with self._lock:
            if shard.reader is None:
                shard.reader = ShardReader(self._client, self.stream_arn, shard_id, shard.start)
                self._poller.add(shard_id, lambda: self._read(shard))
            return now if position < shard.buffer.end else None

    def latest(self, shard_id: str, now: datetime) -> int:
        """See `Source`. What is written from now on is read."""
        shard = self._shards[shard_id]
        shard.start = Start("LATEST", since=now)
        reader = ShardReader(self._client, self.stream_arn, shard_id, shard.start)
        reader.open()
        with self._lock:
            shard.reader = reader
            self._poller.add(shard_id, lambda: self._read(shard))
        return 0

    def after(self, shard_id: str, sequence_number: str) -> int:
        """See `Source`."""
        self._shards[shard_id].start = Start("AFTER_SEQUENCE_NUMBER", sequence_number)
        return 0

    def begin_at(self, shard_id: str, created_since: datetime) -> int:
        """See `LiveSource`."""
        self._shards[shard_id].start = Start(since=created_since)
        return 0

    def parents(self, shard_id: str) -> Sequence[str]:
        """See `Source`."""
        parent = self._shards[shard_id].known.parent
        return () if parent is None else (parent,)

    def ended(self, shard_id: str, position: int) -> bool:
        """See `Source`."""
        shard = self._shards[shard_id]
        with self._lock:
            return shard.ended and position >= shard.buffer.end

    @property
    def over(self) -> str | None:
        """See `LiveSource`."""
        with self._lock:
            if self._status in ("DISABLED", "gone") and all(shard.ended for shard in self._shards.values()):
                return "the stream was disabled" if self._status == "DISABLED" else "the stream is not there any more"
            return None

    def listen(self, bell: Callable[[], object]) -> None:
        """See `LiveSource`."""
        self._bell = bell

    def take_notes(self) -> Sequence[Note]:
        """See `LiveSource`."""
        notes = []
        while self._notes:
            notes.append(self._notes.popleft())
        return notes

    def caught_up(self, since: float) -> bool:
        """See `LiveSource`."""
        with self._lock:
            if self._failure is not None or self._status == "gone":
                return True
            return not self._childless() and all(one.ended or one.read_at >= since for one in self._shards.values())

    def close(self) -> None:
        """See `LiveSource`."""
        self._poller.close(_LAST_ANSWER)
        self._client.close()

    def _read(self, shard: _Shard) -> float | None:
        """Read a shard on, and return after how many seconds again."""
        began, reader = time.monotonic(), shard.reader
        try:
            reading = Reading(ended=True) if reader is None else reader.read()
        except UnavailableError as error:
            return self._wait_for(shard.trouble, error, shard.known.shard_id)
        except RecordError as error:
            self._failure = error
            self._bell()
            return None
        with self._lock:
            self._recovered(shard.trouble, shard.known.shard_id)
            shard.buffer.add(reading.records)
            shard.ended = reading.ended
            if reading.note is not None:
                self._notes.append(reading.note)
            if not reading.again:
                shard.read_at = began
            full = shard.buffer.full
        self._bell()
        if reading.ended:
            self._poller.soon(_DISCOVERY)
        if reading.ended or full:
            return None
        return 0.0 if reading.again else self._poll_interval

    def _discover(self) -> float | None:
        try:
            description = describe_stream(self._client, self.stream_arn)
        except UnavailableError as error:
            return self._wait_for(self._trouble, error, _STREAM)
        except StreamGoneError as error:
            with self._lock:
                self._status = "gone"
                self._notes.append(Note(_STREAM, f"the stream {self.stream_arn} is not there any more: {error}"))
            self._bell()
            return None
        with self._lock:
            self._recovered(self._trouble, _STREAM)
            self._status = description.status
            for known in description.shards:
                self._shards.setdefault(known.shard_id, _Shard(known))
        self._bell()
        return self._discover_in()

    def _discover_in(self) -> float:
        return _DISCOVER_CHILDREN if self._childless() else _DISCOVER_EVERY

    def _childless(self) -> bool:
        """Whether a shard was closed and what follows it is not known yet."""
        if self._status == "DISABLED":
            return False
        parents = {shard.known.parent for shard in self._shards.values()}
        return any(shard.ended and name not in parents for name, shard in self._shards.items())

    def _wait_for(self, trouble: _Trouble, error: UnavailableError, shard_id: str) -> float:
        trouble.failures += 1
        if trouble.failures == 1:
            trouble.since = time.monotonic()
            text = f"{self._client.endpoint} cannot be read ({error}); it is asked again until it can"
            self._notes.append(Note(shard_id, text))
            self._bell()
        return min(_LONGEST_WAIT, back_off(trouble.failures, shard_id).total_seconds())

    def _recovered(self, trouble: _Trouble, shard_id: str) -> None:
        if trouble.failures:
            away = time.monotonic() - trouble.since
            trouble.failures = 0
            self._notes.append(Note(shard_id, f"{self._client.endpoint} is read again, after {away:.1f} s"))
