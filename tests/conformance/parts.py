"""What the rows of runs are made of."""

from __future__ import annotations

import json
from typing import Any

REPORT = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
BISECT = {"BisectBatchOnFunctionError": True}
SQS = {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:failed"}}}
S3 = {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::failed"}}}

ALL = [1, 2, 3, 4]
DAY = 86_400
FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:failing"
_START = "2026-01-01T00:00:00Z"


def retries(count: int) -> dict[str, Any]:
    return {"MaximumRetryAttempts": count}


def age(seconds: int) -> dict[str, Any]:
    return {"MaximumRecordAgeInSeconds": seconds}


def window(seconds: int) -> dict[str, Any]:
    return {"MaximumBatchingWindowInSeconds": seconds}


def only_items(*items: Any) -> dict[str, Any]:
    """Return the setting of a filter that takes the records of these items."""
    tag = "S" if isinstance(items[0], str) else "N"
    pattern = {"dynamodb": {"Keys": {"id": {tag: [str(item) for item in items]}}}}
    return {"FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern)}]}}


def named(*numbers: int) -> dict[str, Any]:
    """Return the response that names these records."""
    return {"batchItemFailures": [{"itemIdentifier": f"<{number}>"} for number in numbers]}


def exhausted(first: int, last: int, count: int, error: str | None = "Unhandled") -> dict[str, Any]:
    return {
        "first": first,
        "last": last,
        "batchSize": last - first + 1,
        "count": count,
        "functionError": error,
        "condition": "RetryAttemptsExhausted",
    }


def too_old(first: int, last: int, count: int) -> dict[str, Any]:
    return exhausted(first, last, count, "no responseContext") | {"condition": "RecordAgeExceeded"}


def document(
    first: int,
    last: int,
    count: int,
    error: str | None = "Unhandled",
    *,
    of: str = "invocation 1",
    condition: str = "RetryAttemptsExhausted",
    arrivals: tuple[str, str] = (_START, _START),
    payload: str | None = None,
) -> dict[str, Any]:
    """Return an on-failure record as the view ``records`` shows it: all members, in order."""
    response = {"statusCode": 200, "executedVersion": "$LATEST", "functionError": error}
    return {
        "requestContext": {
            "requestId": of,
            "functionArn": FUNCTION_ARN,
            "condition": condition,
            "approximateInvokeCount": count,
        },
        **({} if condition == "RecordAgeExceeded" else {"responseContext": response}),
        "version": "1.0",
        **({} if payload is None else {"payload": payload}),
        "timestamp": "then",
        "DDBStreamBatchInfo": {
            "shardId": "shard 0",
            "startSequenceNumber": f"<{first}>",
            "endSequenceNumber": f"<{last}>",
            "approximateArrivalOfFirstRecord": arrivals[0],
            "approximateArrivalOfLastRecord": arrivals[1],
            "batchSize": last - first + 1,
            "streamArn": "stream",
        },
    }
