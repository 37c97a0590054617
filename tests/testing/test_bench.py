from __future__ import annotations

import inspect
import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local import InProcessInvoker, LocalRunner, LocalTable, VirtualClock
from streamkit.local.sources.dynamotable import DynamoTable, RealTableError
from streamkit.testing import bench as benches
from streamkit.testing.bench import CONTROL_URL, Bench
from streamkit.testing.marking import Settings
from streamkit.testing.naming import NamelessHandlerError
from streamkit.testing.protocols import RunnerOptions, TableOptions
from tests.local.sources.fakedynamodb import FakeDynamoDB, FakeStreams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from streamkit.testing.protocols import Way
    from tests.parts.dynamodblocal import DynamoDBLocal

APP = """
import os, time
from streamkit import Change, stream_handler

@stream_handler(batch_size=2, maximum_retry_attempts=1)
def handler(change: Change) -> None:
    print("process", os.getpid())
    if change.keys["id"] == 2:
        raise ValueError("no stock")

def slow(event, context):
    time.sleep(60)

def not_a_handler():
    pass
"""


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    (tmp_path / "sk_bench_app.py").write_text(APP)
    monkeypatch.syspath_prepend(tmp_path)
    yield __import__("sk_bench_app")
    del sys.modules["sk_bench_app"]


@pytest.mark.parametrize("way", ["in-process", "awslambdaric"])
@pytest.mark.parametrize("key", ["id", ("id",), {"id": "N"}])
def test_tables_are_local_ones(way: Way, key: Any) -> None:
    clock = VirtualClock()
    with Bench(way) as bench:
        table = bench.table("orders", key=key, shards=3, view_type="KEYS_ONLY", clock=clock)
    assert isinstance(table, LocalTable)
    assert (table.name, table.key_names, len(table.shard_ids)) == ("orders", ("id",), 3)
    assert (table.view_type, table.clock) == ("KEYS_ONLY", clock)


def test_an_items_shard_can_be_chosen_in_process() -> None:
    with Bench("in-process") as bench:
        table = bench.table("orders", shards=2, shard_of=lambda key: 1)
    table.put({"id": 1})
    assert table.latest(table.shard_ids[1], table.clock.now()) == 1


def test_in_process_a_runner_is_a_local_runner(app: Any) -> None:
    with Bench("in-process") as bench:
        table = bench.table("orders")
        runner = bench.runner(app.handler, table, {"BatchSize": 1}, seed=7)
        table.put({"id": 1})
        runner.run()
    assert runner.mapping.batch_size == 1
    assert runner.seed == 7
    assert [invocation.outcome for invocation in runner.invocations] == ["success"]


def test_under_awslambdaric_the_function_runs_in_a_process_of_its_own_which_ends(app: Any) -> None:
    with Bench("awslambdaric") as bench:
        table = bench.table("orders")
        runner = bench.runner(app.handler, table)
        for number in (1, 2, 3):
            table.put({"id": number})
        runner.run()
        pids = {
            int(line.split()[1])
            for one in runner.invocations
            for line in one.log.splitlines()
            if line.startswith("process ")
        }
        assert len(pids) == 1
        assert os.getpid() not in pids
    assert [invocation.outcome for invocation in runner.invocations] == ["partial", "partial", "partial", "success"]
    assert runner.mapping == app.handler.mapping
    with pytest.raises(ProcessLookupError):
        os.kill(pids.pop(), 0)


def test_under_awslambdaric_a_timeout_is_the_functions_own(app: Any) -> None:
    with Bench("awslambdaric") as bench:
        table = bench.table("orders")
        table.put({"id": 1})
        runner = bench.runner(app.slow, table, {"MaximumRetryAttempts": 0}, timeout=0.5)
        runner.run()
    (invocation,) = runner.invocations
    assert "timed out after 0.50 seconds" in str(invocation.error)


def test_an_invoker_stays_what_it_is(app: Any) -> None:
    with Bench("awslambdaric") as bench:
        table = bench.table("orders")
        table.put({"id": 1})
        runner = bench.runner(InProcessInvoker(app.handler), table)
        runner.run()
    assert runner.invocations[0].log == ""


def test_under_awslambdaric_a_handler_needs_a_name_and_the_form_of_one(app: Any) -> None:
    with Bench("awslambdaric") as bench:
        with pytest.raises(NamelessHandlerError, match="no module has it under a name"):
            bench.runner(lambda event, context: None, [])
        with pytest.raises(TypeError, match="not_a_handler cannot be called as a Lambda handler"):
            bench.runner(app.not_a_handler, [])
        with pytest.raises(TypeError, match="not a handler: it takes a function"):
            bench.runner(InProcessInvoker, [])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda bench: bench.table("orders"), r"table 'orders' has key='id': .* Write key=\{\"id\": \"S\"\}, with S"),
        (
            lambda bench: bench.table("orders", key=("pk", "sk")),
            r"has key=\('pk', 'sk'\): .*key=\{\"pk\": \"S\", \"sk\": \"S\"\}",
        ),
        (lambda bench: bench.table("orders", key={"id": "N"}, shards=2), "table 'orders' has shards=2: DynamoDB alone"),
        (lambda bench: bench.table("orders", key={"id": "N"}, shard_of=len), "table 'orders' has shard_of="),
    ],
)
def test_a_real_table_is_refused_where_it_would_be_another(make: Callable[[Bench], object], says: str) -> None:
    with Bench("dynamodb") as bench, pytest.raises(RealTableError, match=says):
        make(bench)


def test_real_tables_have_names_of_their_own_and_are_deleted(monkeypatch: pytest.MonkeyPatch, app: Any) -> None:
    monkeypatch.setenv(CONTROL_URL, "http://127.0.0.1:1")
    made: list[tuple[FakeDynamoDB, dict[str, Any]]] = []

    def make(name: str, **settings: Any) -> DynamoTable:
        fake = FakeDynamoDB()
        made.append((fake, settings))
        return DynamoTable(name, dynamodb=fake, streams=FakeStreams(fake), **settings)

    monkeypatch.setattr(benches, "DynamoTable", make)
    clock = VirtualClock()
    with Bench("dynamodb") as bench:
        first = bench.table("orders", key={"id": "N"}, view_type="NEW_IMAGE", clock=clock)
        second = bench.table("orders", key={"id": "N"})
        runner = bench.runner(app.handler, second)
        second.put({"id": 1})
        runner.run()
        assert [invocation.outcome for invocation in runner.invocations] == ["success"]
    assert first.name != second.name
    assert first.name.startswith("orders-")
    assert made[0][1] == {
        "key": {"id": "N"},
        "view_type": "NEW_IMAGE",
        "clock": clock,
        "control_url": "http://127.0.0.1:1",
    }
    assert [fake.deleted for fake, _ in made] == [True, True]


@pytest.mark.usefixtures("aws_environment")
def test_without_a_server_it_is_told_what_to_do() -> None:
    with (
        Bench("dynamodb") as bench,
        pytest.raises(
            RealTableError, match=r"on AWS itself, .*: start DynamoDB Local and set AWS_ENDPOINT_URL_DYNAMODB,"
        ),
    ):
        bench.table("orders", key={"id": "N"})


def test_a_bench_makes_tables_in_a_real_server_and_leaves_none(dynamodb: DynamoDBLocal) -> None:
    with closing(dynamodb.client()) as client:
        with Bench("dynamodb") as bench:
            table = bench.table("orders", key={"id": "N"})
            assert client.list_tables()["TableNames"] == [table.name]
        assert client.list_tables()["TableNames"] == []


def test_marks_set_what_the_test_itself_leaves_open(app: Any) -> None:
    settings = Settings(
        table={"shards": 2, "view_type": "KEYS_ONLY"},
        runner={"seed": 5, "duration": 3},
        mapping={"batch_size": 1, "maximum_retry_attempts": 0},
    )
    with Bench("in-process", settings, seed=7) as bench:
        table = bench.table("orders")
        other = bench.table("orders", shards=1)
        assert isinstance(table, LocalTable)
        assert (len(table.shard_ids), table.view_type) == (2, "KEYS_ONLY")
        assert (len(other.shard_ids), other.view_type) == (1, "KEYS_ONLY")
        runner = bench.runner(app.handler, table)
        own = bench.runner(app.handler, table, {"BatchSize": 9}, seed=6)
    assert (runner.mapping.batch_size, runner.mapping.maximum_retry_attempts, runner.seed) == (1, 0, 5)
    assert runner.mapping.reports_batch_item_failures
    assert (own.mapping.batch_size, own.mapping.maximum_retry_attempts, own.seed) == (9, 0, 6)


def test_a_runner_without_a_seed_has_the_benchs() -> None:
    with Bench("in-process", seed=7) as bench:
        assert bench.runner(lambda event, context: None, bench.table("orders")).seed == 7
    with Bench("in-process") as bench:
        runner = bench.runner(lambda event, context: None, bench.table("orders"))
        assert runner.seed == LocalRunner(lambda event, context: None, []).seed


def test_a_bench_remembers_its_runners_and_has_a_short_name() -> None:
    with Bench("in-process") as bench:
        runners = [bench.runner(lambda event, context: None, bench.table("orders")) for _ in range(2)]
    assert bench.runners == runners
    assert repr(bench) == "Bench('in-process')"


@pytest.mark.parametrize(("options", "made"), [(RunnerOptions, LocalRunner), (TableOptions, LocalTable)])
def test_the_factories_take_what_runners_and_tables_take(options: Any, made: Any) -> None:
    parameters = inspect.signature(made).parameters
    taken = {name for name, parameter in parameters.items() if parameter.kind is inspect.Parameter.KEYWORD_ONLY}
    assert options.__annotations__.keys() == taken
