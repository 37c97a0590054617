"""What GetRecords answers to what Lambda sends."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from streamkit.local.recordlist import Records
from streamkit.local.records import StreamRecord, parse_record, size_of, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["lambda_record", "lambda_records"]

_ABOUT = ("eventID", "eventName", "eventVersion", "eventSource", "awsRegion")
_DATA = ("ApproximateCreationDateTime", "Keys", "NewImage", "OldImage", "SequenceNumber", "SizeBytes", "StreamViewType")
_EXPIRY = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def lambda_record(raw: Mapping[str, Any], stream_arn: str) -> dict[str, Any]:
    """Return a record of GetRecords in Lambda's form, its keys in Lambda's order (SEMANTICS §7).

    ``raw``: as boto3 parses it (``B`` is bytes, times are datetimes), or as it comes over the wire.
    """
    data = raw.get("dynamodb") or {}
    created_at = data.get("ApproximateCreationDateTime")
    if isinstance(created_at, datetime):
        data = {**_plain(data), "ApproximateCreationDateTime": created_at.timestamp()}
    elif created_at is not None:
        data = {**data, "ApproximateCreationDateTime": float(created_at)}
    record = {name: raw[name] for name in _ABOUT if name in raw}
    if "eventID" in record:
        # 32 hexadecimal digits (SEMANTICS §7); DynamoDB Local has a UUID's dashes between them.
        record["eventID"] = record["eventID"].replace("-", "")
    record["dynamodb"] = {name: data[name] for name in _DATA if data.get(name) is not None}
    identity = raw.get("userIdentity")
    if identity:
        record["userIdentity"] = {
            "type": identity.get("Type", identity.get("type")),
            "principalId": identity.get("PrincipalId", identity.get("principalId")),
        }
    if record.get("eventName") == "UNKNOWN_TO_SDK_VERSION":
        # What DynamoDB Local 3 calls an item that its TTL deletes, and names nobody.
        record["eventName"] = "REMOVE"
        record["userIdentity"] = dict(_EXPIRY)
    record["eventSourceARN"] = stream_arn
    return record


def lambda_records(raws: Iterable[Mapping[str, Any]], stream_arn: str) -> Records:
    """Return the records of a page as the runner carries them.

    Raises RecordError for something that is no stream record.
    """
    return Records.of([_stream_record(lambda_record(raw, stream_arn)) for raw in raws])


def _stream_record(record: dict[str, Any]) -> StreamRecord:
    data = record["dynamodb"]
    number, seconds = data.get("SequenceNumber"), data.get("ApproximateCreationDateTime")
    if not isinstance(number, str) or not number.isdigit() or not data.get("Keys"):
        return parse_record(record, "a record of the stream")  # which says what is wrong with it
    created_at = None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    json = to_json(record)
    return StreamRecord(number, created_at, json, size_of(data.get("SizeBytes"), json))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return b64encode(value).decode() if isinstance(value, bytes | bytearray) else value
