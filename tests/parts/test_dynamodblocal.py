from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path
from select import select
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.parts.dynamodblocal import DynamoDBLocal
    from tests.parts.fixtures import MotoServer, StartDynamoDB

ROOT = Path(__file__).resolve().parents[2]


def make_table(dynamodb: DynamoDBLocal, name: str = "orders") -> str:
    with closing(dynamodb.client()) as client:
        made = client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        arn: str = made["TableDescription"]["LatestStreamArn"]
        return arn


def tables(dynamodb: DynamoDBLocal) -> list[str]:
    with closing(dynamodb.client()) as client:
        names: list[str] = client.list_tables()["TableNames"]
        return names


def shards(dynamodb: DynamoDBLocal, arn: str) -> list[dict[str, Any]]:
    with closing(dynamodb.client("dynamodbstreams")) as client:
        described: list[dict[str, Any]] = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        return described


def test_each_access_key_is_a_database_of_its_own(every_dynamodb: DynamoDBLocal) -> None:
    make_table(every_dynamodb)
    assert tables(every_dynamodb) == ["orders"]
    every_dynamodb.fresh()
    assert tables(every_dynamodb) == []


def test_a_roll_over_closes_the_shard_and_opens_its_child(every_dynamodb: DynamoDBLocal) -> None:
    arn = make_table(every_dynamodb)
    (before,) = shards(every_dynamodb, arn)
    every_dynamodb.rollover()
    parent, child = sorted(shards(every_dynamodb, arn), key=lambda shard: "ParentShardId" in shard)
    assert parent["ShardId"] == child["ParentShardId"] == before["ShardId"]
    assert "EndingSequenceNumber" in parent["SequenceNumberRange"]


def test_dilated_time_expires_iterators(dynamodb: DynamoDBLocal) -> None:
    arn = make_table(dynamodb)
    with closing(dynamodb.client("dynamodbstreams")) as client:
        shard = shards(dynamodb, arn)[0]["ShardId"]
        iterator = client.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        dynamodb.dilate(16 * 60 * 1000)
        with pytest.raises(client.exceptions.ExpiredIteratorException):
            client.get_records(ShardIterator=iterator["ShardIterator"])


def test_a_restarted_server_has_the_same_port_and_none_of_the_data_that_were_in_memory(
    start_dynamodb: StartDynamoDB,
) -> None:
    server = start_dynamodb()
    endpoint = server.endpoint_url
    make_table(server)
    with pytest.raises(RuntimeError, match="runs already"):
        server.start()
    server.stop()
    server.stop()
    assert server.pid is None
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(endpoint, timeout=5)  # noqa: S310  # loopback
    server.start()
    assert server.endpoint_url == endpoint
    assert tables(server) == []


def test_a_restarted_server_with_a_folder_has_its_data(start_dynamodb: StartDynamoDB, tmp_path: Path) -> None:
    server = start_dynamodb(path=tmp_path)
    make_table(server)
    server.restart()
    assert tables(server) == ["orders"]


def test_a_server_that_does_not_start_says_what_it_wrote(start_dynamodb: StartDynamoDB, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"did not start:\nInvalid directory for database creation"):
        start_dynamodb(path=tmp_path / "missing")


@pytest.mark.usefixtures("dynamodb")  # which skips where there is none
def test_no_server_outlives_a_process_that_was_killed() -> None:
    code = """
from tests.parts.dynamodblocal import DynamoDBLocal
server = DynamoDBLocal()
print(server.pid, flush=True)
input()
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:  # noqa: S603  # ours
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        ended = os.pidfd_open(pid)
        starter.send_signal(signal.SIGKILL)
    try:
        assert select([ended], [], [], 30)[0], f"process {pid} still runs"
    finally:
        os.close(ended)


def test_one_environment_leads_to_dynamodb_and_to_moto(dynamodb: DynamoDBLocal, moto_server: MotoServer) -> None:
    import boto3  # noqa: PLC0415  # slow

    session = boto3.Session()
    with closing(session.client("dynamodb")) as client, closing(session.client("sqs")) as sqs:
        make_table(dynamodb)
        assert client.list_tables()["TableNames"] == ["orders"]
        sqs.create_queue(QueueName="failed")
        assert len(sqs.list_queues()["QueueUrls"]) == 1
        moto_server.reset()
        assert "QueueUrls" not in sqs.list_queues()
