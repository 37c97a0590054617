"""The guard against a handler that writes, without end, to the table whose stream it reads."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from streamkit import Change, Insert, stream_handler
from streamkit.local import CascadeError, LocalRunner, LocalTable, MemoryDestination
from streamkit.local.cascade import DEFAULT_LIMIT, depth_of_writes
from tests.local.builders import QUEUE, Failing, batches, outcomes, table_of


def plain(table: LocalTable) -> Any:
    def counting(event: Any, context: Any) -> None:
        table.update(1, {"count": len(table.records)})

    return counting


def decorated(table: LocalTable) -> Any:
    @stream_handler
    def counting(change: Change) -> None:
        table.update(1, {"count": len(table.records)})

    return counting


def asynchronous(table: LocalTable) -> Any:
    @stream_handler
    async def counting(change: Change) -> None:
        await asyncio.sleep(0)
        table.update(1, {"count": len(table.records)})

    return counting


def helped(table: LocalTable) -> Any:
    @stream_handler
    async def counting(change: Change) -> None:
        await asyncio.to_thread(table.update, 1, {"count": len(table.records)})

    return counting


def whole_batch(table: LocalTable) -> Any:
    @stream_handler
    def counting(changes: list[Change]) -> None:
        table.update(1, {"count": len(table.records)})

    return counting


@pytest.mark.parametrize("kind", [plain, decorated, asynchronous, helped, whole_batch])
def test_a_handler_whose_writes_cause_its_own_invocations_is_stopped(kind: Any) -> None:
    table = table_of(1)
    runner = LocalRunner(kind(table), table)
    with pytest.raises(CascadeError, match="counting writes to table 'orders', whose stream it reads") as caught:
        runner.run()
    assert f"{DEFAULT_LIMIT} so far, one leading to the other" in str(caught.value)
    assert "FilterCriteria" in str(caught.value)
    assert len(runner.invocations) == DEFAULT_LIMIT == 100
    assert set(outcomes(runner)) == {"success"}


def test_a_handler_that_runs_inside_a_loop_is_stopped_too() -> None:
    table = table_of(1)

    async def notebook() -> None:
        LocalRunner(asynchronous(table), table, cascade_limit=5).run()

    with pytest.raises(CascadeError):
        asyncio.run(notebook())
    assert len(table.records) == 6


@pytest.mark.parametrize("limit", [1, 2, 7, 250])
def test_the_limit_is_how_many_invocations_there_are(limit: int) -> None:
    table = table_of(1)
    runner = LocalRunner(plain(table), table, cascade_limit=limit)
    with pytest.raises(CascadeError, match=f"{limit} so far"):
        runner.run()
    assert len(runner.invocations) == limit


def chain(table: LocalTable, length: int) -> Any:
    @stream_handler
    def handler(change: Insert) -> None:
        if change.new["id"] < length:
            table.put({"id": change.new["id"] + 1})

    return handler


@pytest.mark.parametrize(("limit", "length"), [(1, 1), (3, 3), (100, 100), (None, 300)])
def test_a_chain_that_ends_within_the_limit_is_fine(limit: int | None, length: int) -> None:
    table = table_of(1)
    runner = LocalRunner(chain(table, length), table, cascade_limit=limit)
    runner.run()
    assert batches(runner) == [[number] for number in range(1, length + 1)]


def test_a_chain_of_one_more_is_not() -> None:
    table = table_of(1)
    runner = LocalRunner(chain(table, 4), table, cascade_limit=3)
    with pytest.raises(CascadeError):
        runner.run()
    assert batches(runner) == [[1], [2], [3]]


def test_writes_that_change_nothing_cause_nothing() -> None:
    table = table_of(1)

    @stream_handler
    def handler(change: Change) -> None:
        table.update(1, {"status": "seen"})

    runner = LocalRunner(handler, table, cascade_limit=3)
    runner.run()
    assert batches(runner) == [[1], [2]]


def test_writes_from_outside_start_again_at_0() -> None:
    table = table_of(1)
    runner = LocalRunner(chain(table, 1), table, cascade_limit=1)
    for number in range(200, 205):
        assert depth_of_writes() == 0
        runner.run()
        table.put({"id": number})
    runner.run()
    assert len(runner.invocations) == 6


def test_a_chain_goes_on_over_several_runs() -> None:
    table = table_of(1)
    runner = LocalRunner(plain(table), table, {"MaximumBatchingWindowInSeconds": 10}, cascade_limit=4)
    for _ in range(4):
        runner.advance(seconds=10)
    assert len(runner.invocations) == 4
    with pytest.raises(CascadeError):
        runner.advance(seconds=10)


def test_a_filter_on_what_the_handler_writes_itself_ends_the_chain() -> None:
    table = LocalTable("orders")
    table.put({"id": 1, "kind": "order"})

    def handler(event: Any, context: Any) -> None:
        table.put({"id": len(table.records) + 1, "kind": "receipt"})

    pattern = '{"dynamodb": {"NewImage": {"kind": {"S": ["order"]}}}}'
    runner = LocalRunner(handler, table, {"FilterCriteria": {"Filters": [{"Pattern": pattern}]}}, cascade_limit=1)
    runner.run()
    assert batches(runner) == [[1]]
    assert runner.metrics["FilteredOutEventCount"] == 1


def test_a_handler_may_write_to_another_table_as_often_as_it_likes() -> None:
    orders, receipts = table_of(300), LocalTable("receipts")

    def handler(event: Any, context: Any) -> None:
        receipts.put({"id": len(receipts.records)})

    LocalRunner(handler, orders, {"BatchSize": 1}, cascade_limit=1).run()
    assert len(receipts.records) == 300


def test_after_the_error_the_run_stands_where_it_was_and_says_the_same_again() -> None:
    table = table_of(1)
    runner = LocalRunner(plain(table), table, cascade_limit=3)
    texts, facts = set(), set()
    for _ in range(3):
        with pytest.raises(CascadeError) as caught:
            runner.run()
        texts.add(str(caught.value))
        facts.add(len(runner.journal))
    assert len(texts) == len(facts) == 1
    assert outcomes(runner) == ["success"] * 3
    assert depth_of_writes() == 0


def test_another_runner_on_the_same_table_goes_on_after_the_error() -> None:
    table = table_of(1)
    with pytest.raises(CascadeError):
        LocalRunner(plain(table), table, cascade_limit=3).run()
    other = LocalRunner(Failing({}), table, cascade_limit=None)
    other.run()
    assert batches(other) == [[1, 2, 3, 4]]


def test_a_retry_does_not_deepen_the_chain() -> None:
    table = table_of(1)

    @stream_handler(maximum_retry_attempts=20)
    def handler(change: Insert) -> None:
        if change.new["id"] == 1:
            table.put({"id": len(table.records) + 1})
            if len(table.records) < 12:
                raise ValueError("again")

    runner = LocalRunner(handler, table, cascade_limit=2)
    runner.run()
    assert batches(runner)[:11] == [[1]] * 11
    assert sorted(number for batch in batches(runner)[11:] for number in batch) == list(range(2, 13))


def test_a_handler_that_writes_and_fails_leaves_no_depth_behind() -> None:
    table = table_of(1)

    def handler(event: Any, context: Any) -> None:
        assert depth_of_writes() == 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        LocalRunner(handler, table).run()
    assert depth_of_writes() == 0


def test_a_busy_table_whose_chains_all_end_is_no_cascade() -> None:
    table = LocalTable("orders")

    @stream_handler(maximum_batching_window_in_seconds=1)
    def handler(change: Insert) -> None:
        if change.keys["id"].startswith("order"):
            table.put({"id": f"receipt of {change.keys['id']}"})

    runner = LocalRunner(handler, table, cascade_limit=10)
    for number in range(30):
        table.put({"id": f"order {number}"})
        runner.advance(seconds=1)
    runner.run()
    assert len(table.records) == 60


def test_what_a_thread_of_the_handlers_own_writes_counts_as_written_outside() -> None:
    table = table_of(1)

    def handler(event: Any, context: Any) -> None:
        if len(table.records) < 20:
            thread = threading.Thread(target=table.update, args=(1, {"count": len(table.records)}))
            thread.start()
            thread.join()

    LocalRunner(handler, table, cascade_limit=5).run()
    assert len(table.records) == 20


def test_a_destination_that_writes_to_the_table_is_stopped() -> None:
    table = table_of(1)

    class WritingBack(MemoryDestination):
        def send(self, record: dict[str, Any]) -> None:
            super().send(record)
            if len(self.sent) < 20:
                table.update(1, {"failures": len(self.sent)})

    def handler(event: Any, context: Any) -> None:
        raise ValueError

    settings = {"MaximumRetryAttempts": 0, "DestinationConfig": QUEUE}
    with pytest.raises(CascadeError):
        LocalRunner(handler, table, settings, destination=WritingBack(), cascade_limit=5).run()


@pytest.mark.parametrize("limit", [0, -1, "5"])
def test_a_limit_is_a_whole_number_from_1_on(limit: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="cascade_limit"):
        LocalRunner(plain(table_of(1)), table_of(1), cascade_limit=limit)
