"""One shard of a live stream, read from a place on: whatever happens to an iterator, no record is left out."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from streamkit.local.recordlist import Records
from streamkit.local.records import number_order
from streamkit.local.streams.client import IteratorExpiredError, StreamGoneError, TrimmedError, UnavailableError
from streamkit.local.texts import second

if TYPE_CHECKING:
    from datetime import datetime

    from streamkit.local.streams.client import StreamsClient

__all__ = ["Note", "Reading", "ShardReader", "Start"]

IteratorType: TypeAlias = Literal["TRIM_HORIZON", "LATEST", "AFTER_SEQUENCE_NUMBER"]

_DOUBT = timedelta(minutes=6)
"""How far a creation time may lie from this machine's: AWS takes requests of clocks that are up to five minutes off,
and DynamoDB Local knows creation times by the minute only. Some records too many are better than one too few."""

_YOUNG = timedelta(hours=23)
"""A shard that was made since then has lost no record to the 24 hours that a stream keeps them."""

_SHARD_ID = re.compile(r"shardId-(\d{20})-.+", re.ASCII)
"""It holds when the shard was made, in milliseconds since 1970 (SEMANTICS §7)."""

_SURE = 3
"""After so many times that the oldest record was trimmed when it was read, a closed shard has none."""


class Start(NamedTuple):
    """Where reading starts."""

    kind: IteratorType = "TRIM_HORIZON"
    number: str | None = None
    """The record that it starts after."""
    since: datetime | None = None
    """LATEST was asked for at this time: what was created before is not wanted."""


class Note(NamedTuple):
    """Something that happened to the reading and that somebody may want to know."""

    shard_id: str
    text: str
    loses_records: bool = False


class Reading(NamedTuple):
    """What came of reading on once."""

    records: Records = Records()
    ended: bool = False
    """Whether the shard is closed, and this was its end."""
    note: Note | None = None
    again: bool = False
    """Whether there is reason to read on at once."""
    doubtful: bool = False
    """Whether it could not be told if the shard is closed, which has to be known to go on."""


class ShardReader:
    """Reads a shard on, page by page.

    An iterator that expired is replaced by one behind the last record that was read (SEMANTICS §7). Where what follows
    it was trimmed, reading goes on with the oldest record that is left, and the gap is told.
    """

    def __init__(self, client: StreamsClient, stream_arn: str, shard_id: str, start: Start) -> None:
        self._client = client
        self._stream_arn = stream_arn
        self._shard_id = shard_id
        self._start = start
        self._iterator: str | None = None
        self._fresh = True
        """Whether no iterator was asked for yet."""
        self._ended = False
        self._moved = False
        """Whether the iterator is one that reading led to."""
        self._trims = 0
        """How often in a row the oldest record could not be read."""

    def open(self) -> None:
        """Ask for the first iterator now: what LATEST means is settled by it. Raises StreamAskError."""
        self._iterator = self._new_iterator()

    def read(self, ending: str | None = None, limit: int = 1000) -> Reading:
        """Read on once. Raises UnavailableError where it has to be tried again; nothing is skipped by that.

        ``ending``: above which number a closed shard has no record.
        """
        if self._ended:
            return Reading(ended=True)
        try:
            if self._iterator is None:
                self._iterator = self._new_iterator()
            page = self._client.records(self._iterator, self._stream_arn, limit)
        except IteratorExpiredError:
            self._iterator = None
            return Reading(again=True, note=Note(self._shard_id, f"an iterator expired; {self._resuming}"))
        except UnavailableError:
            # Who comes back may not know its old iterators; a second LATEST would read more than is wanted.
            if self._start.kind != "LATEST":
                self._iterator = None
            raise
        except TrimmedError:
            return self._behind_the_gap(ending)
        except StreamGoneError as error:
            return self._gone(ending, error)
        self._iterator, self._ended = page.next_iterator, page.next_iterator is None
        self._moved, self._trims = True, 0
        records = self._wanted(page.records)
        if records:
            self._start = Start("AFTER_SEQUENCE_NUMBER", records.numbers[-1])
        return Reading(records, self._ended, again=bool(page.records))

    def _new_iterator(self) -> str:
        if self._start.kind == "LATEST" and not self._fresh:
            # A second LATEST would leave out what was written since the first.
            self._start = Start(since=self._start.since)
        iterator = self._client.iterator(self._stream_arn, self._shard_id, self._start.kind, self._start.number)
        self._fresh = self._moved = False
        return iterator

    def _wanted(self, records: Records) -> Records:
        """Leave out what was there before LATEST was asked for, where that is read again from the oldest on."""
        if self._start.kind != "TRIM_HORIZON" or self._start.since is None:
            return records
        since = self._start.since - _DOUBT
        wanted = (place for place, at in enumerate(records.created_at) if at is None or at >= since)
        return records[next(wanted, len(records)) :]

    def _behind_the_gap(self, ending: str | None) -> Reading:
        after = self._start.number
        self._iterator = None
        if self._all_read(ending):
            return self._end()
        if after is None and self._moved and self._is_young:
            # DynamoDB Local says so of an iterator that waited while another table was written, and nothing is gone.
            return Reading(again=True)
        if after is not None or self._moved:
            self._start = Start(since=self._start.since)
            text = (
                f"records {'that came' if after is None else f'behind {after}'} are older than the 24 hours that a "
                f"stream keeps them, and gone unread; reading goes on with the oldest that is left"
            )
            return Reading(again=True, note=Note(self._shard_id, text, loses_records=True))
        self._trims += 1
        if ending is None or self._trims < _SURE:
            # The oldest record was trimmed since it was asked for, or all of them were, and the shard is closed.
            return Reading(doubtful=True)
        # DynamoDB Local still has the shard, and nothing in it.
        return self._end("nothing is left of it: its records are older than the 24 hours that a stream keeps them")

    def _gone(self, ending: str | None, error: StreamGoneError) -> Reading:
        if self._all_read(ending):
            return self._end()
        text = f"the shard is gone from the stream before its end was read, with what was in it: {error}"
        return self._end(text, loses_records=not self._fresh or self._start.number is not None)

    def _all_read(self, ending: str | None) -> bool:
        number = self._start.number
        return None not in (number, ending) and number_order(number or "") >= number_order(ending or "")

    def _end(self, text: str = "", *, loses_records: bool = False) -> Reading:
        self._ended = True
        return Reading(ended=True, note=Note(self._shard_id, text, loses_records) if text else None)

    @property
    def _is_young(self) -> bool:
        match = _SHARD_ID.fullmatch(self._shard_id)
        return match is not None and 0 <= time.time() - int(match[1]) / 1000 < _YOUNG.total_seconds()

    @property
    def _resuming(self) -> str:
        start = self._start
        if start.number is not None:
            return f"reading goes on behind {start.number}"
        if start.since is not None:
            return f"reading goes on with what was created since {second(start.since)}"
        return "reading begins again at the oldest record"
