"""Many clients at once, and what happens around the server meanwhile."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from tests.api.outside.mapped import Mappings
from tests.api.outside.serving import QUICKLY, Around, Server, eventually, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.parts.fixtures import MotoServer, StartDynamoDB

CLIENTS = 12


@pytest.fixture(scope="module")
def mappings(server: Server) -> Iterator[Mappings]:
    with Mappings(server) as mappings:
        yield mappings


def at_once(server: Server, ask: Callable[[Mappings, int], object]) -> Counter[str]:
    """Let many clients ask at the same moment; return how often each error came, and how often none."""
    ready = Barrier(CLIENTS)

    def client(number: int) -> str:
        with Mappings(server) as mappings:
            # What a client does before its first request is not what is looked at.
            mappings.listed()
            ready.wait(60)
            try:
                ask(mappings, number)
            except mappings.errors.ClientError as error:
                return str(error.response["Error"]["Code"])
            return "done"

    with ThreadPoolExecutor(CLIENTS) as pool:
        return Counter(pool.map(client, range(CLIENTS)))


def test_of_many_that_make_the_same_mapping_one_does(around: Around, server: Server, mappings: Mappings) -> None:
    stream = around.table("the-same")
    told = at_once(server, lambda one, _: one.create(stream, Enabled=False))
    assert told == {"done": 1, "ResourceConflictException": CLIENTS - 1}
    (uuid,) = mappings.listed(EventSourceArn=stream)
    assert mappings.settled(uuid)["State"] == "Disabled"


def test_of_many_that_update_a_mapping_none_is_half_done(around: Around, server: Server, mappings: Mappings) -> None:
    uuid = mappings.made(around.table("half-done"), Enabled=False)

    def update(one: Mappings, number: int) -> None:
        one.client.update_event_source_mapping(UUID=uuid, BatchSize=number + 1, MaximumRetryAttempts=number + 1)

    told = at_once(server, update)
    assert told["done"] >= 1
    assert told["done"] + told["ResourceInUseException"] == CLIENTS
    settled = mappings.settled(uuid)
    assert settled["BatchSize"] == settled["MaximumRetryAttempts"]


def test_functions_run_side_by_side(server: Server) -> None:
    event = json.dumps({"Records": []})

    def invoke(one: Mappings, _: int) -> None:
        assert one.client.invoke(FunctionName="slow", Payload=event)["Payload"].read() == b"null"

    assert at_once(server, invoke) == {"done": CLIENTS}


def test_a_mapping_outlives_its_table_and_can_then_be_deleted(
    around: Around, server: Server, mappings: Mappings
) -> None:
    gone, other = mappings.made(around.table("gone-soon")), mappings.made(around.table("still-there"))
    around.put("gone-soon", 1)
    eventually(lambda: server.numbers("my-function"), lambda seen: 1 in seen)
    with closing(around.dynamodb()) as client:
        client.delete_table(TableName="gone-soon")
    around.put("still-there", 2)
    eventually(lambda: server.numbers("my-function"), lambda seen: 2 in seen)
    assert mappings.get(gone)["State"] == "Enabled"
    mappings.deleted(gone)
    assert mappings.get(other)["State"] == "Enabled"


def test_a_destination_that_is_not_there_costs_its_records_and_no_more(
    around: Around, server: Server, mappings: Mappings
) -> None:
    nowhere = {"OnFailure": {"Destination": "arn:aws:sqs:us-east-2:123456789012:nowhere"}}
    mappings.made(around.table("nowhere"), MaximumRetryAttempts=0, DestinationConfig=nowhere)
    around.put("nowhere", 10, poison={"S": "yes"})
    around.put("nowhere", 11)
    eventually(lambda: server.numbers("my-function"), lambda seen: 11 in seen)
    eventually(server.log, lambda seen: "nowhere" in seen)


def test_a_stream_that_is_away_for_a_while_is_read_on(
    start_dynamodb: StartDynamoDB, moto_session: MotoServer, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    dynamodb = start_dynamodb(path=tmp_path / "data")
    around = Around(dynamodb, moto_session)
    with Server(around, tmp_path, *QUICKLY, *served("my-function")) as server, Mappings(server) as mappings:
        uuid = mappings.made(around.table("away"))
        around.put("away", 1)
        eventually(server.numbers, lambda seen: seen == [1])
        dynamodb.stop()
        # It answers meanwhile; what needs the stream says that it cannot be had.
        assert mappings.get(uuid)["State"] == "Enabled"
        with pytest.raises(mappings.errors.ClientError) as refused:
            mappings.create("arn:aws:dynamodb:ddblocal:000000000000:table/away/stream/2026-01-01T00:00:00.000")
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] != 202
        dynamodb.start()
        around.put("away", 2)
        eventually(server.numbers, lambda seen: seen == [1, 2])


def test_a_function_that_is_gone_after_a_restart_costs_nothing(around: Around, tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "state.db"))
    stream = around.table("homeless")
    both = served("my-function", "echo")
    with Server(around, tmp_path, *QUICKLY, *state, *both) as server, Mappings(server) as mappings:
        uuid = mappings.made(stream)
        around.put("homeless", 1)
        eventually(server.numbers, lambda seen: seen == [1])
    with Server(around, tmp_path, *QUICKLY, *state, *served("echo")) as server, Mappings(server) as mappings:
        around.put("homeless", 2)
        assert mappings.settled(uuid)["FunctionArn"].endswith(":my-function")
        # It is there, and what is wrong with it is said.
        eventually(server.log, lambda seen: "my-function" in seen)
    with Server(around, tmp_path, *QUICKLY, *state, *served("my-function")) as server:
        eventually(server.numbers, lambda seen: seen == [1, 2])


def started(around: Around, folder: Path, *options: str) -> str:
    """Return what a server says that does not start."""
    folder.mkdir(exist_ok=True)
    with pytest.raises(AssertionError) as failed:
        Server(around, folder, *options)
    return str(failed.value)


def test_a_second_server_does_not_take_the_firsts_state(around: Around, tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with Server(around, tmp_path, "--state", str(state), *served("echo")):
        said = started(around, tmp_path, "--state", str(state), *served("echo"))
    assert str(state) in said
    assert "Traceback" not in said


def test_a_state_file_that_is_none_is_told(around: Around, tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    state.write_text("this is not SQLite, and long enough to be looked at as such" * 20)
    said = started(around, tmp_path, "--state", str(state), *served("echo"))
    assert str(state) in said
    assert "Traceback" not in said
    assert state.read_text().startswith("this is not SQLite")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--function", "x=tests.api.outside.app:nothing"), "nothing"),
        (("--host", "203.0.113.1", "--function", "x=tests.api.outside.app:echo"), "203.0.113.1"),
    ],
)
def test_what_it_cannot_start_with_is_told(options: tuple[str, ...], told: str, around: Around, tmp_path: Path) -> None:
    said = started(around, tmp_path, *options)
    assert told in said
    assert "Traceback" not in said
