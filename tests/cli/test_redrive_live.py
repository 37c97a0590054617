"""``streamkit redrive`` between real parts: DynamoDB Local, moto's queues, topics and buckets."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local import LocalRunner
from streamkit.local.aws import AwsAccess
from streamkit.local.destinations.arns import aws_destination
from streamkit.local.redrive import extent
from streamkit.local.redrive.places import queue as queue_module
from streamkit.local.streams.client import StreamsClient
from tests.cli.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parts.dynamodblocal import DynamoDBLocal
    from tests.parts.fixtures import MotoServer, StartDynamoDB

REGION = "us-east-1"
SQS_ARN = f"arn:aws:sqs:{REGION}:123456789012:failed"
SNS_ARN = f"arn:aws:sns:{REGION}:123456789012:failed"
S3_ARN = "arn:aws:s3:::failed"
SETTINGS: dict[str, Any] = {"BatchSize": 3, "MaximumRetryAttempts": 0, "FunctionName": "handler"}

APP = """
from streamkit import Insert, stream_handler

@stream_handler(batch_size=3)
def handler(change: Insert) -> None:
    print("did", change.new["id"], change.new["blob"].hex(), change.new["total"])
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr(queue_module, "_WAIT", 0)
    monkeypatch.setattr(extent, "_WAIT", 0.01)
    made = Project(tmp_path, monkeypatch)
    made.app(APP)
    return made


def orders(dynamodb: DynamoDBLocal, count: int) -> tuple[str, list[dict[str, Any]]]:
    """Put so many orders into a new table; return its stream's ARN and the records in Lambda's form."""
    with closing(dynamodb.client()) as client:
        client.create_table(
            TableName="orders",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        for number in range(1, count + 1):
            item = {"id": {"S": f"o{number}"}, "total": {"N": "9.9"}, "blob": {"B": bytes([number, 255])}}
            client.put_item(TableName="orders", Item=item)
    with closing(StreamsClient(AwsAccess())) as streams:
        (stream,) = streams.streams_of("orders")
        arn: str = stream["StreamArn"]
        (shard,) = streams.describe(arn)["Shards"]
        iterator = streams.iterator(arn, shard["ShardId"], "TRIM_HORIZON")
        records = [json.loads(one) for one in streams.records(iterator, arn).records.jsons]
    assert len(records) == count
    return arn, records


def discarding(records: list[dict[str, Any]], to: str) -> LocalRunner:
    """Run the records where every second batch fails, with a destination."""
    calls: list[int] = []

    def handler(event: Any, _context: Any) -> None:
        calls.append(len(event["Records"]))
        if len(calls) % 2 == 0:
            raise ValueError("no stock")

    mapping = SETTINGS | {"DestinationConfig": {"OnFailure": {"Destination": to}}}
    with closing(StreamsClient(AwsAccess())) as streams:
        (shard,) = streams.describe(records[0]["eventSourceARN"])["Shards"]
    destination = Renaming(aws_destination(to, AwsAccess()), shard["ShardId"])
    runner = LocalRunner(handler, records, mapping, destination=destination)
    runner.run()
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] > 0
    return runner


class Renaming:
    """A destination that names the real shard, which a recording does not know."""

    def __init__(self, destination: Any, shard_id: str) -> None:
        self._destination = destination
        self._shard_id = shard_id

    def send(self, record: dict[str, Any]) -> None:
        record["DDBStreamBatchInfo"]["shardId"] = self._shard_id
        self._destination.send(record)

    def put(self, key: str, record: dict[str, Any]) -> None:
        self._destination.put(key, record)


def made(moto_server: MotoServer) -> None:
    """Make a queue, a topic that it listens to, and a bucket."""
    with (
        closing(moto_server.client("sqs")) as sqs,
        closing(moto_server.client("sns")) as sns,
        closing(moto_server.client("s3")) as s3,
    ):
        sqs.create_queue(QueueName="failed")
        sns.create_topic(Name="failed")
        sns.subscribe(TopicArn=SNS_ARN, Protocol="sqs", Endpoint=SQS_ARN)
        s3.create_bucket(Bucket="failed")


def redrive(project: Project, place: str, *options: str) -> Any:
    return project.call("redrive", f"{project.module}:handler", "--from", place, *options)


def done(result: Any) -> list[str]:
    return [line for line in result.stdout.splitlines() if line.startswith("did ")]


EXPECTED = [f"did o{number} {number:02x}ff 9.9" for number in (4, 5, 6, 10)]


@pytest.mark.parametrize("to", [SQS_ARN, SNS_ARN, S3_ARN])
def test_what_failed_comes_back_from_queue_topic_and_bucket(
    project: Project, dynamodb: DynamoDBLocal, moto_server: MotoServer, to: str
) -> None:
    made(moto_server)
    _, records = orders(dynamodb, 10)
    discarding(records, to)
    place = S3_ARN if to == S3_ARN else SQS_ARN
    result = redrive(project, place)
    assert result.exit_code == 0, result.output
    assert done(result) == EXPECTED
    assert redrive(project, place).stdout == f"nothing was found in {place}\n"


def test_every_version_of_dynamodb_local_gives_the_records_back(
    project: Project, every_dynamodb: DynamoDBLocal, moto_server: MotoServer
) -> None:
    made(moto_server)
    _, records = orders(every_dynamodb, 10)
    discarding(records, SQS_ARN)
    assert done(redrive(project, SQS_ARN)) == EXPECTED


def test_records_that_are_really_trimmed_are_told_and_stay_in_the_queue(
    project: Project, start_dynamodb: StartDynamoDB, moto_server: MotoServer
) -> None:
    server = start_dynamodb()
    made(moto_server)
    _, records = orders(server, 6)
    discarding(records, SQS_ARN)
    server.dilate(25 * 3_600_000)
    # A write makes DynamoDB Local look at the time.
    with closing(server.client()) as client:
        client.put_item(TableName="orders", Item={"id": {"S": "late"}})
    result = redrive(project, SQS_ARN)
    assert result.exit_code == 1
    assert done(result) == []
    assert f"every record from {number_of(records[3])} to {number_of(records[5])} is trimmed" in result.stdout
    assert "1 document found: 1 trimmed" in redrive(project, SQS_ARN).stdout


def number_of(record: dict[str, Any]) -> str:
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def test_a_table_that_is_gone_is_told(
    project: Project, dynamodb: DynamoDBLocal, moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(moto_server)
    arn, records = orders(dynamodb, 6)
    discarding(records, SQS_ARN)
    dynamodb.fresh()
    for name, value in dynamodb.environment().items():
        monkeypatch.setenv(name, value)
    result = redrive(project, SQS_ARN)
    assert result.exit_code == 1
    assert f"there is no stream {arn} there" in result.stdout


def test_a_server_that_is_down_leaves_everything_where_it_is(
    project: Project, start_dynamodb: StartDynamoDB, moto_server: MotoServer
) -> None:
    server = start_dynamodb()
    made(moto_server)
    _, records = orders(server, 12)
    discarding(records, SQS_ARN)
    server.stop()
    result = redrive(project, SQS_ARN)
    assert result.exit_code == 1
    assert result.stdout.count("cannot be read: EndpointConnectionError") == 2
    server.start()
    assert "2 documents found: 2 left" in result.stdout
