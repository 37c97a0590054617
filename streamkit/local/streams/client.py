"""DynamoDB Streams, asked through boto3: what it answers, and what each refusal means for who reads on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from streamkit.errors import StreamkitError
from streamkit.local.streams.wire import lambda_records

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamkit.local.aws import AwsAccess
    from streamkit.local.recordlist import Records

__all__ = [
    "IteratorExpiredError",
    "StreamAskError",
    "StreamGoneError",
    "StreamsClient",
    "TrimmedError",
    "UnavailableError",
]

_PAGE = 1000
"""What one GetRecords brings at the most; asking for more is refused."""

_WIRE = "StreamkitWireRecords"


class StreamAskError(StreamkitError):
    """DynamoDB Streams refused, or did not answer."""


class IteratorExpiredError(StreamAskError):
    """The iterator is older than 15 minutes: a new one is needed."""


class TrimmedError(StreamAskError):
    """What was asked for is older than the stream keeps: it is gone."""


class StreamGoneError(StreamAskError):
    """There is no such stream, or no such shard in it."""


class UnavailableError(StreamAskError):
    """Throttled, away, or refused for a reason that may pass: to be asked again."""


_KINDS: Mapping[str, type[StreamAskError]] = {
    "ExpiredIteratorException": IteratorExpiredError,
    "TrimmedDataAccessException": TrimmedError,
    "ResourceNotFoundException": StreamGoneError,
}


class Page(NamedTuple):
    """What one GetRecords brought."""

    records: Records
    next_iterator: str | None
    """None: the shard is closed, and this was its end."""


class StreamsClient:
    """The four read-only calls of DynamoDB Streams (SEMANTICS §9), with its refusals as exceptions of ours.

    ``client``: boto3's client of ``dynamodbstreams``; by default the one of ``access``. Used by several threads.
    """

    def __init__(self, access: AwsAccess, client: Any = None) -> None:
        self._client = access.client("dynamodbstreams") if client is None else client
        meta = getattr(self._client, "meta", None)
        if meta is not None:
            # boto3 takes most of the time of a page to turn texts into values that Lambda's form wants as texts again.
            meta.events.register("before-parse.dynamodb-streams.GetRecords", _keep_as_sent)
        self.endpoint: str = getattr(meta, "endpoint_url", "the endpoint")

    def describe(self, stream_arn: str, after: str | None = None) -> dict[str, Any]:
        """Return a page of DescribeStream: up to 100 shards behind the shard ``after``."""
        more = {} if after is None else {"ExclusiveStartShardId": after}
        description: dict[str, Any] = self._ask("describe_stream", StreamArn=stream_arn, **more)["StreamDescription"]
        return description

    def streams_of(self, table: str) -> list[dict[str, Any]]:
        """Return the streams that a table has or had within 24 hours."""
        found: list[dict[str, Any]] = []
        more: dict[str, Any] = {}
        while True:
            answer = self._ask("list_streams", TableName=table, **more)
            found += answer["Streams"]
            last = answer.get("LastEvaluatedStreamArn")
            if last is None:
                return found
            more = {"ExclusiveStartStreamArn": last}

    def iterator(self, stream_arn: str, shard_id: str, kind: str, number: str | None = None) -> str:
        """Return a shard iterator. ``kind``: AWS's ShardIteratorType."""
        more = {} if number is None else {"SequenceNumber": number}
        answer = self._ask("get_shard_iterator", StreamArn=stream_arn, ShardId=shard_id, ShardIteratorType=kind, **more)
        iterator: str = answer["ShardIterator"]
        return iterator

    def records(self, iterator: str, stream_arn: str, limit: int = _PAGE) -> Page:
        """Return a page of records in Lambda's form; it may be empty while others lie further on."""
        answer = self._ask("get_records", ShardIterator=iterator, Limit=limit)
        raws = answer.get(_WIRE, answer.get("Records"))
        if raws is None:
            # Without this a proxy's page would be taken for the end of the shard.
            raise UnavailableError(f"GetRecords was answered without Records: {answer!r:.200}")
        return Page(lambda_records(raws, stream_arn), answer.get("NextShardIterator"))

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def _ask(self, operation: str, **parameters: Any) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # boto3 is an extra

        call: Callable[..., dict[str, Any]] = getattr(self._client, operation)
        try:
            return call(**parameters)
        except ClientError as error:
            told = error.response.get("Error", {})
            code = told.get("Code", "")
            raise _KINDS.get(code, UnavailableError)(f"{code}: {told.get('Message', '')}") from None
        except BotoCoreError as error:
            raise UnavailableError(f"{type(error).__name__}: {error}") from None


def _keep_as_sent(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    if response_dict["status_code"] != 200:  # noqa: PLR2004  # HTTP's name for success
        return
    try:
        answer = orjson.loads(response_dict["body"])
    except orjson.JSONDecodeError:
        return  # boto3 knows what to say of it
    if isinstance(answer, dict) and "Records" in answer:
        customized_response_dict[_WIRE] = answer.pop("Records")
        response_dict["body"] = orjson.dumps(answer)
