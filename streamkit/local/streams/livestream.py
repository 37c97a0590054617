"""A live DynamoDB stream as a source: its shards are read ahead by threads, at their own pace."""

from __future__ import annotations

import threading
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from streamkit.local.aws import AwsAccess
from streamkit.local.clock import SystemClock
from streamkit.local.retries import back_off
from streamkit.local.streams.client import StreamGoneError, StreamsClient, UnavailableError
from streamkit.local.streams.description import describe_stream
from streamkit.local.streams.liveshard import LiveShard, Trouble
from streamkit.local.streams.poller import Poller
from streamkit.local.streams.reader import Note, ShardReader, Start

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from streamkit.local.recordlist import Records

__all__ = ["POLL_INTERVAL", "LiveStream", "in_its_region"]

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
        self._client = StreamsClient(in_its_region(access or AwsAccess(), stream_arn), client)
        try:
            description = describe_stream(self._client, stream_arn)
        except BaseException:
            self._client.close()
            raise
        self.view_type = description.view_type
        self._status = description.status
        self._shards = {known.shard_id: LiveShard(known) for known in description.shards}
        self._listed = set(self._shards)
        """The shards that DescribeStream named last."""
        self._lock = threading.Lock()
        self._trouble = Trouble()
        self._notes: deque[Note] = deque()
        self._failure: Exception | None = None
        """What no asking again will mend."""
        self._bell: Callable[[], object] = bool
        self._poller = Poller()
        self._poller.add(_DISCOVERY, partial(self._unfailing, self._discover), self._discover_in())

    @property
    def shard_ids(self) -> Sequence[str]:
        """See `Source`."""
        with self._lock:
            return tuple(self._shards)

    def read(self, shard_id: str, position: int, limit: int, now: datetime) -> Records:  # noqa: ARG002  # Source
        """See `Source`. What lies in front of ``position`` is let go."""
        shard = self._shards[shard_id]
        with self._lock:
            self._let_go(shard, position)
            return shard.buffer.fetch(position, limit)

    def next_arrival(self, shard_id: str, position: int, now: datetime) -> datetime | None:
        """See `Source`. A shard is read from the first time on that it is asked for."""
        self._raise_failure()
        shard = self._shards[shard_id]
        with self._lock:
            if not shard.opened:
                self._open(shard, ShardReader(self._client, self.stream_arn, shard_id, shard.start))
            self._let_go(shard, position)
            return now if position < shard.buffer.end else None

    def latest(self, shard_id: str, now: datetime) -> int:
        """See `Source`. What is written from now on is read."""
        shard = self._shards[shard_id]
        shard.start = Start("LATEST", since=now)
        reader = ShardReader(self._client, self.stream_arn, shard_id, shard.start)
        reader.open()
        with self._lock:
            self._open(shard, reader)
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
        self._raise_failure()
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
            if self._status == "gone":
                return True
            return not self._childless() and all(one.caught_up(since) for one in self._shards.values())

    def close(self) -> None:
        """See `LiveSource`."""
        self._poller.close(_LAST_ANSWER)
        self._client.close()

    def _open(self, shard: LiveShard, reader: ShardReader) -> None:
        shard.opened = True
        self._poller.add(shard.known.shard_id, partial(self._unfailing, partial(self._read, shard, reader)))

    def _let_go(self, shard: LiveShard, position: int) -> None:
        """Hold nothing that lies in front of ``position``; reading that waited for room goes on."""
        if shard.buffer.let_go(position):
            self._poller.soon(shard.known.shard_id)

    def _unfailing(self, job: Callable[[], float | None]) -> float | None:
        """Do what a thread is to do. What it raises is raised where the stream is asked: nobody hears a thread die."""
        try:
            return job()
        except Exception as error:  # noqa: BLE001  # a record that no stream holds, an answer that is none, our own mistake
            self._failure = error
            self._bell()
            return None

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _read(self, shard: LiveShard, reader: ShardReader) -> float | None:
        """Read a shard on, and return after how many seconds again."""
        began = time.monotonic()
        try:
            reading = reader.read(shard.known.ending)
        except UnavailableError as error:
            return self._wait_for(shard.trouble, error, shard.known.shard_id)
        with self._lock:
            self._recovered(shard.trouble, shard.known.shard_id)
            shard.buffer.add(reading.records)
            shard.ended = reading.ended
            if reading.note is not None:
                self._notes.append(reading.note)
            if reading.again or reading.doubtful:
                shard.found_nothing.clear()
            else:
                shard.found_nothing.append(began)
            full = shard.buffer.full
            # Before anybody sees that the shard has ended: with its last records it has not been caught up with.
            self._bell()
        if reading.ended or reading.doubtful:
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
            self._listed = {known.shard_id for known in description.shards}
            for known in description.shards:
                self._shards.setdefault(known.shard_id, LiveShard(known)).known = known
            self._bell()
        return self._discover_in()

    def _discover_in(self) -> float:
        # A stream that was just enabled has no shard yet.
        return _DISCOVER_CHILDREN if self._childless() or not self._shards else _DISCOVER_EVERY

    def _childless(self) -> bool:
        """Whether a shard was closed and what follows it is not known yet."""
        if self._status == "DISABLED":
            return False
        parents = {shard.known.parent for shard in self._shards.values()}
        # What is not listed any more was trimmed: had it children, they would be listed.
        return any(self._shards[name].ended and name not in parents for name in self._listed)

    def _wait_for(self, trouble: Trouble, error: UnavailableError, shard_id: str) -> float:
        trouble.failures += 1
        if trouble.failures == 1:
            trouble.since = time.monotonic()
            text = f"{self._client.endpoint} cannot be read ({error}); it is asked again until it can"
            self._notes.append(Note(shard_id, text))
            self._bell()
        return min(_LONGEST_WAIT, back_off(trouble.failures, shard_id).total_seconds())

    def _recovered(self, trouble: Trouble, shard_id: str) -> None:
        if trouble.failures:
            away = time.monotonic() - trouble.since
            trouble.failures = 0
            self._notes.append(Note(shard_id, f"{self._client.endpoint} is read again, after {away:.1f} s"))


def in_its_region(access: AwsAccess, stream_arn: str) -> AwsAccess:
    """Return the access to the region that the ARN names; DynamoDB Local's name for its own is none."""
    region = stream_arn.split(":")[3:4]
    return access if region in ([], [""], ["ddblocal"]) else access.in_region(region[0])
