"""AWS's page, followed with AWS's own command line: its commands work here, and answer what it shows.

Changed in the commands are: the endpoint and the credentials, the stream's ARN (the one of a table of DynamoDB Local),
and the mappings' UUIDs, which AWS and streamkit choose themselves: a test cannot make a mapping of the page's name. One
of them, ``2b733gdc-…``, is not even a UUID; it too stands for a mapping that is there.
"""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.api.outside.mapped import MEMBERS
from tests.api.outside.page import PAGE, today
from tests.api.outside.serving import APP, Around, Server, eventually, settled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CREATE, UPDATE, GET, FACTOR, WINDOW = PAGE
WINDOW_FUNCTION = "arn:aws:lambda:us-east-1:123456789018:function:tumbling-window-example-function"


@pytest.fixture(scope="module")
def server(around: Around, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    functions = ("--function", f"my-function={APP}:always_fails", "--function", f"{WINDOW_FUNCTION}={APP}:revenue")
    with closing(around.sqs()) as sqs:
        sqs.create_queue(QueueName="dlq")
    # Long enough for a command to be looked at in between.
    with Server(around, tmp_path_factory.mktemp("page"), "--transition-seconds", "0.3", *functions) as server:
        yield server


class Console:
    """Where the commands are typed."""

    def __init__(self, server: Server, aws: tuple[str, ...]) -> None:
        self._server, self._aws = server, aws

    def __call__(self, *arguments: str) -> dict[str, Any]:
        done = self._server.aws(self._aws, *arguments)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


@pytest.fixture
def console(server: Server, aws: tuple[str, ...]) -> Console:
    return Console(server, aws)


def is_as_shown(answer: dict[str, Any], shown: dict[str, Any] | None, *, stream: str, uuid: str | None = None) -> None:
    """Hold an answer against the page's: the same members with the same values, those of today besides."""
    assert shown is not None
    assert set(answer) == set(MEMBERS)
    assert str(UUID(answer["UUID"])) == answer["UUID"]
    assert uuid in (None, answer["UUID"])
    assert isinstance(answer["LastModified"], float)
    of_this_test = {"UUID": answer["UUID"], "EventSourceArn": stream, "LastModified": answer["LastModified"]}
    expected = today(shown) | of_this_test
    assert {name: answer[name] for name in expected} == expected
    assert {name: type(answer[name]) for name in expected} == {name: type(value) for name, value in expected.items()}
    assert answer["EventSourceMappingArn"].endswith(f":event-source-mapping:{answer['UUID']}")


def test_the_data_hold_every_command_of_the_page() -> None:
    assert [one.command.split()[1] for one in PAGE] == [
        "create-event-source-mapping",
        "update-event-source-mapping",
        "get-event-source-mapping",
        "update-event-source-mapping",
        "create-event-source-mapping",
    ]
    assert [one.answer is not None for one in PAGE] == [True, True, True, False, False]


def test_a_function_is_mapped_to_a_stream(server: Server, around: Around, console: Console) -> None:
    stream = around.table("my-table")
    answer = console(*CREATE.arguments(stream=stream))
    is_as_shown(answer, CREATE.answer, stream=stream)
    assert settled(server, answer["UUID"])["BatchSize"] == 500


def test_a_mapping_is_updated_to_send_failures_to_a_queue(server: Server, around: Around, console: Console) -> None:
    stream = around.table("my-failures")
    with closing(server.client()) as client:
        made = client.create_event_source_mapping(
            EventSourceArn=stream, FunctionName="my-function", StartingPosition="TRIM_HORIZON"
        )
        uuid: str = made["UUID"]
        settled(server, uuid)
        # As the page's mapping, it has a function that fails.
        around.put("my-failures", 1)
        eventually(
            lambda: client.get_event_source_mapping(UUID=uuid),
            lambda seen: seen["LastProcessingResult"] == "PROBLEM: Function call failed",
        )
        is_as_shown(console(*UPDATE.arguments(uuid=uuid)), UPDATE.answer, stream=stream, uuid=uuid)
        settled(server, uuid)
        is_as_shown(console(*GET.arguments(uuid=uuid)), GET.answer, stream=stream, uuid=uuid)
    # And what was updated is done.
    with closing(around.sqs()) as sqs:
        url = sqs.get_queue_url(QueueName="dlq")["QueueUrl"]
        messages = eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages", []), len)
    document = json.loads(messages[0]["Body"])
    assert document["DDBStreamBatchInfo"]["streamArn"] == stream
    assert document["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert document["requestContext"]["functionArn"] == "arn:aws:lambda:us-east-2:123456789012:function:my-function"


def test_batches_are_processed_side_by_side(server: Server, around: Around, console: Console) -> None:
    stream = around.table("my-lanes")
    with closing(server.client()) as client:
        made = client.create_event_source_mapping(
            EventSourceArn=stream, FunctionName="my-function", StartingPosition="TRIM_HORIZON"
        )
    settled(server, made["UUID"])
    answer = console(*FACTOR.arguments(uuid=made["UUID"]))
    assert set(answer) == set(MEMBERS)
    assert (answer["State"], answer["ParallelizationFactor"]) == ("Updating", 1)
    assert settled(server, made["UUID"])["ParallelizationFactor"] == 5


def test_a_mapping_with_a_window_for_a_function_of_another_account(
    server: Server, around: Around, console: Console
) -> None:
    stream = around.table("lambda-stream")
    answer = console(*WINDOW.arguments(stream=stream))
    assert set(answer) == set(MEMBERS)
    assert answer["FunctionArn"] == WINDOW_FUNCTION
    assert answer["EventSourceArn"] == stream
    assert answer["TumblingWindowInSeconds"] == 120
    assert answer["StartingPosition"] == "TRIM_HORIZON"
    assert answer["State"] == "Creating"
    assert settled(server, answer["UUID"])["TumblingWindowInSeconds"] == 120


def test_the_rest_of_the_apis_commands(server: Server, around: Around, console: Console) -> None:
    stream = around.table("others")
    made = console(
        *("lambda", "create-event-source-mapping", "--function-name", "my-function", "--event-source-arn", stream),
        *("--starting-position", "LATEST", "--no-enabled"),
    )
    assert settled(server, made["UUID"], "Disabled")["BatchSize"] == 100
    listed = console("lambda", "list-event-source-mappings", "--event-source-arn", stream)
    assert [one["UUID"] for one in listed["EventSourceMappings"]] == [made["UUID"]]
    deleted = console("lambda", "delete-event-source-mapping", "--uuid", made["UUID"])
    assert deleted["State"] == "Deleting"


def test_a_function_is_invoked(console: Console, tmp_path: Path) -> None:
    output = tmp_path / "answer.json"
    told = console("lambda", "invoke", "--function-name", "my-function", "--payload", '{"Records": []}', str(output))
    assert told == {"StatusCode": 200, "FunctionError": "Unhandled", "ExecutedVersion": "$LATEST"}
    assert json.loads(output.read_text())["errorMessage"] == "not today"


def test_a_refusal_is_told_as_the_command_line_tells_awss(server: Server, aws: tuple[str, ...]) -> None:
    uuid = "00000000-0000-4000-8000-000000000000"
    done = server.aws(aws, "lambda", "get-event-source-mapping", "--uuid", uuid)
    assert done.returncode in (254, 255)
    assert done.stderr.strip() == (
        "An error occurred (ResourceNotFoundException) when calling the GetEventSourceMapping operation: "
        "The resource you requested does not exist."
    )
