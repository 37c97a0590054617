"""Everything real: DynamoDB Local, AWS's runtime client, a queue; between them nothing but streamkit's commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.endtoend.desk import DIARY

if TYPE_CHECKING:
    from tests.parts.dynamodblocal import DynamoDBLocal
    from tests.parts.fixtures import MotoServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="awslambdaric is there for Linux only")

ROOT = Path(__file__).resolve().parents[2]
STREAMKIT = str(Path(sys.executable).with_name("streamkit"))
QUEUE = "arn:aws:sqs:us-east-1:123456789012:order-failures"
ORDERS, POISON = 50, (7, 23, 24)
STATUSES = ("placed", "paid", "shipped", "delivered")


class Desk:
    """The table of the order desk, the queue for what could not be handled, and the commands that run between them."""

    def __init__(self, dynamodb: DynamoDBLocal, moto: MotoServer, folder: Path) -> None:
        self.folder = folder
        self.diary = folder / "diary.jsonl"
        self._env = os.environ | dynamodb.environment() | moto.endpoints() | {DIARY: str(self.diary)}
        self._dynamodb, self._moto = dynamodb, moto

    def open(self) -> None:
        keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
        with closing(self._dynamodb.client("dynamodb")) as client:
            client.create_table(
                TableName="orders",
                KeySchema=keys,
                AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
                BillingMode="PAY_PER_REQUEST",
                StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            )
        with closing(self._moto.client("sqs")) as client:
            client.create_queue(QueueName=QUEUE.rpartition(":")[2])

    def write_a_day(self) -> None:
        """Let every order go through its life, all of them side by side; some have a total that is none."""
        with closing(self._dynamodb.client("dynamodb")) as client:
            for status in STATUSES:
                for number in range(ORDERS):
                    if number not in POISON or status in STATUSES[:2]:
                        client.put_item(TableName="orders", Item=_order(number, status))

    def truth(self) -> list[dict[str, Any]]:
        """Return what the stream holds, read without streamkit."""
        with closing(self._dynamodb.client("dynamodbstreams")) as client:
            (stream,) = client.list_streams(TableName="orders")["Streams"]
            arn = stream["StreamArn"]
            found: list[dict[str, Any]] = []
            for shard in client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
                answer = client.get_shard_iterator(
                    StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
                )
                iterator: str | None = answer["ShardIterator"]
                while iterator is not None:
                    page = client.get_records(ShardIterator=iterator)
                    found += [record["dynamodb"] for record in page["Records"]]
                    iterator = page.get("NextShardIterator") if page["Records"] else None
        return found

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [STREAMKIT, *arguments, "--invoker", "awslambdaric"]
        return subprocess.run(  # noqa: S603  # our own command
            command, cwd=ROOT, env=self._env, capture_output=True, text=True, timeout=120, check=False
        )

    def entries(self, what: str) -> list[dict[str, Any]]:
        lines = self.diary.read_text().splitlines()
        return [entry for entry in map(json.loads, lines) if entry["what"] == what]

    def queued(self) -> list[dict[str, Any]]:
        """Return the documents in the queue, and leave them there."""
        with closing(self._moto.client("sqs")) as client:
            url = client.get_queue_url(QueueName=QUEUE.rpartition(":")[2])["QueueUrl"]
            messages: list[dict[str, Any]] = []
            while more := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                messages += more
            for message in messages:
                client.change_message_visibility(
                    QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
                )
        return [json.loads(message["Body"]) for message in messages]


def _order(number: int, status: str) -> dict[str, Any]:
    line = {"M": {"sku": {"S": f"sku-{number}"}, "quantity": {"N": "2"}, "price": {"N": "19.95"}}}
    return {
        "type": {"S": "order"},
        "pk": {"S": f"customer#{number % 7}"},
        "sk": {"S": f"order#{number}"},
        "status": {"S": status},
        "placed_at": {"S": "2026-11-23T12:00:00+00:00"},
        "lines": {"L": [line]},
        "total": {"S": "12,50"} if number in POISON else {"N": "39.90"},
        "tags": {"SS": ["web", "gift"]},
    }


@pytest.fixture
def desk(every_dynamodb: DynamoDBLocal, moto_server: MotoServer, tmp_path: Path) -> Desk:
    desk = Desk(every_dynamodb, moto_server, tmp_path)
    desk.open()
    return desk


def test_good_records_are_handled_in_order_and_poison_is_queued_and_then_redriven(desk: Desk) -> None:
    desk.write_a_day()
    truth = desk.truth()
    poison = [data["SequenceNumber"] for data in truth if data["NewImage"]["total"] == {"S": "12,50"}]
    good = [data["SequenceNumber"] for data in truth if data["SequenceNumber"] not in poison]
    assert len(poison) == 2 * len(POISON)
    assert len(good) == len(STATUSES) * (ORDERS - len(POISON))

    tailed = desk.run(
        "tail", "tests.endtoend.desk:handler", "--table", "orders", "--on-failure", QUEUE, "--until-caught-up"
    )

    assert tailed.returncode == 1, tailed.stderr
    assert f"{len(poison)} discarded" in tailed.stdout
    handled = desk.entries("handled")
    assert {entry["number"] for entry in handled} == set(good)
    assert os.getpid() not in {entry["process"] for entry in handled}
    for item, entries in groupby(sorted(handled, key=itemgetter("item")), key=itemgetter("item")):
        first_times = list(dict.fromkeys(entry["number"] for entry in entries))
        assert first_times == sorted(first_times, key=int), item
        assert len(first_times) == len(STATUSES)

    documents = desk.queued()
    batches = sorted(
        (one["DDBStreamBatchInfo"] for one in documents), key=lambda info: int(info["startSequenceNumber"])
    )
    assert [(info["startSequenceNumber"], info["endSequenceNumber"]) for info in batches] == [
        (number, number) for number in sorted(poison, key=int)
    ]
    assert {info["batchSize"] for info in batches} == {1}
    assert {one["requestContext"]["condition"] for one in documents} == {"RetryAttemptsExhausted"}
    assert {one["requestContext"]["approximateInvokeCount"] for one in documents} == {3}

    redriven = desk.run("redrive", "tests.endtoend.desk:clerk", "--from", QUEUE, "--function-name", "handler")

    assert redriven.returncode == 0, redriven.stdout + redriven.stderr
    assert sorted((entry["number"] for entry in desk.entries("by hand")), key=int) == sorted(poison, key=int)
    assert desk.queued() == []
