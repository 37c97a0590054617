"""SEMANTICS §3: the on-failure record and its delivery."""

from __future__ import annotations

from tests.conformance.parts import ALL, REPORT, S3, SQS, age, document, exhausted, retries
from tests.conformance.rules import RunRule

SNS = {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sns:us-east-1:123456789012:failed"}}}
_SOME_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_UUID = "14e0db71-5d35-4eb5-b481-8945cf9d10c2"

# The event of the one record of a table of the item {"id": 1}, as it is sent.
_PAYLOAD = (
    '{"Records":[{"eventID":"3cee3820462e2c08bf9ef7bace788420","eventName":"INSERT","eventVersion":"1.1",'
    '"eventSource":"aws:dynamodb","awsRegion":"us-east-1","dynamodb":{"ApproximateCreationDateTime":1767225600.0,'
    '"Keys":{"id":{"N":"1"}},"NewImage":{"id":{"N":"1"}},"SequenceNumber":"100000000000000000001","SizeBytes":8,'
    '"StreamViewType":"NEW_AND_OLD_IMAGES"},"eventSourceARN":"arn:aws:dynamodb:us-east-1:123456789012:'
    'table/orders/stream/2026-01-01T00:00:00.000"}]}'
)

DOCUMENTS = [
    RunRule(
        section=3,
        grade="O",
        says="The on-failure record for SQS, all of its members in order",
        setting="DestinationConfig",
        settings=SQS | retries(0),
        bad={2: None},
        destination="takes",
        sees={"records": [document(1, 4, 1)], "delivered": 1},
    ),
    RunRule(
        section=3,
        grade="O",
        says="The on-failure record for SNS is the one for SQS",
        settings=SNS | retries(0),
        bad={2: None},
        destination="takes",
        sees={"records": [document(1, 4, 1)], "delivered": 1},
    ),
    RunRule(
        section=3,
        grade="O",
        says="The on-failure record for S3 has the whole event too, as text, between version and timestamp",
        settings=S3 | retries(0),
        records=1,
        bad={1: None},
        destination="takes",
        sees={"records": [document(1, 1, 1, payload=_PAYLOAD)]},
    ),
    RunRule(
        section=3,
        grade="O",
        says="The payload for S3 is the event of the last attempt, as it was sent",
        settings=S3 | REPORT | retries(1),
        bad={3: None},
        how="report",
        destination="takes",
        sees={"batches": [ALL, [3, 4], [3, 4]], "payloads as sent": [True]},
    ),
    RunRule(
        section=3,
        grade="O",
        says="An object in S3 is named by mapping, shard, day, second and a UUID",
        settings=S3 | retries(0) | {"UUID": _UUID},
        bad={1: None},
        duration=90,
        destination="takes",
        sees={
            "object keys": [
                rf"aws/lambda/{_UUID}/shardId-\d{{20}}-[0-9a-f]{{8}}/2026/01/01/2026-01-01T00\.01\.30-{_SOME_UUID}"
            ]
        },
    ),
    RunRule(
        section=3,
        grade="O",
        says="functionError is null, and there, when reported failures exhausted the attempts",
        settings=SQS | REPORT | retries(0),
        bad={1: None},
        how="report",
        destination="takes",
        sees={"records": [document(1, 4, 1, None)]},
    ),
    RunRule(
        section=3,
        grade="O",
        says="functionError is null when an invalid response exhausted the attempts",
        settings=SQS | REPORT | retries(0),
        answers=({"batchItemFailures": [{"itemIdentifier": ""}]},),
        destination="takes",
        sees={"discarded": [exhausted(1, 4, 1, None)]},
    ),
    RunRule(
        section=3,
        grade="I",
        says="functionError is Unhandled after a timeout, too",
        choice="as after an exception",
        settings=SQS | retries(0),
        faults={1: "timeout"},
        destination="takes",
        sees={"records": [document(1, 4, 1)]},
    ),
    RunRule(
        section=3,
        grade="O",
        says="There is no responseContext for RecordAgeExceeded; the count is the attempts made",
        settings=SQS | age(60),
        at=(0, 5),
        bad={1: None},
        duration=35,
        destination="takes",
        sees={
            "records": [
                document(1, 1, 2, condition="RecordAgeExceeded"),
                document(
                    2,
                    2,
                    1,
                    of="no invocation",
                    condition="RecordAgeExceeded",
                    arrivals=("2026-01-01T00:00:05Z", "2026-01-01T00:00:05Z"),
                ),
            ],
            "attempts": [1, 2],
        },
    ),
    RunRule(
        section=3,
        grade="O",
        says="For RecordAgeExceeded without an attempt the count is 1",
        settings=SQS | age(60),
        at=(-100, -90, 0),
        destination="takes",
        sees={
            "records": [
                document(
                    1,
                    2,
                    1,
                    of="no invocation",
                    condition="RecordAgeExceeded",
                    arrivals=("2025-12-31T23:58:20Z", "2025-12-31T23:58:30Z"),
                )
            ],
            "batches": [[3]],
        },
    ),
    RunRule(
        section=3,
        grade="U",
        says="Records that were never tried have a request id of their own",
        choice="a new one, since there was no invocation",
        settings=age(60),
        at=(-100,),
        sees={
            "records": [
                document(
                    1,
                    1,
                    1,
                    of="no invocation",
                    condition="RecordAgeExceeded",
                    arrivals=("2025-12-31T23:58:20Z", "2025-12-31T23:58:20Z"),
                )
            ]
        },
    ),
    RunRule(
        section=3,
        grade="O",
        says="functionArn keeps the qualifier",
        setting="FunctionName",
        settings={"FunctionName": "orders:live"} | retries(0),
        bad={2: None},
        sees={"functionArn": "arn:aws:lambda:us-east-1:123456789012:function:orders:live"},
    ),
    RunRule(
        section=3,
        grade="O",
        says="Arrival times have whole seconds, the timestamp has milliseconds",
        settings=retries(1),
        at=(1, 1, 2),
        duration=0.25,
        bad={1: None},
        sees={
            "discarded": [exhausted(1, 2, 2)],
            "timestamp": r"2026-01-01T00:00:01\.(6[89]|7\d|8[01])\dZ",
            "records": [document(1, 2, 2, arrivals=("2026-01-01T00:00:01Z", "2026-01-01T00:00:01Z"))],
        },
    ),
]

DELIVERY = [
    RunRule(
        section=3,
        grade="O",
        says="A delivery that fails is not tried again, and processing goes on",
        setting="destination",
        settings=SQS | {"BatchSize": 2} | retries(0),
        bad={1: None},
        destination="raises",
        sees={"batches": [[1, 2], [3, 4]], "delivered": 1, "checkpoints": [2, 4]},
    ),
    RunRule(
        section=3,
        grade="O",
        says="Each discarded extent has its own on-failure record",
        settings=SQS | {"BatchSize": 2} | retries(0),
        bad={1: None, 3: None},
        destination="takes",
        sees={"records": [document(1, 2, 1), document(3, 4, 1, of="invocation 2")], "delivered": 2},
    ),
    RunRule(
        section=3,
        grade="D",
        says="Without a destination discarded records go nowhere",
        choice="the runner shows what would have been sent",
        setting="DestinationConfig",
        settings=retries(0),
        bad={1: None},
        sees={"discarded": [exhausted(1, 4, 1)], "delivered": 0},
    ),
    RunRule(
        section=3,
        grade="U",
        says="A destination that is changed gets what is discarded from then on",
        choice="from the next discard on",
        setting="DestinationConfig",
        settings=SQS | {"BatchSize": 2} | retries(0),
        at=(0, 0, 20, 20),
        bad={1: None, 3: None},
        destination="takes",
        changes={10: S3},
        sees={"delivered": 2, "object keys": ["aws/lambda/.*T00.00.20-.*"]},
    ),
]

RECORDS = [*DOCUMENTS, *DELIVERY]
