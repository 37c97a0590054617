"""SEMANTICS §2, §3, §4, §8 and §10 as runs."""

from __future__ import annotations

from typing import Any

from tests.conformance.rules import RunRule

REPORT = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
SQS = {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:failed"}}}
S3 = {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::failed"}}}

ALL = [1, 2, 3, 4]
DAY = 86_400

REQUEST_CONTEXT = ["requestId", "functionArn", "condition", "approximateInvokeCount"]
RESPONSE_CONTEXT = ["statusCode", "executedVersion", "functionError"]
BATCH_INFO = [
    "shardId",
    "startSequenceNumber",
    "endSequenceNumber",
    "approximateArrivalOfFirstRecord",
    "approximateArrivalOfLastRecord",
    "batchSize",
    "streamArn",
]


def _discard(first: int, last: int, count: int, error: str | None) -> dict[str, Any]:
    return {
        "first": first,
        "last": last,
        "batchSize": last - first + 1,
        "count": count,
        "functionError": error,
        "condition": "RetryAttemptsExhausted",
    }


RECORDED = [
    RunRule(
        section=10,
        grade="O",
        says="raise, retries 2",
        settings={"BatchSize": 4, "MaximumRetryAttempts": 2},
        bad={2: None},
        sees={
            "batches": [ALL, ALL, ALL],
            "outcomes": ["failure", "failure", "failure"],
            "attempts": [1, 2, 3],
            "extents": [0, 0, 0],
            "discarded": [_discard(1, 4, 3, "Unhandled")],
        },
    ),
    RunRule(
        section=10,
        grade="O",
        says="report, retries 1",
        settings=REPORT | {"BatchSize": 4, "MaximumRetryAttempts": 1},
        bad={2: None},
        how="report",
        sees={
            "batches": [ALL, [2, 3, 4], [2, 3, 4]],
            "outcomes": ["partial", "partial", "partial"],
            "attempts": [1, 1, 2],
            "extents": [0, 1, 1],
            "discarded": [_discard(2, 4, 2, None)],
        },
    ),
    RunRule(
        section=10,
        grade="O",
        says="report off, failures returned",
        settings={"BatchSize": 4, "MaximumRetryAttempts": 2},
        bad={2: None},
        how="report",
        sees={"batches": [ALL], "outcomes": ["success"], "discarded": [], "checkpoint": 4, "warnings": 1},
    ),
]

BATCHES = [
    RunRule(
        section=2,
        grade="D",
        says="no invocation has more than BatchSize records",
        settings={"BatchSize": 3},
        records=7,
        sees={"batches": [[1, 2, 3], [4, 5, 6], [7]]},
    ),
    RunRule(section=2, grade="D", says="BatchSize is 100 by default", records=101, sees={"sizes": [100, 1]}),
    RunRule(
        section=2,
        grade="D",
        says="a batch of 1 is a record at a time",
        settings={"BatchSize": 1},
        sees={"batches": [[1], [2], [3], [4]]},
    ),
    RunRule(
        section=2,
        grade="D",
        says="without a window it goes as soon as records are there",
        at=(0, 1, 1, 5),
        sees={"batches": [[1], [2, 3], [4]], "seconds": [0, 1, 5]},
    ),
    RunRule(
        section=2,
        grade="D",
        says="one invocation at a time per shard",
        settings={"BatchSize": 1},
        duration=10,
        sees={"seconds": [0, 10, 20, 30]},
    ),
    RunRule(
        section=2,
        grade="D",
        says="records of one shard are delivered in order",
        settings={"BatchSize": 2},
        at=(3, 1, 2, 0),
        sees={"batches": [[1, 2], [3, 4]]},
    ),
    RunRule(
        section=2,
        grade="D",
        says="a batch has records of one shard only, and a failing one pauses no other shard",
        settings={"BatchSize": 2},
        records=12,
        shards=3,
        bad={1: None},
        sees={"mixed batches": [], "other shards done after": 0},
    ),
    RunRule(
        section=2,
        grade="D",
        says="a failing batch pauses its shard",
        settings={"BatchSize": 1, "MaximumRetryAttempts": 1},
        bad={2: None},
        sees={"batches": [[1], [2], [2], [3], [4]]},
    ),
]

FAILURES = [
    RunRule(
        section=3,
        grade="D",
        says="a throttle never counts as an attempt",
        settings={"MaximumRetryAttempts": 0},
        throttles=3,
        bad={2: None},
        sees={
            "outcomes": ["throttled", "throttled", "throttled", "failure"],
            "attempts": [1, 1, 1, 1],
            "extents": [0, 0, 0, 0],
            "discarded": [_discard(1, 4, 1, "Unhandled")],
        },
    ),
    RunRule(
        section=3,
        grade="D",
        says="a throttle is retried until the records expire",
        settings={"MaximumRetryAttempts": 0},
        throttles=10_000,
        sees={"discarded": [], "dropped": ALL, "checkpoint": 4},
    ),
    RunRule(
        section=3,
        grade="D",
        says="no retries are one invocation",
        settings={"MaximumRetryAttempts": 0},
        bad={2: None},
        sees={"batches": [ALL], "discarded": [_discard(1, 4, 1, "Unhandled")]},
    ),
    RunRule(
        section=3,
        grade="O",
        says="the invocations of an extent are its retries and one",
        settings={"MaximumRetryAttempts": 4},
        bad={2: None},
        sees={"attempts": [1, 2, 3, 4, 5], "discarded": [_discard(1, 4, 5, "Unhandled")]},
    ),
    RunRule(
        section=3,
        grade="O",
        says="a retry keeps its request id",
        settings={"BatchSize": 2},
        bad={1: 2, 3: 1},
        sees={"batches": [[1, 2], [1, 2], [1, 2], [3, 4], [3, 4]], "extents": [0, 0, 0, 1, 1]},
    ),
    RunRule(
        section=3,
        grade="O",
        says="a new extent has a new request id",
        settings=REPORT,
        bad={2: 1, 3: 2, 4: 3},
        how="report",
        sees={"batches": [ALL, [2, 3, 4], [3, 4], [4]], "extents": [0, 1, 2, 3]},
    ),
    RunRule(
        section=3,
        grade="O",
        says="the budget is fresh after a partial response",
        settings=REPORT | {"MaximumRetryAttempts": 1},
        bad={1: 1, 2: 2, 3: None},
        how="report",
        sees={
            "batches": [ALL, ALL, [2, 3, 4], [3, 4], [3, 4]],
            "attempts": [1, 2, 1, 1, 2],
            "extents": [0, 0, 1, 2, 2],
            "discarded": [_discard(3, 4, 2, None)],
        },
    ),
    RunRule(
        section=3,
        grade="O",
        says="on exhaustion the whole extent is discarded and the shard goes on",
        settings={"BatchSize": 3, "MaximumRetryAttempts": 1},
        records=5,
        bad={2: None},
        sees={
            "batches": [[1, 2, 3], [1, 2, 3], [4, 5]],
            "discarded": [_discard(1, 3, 2, "Unhandled")],
            "checkpoint": 5,
        },
    ),
    RunRule(
        section=3,
        grade="O",
        says="the lowest reported number is the first: an ordinary retry",
        settings=REPORT | {"MaximumRetryAttempts": 1},
        bad={1: None},
        how="report",
        sees={"batches": [ALL, ALL], "attempts": [1, 2], "extents": [0, 0], "discarded": [_discard(1, 4, 2, None)]},
    ),
    RunRule(
        section=3,
        grade="O",
        says="the rest of a partly failed batch goes at once",
        settings=REPORT,
        bad={3: 1},
        how="report",
        sees={"batches": [ALL, [3, 4]], "seconds": [0, 0]},
    ),
    RunRule(
        section=3,
        grade="U",
        says="the rest of a partly failed batch is not topped up",
        settings=REPORT | {"BatchSize": 3},
        records=6,
        bad={2: 1},
        how="report",
        sees={"batches": [[1, 2, 3], [2, 3], [4, 5, 6]]},
    ),
    RunRule(
        section=3,
        grade="O",
        says="with ReportBatchItemFailures an exception fails the whole batch",
        settings=REPORT | {"MaximumRetryAttempts": 0},
        bad={3: None},
        sees={"batches": [ALL], "outcomes": ["failure"], "discarded": [_discard(1, 4, 1, "Unhandled")]},
    ),
    RunRule(
        section=3,
        grade="O",
        says="the first two retries wait 0.25 s and 0.5 s",
        bad={1: 2},
        sees={"waits": [0.25, 0.5]},
    ),
    RunRule(
        section=3,
        grade="I",
        says="the wait goes on doubling",
        bad={1: 8},
        sees={"waits": [0.25, 0.5, 1, 2, 4, 8, 16, 32]},
    ),
    RunRule(
        section=3,
        grade="U",
        says="the wait is capped at 60 s",
        bad={1: 12},
        sees={"waits": [0.25, 0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]},
    ),
    RunRule(
        section=3,
        grade="U",
        says="a stream keeps a record for 24 hours, and then it is gone without an on-failure record",
        settings=SQS,
        bad={2: None},
        destination="takes",
        sees={"discarded": [], "dropped": ALL, "checkpoint": 4, "tried until": DAY, "delivered": 0},
    ),
    RunRule(
        section=3,
        grade="U",
        says="records that are older when reading starts are gone too",
        at=(-DAY - 1, -DAY, 0),
        sees={"batches": [[2, 3]], "dropped": [1], "discarded": []},
    ),
    RunRule(
        section=3,
        grade="U",
        says="only the front of an extent expires, and the rest keeps its retry count",
        at=(-DAY, -1),
        bad={1: None, 2: 2},
        sees={"batches": [[1, 2], [2], [2]], "attempts": [1, 2, 3], "extents": [0, 1, 1], "dropped": [1]},
    ),
    RunRule(
        section=3,
        grade="O",
        says="if delivery fails the records count as dropped and processing goes on",
        settings=SQS | {"BatchSize": 2, "MaximumRetryAttempts": 0},
        bad={1: None},
        destination="raises",
        sees={"batches": [[1, 2], [3, 4]], "delivered": 1, "checkpoint": 4},
    ),
]

ON_FAILURE_RECORDS = [
    RunRule(
        section=3,
        grade="O",
        says="the members of a record for SQS, in order",
        settings=SQS | {"MaximumRetryAttempts": 0},
        bad={2: None},
        destination="takes",
        sees={
            "sent members": ["requestContext", "responseContext", "version", "timestamp", "DDBStreamBatchInfo"],
            "sent requestContext": REQUEST_CONTEXT,
            "sent responseContext": RESPONSE_CONTEXT,
            "sent DDBStreamBatchInfo": BATCH_INFO,
        },
    ),
    RunRule(
        section=3,
        grade="O",
        says="the members of a record for S3, in order: also the payload",
        settings=S3 | {"MaximumRetryAttempts": 0},
        bad={2: None},
        destination="takes",
        sees={
            "sent members": [
                "requestContext",
                "responseContext",
                "version",
                "payload",
                "timestamp",
                "DDBStreamBatchInfo",
            ],
            "sent requestContext": REQUEST_CONTEXT,
            "sent responseContext": RESPONSE_CONTEXT,
            "sent DDBStreamBatchInfo": BATCH_INFO,
            "payload is the event": True,
        },
    ),
    RunRule(
        section=3,
        grade="O",
        says="the values of a record: status 200, $LATEST, version 1.0",
        settings={"MaximumRetryAttempts": 0, "FunctionName": "orders:live"},
        bad={2: None},
        sees={
            "constants": [200, "$LATEST", "1.0"],
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:orders:live",
            "request id": "the invocation's",
        },
    ),
    RunRule(
        section=3,
        grade="O",
        says="arrival times have whole seconds, the timestamp milliseconds",
        settings={"MaximumRetryAttempts": 1},
        at=(1, 1, 1),
        duration=0.25,
        bad={1: None},
        sees={
            "arrivals": ("2026-01-01T00:00:01Z", "2026-01-01T00:00:01Z"),
            "timestamp": r"2026-01-01T00:00:01\.(6[89]|7\d|8[01])\dZ",
        },
    ),
]


def _metrics(**counts: int) -> dict[str, int]:
    return counts


METRICS = [
    RunRule(
        section=8,
        grade="D",
        says="a run without failures counts what was polled and invoked",
        settings={"BatchSize": 3},
        sees={"metrics": _metrics(PolledEventCount=4, InvokedEventCount=4)},
    ),
    RunRule(
        section=8,
        grade="D",
        says="InvokedEventCount counts again on each retry, PolledEventCount does not",
        bad={2: 2},
        sees={"metrics": _metrics(PolledEventCount=4, InvokedEventCount=12, FailedInvokeEventCount=8)},
    ),
    RunRule(
        section=8,
        grade="D",
        says="FailedInvokeEventCount counts all events of attempts that failed in part",
        settings=REPORT,
        bad={3: 1},
        how="report",
        sees={"metrics": _metrics(PolledEventCount=4, InvokedEventCount=6, FailedInvokeEventCount=4)},
    ),
    RunRule(
        section=8,
        grade="D",
        says="DroppedEventCount counts what was discarded and went nowhere",
        settings={"MaximumRetryAttempts": 0},
        bad={3: None},
        sees={
            "metrics": _metrics(PolledEventCount=4, InvokedEventCount=4, FailedInvokeEventCount=4, DroppedEventCount=4)
        },
    ),
    RunRule(
        section=8,
        grade="D",
        says="what a destination takes is delivered, in events and not documents, and not dropped",
        settings=SQS | {"MaximumRetryAttempts": 0},
        bad={3: None},
        destination="takes",
        sees={
            "metrics": _metrics(
                PolledEventCount=4,
                InvokedEventCount=4,
                FailedInvokeEventCount=4,
                OnFailureDestinationDeliveredEventCount=4,
            )
        },
    ),
    RunRule(
        section=8,
        grade="D",
        says="on delivery failure Dropped rises by the events and DestinationDeliveryFailures by 1",
        settings=SQS | {"MaximumRetryAttempts": 0},
        bad={3: None},
        destination="raises",
        sees={
            "metrics": _metrics(
                PolledEventCount=4,
                InvokedEventCount=4,
                FailedInvokeEventCount=4,
                DroppedEventCount=4,
                DestinationDeliveryFailures=1,
            )
        },
    ),
    RunRule(
        section=8,
        grade="D",
        says="what expired was dropped for its age",
        at=(-DAY - 1, 0),
        sees={"metrics": _metrics(PolledEventCount=2, InvokedEventCount=1, DroppedEventCount=1)},
    ),
    RunRule(
        section=8,
        grade="I",
        says="events of a throttled call were sent and did not fail",
        throttles=1,
        sees={"metrics": _metrics(PolledEventCount=4, InvokedEventCount=8)},
    ),
]

RUNS = [*RECORDED, *BATCHES, *FAILURES, *ON_FAILURE_RECORDS, *METRICS]
