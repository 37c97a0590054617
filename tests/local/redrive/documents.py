"""On-failure records for tests."""

from __future__ import annotations

import json
from typing import Any

from streamkit.local.redrive.document import FailedBatch, read_document
from tests.local.builders import ARN, full, lambda_record

__all__ = ["FUNCTION", "SHARD", "batch_of", "document", "inserted", "with_payload"]

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
SHARD = "shardId-00000001767225600000-541ccc32"


def document(first: int = 1, last: int = 3, size: int | None = None, **members: Any) -> dict[str, Any]:
    """Return the on-failure record of these records, as it goes to a queue; ``members``: other ones on top."""
    return {
        "requestContext": {
            "requestId": "r",
            "functionArn": FUNCTION,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 1,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": "2026-01-01T00:00:10.000Z",
        "DDBStreamBatchInfo": {
            "shardId": SHARD,
            "startSequenceNumber": full(first),
            "endSequenceNumber": full(last),
            "approximateArrivalOfFirstRecord": "2026-01-01T00:00:00Z",
            "approximateArrivalOfLastRecord": "2026-01-01T00:00:02Z",
            "batchSize": last - first + 1 if size is None else size,
            "streamArn": ARN,
        },
    } | members


def inserted(number: int) -> dict[str, Any]:
    """Return a record with all that a streamkit handler asks for."""
    record = lambda_record(number, item=str(number))
    record["dynamodb"] |= {"NewImage": record["dynamodb"]["Keys"], "StreamViewType": "NEW_AND_OLD_IMAGES"}
    return record


def with_payload(*numbers: int, **members: Any) -> dict[str, Any]:
    """Return the on-failure record of these records, as it goes to a bucket."""
    event = {"Records": [inserted(number) for number in numbers]}
    return document(numbers[0], numbers[-1], len(numbers), payload=json.dumps(event), **members)


def batch_of(given: dict[str, Any]) -> FailedBatch:
    return read_document(json.dumps(given).encode())
