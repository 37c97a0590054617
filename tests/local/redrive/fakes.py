"""DynamoDB Streams as boto3 asks it, scripted: pages, empty ones in between, trimming, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from streamkit.local.aws import AwsAccess

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["FakeAccess", "FakeStream", "refusal"]


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "because"}}, "Operation")


class _Events:
    def register(self, *_: Any) -> None:
        """Nobody parses anything here."""


class _Meta:
    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url
        self.events = _Events()


class FakeStream:
    """A boto3 client of one stream.

    ``page``: how many records a page has; ``empty``: how many empty pages come before each one with records; ``open``:
    whether its shards are; ``trimmed``: how many of the oldest records of each shard are gone; ``errors``: what the
    next calls raise, None for none; ``gone_shards``, ``gone``: what there is no more.
    """

    def __init__(  # what can be scripted
        self,
        shards: Mapping[str, Sequence[dict[str, Any]]],
        *,
        page: int = 1000,
        empty: int = 0,
        is_open: bool = True,
        trimmed: int = 0,
        errors: Sequence[Exception | None] = (),
        endpoint_url: str = "http://127.0.0.1:8000",
    ) -> None:
        self.shards = shards
        self.page = page
        self.empty = empty
        self.is_open = is_open
        self.trimmed = trimmed
        self.errors = list(errors)
        self.gone = False
        self.calls: list[tuple[str, ...]] = []
        self.closed = False
        self.meta = _Meta(endpoint_url)

    def describe_stream(self, *, StreamArn: str) -> dict[str, Any]:  # noqa: N803  # boto3's names
        self._called("describe_stream", StreamArn)
        if self.gone:
            raise refusal("ResourceNotFoundException")
        return {"StreamDescription": {"Shards": [{"ShardId": name} for name in self.shards]}}

    def get_shard_iterator(
        self,
        *,
        StreamArn: str,  # noqa: ARG002, N803  # boto3's names
        ShardId: str,  # noqa: N803
        ShardIteratorType: str,  # noqa: N803
        SequenceNumber: str = "0",  # noqa: N803
    ) -> dict[str, Any]:
        self._called("get_shard_iterator", ShardIteratorType, SequenceNumber)
        if self.gone or ShardId not in self.shards:
            raise refusal("ResourceNotFoundException")
        numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in self.shards[ShardId]]
        place = self.trimmed
        if ShardIteratorType != "TRIM_HORIZON":
            behind = ShardIteratorType == "AFTER_SEQUENCE_NUMBER"
            place = sum(number < int(SequenceNumber) + behind for number in numbers)
            if place < self.trimmed:
                raise refusal("TrimmedDataAccessException")
        return {"ShardIterator": f"{ShardId} {place} {self.empty}"}

    def get_records(self, *, ShardIterator: str, Limit: int) -> dict[str, Any]:  # noqa: N803  # boto3's names
        self._called("get_records", ShardIterator)
        shard_id, text, empty = ShardIterator.split()
        place, records = int(text), self.shards[shard_id]
        if place < self.trimmed:
            raise refusal("TrimmedDataAccessException")
        if int(empty):
            return {"Records": [], "NextShardIterator": f"{shard_id} {place} {int(empty) - 1}"}
        end = place + min(self.page, Limit)
        over = end >= len(records) and not self.is_open
        return {
            "Records": list(records[place:end]),
            "NextShardIterator": None if over else f"{shard_id} {min(end, len(records))} {self.empty}",
        }

    def close(self) -> None:
        self.closed = True

    def _called(self, *call: str) -> None:
        self.calls.append(call)
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error


class FakeAccess(AwsAccess):
    """Gives this client for every stream."""

    def __init__(self, stream: FakeStream) -> None:
        super().__init__()
        object.__setattr__(self, "_stream", stream)

    def client(self, service: str, region: str | None = None, *, read_timeout: float = 20.0) -> Any:  # noqa: ARG002
        assert service == "dynamodbstreams"
        return object.__getattribute__(self, "_stream")
