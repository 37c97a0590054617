"""Live reading against AWS's own DynamoDB Local: nothing here is faked."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from streamkit.local import CheckpointFile, LocalRunner
from streamkit.local.journal import SourceNoted
from streamkit.local.streams.client import StreamGoneError
from streamkit.local.streams.livestream import LiveStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.parts.dynamodblocal import DynamoDBLocal
    from tests.parts.fixtures import StartDynamoDB

HOUR = 3_600_000
ITEMS, AT_ONCE = 40, 20
LONG = 60.0


class Store:
    """A table that is written to: every change of an item has the next number."""

    def __init__(self, server: DynamoDBLocal) -> None:
        self.client: Any = server.client()
        created = self.client.create_table(
            TableName="items",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self.arn: str = created["TableDescription"]["LatestStreamArn"]
        self.written = 0

    def write(self, count: int) -> None:
        """Write so many changes, a multiple of 20, to one item after the other."""
        for first in range(self.written, self.written + count, AT_ONCE):
            puts = [
                {"PutRequest": {"Item": {"id": {"S": str(n % ITEMS)}, "n": {"N": str(n)}}}}
                for n in range(first, first + AT_ONCE)
            ]
            assert not self.client.batch_write_item(RequestItems={"items": puts})["UnprocessedItems"]
        self.written += count

    def stream(self, *, enabled: bool) -> str:
        """Switch the stream on or off, and return the newest one's ARN."""
        specification: dict[str, Any] = {"StreamEnabled": enabled}
        if enabled:
            specification["StreamViewType"] = "NEW_AND_OLD_IMAGES"
        changed = self.client.update_table(TableName="items", StreamSpecification=specification)
        arn: str = changed["TableDescription"].get("LatestStreamArn", self.arn)
        return arn


class Ledger:
    """A handler that notes every change, and holds it to the order of its item."""

    __name__ = "ledger"

    def __init__(self, then: Callable[[], object] = bool) -> None:
        self.numbers: list[int] = []
        self.of: dict[str, list[int]] = defaultdict(list)
        self._then = then

    def __call__(self, event: Any, _context: Any) -> None:
        for record in event["Records"]:
            image = record["dynamodb"]["NewImage"]
            number = int(image["n"]["N"])
            self.numbers.append(number)
            self.of[image["id"]["S"]].append(number)
        self._then()

    def check(self, count: int) -> None:
        """Every change was brought once, and those of an item in order."""
        assert sorted(self.numbers) == list(range(count))
        assert all(numbers == sorted(numbers) for numbers in self.of.values())


@contextmanager
def live(arn: str) -> Iterator[LiveStream]:
    """Open the stream that the environment leads to."""
    with closing(LiveStream(arn, poll_interval=0.02)) as stream:
        yield stream


@contextmanager
def store_of(server: DynamoDBLocal) -> Iterator[Store]:
    store = Store(server)
    with closing(store.client):
        yield store


@contextmanager
def followed(runner: LocalRunner) -> Iterator[None]:
    """Follow in a thread of its own meanwhile; then stop."""
    errors: list[BaseException] = []

    def follow() -> None:
        try:
            runner.follow(fail_fast=True)
        except BaseException as error:  # noqa: BLE001  # raised below
            errors.append(error)

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        yield
    finally:
        runner.stop()
        thread.join(LONG)
    assert not thread.is_alive()
    if errors:
        raise errors[0]


def until(reached: Callable[[], object]) -> None:
    deadline = time.monotonic() + LONG
    while not reached():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def run(store: Store, handler: Any, folder: Path) -> list[tuple[str, bool]]:
    """Go on from the checkpoint until everything was handled; return what was told."""
    with live(store.arn) as stream, CheckpointFile(folder / "c.db", store.arn, "f") as checkpoints:
        runner = LocalRunner(handler, stream, checkpoints=checkpoints)
        runner.run(fail_fast=True)
    return notes(runner)


def notes(runner: LocalRunner) -> list[tuple[str, bool]]:
    return [(fact.text, fact.loses_records) for fact in runner.journal if isinstance(fact, SourceNoted)]


def test_changes_come_in_exactly_lambdas_form(every_dynamodb: DynamoDBLocal) -> None:
    events: list[Any] = []
    with store_of(every_dynamodb) as store, live(store.arn) as stream:
        item = {
            "id": {"S": "a"},
            "blob": {"B": b"\x00\xff"},
            "blobs": {"BS": [b"x"]},
            "deep": {"M": {"list": {"L": [{"B": b"\x01"}, {"NULL": True}, {"N": "1.5"}]}}},
        }
        store.client.put_item(TableName="items", Item=item)
        store.client.put_item(TableName="items", Item=item)  # changes nothing, and makes no record
        store.client.update_item(
            TableName="items",
            Key={"id": {"S": "a"}},
            UpdateExpression="REMOVE deep",
        )
        store.client.delete_item(TableName="items", Key={"id": {"S": "a"}})
        LocalRunner(lambda event, _context: events.extend(event["Records"]), stream).run(fail_fast=True)
    insert, modify, remove = events
    assert [one["eventName"] for one in events] == ["INSERT", "MODIFY", "REMOVE"]
    top = ["eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb", "eventSourceARN"]
    assert [list(one) for one in events] == [top] * 3
    head, tail = ["ApproximateCreationDateTime", "Keys"], ["SequenceNumber", "SizeBytes", "StreamViewType"]
    assert list(insert["dynamodb"]) == [*head, "NewImage", *tail]
    assert list(modify["dynamodb"]) == [*head, "NewImage", "OldImage", *tail]
    assert list(remove["dynamodb"]) == [*head, "OldImage", *tail]
    image = {
        "id": {"S": "a"},
        "blob": {"B": "AP8="},
        "blobs": {"BS": ["eA=="]},
        "deep": {"M": {"list": {"L": [{"B": "AQ=="}, {"NULL": True}, {"N": "1.5"}]}}},
    }
    assert insert["dynamodb"]["NewImage"] == modify["dynamodb"]["OldImage"] == image
    assert "deep" not in modify["dynamodb"]["NewImage"]
    for one in events:
        assert isinstance(one["dynamodb"]["ApproximateCreationDateTime"], float)
        assert len(one["eventID"]) == 32
        assert one["eventSource"] == "aws:dynamodb"
        assert one["eventSourceARN"] == store.arn
        assert orjson.loads(orjson.dumps(one)) == one


def test_twenty_roll_overs_under_load_lose_nothing_and_keep_every_items_order(start_dynamodb: StartDynamoDB) -> None:
    server = start_dynamodb()
    ledger = Ledger()
    with store_of(server) as store, live(store.arn) as stream:
        runner = LocalRunner(ledger, stream, {"BatchSize": 50})
        with followed(runner):
            for _ in range(20):
                store.write(100)
                server.rollover()
                store.write(60)
            until(lambda: len(ledger.numbers) >= store.written)
        assert len(stream.shard_ids) == 21
    ledger.check(3_200)
    assert not any(loses for _, loses in notes(runner))


def test_a_server_that_is_restarted_with_its_data_costs_nothing(start_dynamodb: StartDynamoDB, tmp_path: Path) -> None:
    server = start_dynamodb(path=tmp_path)
    ledger = Ledger()
    with store_of(server) as store, live(store.arn) as stream:
        runner = LocalRunner(ledger, stream)
        with followed(runner):
            store.write(400)
            until(lambda: ledger.numbers)
            server.stop()
            until(lambda: any("cannot be read" in text for text, _ in notes(runner)))
            server.start()
            store.write(400)
            until(lambda: len(ledger.numbers) >= store.written)
    ledger.check(800)
    texts = [text for text, _ in notes(runner)]
    assert any("is read again, after" in text for text in texts)
    assert not any(loses for _, loses in notes(runner))


def test_a_server_that_comes_back_without_its_data_ends_it_with_an_explanation(start_dynamodb: StartDynamoDB) -> None:
    server = start_dynamodb()
    ledger = Ledger()
    with store_of(server) as store, live(store.arn) as stream:
        store.write(100)
        runner = LocalRunner(ledger, stream)
        runner.run(fail_fast=True)
        server.restart()
        assert runner.follow() == "the stream is not there any more"
    ledger.check(100)
    assert any(f"the stream {store.arn} is not there any more" in text for text, _ in notes(runner))


@pytest.mark.parametrize("version", ["2.2.1", "3.3.1"])
def test_iterators_that_expire_cost_nothing(start_dynamodb: StartDynamoDB, version: Any) -> None:
    server = start_dynamodb(version)
    ledger = Ledger()
    with store_of(server) as store, live(store.arn) as stream:
        runner = LocalRunner(ledger, stream)
        with followed(runner):
            for _ in range(5):
                store.write(100)
                server.dilate(HOUR // 3)
                store.write(100)
            until(lambda: len(ledger.numbers) >= store.written)
    ledger.check(1_000)
    # One that was asked for while time passed has not expired.
    assert any("expired" in text for text, _ in notes(runner))
    assert not any(loses for _, loses in notes(runner))


@pytest.mark.parametrize("version", ["2.2.1", "3.3.1"])
def test_of_what_is_trimmed_unread_is_told_and_the_rest_is_brought(
    start_dynamodb: StartDynamoDB, tmp_path: Path, version: Any
) -> None:
    server = start_dynamodb(version)
    first, second = Ledger(), Ledger()
    with store_of(server) as store:
        store.write(100)
        run(store, first, tmp_path)
        store.write(100)
        server.dilate(25 * HOUR)
        store.write(100)
        told = run(store, second, tmp_path)
    first.check(100)
    assert second.numbers == list(range(200, 300))
    lost = [text for text, loses in told if loses]
    assert len(lost) == 1
    assert "are older than the 24 hours that a stream keeps them, and gone unread" in lost[0]


def test_what_was_read_before_it_was_trimmed_is_no_loss(start_dynamodb: StartDynamoDB, tmp_path: Path) -> None:
    server = start_dynamodb()
    with store_of(server) as store:
        ledger = Ledger()
        store.write(100)
        run(store, ledger, tmp_path)
        server.dilate(25 * HOUR)
        store.write(100)
        told = run(store, ledger, tmp_path)
    ledger.check(200)
    assert not any(loses for _, loses in told)


def test_a_stream_that_is_disabled_is_read_to_its_end_and_the_next_one_has_another_arn(
    start_dynamodb: StartDynamoDB,
) -> None:
    ledger = Ledger()
    with store_of(start_dynamodb()) as store:
        with live(store.arn) as stream:
            store.write(300)
            store.stream(enabled=False)
            assert LocalRunner(ledger, stream).follow() == "the stream was disabled"
        ledger.check(300)
        time.sleep(1.1)  # a stream's label is the time at which it was made
        arn = store.stream(enabled=True)
        assert arn != store.arn
        store.write(100)
        with live(arn) as stream:
            LocalRunner(ledger, stream).run(fail_fast=True)
    ledger.check(400)


def test_latest_brings_what_is_written_from_then_on_also_after_a_restart(
    every_dynamodb: DynamoDBLocal, tmp_path: Path
) -> None:
    mapping = {"StartingPosition": "LATEST"}
    with store_of(every_dynamodb) as store:
        store.write(100)
        ledger = Ledger()
        for expected in (100, 200):
            with live(store.arn) as stream, CheckpointFile(tmp_path / "c.db", store.arn, "f") as checkpoints:
                runner = LocalRunner(ledger, stream, mapping, checkpoints=checkpoints)
                store.write(100)
                runner.run(fail_fast=True)
            assert ledger.numbers == list(range(100, 100 + expected))


def test_many_short_runs_with_checkpoints_bring_everything_once(every_dynamodb: DynamoDBLocal, tmp_path: Path) -> None:
    ledger = Ledger()
    with store_of(every_dynamodb) as store:
        for _ in range(6):
            store.write(200)
            with live(store.arn) as stream, CheckpointFile(tmp_path / "c.db", store.arn, "f") as checkpoints:
                LocalRunner(ledger, stream, {"ParallelizationFactor": 4, "BatchSize": 30}, checkpoints=checkpoints).run(
                    fail_fast=True
                )
    ledger.check(1_200)


def test_a_stream_that_is_not_there_is_told(dynamodb: DynamoDBLocal) -> None:
    with store_of(dynamodb) as store, pytest.raises(StreamGoneError, match="ResourceNotFoundException"):
        LiveStream(store.arn.replace("items", "other"))


def test_an_item_that_expires_is_removed_by_the_service_as_lambda_says_it(every_dynamodb: DynamoDBLocal) -> None:
    removed: list[dict[str, Any]] = []

    def handler(event: Any, _context: Any) -> None:
        removed.extend(record for record in event["Records"] if record["eventName"] != "INSERT")

    with store_of(every_dynamodb) as store:
        expiry = {"Enabled": True, "AttributeName": "ttl"}
        store.client.update_time_to_live(TableName="items", TimeToLiveSpecification=expiry)
        past = {"id": {"S": "a"}, "ttl": {"N": str(int(time.time()) - 60)}}
        store.client.put_item(TableName="items", Item=past)
        with live(store.arn) as source, followed(LocalRunner(handler, source)):
            until(lambda: removed)
    (record,) = removed
    assert record["eventName"] == "REMOVE"
    assert record["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert record["dynamodb"]["OldImage"] == past
