"""``tail`` and ``record`` on AWS's own DynamoDB Local: nothing between the command line and the stream is ours."""

from __future__ import annotations

import json
import os
import signal
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.liveproject import LiveProject, handled, lines_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parts.dynamodblocal import DynamoDBLocal
    from tests.parts.fixtures import MotoServer, StartDynamoDB

CAUGHT_UP = "--until-caught-up"
KEPT = ("--checkpoint", "checkpoints.db")
SWITCHED_ON = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}

# Names the items that it gets; does what the test says with some of them.
APP = """
import os, signal, sys
import boto3

ON = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}

def dynamodb(operation, **parameters):
    # Not the default session, which keeps the credentials of an earlier test.
    client = boto3.Session().client("dynamodb", endpoint_url=os.environ["AWS_ENDPOINT_URL_DYNAMODB"])
    getattr(client, operation)(TableName="orders", **parameters)
    client.close()

def put(*items):
    for item in items:
        dynamodb("put_item", Item={"id": {"S": item}})

def create():
    dynamodb(
        "create_table",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification=ON,
    )

def handler(event, context):
    for record in event["Records"]:
        item = record["dynamodb"]["Keys"]["id"]["S"]
        if item == "poison":
            raise ValueError("the order is bad")
        print("handled", item, flush=True)
        if item == "replace":
            put("last of the old")
            dynamodb("update_table", StreamSpecification={"StreamEnabled": False})
            put("never in a stream")
            dynamodb("update_table", StreamSpecification=ON)
            put("first of the new", "stop")
        if item == "make anew":
            dynamodb("delete_table")
            create()
            put("in the new table", "stop")
        if item == "stop":
            os.kill(os.getpid(), signal.SIGINT)
"""


class Table:
    """The table ``orders`` of a server, with a stream."""

    def __init__(self, server: DynamoDBLocal) -> None:
        self._server = server
        self._ask(
            "create_table",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification=SWITCHED_ON,
        )

    def put(self, *items: str, **attributes: Any) -> list[str]:
        for item in items:
            self._ask("put_item", Item={"id": {"S": item}, **attributes})
        return list(items)

    def switch_off(self) -> None:
        self._ask("update_table", StreamSpecification={"StreamEnabled": False})

    def switch_on(self) -> None:
        self._ask("update_table", StreamSpecification=SWITCHED_ON)

    def _ask(self, operation: str, **parameters: Any) -> None:
        with closing(self._server.client()) as client:
            getattr(client, operation)(TableName="orders", **parameters)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LiveProject:
    project = LiveProject(tmp_path, monkeypatch)
    project.app(APP)
    return project


def items(project: LiveProject, *options: str) -> list[str]:
    """Follow the table, and return the items that were handled."""
    result = project.tail("handler", *options)
    assert result.exit_code == 0, result.stderr
    return handled(result.stdout)


def test_what_is_in_the_table_is_handled_in_order_over_shards_that_follow_each_other(
    every_dynamodb: DynamoDBLocal, project: LiveProject
) -> None:
    table = Table(every_dynamodb)
    expected = table.put("a", "b")
    every_dynamodb.rollover()
    expected += table.put("c")
    every_dynamodb.rollover()
    expected += table.put("d", "e")
    assert items(project, CAUGHT_UP, *KEPT) == expected
    assert items(project, CAUGHT_UP, *KEPT) == []
    assert items(project, CAUGHT_UP, *KEPT) + table.put("f") == items(project, CAUGHT_UP, *KEPT)


def test_a_stream_that_is_switched_off_and_on_again_is_followed_and_nothing_in_it_is_lost(
    every_dynamodb: DynamoDBLocal, project: LiveProject
) -> None:
    Table(every_dynamodb).put("a", "replace")
    result = project.tail("handler", "--batch-size", "1", "--maximum-retry-attempts", "0")
    assert handled(result.stdout) == ["a", "replace", "last of the old", "first of the new", "stop"], result.stderr
    assert result.exit_code == 0
    assert "the stream was disabled" in result.stderr
    assert "stream: going on with arn:" in result.stderr


def test_a_table_that_is_deleted_and_made_anew_is_followed(dynamodb: DynamoDBLocal, project: LiveProject) -> None:
    Table(dynamodb).put("a", "make anew")
    result = project.tail("handler", "--batch-size", "1")
    assert handled(result.stdout) == ["a", "make anew", "in the new table", "stop"]
    assert "stream: going on with arn:" in result.stderr


def test_a_stream_that_was_replaced_between_two_runs_is_read_to_its_end_first(
    dynamodb: DynamoDBLocal, project: LiveProject
) -> None:
    table = Table(dynamodb)
    table.put("a")
    options = (CAUGHT_UP, "--starting-position", "LATEST", *KEPT)
    project.tail("handler", *options)
    expected = table.put("b")
    table.switch_off()
    table.switch_on()
    expected += table.put("c", "d")
    assert items(project, *options)[-3:] == expected


def test_latest_begins_with_what_comes_and_ctrl_c_ends_it(dynamodb: DynamoDBLocal, project: LiveProject) -> None:
    table = Table(dynamodb)
    table.put("before")
    with project.started(*project.arguments("handler", "--starting-position", "LATEST")) as process:
        lines_until(process.stderr, "stream: following")
        table.put("a", "b")
        lines_until(process.stdout, "handled b")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_a_server_that_goes_away_and_comes_back_costs_nothing(
    start_dynamodb: StartDynamoDB, tmp_path: Path, project: LiveProject
) -> None:
    (tmp_path / "data").mkdir()
    server = start_dynamodb(path=tmp_path / "data")
    table = Table(server)
    table.put("a")
    with project.started(*project.arguments("handler", *KEPT)) as process:
        lines_until(process.stdout, "handled a")
        server.stop()
        lines_until(process.stderr, "stream: ")
        lines_until(process.stderr, "stream: ")
        server.start()
        table.put("b", "stop")
        seen = lines_until(process.stdout, "handled stop")
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert handled("".join(seen)) == ["b", "stop"]


def test_records_that_are_given_up_are_in_a_queue(
    dynamodb: DynamoDBLocal, moto_server: MotoServer, project: LiveProject
) -> None:
    with closing(moto_server.client("sqs")) as sqs:
        url = sqs.create_queue(QueueName="failures")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        Table(dynamodb).put("a", "poison", "b")
        options = ("--batch-size", "1", "--maximum-retry-attempts", "1", "--on-failure", arn)
        result = project.tail("handler", CAUGHT_UP, *options)
        (message,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert result.exit_code == 1
    assert handled(result.stdout) == ["a", "b"]
    body = json.loads(message["Body"])
    assert body["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert body["DDBStreamBatchInfo"]["batchSize"] == 1


def test_a_recording_tells_the_same_story_as_the_stream(dynamodb: DynamoDBLocal, project: LiveProject) -> None:
    table = Table(dynamodb)
    table.put("a", "poison", "b", email={"S": "ada@example.org"}, photo={"B": b"\x00\xff"}, tags={"SS": ["x", "y"]})
    options = ("--batch-size", "1", "--maximum-retry-attempts", "1")
    tailed = project.tail("handler", CAUGHT_UP, "--journal", "live.jsonl", *options)
    assert project.record("--redact", "email").exit_code == 0
    target = f"{project.module}:handler"
    replayed = project.call("run", target, "--events", "out.jsonl", "--journal", "run.jsonl", *options)
    assert handled(tailed.stdout) == handled(replayed.stdout) == ["a", "b"]
    assert story(project, "live.jsonl") == story(project, "run.jsonl")
    assert b"ada@" not in (project.folder / "out.jsonl").read_bytes()


def story(project: LiveProject, journal: str) -> list[tuple[Any, ...]]:
    """Return what happened to which records; times, ids and the shards' names are others in a replay."""
    facts = [json.loads(line) for line in (project.folder / journal).read_bytes().splitlines()]
    told = "sequence_numbers", "sequence_number", "attempt", "outcome"
    return [(fact["fact"], *(fact.get(name) for name in told)) for fact in facts]


def test_the_environments_endpoints_are_those_of_awss_own_tools(
    dynamodb: DynamoDBLocal, project: LiveProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = Table(dynamodb).put("a")
    for name in [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")]:
        monkeypatch.delenv(name)
    assert items(project, CAUGHT_UP, "--endpoint-url", dynamodb.endpoint_url) == expected
    monkeypatch.setenv("AWS_ENDPOINT_URL", dynamodb.endpoint_url)
    assert items(project, CAUGHT_UP) == expected
