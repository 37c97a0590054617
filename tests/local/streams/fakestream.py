"""A DynamoDB stream in memory behind boto3's method names, with everything that can go wrong with a real one.

Its refusals are botocore's own exceptions, with AWS's codes and texts.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, EndpointConnectionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["ARN", "BEGAN", "FakeShard", "FakeStream", "raw_record"]

ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
ENDPOINT = "http://127.0.0.1:1"


def raw_record(number: int, *, item: str = "a", at: datetime | None = BEGAN, **changes: Any) -> dict[str, Any]:
    """Return a record as boto3 parses it."""
    data: dict[str, Any] = {
        "Keys": {"id": {"S": item}},
        "NewImage": {"id": {"S": item}, "n": {"N": str(number)}},
        "SequenceNumber": str(number),
        "SizeBytes": 12,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    if at is not None:
        data["ApproximateCreationDateTime"] = at
    return {
        "eventID": f"{number:032x}",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": data,
    } | changes


@dataclass
class FakeShard:
    """A shard. ``trimmed``: how many of its records are older than the stream keeps them."""

    shard_id: str
    parent: str | None = None
    records: list[dict[str, Any]] = field(default_factory=list)
    closed: bool = False
    trimmed: int = 0

    @property
    def numbers(self) -> list[str]:
        return [record["dynamodb"]["SequenceNumber"] for record in self.records]

    @property
    def ending(self) -> str | None:
        """Above which number a closed shard has no record."""
        return (self.numbers or ["0"])[-1] if self.closed else None


class FakeStream:
    """The client, and the stream behind it.

    ``troubles``: what happens at the next calls, in order, each before its call is answered: an exception is raised,
    a function is called, None is nothing. ``page``: how many shards a page of DescribeStream has; they are listed
    backwards, children before their parents.
    """

    def __init__(self, *, page: int = 100, limit: int = 1000) -> None:
        self.meta = SimpleNamespace(endpoint_url=ENDPOINT, events=SimpleNamespace(register=lambda *_: None))
        self.status = "ENABLED"
        self.shards: dict[str, FakeShard] = {}
        self.troubles: deque[Exception | Callable[[], object] | None] = deque()
        self.calls: list[str] = []
        self.closed = False
        self.away = False
        self.gone = False
        self.limit = limit
        """How many records it gives at once, whatever it is asked for."""
        self.empty_pages = 0
        """How many pages it gives without any first."""
        self.tables: dict[str, list[str]] = {}
        self._page = page
        self._number = 100
        self._iterators: list[tuple[str, int]] = []
        self._expired = 0
        self._lock = threading.RLock()

    # What a test does to it.

    def shard(self, shard_id: str = "shard-1", parent: str | None = None, count: int = 0) -> FakeShard:
        """Open a shard."""
        with self._lock:
            self.shards[shard_id] = FakeShard(shard_id, parent)
            self.put(shard_id, count)
            return self.shards[shard_id]

    def put(self, shard_id: str = "shard-1", count: int = 1, **members: Any) -> list[str]:
        """Write so many records, by default now, and return their numbers."""
        members.setdefault("at", datetime.now(UTC))
        with self._lock:
            numbers = range(self._number, self._number + count)
            self._number += count
            self.shards[shard_id].records += [raw_record(number, **members) for number in numbers]
            return list(map(str, numbers))

    def roll_over(self, shard_id: str, *children: str) -> None:
        """Close a shard, and open what follows it."""
        with self._lock:
            self.shards[shard_id].closed = True
            for child in children:
                self.shard(child, shard_id)

    def trim(self, shard_id: str, count: int) -> None:
        """Let so many more of its oldest records be gone."""
        shard = self.shards[shard_id]
        shard.trimmed = min(len(shard.records), shard.trimmed + count)

    def expire(self) -> None:
        """Let every iterator be too old."""
        with self._lock:
            self._expired = len(self._iterators)

    def disable(self) -> None:
        """Close every shard; nothing follows them."""
        with self._lock:
            self.status = "DISABLED"
            for shard in self.shards.values():
                shard.closed = True

    @staticmethod
    def refusal(code: str, message: str = "because") -> ClientError:
        return ClientError({"Error": {"Code": code, "Message": message}}, "Asked")

    # What boto3's client does.

    def describe_stream(self, *, StreamArn: str, ExclusiveStartShardId: str | None = None) -> dict[str, Any]:  # noqa: N803  # boto3's names
        with self._call("describe"):
            self._check_stream(StreamArn)
            ordered = list(reversed(self.shards.values()))
            ids = [shard.shard_id for shard in ordered]
            first = 0 if ExclusiveStartShardId is None else ids.index(ExclusiveStartShardId) + 1
            page = ordered[first : first + self._page]
            description: dict[str, Any] = {
                "StreamArn": StreamArn,
                "StreamStatus": self.status,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
                "Shards": [_described(shard) for shard in page],
            }
            if first + self._page < len(ordered):
                description["LastEvaluatedShardId"] = page[-1].shard_id
            return {"StreamDescription": description}

    def list_streams(self, *, TableName: str, ExclusiveStartStreamArn: str | None = None) -> dict[str, Any]:  # noqa: N803  # boto3's names
        with self._call("list"):
            arns = self.tables.get(TableName, [])
            first = 0 if ExclusiveStartStreamArn is None else arns.index(ExclusiveStartStreamArn) + 1
            answer: dict[str, Any] = {"Streams": [{"StreamArn": arn} for arn in arns[first : first + 1]]}
            if first + 1 < len(arns):
                answer["LastEvaluatedStreamArn"] = arns[first]
            return answer

    def get_shard_iterator(
        self,
        *,
        StreamArn: str,  # noqa: N803  # boto3's names
        ShardId: str,  # noqa: N803  # boto3's names
        ShardIteratorType: str,  # noqa: N803  # boto3's names
        SequenceNumber: str | None = None,  # noqa: N803  # boto3's names
    ) -> dict[str, Any]:
        with self._call(f"iterator {ShardIteratorType}"):
            self._check_stream(StreamArn)
            shard = self._existing(ShardId)
            place = {"TRIM_HORIZON": -1, "LATEST": len(shard.records)}.get(ShardIteratorType, 0)
            if SequenceNumber is not None:
                assert ShardIteratorType == "AFTER_SEQUENCE_NUMBER"
                place = sum(int(number) <= int(SequenceNumber) for number in shard.numbers)
                # As DynamoDB Local has it: what counts is whether the record behind this one is left.
                if place < shard.trimmed:
                    raise self.refusal("TrimmedDataAccessException", "beyond the trim horizon")
            return {"ShardIterator": self._issue(ShardId, place)}

    def get_records(self, *, ShardIterator: str, Limit: int) -> dict[str, Any]:  # noqa: N803  # boto3's names
        with self._call("records"):
            assert 1 <= Limit <= 1000
            index = int(ShardIterator.removeprefix("it-"))
            shard_id, place = self._iterators[index]
            if index < self._expired:
                raise self.refusal("ExpiredIteratorException", "it is older than 15 minutes")
            shard = self._existing(shard_id)
            place = shard.trimmed if place < 0 else place
            # DynamoDB Local has nothing to give of a closed shard that was trimmed altogether, not even its end.
            empty = shard.closed and 0 < len(shard.records) == shard.trimmed
            if place < shard.trimmed or empty:
                raise self.refusal("TrimmedDataAccessException", "beyond the trim horizon")
            count = min(Limit, self.limit)
            if self.empty_pages:
                self.empty_pages, count = self.empty_pages - 1, 0
            records = shard.records[place : place + count]
            answer: dict[str, Any] = {"Records": records}
            if not (shard.closed and place + len(records) == len(shard.records)):
                answer["NextShardIterator"] = self._issue(shard_id, place + len(records))
            return answer

    def close(self) -> None:
        self.closed = True

    def _issue(self, shard_id: str, place: int) -> str:
        self._iterators.append((shard_id, place))
        return f"it-{len(self._iterators) - 1}"

    def _existing(self, shard_id: str) -> FakeShard:
        if self.gone or shard_id not in self.shards:
            raise self.refusal("ResourceNotFoundException", f"Requested resource not found: {shard_id}")
        return self.shards[shard_id]

    def _check_stream(self, stream_arn: str) -> None:
        if self.gone or stream_arn != ARN:
            raise self.refusal("ResourceNotFoundException", f"Requested resource not found: Stream: {stream_arn}")

    @contextmanager
    def _call(self, name: str) -> Iterator[None]:
        """Let the next trouble happen; then the answer is made."""
        with self._lock:
            self.calls.append(name)
            trouble = self.troubles.popleft() if self.troubles else None
            if isinstance(trouble, Exception):
                raise trouble
            if trouble is not None:
                trouble()
            if self.away:
                raise EndpointConnectionError(endpoint_url=ENDPOINT)
            yield


def _described(shard: FakeShard) -> dict[str, Any]:
    numbers: dict[str, str] = {"StartingSequenceNumber": "1"}
    if shard.ending is not None:
        numbers["EndingSequenceNumber"] = shard.ending
    told: dict[str, Any] = {"ShardId": shard.shard_id, "SequenceNumberRange": numbers}
    return told if shard.parent is None else told | {"ParentShardId": shard.parent}
