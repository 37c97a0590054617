"""The on-failure record of a discarded batch, in AWS's key order (SEMANTICS §3)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from streamkit.local.texts import second

if TYPE_CHECKING:
    from streamkit.local.lane import Discard
    from streamkit.local.recordlist import Records

__all__ = ["OnFailureRecord", "object_key", "on_failure_record"]

OnFailureRecord: TypeAlias = dict[str, Any]
"""The document that Lambda sends to the on-failure destination."""


def object_key(mapping_uuid: str, shard_id: str, now: datetime, unique: str) -> str:
    """Return the key of an on-failure record in a bucket (SEMANTICS §3)."""
    return f"aws/lambda/{mapping_uuid}/{shard_id}/{now.astimezone(UTC):%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{unique}"


def on_failure_record(  # noqa: PLR0913  # each is a member of the document
    discard: Discard,
    *,
    now: datetime,
    request_id: str,
    function_arn: str,
    shard_id: str,
    stream_arn: str,
    payload: bytes | None = None,
) -> OnFailureRecord:
    """Return the document for SQS and SNS; with ``payload``, the event as sent, the one for S3."""
    record: OnFailureRecord = {
        "requestContext": {
            "requestId": request_id,
            "functionArn": function_arn,
            "condition": discard.condition,
            "approximateInvokeCount": max(1, discard.invoke_count),
        }
    }
    if discard.failure is not None:
        record["responseContext"] = {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": getattr(discard.failure, "function_error", None),
        }
    record["version"] = "1.0"
    if payload is not None:
        record["payload"] = payload.decode()
    record["timestamp"] = _milliseconds(now)
    record["DDBStreamBatchInfo"] = _batch_info(discard.extent.records, now, shard_id, stream_arn)
    if discard.part is not None:
        record["timeWindowInfo"] = discard.part.info()
    return record


def _batch_info(records: Records, now: datetime, shard_id: str, stream_arn: str) -> dict[str, Any]:
    if not records:
        return {"shardId": shard_id, "streamArn": stream_arn}
    return {
        "shardId": shard_id,
        "startSequenceNumber": records[0].sequence_number,
        "endSequenceNumber": records[-1].sequence_number,
        "approximateArrivalOfFirstRecord": second(records[0].created_at or now),
        "approximateArrivalOfLastRecord": second(records[-1].created_at or now),
        "batchSize": len(records),
        "streamArn": stream_arn,
    }


def _milliseconds(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"
