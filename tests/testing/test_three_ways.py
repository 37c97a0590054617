"""One test file of a user's project, run in process, against awslambdaric and against DynamoDB Local: unchanged."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.parts.dynamodblocal import DynamoDBLocal

APP = """
import os

from pydantic import BaseModel

from streamkit import Change, Insert, Modify, Window, stream_handler, tumbling_window


class Order(BaseModel):
    id: int
    status: str
    total: int = 0


@stream_handler(batch_size=4, maximum_retry_attempts=1)
def handler(change: Change[Order]) -> None:
    # Seen by the test in whatever process this is: through a file that is named in the environment.
    with open(os.environ["SEEN"], "a") as seen:
        print(os.getpid(), change.meta.region, change.meta.sequence_number, file=seen)
    match change:
        case Insert(new=order) | Modify(new=order) if order.status == "poison":
            raise ValueError(f"order {order.id} is poison")
        case _:
            pass


def down(event, context):
    raise RuntimeError("the warehouse is down")


class Revenue(BaseModel):
    orders: int = 0
    total: int = 0


@tumbling_window(seconds=60, batch_size=2)
def revenue(change: Insert[Order], state: Revenue) -> Revenue:
    return Revenue(orders=state.orders + 1, total=state.total + change.new.total)


@revenue.final
def publish(state: Revenue, window: Window) -> None:
    with open(os.environ["SEEN"], "a") as seen:
        print("window", state.orders, state.total, int((window.end - window.start).total_seconds()), file=seen)
"""

TESTS = """
import os
from pathlib import Path

import pytest
from app import down, handler, revenue

from streamkit.testing import RunnerFactory, TableFactory

QUEUE = "arn:aws:sqs:us-east-1:123456789012:failed"


@pytest.fixture(autouse=True)
def seen(monkeypatch, request, tmp_path_factory):
    path = Path(os.environ["SEEN_IN"]) / f"{request.node.name}.txt"
    monkeypatch.setenv("SEEN", str(path))
    return path


def test_good_records_are_handled_once_and_in_order(local_table: TableFactory, local_runner: RunnerFactory, seen):
    table = local_table("orders", key={"id": "N"})
    runner = local_runner(handler, table)
    made = [table.put({"id": 1, "status": "placed"}), table.update(1, {"status": "paid"}), table.delete(1)]
    assert table.put({"id": 2, "status": "placed"}) is not None
    assert table.put({"id": 2, "status": "placed"}) is None  # nothing changed
    runner.run()
    assert [invocation.outcome for invocation in runner.invocations] == ["success"]
    assert runner.invocations[0].sequence_numbers[:3] == made
    assert [line.split()[2] for line in seen.read_text().splitlines()] == runner.invocations[0].sequence_numbers
    assert [record["eventName"] for record in table.records] == ["INSERT", "MODIFY", "REMOVE", "INSERT"]


def test_a_partial_failure_reports_the_poison_and_what_is_behind_it_is_lost(local_table, local_runner):
    table = local_table("orders", key={"id": "N"})
    runner = local_runner(handler, table, handler.mapping.to_aws() | {
        "DestinationConfig": {"OnFailure": {"Destination": QUEUE}},
    })
    first, second, third = (
        table.put({"id": number, "status": "poison" if number == 2 else "placed"}) for number in (1, 2, 3)
    )
    runner.run()
    assert [invocation.sequence_numbers for invocation in runner.invocations] == [
        [first, second, third], [second, third], [second, third]
    ]
    (discarded,) = runner.discarded
    assert discarded["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert discarded["DDBStreamBatchInfo"]["streamArn"] == table.stream_arn
    assert discarded["DDBStreamBatchInfo"]["startSequenceNumber"] == second
    assert discarded["DDBStreamBatchInfo"]["endSequenceNumber"] == third
    assert list(runner.checkpoints.values()) == [third]
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 2


def test_bisecting_loses_the_poison_alone(local_table, local_runner):
    table = local_table("orders", key={"id": "N"})
    runner = local_runner(handler, table, handler.mapping.to_aws() | {"BisectBatchOnFunctionError": True})
    for number in range(1, 7):
        table.put({"id": number, "status": "poison" if number == 3 else "placed"})
    runner.run()
    (discarded,) = runner.discarded
    assert discarded["DDBStreamBatchInfo"]["batchSize"] == 1
    handled = {n for i in runner.invocations if i.outcome == "success" for n in i.sequence_numbers}
    assert table.records[2]["dynamodb"]["SequenceNumber"] not in handled
    assert any("half of a batch that failed" in invocation.why for invocation in runner.invocations)


def test_a_function_that_raises_is_retried_until_its_attempts_are_limited(local_table, local_runner):
    table = local_table("orders", key={"id": "N"})
    runner = local_runner(down, table)
    number = table.put({"id": 1, "status": "placed"})
    runner.advance(minutes=2)
    assert {invocation.outcome for invocation in runner.invocations} == {"failure"}
    assert "the warehouse is down" in str(runner.invocations[0].error)
    runner.update(maximum_retry_attempts=1)
    runner.run()
    assert list(runner.checkpoints.values()) == [number]
    assert len(runner.discarded) == 1


def test_filters_and_settings_can_change_while_it_runs(local_table, local_runner, seen):
    table = local_table("orders", key={"pk": "S", "sk": "N"})
    runner = local_runner(down, table, {"FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["REMOVE"]}'}]}})
    table.put({"pk": "a", "sk": 1})
    runner.run()
    assert runner.invocations == []
    assert runner.metrics["FilteredOutEventCount"] == 1
    runner.disable()
    number = table.delete(("a", 1))
    runner.run()
    assert runner.invocations == []
    runner.update(batch_size=1, maximum_retry_attempts=0)
    runner.enable()
    runner.run()
    assert [invocation.sequence_numbers for invocation in runner.invocations] == [[number]]


def test_a_window_folds_its_records_and_closes(local_table, local_runner, seen):
    table = local_table("orders", key={"id": "N"})
    runner = local_runner(revenue, table, revenue.mapping.to_aws() | {"StartingPosition": "TRIM_HORIZON"})
    for number in range(1, 4):
        table.put({"id": number, "status": "placed", "total": 10 * number})
    runner.run()
    windows = [line.split()[1:] for line in seen.read_text().splitlines()]
    # The records may lie on both sides of a minute's end: two windows then.
    assert sum(int(orders) for orders, _, _ in windows) == 3
    assert sum(int(total) for _, total, _ in windows) == 60
    assert {length for _, _, length in windows} == {"60"}


def test_a_child_shard_waits_for_its_parent(local_table, local_runner):
    table = local_table("orders", key={"id": "N"})
    runner = local_runner(handler, table)
    first = table.put({"id": 1, "status": "placed"})
    (parent,) = table.shard_ids
    child = table.roll_over(parent)
    second = table.update(1, {"status": "paid"})
    runner.run()
    assert [(invocation.shard_id, invocation.sequence_numbers) for invocation in runner.invocations] == [
        (parent, [first]), (child, [second])
    ]
    assert runner.checkpoints == {parent: first, child: second}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "app.py").write_text(APP)
    (folder / "test_app.py").write_text(TESTS)
    return folder


def run_tests(project: Path, seen: Path, environment: Mapping[str, str], *options: str) -> tuple[int, str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-v",
        "-W",
        "error",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        ".",
        *options,
    ]
    result = subprocess.run(  # noqa: S603  # our own tests
        command,
        cwd=project,
        env={**environment, "SEEN_IN": str(seen)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout


def processes(seen: Path, way: str) -> set[tuple[str, str]]:
    """Return in which processes the handler saw records of which regions."""
    (file,) = (path for path in seen.glob("test_good_records*") if way in path.name)
    return {(line.split()[0], line.split()[1]) for line in file.read_text().splitlines()}


def test_the_same_tests_pass_in_process_and_under_awslambdaric(project: Path, tmp_path: Path) -> None:
    code, output = run_tests(project, tmp_path, os.environ, "--streamkit=in-process,awslambdaric")
    assert code == 0, output
    assert output.count(" PASSED") == 2 * 7
    ((own, region),) = processes(tmp_path, "in-process")
    ((function, _),) = processes(tmp_path, "awslambdaric")
    assert function != own
    assert region == "us-east-1"


def test_the_same_tests_pass_on_a_real_stream(project: Path, tmp_path: Path, dynamodb: DynamoDBLocal) -> None:
    code, output = run_tests(project, tmp_path, os.environ, "--streamkit=dynamodb")
    assert code == 0, output
    assert output.count(" PASSED") == 7
    ((_, region),) = processes(tmp_path, "")
    assert region == "ddblocal"
    with closing(dynamodb.client()) as client:
        assert client.list_tables()["TableNames"] == []
