"""Everything from outside: tables, queues and mappings through boto3 and the AWS CLI, and what functions were given."""

from __future__ import annotations

import json
import signal
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.outside.mapped import Mappings
from tests.api.outside.serving import QUICKLY, Around, Server, eventually, served

if TYPE_CHECKING:
    from collections.abc import Iterator

DLQ = "arn:aws:sqs:us-east-2:123456789012:dlq"
DOCUMENT = ["requestContext", "responseContext", "version", "timestamp", "DDBStreamBatchInfo"]
BATCH = [
    "shardId",
    "startSequenceNumber",
    "endSequenceNumber",
    "approximateArrivalOfFirstRecord",
    "approximateArrivalOfLastRecord",
    "batchSize",
    "streamArn",
]


@pytest.fixture(scope="module")
def server(around: Around, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that keeps its state; each test has a table of its own."""
    folder = tmp_path_factory.mktemp("endtoend")
    functions = served("my-function", "my-function:live", "slow", "revenue")
    state = ("--state", str(folder / "state.db"))
    with Server(around, folder, *QUICKLY, *state, "--window-close-delay", "0", *functions) as server:
        yield server


@pytest.fixture
def mappings(server: Server) -> Iterator[Mappings]:
    with Mappings(server) as mappings:
        yield mappings


def given(server: Server, table: str, expected: list[int], function: str = "my-function") -> None:
    """Hold that a function gets exactly these of a table, in this order."""
    eventually(lambda: server.numbers(function, table), lambda seen: len(seen) >= len(expected))
    assert server.numbers(function, table) == expected


def queued(around: Around) -> list[dict[str, Any]]:
    with closing(around.sqs()) as sqs:
        url = sqs.get_queue_url(QueueName="dlq")["QueueUrl"]
        messages = eventually(lambda: sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"), bool)
    return [json.loads(message["Body"]) for message in messages or []]


def is_about(documents: list[dict[str, Any]], server: Server, number: int, mapping: dict[str, Any]) -> None:
    """Hold that the one document says what AWS says of a record that was tried twice on its own and given up."""
    (document,) = documents
    assert list(document) == DOCUMENT
    assert list(document["DDBStreamBatchInfo"]) == BATCH
    batch = document["DDBStreamBatchInfo"]
    assert (batch["batchSize"], batch["streamArn"]) == (1, mapping["EventSourceArn"])
    assert batch["startSequenceNumber"] == batch["endSequenceNumber"]
    alone = [note["sequence_numbers"] for note in server.noted("my-function") if note["numbers"] == [number]]
    assert alone == [[batch["startSequenceNumber"]]] * 2
    assert document["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert document["requestContext"]["approximateInvokeCount"] == 2
    assert document["requestContext"]["functionArn"] == mapping["FunctionArn"]
    assert document["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }


def test_a_mappings_life(around: Around, server: Server, mappings: Mappings, aws: tuple[str, ...]) -> None:
    def console(command: str, *options: str) -> dict[str, Any]:
        done = server.aws(aws, "lambda", command, *options)
        assert (done.returncode, done.stderr) == (0, "")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    with closing(around.sqs()) as sqs:
        sqs.create_queue(QueueName="dlq")
    stream = around.table("orders")

    made = console(
        *("create-event-source-mapping", "--function-name", "my-function", "--event-source-arn", stream),
        *("--starting-position", "TRIM_HORIZON", "--batch-size", "20", "--maximum-retry-attempts", "1"),
        *("--bisect-batch-on-function-error", "--destination-config", json.dumps({"OnFailure": {"Destination": DLQ}})),
    )
    uuid = made["UUID"]
    around.put("orders", *range(30))
    given(server, "orders", list(range(30)))
    eventually(lambda: mappings.get(uuid)["LastProcessingResult"], lambda seen: seen == "OK")

    # Smaller batches in mid-stream.
    writing = Thread(target=around.put, args=("orders", *range(30, 300)))
    writing.start()
    updated = console("update-event-source-mapping", "--uuid", uuid, "--batch-size", "3")
    assert (updated["State"], updated["BatchSize"]) == ("Updating", 20)
    assert mappings.settled(uuid)["BatchSize"] == 3
    so_far = len(server.noted())
    writing.join()
    around.put("orders", *range(300, 320))
    given(server, "orders", list(range(320)))
    # But for the one that was on its way.
    sizes = [len(note["numbers"]) for note in server.noted()[so_far + 1 :]]
    assert sizes
    assert max(sizes) <= 3

    # Nothing while it is disabled, which another mapping of the same stream shows; and nothing is lost.
    assert mappings.update(uuid, Enabled=False)["State"] == "Disabled"
    mappings.made(stream, "slow", "TRIM_HORIZON", BatchSize=1000)
    around.put("orders", *range(320, 330))
    given(server, "orders", list(range(330)), "slow")
    assert server.numbers("my-function") == list(range(320))
    assert mappings.update(uuid, Enabled=True)["State"] == "Enabled"
    given(server, "orders", list(range(330)))

    # A record that cannot be handled goes to the queue, and those around it are handled.
    for number in range(330, 335):
        around.put("orders", number, **({"poison": {"S": "yes"}} if number == 332 else {}))
    eventually(lambda: server.numbers("my-function"), lambda seen: seen[-1] == 334)
    is_about(queued(around), server, 332, made)

    # A deleted mapping gets nothing more.
    assert console("delete-event-source-mapping", "--uuid", uuid)["State"] == "Deleting"
    eventually(mappings.listed, lambda seen: uuid not in seen)
    before = server.numbers("my-function")
    around.put("orders", 335)
    given(server, "orders", list(range(336)), "slow")
    assert server.numbers("my-function") == before


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_that_was_ended_goes_on_where_it_was(
    how: signal.Signals, around: Around, server: Server, mappings: Mappings
) -> None:
    table = f"restarts-{how.name}"
    stream = around.table(table)
    uuid = mappings.made(stream, "slow", BatchSize=4, MaximumRetryAttempts=5, Tags={"a": "b"})
    off = mappings.made(stream, "my-function", Enabled=False)
    around.put(table, *range(12))
    # In the middle of it.
    eventually(lambda: server.numbers("slow", table), lambda seen: len(seen) >= 4)
    before = [mappings.get(one) for one in (uuid, off)]
    processes = {note["process"] for note in server.noted()}
    assert server.restart(how) == (-signal.SIGKILL if how == signal.SIGKILL else 0)
    for process in processes:
        eventually(Path(f"/proc/{process}").exists, lambda there: not there)
    after = [mappings.settled(one) for one in (uuid, off)]
    for one in (*before, *after):
        for moving in ("ResponseMetadata", "LastProcessingResult"):
            del one[moving]
    assert after == before
    assert mappings.client.list_tags(Resource=after[0]["EventSourceMappingArn"])["Tags"] == {"a": "b"}
    around.put(table, *range(12, 20))
    eventually(lambda: set(server.numbers("slow", table)), lambda seen: len(seen) == 20)
    # Nothing is lost and the order is kept; only what was on its way comes twice.
    numbers = server.numbers("slow", table)
    assert list(dict.fromkeys(numbers)) == list(range(20))
    assert len(numbers) <= 20 + (4 if how == signal.SIGKILL else 0)
    assert server.numbers("my-function", table) == []
    mappings.update(off, Enabled=True)
    given(server, table, list(range(20)))


def test_what_is_written_while_the_server_is_down_is_delivered_and_latest_keeps_its_place(
    around: Around, server: Server, mappings: Mappings
) -> None:
    mappings.made(around.table("down"))
    latest = around.table("latest")
    around.put("latest", 1, 2)
    mappings.made(latest, start="LATEST")
    around.put("down", 1, 2)
    around.put("latest", 3)
    given(server, "down", [1, 2])
    given(server, "latest", [3])
    server.stop()
    around.put("down", 3, 4)
    around.put("latest", 4)
    server.restart()
    given(server, "down", [1, 2, 3, 4])
    given(server, "latest", [3, 4])


def test_another_function_goes_on_where_the_first_was(around: Around, server: Server, mappings: Mappings) -> None:
    stream = around.table("moves")
    uuid = mappings.made(stream)
    around.put("moves", 1, 2, 3)
    given(server, "moves", [1, 2, 3])
    moved = mappings.update(uuid, FunctionName="slow")
    assert moved["FunctionArn"].endswith(":function:slow")
    around.put("moves", 4, 5)
    given(server, "moves", [4, 5], "slow")
    assert server.numbers("my-function", "moves") == [1, 2, 3]
    assert mappings.listed(FunctionName="slow", EventSourceArn=stream) == [uuid]
    assert mappings.listed(FunctionName="my-function", EventSourceArn=stream) == []
    # Where it came from there is room again.
    mappings.made(stream, start="LATEST")


def test_an_alias_is_invoked_as_such(around: Around, server: Server, mappings: Mappings) -> None:
    mappings.made(around.table("aliases"), "my-function:live")
    around.put("aliases", 1)
    (note,) = eventually(lambda: server.noted("my-function", "aliases"), len)
    assert note["arn"] == "arn:aws:lambda:us-east-2:123456789012:function:my-function:live"


def test_filters_choose_what_is_delivered(around: Around, server: Server, mappings: Mappings) -> None:
    pattern = {"dynamodb": {"NewImage": {"status": {"S": ["paid", {"prefix": "ship"}]}}}}
    uuid = mappings.made(around.table("filtered"), FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    for number, status in enumerate(("placed", "paid", "shipped", "lost", "paid")):
        around.put("filtered", number, status={"S": status})
    given(server, "filtered", [1, 2, 4])
    mappings.update(uuid, FilterCriteria={})
    around.put("filtered", 5, status={"S": "placed"})
    given(server, "filtered", [1, 2, 4, 5])


def test_a_window_adds_up_and_its_end_is_told(around: Around, server: Server, mappings: Mappings) -> None:
    mappings.made(around.table("sales"), "revenue", TumblingWindowInSeconds=1)
    around.put("sales", *range(1, 11))
    # DynamoDB Local tells the minute of a record only: a window of a second may be opened more than once.
    noted = eventually(
        lambda: server.noted("revenue"), lambda seen: sum(note.get("final", 0) for note in seen) == sum(range(1, 11))
    )
    assert [number for note in noted for number in note.get("numbers", ())] == list(range(1, 11))
    total = 0
    for note in noted:
        if "final" in note:
            assert note["final"] == total
            total = 0
        else:
            total += sum(note["numbers"])
            assert note["total"] == total


def test_two_tables_are_delivered_side_by_side(around: Around, server: Server, mappings: Mappings) -> None:
    writers = []
    for table in ("left", "right"):
        mappings.made(around.table(table), "my-function", BatchSize=5)
        writers.append(Thread(target=around.put, args=(table, *range(50))))
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    for table in ("left", "right"):
        given(server, table, list(range(50)))


def test_a_function_that_fails_is_seen_in_the_mapping_until_it_does_not(
    around: Around, server: Server, mappings: Mappings
) -> None:
    uuid = mappings.made(around.table("sick"), MaximumRetryAttempts=0)
    around.put("sick", 1, poison={"S": "yes"})
    eventually(lambda: mappings.get(uuid)["LastProcessingResult"], lambda seen: seen == "PROBLEM: Function call failed")
    around.put("sick", 2)
    eventually(lambda: mappings.get(uuid)["LastProcessingResult"], lambda seen: seen == "OK")
    given(server, "sick", [1, 2])
