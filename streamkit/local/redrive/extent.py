"""The records that an on-failure record points to, fetched from their stream."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from streamkit.errors import StreamkitError
from streamkit.local.recordlist import Records
from streamkit.local.records import number_order
from streamkit.local.redrive.document import NotOnFailureRecordError
from streamkit.local.retries import STREAM_RETENTION
from streamkit.local.streams.client import IteratorExpiredError, StreamGoneError, TrimmedError, UnavailableError
from streamkit.local.texts import second

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local.redrive.document import FailedBatch
    from streamkit.local.streams.client import Page, StreamsClient

__all__ = ["ExtentGoneError", "Fetched", "fetch"]

T = TypeVar("T")

_TRIES = 6
"""How often in a row the stream is asked again that is throttled or away, doubling from `_WAIT` seconds on."""
_WAIT = 0.25
_EMPTY_PAGES = 300
"""How many pages in a row may bring nothing: more lie behind an open shard's last record without end."""
_NEVER = ("ParamValidation", "Validation")
"""How refusals begin of what is no place in any stream."""
_NOT_NOW = ("AccessDenied", "UnrecognizedClient", "InvalidSignature", "ExpiredToken", "NoCredentials")
"""How refusals begin of who is not let in, which asking again does not change."""
OF_RECORDINGS = "shardId-00000000000000000000-00000000"
"""The shard that a `Recording` has."""
_RESTARTS = 5
"""How many iterators may expire, or be overtaken by the trimming, before that is no accident any more."""


class ExtentGoneError(StreamkitError):
    """Nothing of the records is left: the text says why."""


class Fetched(NamedTuple):
    """What the stream still has of a range."""

    records: Records
    """All records of the range, matched by filters or not, of whichever lane."""
    gone: str = ""
    """What is missing and why, in words."""


def fetch(client: StreamsClient, batch: FailedBatch, sleep: Callable[[float], object] = time.sleep) -> Fetched:
    """Read the records from the first to the last one of a failed batch.

    Raises ExtentGoneError where none is left, UnavailableError where the stream cannot be asked, however often, and
    NotOnFailureRecordError where it points to nowhere.
    """
    reading = _Reading(client, batch, sleep)
    try:
        reading.run()
    except StreamGoneError:
        if not reading.found:
            raise ExtentGoneError(reading.what_is_gone()) from None
    records = Records.of(reading.found)
    if not records:
        raise ExtentGoneError(_all_trimmed(batch) if reading.trimmed else _never_there(batch))
    if records.numbers[0] != batch.start:
        return Fetched(records, f"what lies before {records.numbers[0]} is trimmed{_since(batch)}")
    if records.numbers[-1] != batch.end:
        return Fetched(records, f"nothing behind {records.numbers[-1]} was found, and it ends at {batch.end}")
    return Fetched(records)


class _Reading:
    """A range being read."""

    def __init__(self, client: StreamsClient, batch: FailedBatch, sleep: Callable[[float], object]) -> None:
        self._client = client
        self._batch = batch
        self._sleep = sleep
        self.found = Records()
        self.trimmed = False

    def run(self) -> None:
        restarts, empty = 0, 0
        iterator: str | None = None
        while empty < _EMPTY_PAGES:
            try:
                if iterator is None:
                    iterator = self._patiently(self._new_iterator)
                page = self._patiently(partial(self._client.records, iterator, self._batch.stream_arn))
            except (IteratorExpiredError, TrimmedError) as error:
                restarts += 1
                self.trimmed = self.trimmed or isinstance(error, TrimmedError)
                if restarts > _RESTARTS and isinstance(error, TrimmedError):
                    return  # what DynamoDB Local says of a closed shard that has nothing left, whatever is asked for
                if restarts > _RESTARTS:
                    raise UnavailableError(f"no iterator of the shard is good for long: {error}") from None
                iterator = None
                continue
            if self._take(page) or page.next_iterator is None:
                return
            iterator, empty = page.next_iterator, 0 if page.records else empty + 1

    def _new_iterator(self) -> str:
        batch = self._batch
        if self.trimmed:
            return self._client.iterator(batch.stream_arn, batch.shard_id, "TRIM_HORIZON")
        if self.found:
            last = self.found.numbers[-1]
            return self._client.iterator(batch.stream_arn, batch.shard_id, "AFTER_SEQUENCE_NUMBER", last)
        return self._client.iterator(batch.stream_arn, batch.shard_id, "AT_SEQUENCE_NUMBER", batch.start)

    def _take(self, page: Page) -> bool:
        """Keep what is in the range and new; return whether its end was reached."""
        if not page.records:
            return False
        low, high = number_order(self._batch.start), number_order(self._batch.end)
        last = number_order(self.found.numbers[-1]) if self.found else None
        orders = list(map(number_order, page.records.numbers))
        wanted = [place for place, at in enumerate(orders) if low <= at <= high and (last is None or at > last)]
        self.found += page.records.at(wanted)
        return orders[-1] >= high

    def _patiently(self, call: Callable[[], T]) -> T:
        for wait in [_WAIT * 2**attempt for attempt in range(_TRIES - 1)]:
            try:
                return call()
            except UnavailableError as error:
                if str(error).startswith(_NEVER):
                    text = " ".join(str(error).split())
                    raise NotOnFailureRecordError(f"it points to a place that no stream has: {text}") from None
                if str(error).startswith(_NOT_NOW):
                    raise
                self._sleep(wait)
        return call()

    def what_is_gone(self) -> str:
        """Say whether the stream is gone, or the shard alone."""
        batch = self._batch
        try:
            self._client.describe(batch.stream_arn)
        except StreamGoneError:
            return (
                f"there is no stream {batch.stream_arn} there: its table was deleted, or the stream was disabled more "
                f"than 24 hours ago, or it is at another endpoint, in another region or account"
            )
        except UnavailableError:
            pass
        if batch.shard_id == OF_RECORDINGS:
            return (
                f"the stream has no shard {batch.shard_id}: a recording does not know its records' shards, and what it "
                f"loses can only be redriven from a bucket or a directory, which have the event"
            )
        return f"the stream has no shard {batch.shard_id} any more: what was in it is trimmed{_since(batch)}"


def _all_trimmed(batch: FailedBatch) -> str:
    return f"every record from {batch.start} to {batch.end} is trimmed{_since(batch)}"


def _never_there(batch: FailedBatch) -> str:
    return (
        f"the shard {batch.shard_id} has no record from {batch.start} to {batch.end} any more, or never had: "
        f"is this the endpoint, the region and the account that they came from?"
    )


def _since(batch: FailedBatch) -> str:
    """Say since when what arrived then is gone."""
    if batch.arrived is None:
        return ": a stream keeps records for 24 hours"
    first, last = batch.arrived
    until = second(first + STREAM_RETENTION)
    if first != last:
        until += f" to {second(last + STREAM_RETENTION)}"
    return f": a stream keeps records for 24 hours, these until {until}"
