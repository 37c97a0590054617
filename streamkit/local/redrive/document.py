"""An on-failure record, read back (SEMANTICS §3)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from streamkit.errors import StreamkitError
from streamkit.local.records import number_order
from streamkit.local.redrive.envelopes import opened
from streamkit.local.window import TimeWindow

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FailedBatch", "NotOnFailureRecordError", "read_document"]

_OTHERS = {
    "KinesisBatchInfo": "an on-failure record of a Kinesis stream",
    "KafkaBatchInfo": "an on-failure record of Kafka",
    "requestPayload": "the record of an asynchronous invocation",
}


class NotOnFailureRecordError(StreamkitError):
    """Something that is no on-failure record of a DynamoDB stream, or a broken one: the text says what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedBatch:
    """What an on-failure record says."""

    function_arn: str
    condition: str
    stream_arn: str
    shard_id: str
    start: str = ""
    """The sequence number of its first record; nothing for the final invocation of a tumbling window."""
    end: str = ""
    size: int = 0
    """How many records it is about: those that matched the filters, in its lane."""
    arrived: tuple[datetime, datetime] | None = None
    """When the first and the last of them arrived, in whole seconds."""
    window: TimeWindow | None = None
    final: bool = False
    """Whether it is about the final invocation of a tumbling window: there are no records then."""
    payload: str | None = None
    """The event as it was sent, where the record came by way of a bucket or a directory."""


def read_document(content: bytes) -> FailedBatch:
    """Read an on-failure record, also one that is still in the envelope of SQS or SNS.

    Raises NotOnFailureRecordError for anything else.
    """
    try:
        document = opened(json.loads(content))
    except (ValueError, RecursionError) as error:
        raise NotOnFailureRecordError(f"it is not JSON, or not the whole of it ({error})") from None
    if not isinstance(document, dict):
        raise NotOnFailureRecordError(f"it is {json.dumps(document):.80}, and an on-failure record is an object")
    info, context = document.get("DDBStreamBatchInfo"), document.get("requestContext")
    if not isinstance(info, dict) or not isinstance(context, dict):
        raise NotOnFailureRecordError(f"it is {_kind(document)}, no on-failure record of a DynamoDB stream")
    window = _read_window(document.get("timeWindowInfo"))
    final = window is not None and "startSequenceNumber" not in info
    start, end, size = ("", "", 0) if final else _extent(info)
    return FailedBatch(
        function_arn=_text(context, "requestContext", "functionArn"),
        condition=_text(context, "requestContext", "condition"),
        stream_arn=_text(info, "DDBStreamBatchInfo", "streamArn"),
        shard_id=_text(info, "DDBStreamBatchInfo", "shardId"),
        start=start,
        end=end,
        size=size,
        arrived=_arrived(info),
        window=window,
        final=final,
        payload=_text(document, "the record", "payload") if "payload" in document else None,
    )


def _extent(info: Mapping[str, Any]) -> tuple[str, str, int]:
    numbers = [_text(info, "DDBStreamBatchInfo", name) for name in ("startSequenceNumber", "endSequenceNumber")]
    for number in numbers:
        if not (number.isascii() and number.isdigit()):
            raise NotOnFailureRecordError(f"its sequence number {number!r:.80} is none: expected digits")
    start, end = numbers
    if number_order(start) > number_order(end):
        raise NotOnFailureRecordError(f"it begins at {start} and ends before, at {end}")
    size = info.get("batchSize")
    if type(size) is not int or size < 1:
        raise NotOnFailureRecordError(f"its batchSize is {size!r:.80}: expected a number from 1 on")
    return start, end, size


def _text(members: Mapping[str, Any], where: str, name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise NotOnFailureRecordError(f"{name} of {where} is {value!r:.80}: expected text")
    return value


def _arrived(info: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    try:
        first, last = (_time(info[f"approximateArrivalOf{which}Record"]) for which in ("First", "Last"))
    except (KeyError, TypeError, ValueError):
        # Nothing depends on it but what is said of records that are gone.
        return None
    return first, last


def _read_window(info: Any) -> TimeWindow | None:
    if info is None:
        return None
    try:
        window = TimeWindow(_time(info["window"]["start"]), _time(info["window"]["end"]))
    except (KeyError, TypeError, ValueError):
        raise NotOnFailureRecordError(f"its timeWindowInfo has no window: {info!r:.200}") from None
    if window.end <= window.start:
        raise NotOnFailureRecordError(f"its window ends before it starts: {info['window']!r:.200}")
    return window


def _time(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _kind(document: Mapping[str, Any]) -> str:
    for name, what in _OTHERS.items():
        if name in document:
            return what
    records = document.get("Records")
    if isinstance(records, list) and records and isinstance(records[0], dict):
        source = records[0].get("eventSource") or records[0].get("EventSource")
        if source == "aws:dynamodb":
            return "an event of Lambda's, which `streamkit run --events` takes,"
        return f"an event from {source}"
    if "s3:TestEvent" in (document.get("Event"), document.get("event")):
        return "S3's test of its event notifications"
    if "Type" in document and "TopicArn" in document:
        return f"SNS's {document['Type']}"
    return f"an object with {', '.join(map(str, document)) or 'nothing in it'}"[:200]
