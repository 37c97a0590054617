"""The local runner, tables, and what a run looks like."""

# pyright: strict

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, assert_type

from streamkit import Change, EventSourceMapping, Insert, stream_handler, tumbling_window
from streamkit.local import (
    CascadeError,
    CheckpointFile,
    Checkpoints,
    Fact,
    Fault,
    FaultRates,
    Faults,
    FunctionCrashedError,
    FunctionTimeoutError,
    InProcessInvoker,
    Invocation,
    InvocationFailedError,
    Journal,
    LocalRunner,
    LocalTable,
    MemoryDestination,
    Metrics,
    OnFailureRecord,
    RecordError,
    ResponseError,
    SystemClock,
    VirtualClock,
    WindowRun,
    advance_together,
    planned,
    run_together,
)
from tests.typing.models import Order, Point, Revenue


@stream_handler
def handler(change: Change[Order]) -> None: ...


@tumbling_window(seconds=60)
def revenue(change: Insert[Order], state: Revenue) -> Revenue:
    return state


def plain(event: dict[str, Any], context: object) -> dict[str, Any]:
    return {"batchItemFailures": []}


def a_runner_takes_handlers_of_both_kinds_and_any_lambda_function() -> None:
    table = LocalTable("orders")
    assert_type(LocalRunner(handler, table), LocalRunner)
    LocalRunner(revenue, table)
    LocalRunner(plain, table)
    LocalRunner(InProcessInvoker(plain, timeout=3.0), table)


def records_in_lambdas_form_are_a_source() -> None:
    table = LocalTable("orders")
    table.put(Order(id=1))
    assert_type(table.records, list[dict[str, Any]])
    LocalRunner(handler, table.records).run()
    LocalRunner(handler, tuple(table.records)).run(fail_fast=True)


def a_mapping_is_ours_or_awss_json() -> None:
    table = LocalTable("orders")
    assert_type(LocalRunner(handler, table, EventSourceMapping(batch_size=3)).mapping, EventSourceMapping)
    LocalRunner(handler, table, {"BatchSize": 3})


def a_run_has_settings() -> None:
    def duration(event: dict[str, Any]) -> float:
        return 0.1 * len(event["Records"])

    destination, journal = MemoryDestination(), Journal()
    LocalRunner(
        handler,
        LocalTable("orders"),
        clock=VirtualClock(datetime(2026, 1, 1, tzinfo=UTC)),
        destination=destination,
        seed=7,
        duration=duration,
        timeout=3,
        faults=FaultRates(crash=0.1),
        cascade_limit=None,
        journal=journal,
        window_close_delay=0.0,
    )
    LocalRunner(handler, LocalTable("orders"), clock=SystemClock(), duration=0.5, faults={3: "timeout"})
    assert_type(destination.sent, list[OnFailureRecord])


def checkpoints_are_kept_in_a_file() -> None:
    with TemporaryDirectory() as folder:
        table, path = LocalTable("orders"), Path(folder, "checkpoints")
        checkpoints: Checkpoints = CheckpointFile(path, table.stream_arn, "function")
        LocalRunner(handler, table, checkpoints=checkpoints)
        LocalRunner(handler, table, checkpoints=path)
        LocalRunner(handler, table, checkpoints=str(path))


def what_a_run_looks_like_is_typed() -> None:
    runner = LocalRunner(handler, LocalTable("orders"))
    runner.run()
    runner.advance(minutes=5, fail_fast=True)
    assert_type(runner.invocations, list[Invocation])
    assert_type(runner.windows, list[WindowRun])
    assert_type(runner.discarded, list[OnFailureRecord])
    assert_type(runner.checkpoints, dict[str, str])
    assert_type(runner.metrics, Metrics)
    assert_type(runner.metrics["PolledEventCount"], int)
    assert_type(list(runner.journal), list[Fact])


def an_invocation_has_its_parts() -> None:
    def read(invocation: Invocation) -> None:
        assert_type((invocation.shard_id, invocation.request_id), tuple[str, str])
        assert_type(invocation.sequence_numbers, list[str])
        assert_type((invocation.attempt, invocation.lane), tuple[int, int])
        assert_type(invocation.at, datetime)
        assert_type(invocation.event, dict[str, Any])
        assert_type(invocation.error, BaseException | None)
        assert_type((invocation.why, invocation.log), tuple[str, str])
        if invocation.outcome is not None:
            succeeded: bool = invocation.outcome in ("success", "partial")
            assert succeeded

    table = LocalTable("orders")
    table.put(Order(id=1))
    runner = LocalRunner(handler, table)
    runner.run()
    read(runner.invocations[0])


def settings_change_while_it_runs() -> None:
    runner = LocalRunner(handler, LocalTable("orders"))
    runner.update(batch_size=5, maximum_retry_attempts=1)
    runner.update({"BatchSize": 6})
    runner.disable()
    runner.enable()
    assert_type(runner.mapping.batch_size, int)


def runners_run_together() -> None:
    table = LocalTable("orders")
    runners: Sequence[LocalRunner] = [LocalRunner(handler, table), LocalRunner(revenue, table)]
    run_together(*runners, fail_fast=True)
    advance_together(*runners, seconds=30)


def a_table_takes_dicts_models_and_dataclasses() -> None:
    table = LocalTable("points", key="x", shards=2, shard_of=lambda key: int(key["x"]) % 2, view_type="NEW_IMAGE")
    assert_type(table.put({"x": 1}), str | None)
    assert_type(table.put(Point(2)), str | None)
    assert_type(table.update(1, {"y": 2}, remove=["z"]), str | None)
    assert_type(table.delete(1, at=datetime(2026, 1, 1, tzinfo=UTC)), str | None)
    assert_type(table.expire({"x": 2}), str | None)
    assert_type(table.shard_ids, Sequence[str])
    assert_type(table.split(table.shard_ids[0]), tuple[str, ...])
    assert_type(table.roll_over(table.shard_ids[-1]), str)
    LocalTable("lines", key=("pk", "sk")).put({"pk": "a", "sk": "b"})


def faults_are_rates_or_a_plan() -> None:
    plan: dict[int, Fault] = planned(FaultRates(duplicate=0.5), calls=4, seed=1)
    faults: Faults = plan
    LocalRunner(handler, LocalTable("orders"), faults=faults)


def errors_of_a_run_are_known() -> None:
    errors: list[Exception] = [
        CascadeError(),
        FunctionCrashedError("call 1"),
        FunctionTimeoutError(3.0),
        InvocationFailedError(),
        RecordError(),
        ResponseError(),
    ]
    assert all(errors)
