"""What the rows of runs are made of."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
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


def seconds_after(seconds: int) -> str:
    """Return when this is, as Lambda writes it."""
    return f"{datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


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


def lost_final(count: int, error: str | None = "Unhandled") -> dict[str, Any]:
    return {
        "first": "no record",
        "last": "no record",
        "batchSize": "none",
        "count": count,
        "functionError": error,
        "condition": "RetryAttemptsExhausted",
    }


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
    function: str = "failing",
    in_window: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """Return an on-failure record as the view ``records`` shows it: all members, in order."""
    more = {} if in_window is None else {"timeWindowInfo": time_window(*in_window)}
    response = {"statusCode": 200, "executedVersion": "$LATEST", "functionError": error}
    return {
        "requestContext": {
            "requestId": of,
            "functionArn": FUNCTION_ARN.replace("failing", function),
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
        **more,
    }


def time_window(start: int, end: int, *, final: bool = False, early: bool = False) -> dict[str, Any]:
    """Return the timeWindowInfo of the window between these seconds."""
    return {
        "window": {"start": seconds_after(start), "end": seconds_after(end)},
        "isFinalInvokeForWindow": final,
        "isWindowTerminatedEarly": early,
    }


def final_document(of: str, count: int, start: int, end: int, *, early: bool = False, **more: Any) -> dict[str, Any]:
    """Return the on-failure record of a final invocation."""
    whole = document(1, 1, count, of=of, function="tallying", **more)
    whole["DDBStreamBatchInfo"] = {"shardId": "shard 0", "streamArn": "stream"}
    return whole | {"timeWindowInfo": time_window(start, end, final=True, early=early)}
