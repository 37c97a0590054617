from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import BotoCoreError

from streamkit.errors import AttributeValueError
from streamkit.local import LocalRunner, LocalTable, VirtualClock
from streamkit.local.sources import dynamotable
from streamkit.local.sources.dynamotable import DynamoTable, RealTableError
from tests.local.sources.fakedynamodb import FakeDynamoDB, FakeStreams, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Fakes:
    def __init__(self, **settings: Any) -> None:
        self.dynamodb = FakeDynamoDB()
        self.streams = FakeStreams(self.dynamodb)
        self.table = DynamoTable(
            "orders", **({"key": {"id": "N"}} | settings), dynamodb=self.dynamodb, streams=self.streams
        )

    def asked(self, operation: str) -> dict[str, Any]:
        return [asked for name, asked in self.dynamodb.asked if name == operation][-1]


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


def names(table: DynamoTable) -> list[str]:
    return [record["eventName"] for record in table.records]


def test_a_table_is_made_with_its_stream_and_deleted_at_the_end() -> None:
    fakes = Fakes(key={"pk": "S", "sk": "B"}, view_type="KEYS_ONLY")
    with fakes.table as table:
        asked = fakes.asked("create_table")
        assert asked["TableName"] == "orders"
        assert asked["KeySchema"] == [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ]
        assert asked["AttributeDefinitions"] == [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "B"},
        ]
        assert asked["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
        assert fakes.asked("table_exists")["TableName"] == "orders"
        assert table.stream_arn == fakes.dynamodb.table.stream_arn
        assert (table.name, table.key_names, table.view_type) == ("orders", ("pk", "sk"), "KEYS_ONLY")
    assert fakes.dynamodb.deleted
    assert fakes.dynamodb.closed
    assert fakes.streams.closed


def test_writes_return_the_numbers_of_their_records_and_none_where_nothing_changes(fakes: Fakes) -> None:
    table = fakes.table
    made = [
        table.put({"id": 1, "status": "placed", "note": "x"}),
        table.update(1, {"status": "paid", "id": 1}, remove=["note"]),
        table.update({"id": 2}, {}),
        table.delete((1,)),
    ]
    assert made == [record["dynamodb"]["SequenceNumber"] for record in table.records]
    assert names(table) == ["INSERT", "MODIFY", "INSERT", "REMOVE"]
    assert table.records[1]["dynamodb"]["NewImage"] == {"id": {"N": "1"}, "status": {"S": "paid"}}
    assert [table.put({"id": 2}), table.update(2, {}, remove=["note"]), table.delete(7)] == [None, None, None]
    assert names(table) == ["INSERT", "MODIFY", "INSERT", "REMOVE"]


def test_what_is_set_and_removed_at_once_is_removed(fakes: Fakes) -> None:
    fakes.table.put({"id": 1, "note": "x"})
    fakes.table.update(1, {"note": "y", "status": "paid"}, remove=["note"])
    assert fakes.table.records[-1]["dynamodb"]["NewImage"] == {"id": {"N": "1"}, "status": {"S": "paid"}}
    assert fakes.asked("update_item")["UpdateExpression"] == "SET #0 = :0 REMOVE #1"


def test_the_items_are_those_that_the_server_has_page_by_page(fakes: Fakes) -> None:
    items = [{"id": number, "data": b"x", "tags": {"a", "b"}} for number in range(5)]
    for item in items:
        fakes.table.put(item)
    assert fakes.table.items == items
    assert len([name for name, _ in fakes.dynamodb.asked if name == "scan"]) == 3
    assert fakes.asked("scan") == {"TableName": "orders", "ConsistentRead": True, "ExclusiveStartKey": 4}


def test_bytes_are_sent_as_boto3_takes_them(fakes: Fakes) -> None:
    fakes.table.put({"id": 1, "raw": b"\x00", "more": [{"raw": b"\x01"}]})
    sent = fakes.asked("put_item")["Item"]
    assert sent["raw"] == {"B": b"\x00"}
    assert sent["more"]["L"][0]["M"]["raw"] == {"B": b"\x01"}
    assert fakes.table.records[0]["dynamodb"]["NewImage"]["raw"] == {"B": "AA=="}


def test_a_record_that_is_late_is_waited_for(fakes: Fakes) -> None:
    fakes.streams.empty_answers = 2
    assert fakes.table.put({"id": 1}) == fakes.table.records[0]["dynamodb"]["SequenceNumber"]


def test_a_record_that_never_comes_is_an_error(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamotable, "_PATIENCE", 0.0)
    fakes.streams.empty_answers = 1_000_000
    with pytest.raises(RealTableError, match=r"item \{'id': \{'N': '1'\}\} of table 'orders' .* no record"):
        fakes.table.put({"id": 1})


def test_what_others_write_is_read_with_the_next_write_and_not_taken_for_it(fakes: Fakes) -> None:
    fakes.dynamodb.table.put({"id": 5})
    number = fakes.table.put({"id": 1})
    fakes.dynamodb.table.put({"id": 6})
    assert fakes.table.delete(7) is None
    assert [record["dynamodb"]["Keys"]["id"]["N"] for record in fakes.table.records] == ["5", "1", "6"]
    assert number == fakes.table.records[1]["dynamodb"]["SequenceNumber"]


def test_what_the_stream_says_counts_where_a_local_table_expects_nothing(fakes: Fakes) -> None:
    fakes.table.put({"id": 1, "status": "placed"})
    fakes.dynamodb.table.put({"id": 1, "status": "paid"})
    assert fakes.table.put({"id": 1, "status": "placed"}) == fakes.table.records[-1]["dynamodb"]["SequenceNumber"]


def test_a_runner_runs_its_records_on_a_virtual_clock_that_starts_now(fakes: Fakes) -> None:
    table = fakes.table
    assert isinstance(table.clock, VirtualClock)
    assert abs(table.clock.now() - datetime.now(UTC)) < timedelta(minutes=5)
    number = table.put({"id": 1})

    def failing(event: dict[str, Any], context: object) -> None:
        raise ValueError("no")

    runner = LocalRunner(failing, table, {"MaximumRetryAttempts": 2, "StartingPosition": "TRIM_HORIZON"})
    runner.run()
    assert [invocation.sequence_numbers for invocation in runner.invocations] == [[number]] * 3
    assert list(runner.checkpoints.values()) == [number]


def test_a_mapping_at_latest_reads_what_is_written_after_it(fakes: Fakes) -> None:
    fakes.table.put({"id": 1})
    runner = LocalRunner(lambda event, context: None, fakes.table, {"StartingPosition": "LATEST"})
    number = fakes.table.put({"id": 2})
    runner.run()
    assert [invocation.sequence_numbers for invocation in runner.invocations] == [[number]]


def test_at_latest_what_was_written_before_is_not_read_though_the_clock_stands_behind_its_date() -> None:
    """DynamoDB dates records by its own clock, and the table's stands: between the two a second may have begun."""
    fakes = Fakes(clock=VirtualClock(datetime.now(UTC) - timedelta(hours=1)))
    fakes.table.put({"id": 1})
    runner = LocalRunner(lambda event, context: None, fakes.table, {"StartingPosition": "LATEST"})
    number = fakes.table.put({"id": 2})
    runner.run()
    assert [invocation.sequence_numbers for invocation in runner.invocations] == [[number]]


def test_a_run_that_was_killed_goes_on_where_it_was(fakes: Fakes, tmp_path: Any) -> None:
    for number in (1, 2):
        made = fakes.table.put({"id": number})
        runner = LocalRunner(lambda event, context: None, fakes.table, checkpoints=tmp_path / "checkpoints")
        runner.run()
        assert [invocation.sequence_numbers for invocation in runner.invocations] == [[made]]


def test_writes_of_a_handler_know_what_caused_them(fakes: Fakes) -> None:
    table = fakes.table

    def counting(event: dict[str, Any], context: object) -> None:
        table.update(1, {"n": len(table.records)})

    table.put({"id": 1})
    with pytest.raises(Exception, match="writes to table 'orders', whose stream it reads"):
        LocalRunner(counting, table, cascade_limit=3).run()


@pytest.mark.parametrize(
    ("use", "says"),
    [
        (lambda table: table.put({"id": 1}, at=datetime.now(UTC)), r"^at=.* is for a LocalTable: DynamoDB dates"),
        (lambda table: table.update(1, {}, datetime.now(UTC)), "^at="),
        (lambda table: table.delete(1, datetime.now(UTC)), "^at="),
        (lambda table: table.expire(1), r"^expire\(1\) is for a LocalTable: when DynamoDB deletes"),
        (lambda table: table.split(table.shard_ids[0]), r"^split\('shardId.*'\) is for a LocalTable: DynamoDB alone"),
        (lambda table: table.roll_over(table.shard_ids[0]), r"^roll_over\(.*control_url"),
    ],
)
def test_what_a_real_table_cannot_do_is_refused(use: Callable[[DynamoTable], object], says: str, fakes: Fakes) -> None:
    with pytest.raises(RealTableError, match=says + r".*\(table 'orders'\)\. Run this test in process$"):
        use(fakes.table)
    assert fakes.table.records == []


@pytest.mark.parametrize("key", ["id", ("id",), {}, {"id": "BOOL"}, {"id": None}])
def test_a_key_without_types_is_refused(key: Any) -> None:
    with pytest.raises(ValueError, match=r'types of its key attributes.*key=\{"id": "N"\}'):
        Fakes(key=key)


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda table: table.put({"status": "x"}), "lacks the key attribute 'id'"),
        (lambda table: table.update((1, 2), {}), "the key of table 'orders' is id"),
        (lambda table: table.update(1, {"id": 2}), "an update cannot change the key"),
        (lambda table: table.delete({"pk": 1}), "the key of table 'orders' is id"),
    ],
)
def test_what_no_table_takes_is_refused_before_anybody_is_asked(
    write: Callable[[DynamoTable], object], says: str, fakes: Fakes
) -> None:
    with pytest.raises(AttributeValueError, match=says):
        write(fakes.table)
    assert not [name for name, _ in fakes.dynamodb.asked if name.endswith("_item")]


def test_what_the_server_refuses_is_told_in_its_words(fakes: Fakes) -> None:
    fakes.dynamodb.failures.append(refusal("ValidationException", "Type mismatch for key"))
    with pytest.raises(
        AttributeValueError,
        match=r"put_item of table 'orders' at http://127\.0\.0\.1:8000 was refused: ValidationException: Type mismatch",
    ):
        fakes.table.put({"id": 1})


def test_a_server_that_is_not_there_is_told_with_what_to_do() -> None:
    dynamodb = FakeDynamoDB()
    dynamodb.failures.append(BotoCoreError())
    with pytest.raises(RealTableError, match=r"create_table of table 'orders' .* failed: .*Is DynamoDB Local running"):
        DynamoTable("orders", key={"id": "N"}, dynamodb=dynamodb, streams=FakeStreams(dynamodb))
    assert dynamodb.closed


def test_the_endpoint_is_where_awss_variables_say(aws_environment: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_DYNAMODB_STREAMS"):
        aws_environment.setenv(variable, "http://127.0.0.1:1")
    with pytest.raises(RealTableError, match=r"create_table of table 'orders' at http://127\.0\.0\.1:1 failed"):
        DynamoTable("orders", key={"id": "N"})


def test_a_table_that_cannot_be_read_is_deleted_again() -> None:
    dynamodb = FakeDynamoDB()

    class Refusing(FakeStreams):
        def describe_stream(self, **_asked: Any) -> dict[str, Any]:
            raise refusal("ResourceNotFoundException")

    with pytest.raises(Exception, match="ResourceNotFoundException"):
        DynamoTable("orders", key={"id": "N"}, dynamodb=dynamodb, streams=Refusing(dynamodb))
    assert dynamodb.deleted


@pytest.mark.parametrize("host", ["dynamodb.us-east-1.amazonaws.com", "dynamodb.cn-north-1.amazonaws.com.cn"])
def test_nothing_is_made_on_aws_itself(host: str) -> None:
    for ours, theirs, variable in (
        (f"https://{host}", "http://127.0.0.1:8000", "AWS_ENDPOINT_URL_DYNAMODB,"),
        ("http://127.0.0.1:8000", f"https://{host}", "AWS_ENDPOINT_URL_DYNAMODB_STREAMS,"),
    ):
        dynamodb = FakeDynamoDB(ours)
        with pytest.raises(RealTableError, match=f"on AWS itself, at https://{host}: .* set {variable}"):
            DynamoTable("orders", key={"id": "N"}, dynamodb=dynamodb, streams=FakeStreams(dynamodb, theirs))
        assert dynamodb.asked == []
        assert dynamodb.closed


@pytest.fixture
def control() -> Iterator[HTTPServer]:
    """A server that rolls the shards of ``server.table`` over, as the launcher of DynamoDB Local does."""

    class RollOver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/rollover"
            table: LocalTable = self.server.table  # type: ignore[attr-defined]  # set by the test
            table.roll_over(table.shard_ids[-1])
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class' name
            pass

    server = HTTPServer(("127.0.0.1", 0), RollOver)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_shard_rolls_over_where_the_server_can_be_told_to(control: HTTPServer) -> None:
    fakes = Fakes(control_url=f"http://127.0.0.1:{control.server_port}")
    control.table = fakes.dynamodb.table  # type: ignore[attr-defined]  # read by the handler
    table = fakes.table
    (parent,) = table.shard_ids
    table.put({"id": 1})
    child = table.roll_over(parent)
    table.put({"id": 2})
    assert table.shard_ids == (parent, child)
    runner = LocalRunner(lambda event, context: None, table)
    runner.run()
    assert [invocation.shard_id for invocation in runner.invocations] == [parent, child]
    with pytest.raises(ValueError, match=f"'{parent}' is closed already; open are {child}"):
        table.roll_over(parent)
    with pytest.raises(ValueError, match=f"'x' is no shard of this stream; open are {child}"):
        table.roll_over("x")
