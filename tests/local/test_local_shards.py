"""Streams of several shards, and shards that are closed and have children (SEMANTICS §2, §7)."""

from __future__ import annotations

from typing import Any

import pytest

from streamkit.local import LocalRunner, LocalTable
from streamkit.local.journal import RecordsRead
from tests.local.builders import (
    QUEUE,
    Failing,
    after,
    batches,
    numbers_in,
    seconds,
    succeed,
    table_of,
)


def shards_of(runner: LocalRunner) -> list[int]:
    """Return in which of the stream's shards each invocation was."""
    ids = list(runner._setup.source.shard_ids)
    return [ids.index(invocation.shard_id) for invocation in runner.invocations]


def chained(versions: int, *, every: int, children: int = 2) -> LocalTable:
    """Return a table with one item whose shard was closed after ``every`` so many versions."""
    table = LocalTable("orders")
    for version in range(versions):
        if version and version % every == 0:
            home = next(one for one in table.shard_ids if not table.ended(one, 10**6) and one == home_of(table))
            table.split(home) if children == 2 else table.roll_over(home)
        table.put({"id": 1, "v": version})
    return table


def home_of(table: LocalTable) -> str:
    """Return the shard that the last record is in, the last of those that hold any."""
    return [one for one in table.shard_ids if table.read(one, 0, 1, after(10**9))][-1]


def test_a_child_begins_when_its_parent_is_done_with() -> None:
    table = table_of(3)
    table.roll_over(table.shard_ids[0])
    table.put({"id": 4})
    runner = LocalRunner(succeed, table, {"BatchSize": 1}, duration=5)
    runner.run()
    assert batches(runner) == [[1], [2], [3], [4]]
    assert seconds(runner) == [0, 5, 10, 15]
    assert shards_of(runner) == [0, 0, 0, 1]


@pytest.mark.parametrize(("bad", "tried"), [(3, 4), (None, 5)])
def test_a_child_waits_for_its_parents_last_retry_or_discard(bad: int | None, tried: int) -> None:
    table = table_of(1)
    table.roll_over(table.shard_ids[0])
    table.put({"id": 2})
    runner = LocalRunner(Failing({1: bad}), table, {"MaximumRetryAttempts": 4, "DestinationConfig": QUEUE}, duration=2)
    runner.run()
    assert batches(runner) == [[1]] * tried + [[2]]
    assert seconds(runner)[-1] == seconds(runner)[-2] + 2
    assert len(runner.discarded) == (bad is None)


def test_both_children_wait_and_then_run_at_once() -> None:
    table = table_of(1)
    table.split(table.shard_ids[0])
    for number in range(2, 12):
        table.put({"id": number})
    runner = LocalRunner(succeed, table, {"BatchSize": 20}, duration=3)
    runner.run()
    assert seconds(runner) == [0, 3, 3]
    assert sorted(shards_of(runner)) == [0, 1, 2]


def test_other_shards_go_on_while_children_wait() -> None:
    table = LocalTable("orders", shards=2, shard_of=lambda key: int(key["id"]) % 2)
    for number in range(2):
        table.put({"id": number})
    table.roll_over(table.shard_ids[0])
    for number in range(2, 6):
        table.put({"id": number})
    runner = LocalRunner(Failing({2: None}), table, {"BatchSize": 1, "MaximumRetryAttempts": 8}, duration=1)
    runner.run()
    per_shard: list[list[tuple[int, float]]] = [[], [], []]
    for shard, (number,), when in zip(shards_of(runner), batches(runner), seconds(runner), strict=True):
        per_shard[shard].append((number, when))
    assert [number for number, _ in per_shard[0]] == [1]
    assert [number for number, _ in per_shard[1]] == [2] * 9 + [4, 6]
    assert per_shard[2] == [(3, 1), (5, 2)]


def test_a_childs_batching_window_begins_when_it_does() -> None:
    table = table_of(1)
    table.roll_over(table.shard_ids[0])
    table.put({"id": 2})
    runner = LocalRunner(succeed, table, {"MaximumBatchingWindowInSeconds": 10}, duration=5)
    runner.run()
    assert seconds(runner) == [10, 25]


def test_an_open_parent_is_read_to_its_end_after_it_is_closed() -> None:
    table = table_of(1)
    runner = LocalRunner(succeed, table)
    runner.run()
    table.put({"id": 2})
    table.roll_over(table.shard_ids[0])
    table.put({"id": 3})
    runner.run()
    assert batches(runner) == [[1], [2], [3]]
    assert shards_of(runner) == [0, 0, 1]
    assert len(runner.checkpoints) == 2


def test_records_dated_ahead_in_a_parent_hold_up_its_children() -> None:
    table = LocalTable("orders")
    table.put({"id": 1}, at=after(60))
    table.roll_over(table.shard_ids[0])
    table.put({"id": 2})
    runner = LocalRunner(succeed, table)
    runner.run()
    assert batches(runner) == [[1], [2]]
    assert seconds(runner) == [60, 60]


def test_a_parent_that_the_filters_leave_nothing_of_is_done_with_when_it_is_read() -> None:
    table = table_of(2)
    table.roll_over(table.shard_ids[0])
    table.update(1, {"v": 2})
    runner = LocalRunner(succeed, table, {"FilterCriteria": {"Filters": [{"Pattern": '{"eventName":["MODIFY"]}'}]}})
    runner.run()
    assert batches(runner) == [[3]]
    assert len(runner.checkpoints) == 2


def test_a_parent_without_records_holds_up_nothing() -> None:
    table = LocalTable("orders")
    table.roll_over(table.split(table.shard_ids[0])[0])
    for number in range(20):
        table.put({"id": number})
    runner = LocalRunner(succeed, table)
    runner.run()
    assert seconds(runner) == [0, 0]
    assert sorted(number for batch in batches(runner) for number in batch) == list(range(1, 21))


@pytest.mark.parametrize("empty", [0, 1, 3])
def test_a_grandchild_waits_for_its_grandparent_through_shards_without_records(empty: int) -> None:
    table = table_of(1)
    last = table.roll_over(table.shard_ids[0])
    for _ in range(empty):
        last = table.roll_over(last)
    table.update(1, {"v": 2})
    runner = LocalRunner(Failing({1: 3}), table, duration=5)
    runner.run()
    assert batches(runner) == [[1]] * 4 + [[2]]


def test_a_stream_may_have_been_rolled_over_any_number_of_times() -> None:
    table = table_of(1)
    last = table.shard_ids[0]
    for _ in range(1000):
        last = table.roll_over(last)
    table.put({"id": 2})
    runner = LocalRunner(succeed, table, duration=1)
    runner.run()
    assert batches(runner) == [[1], [2]]


@pytest.mark.parametrize("children", [1, 2])
@pytest.mark.parametrize("factor", [1, 3])
def test_an_items_records_stay_in_order_over_any_number_of_splits(children: int, factor: int) -> None:
    table = chained(20, every=3, children=children)
    runner = LocalRunner(
        Failing({2: 1, 7: 2, 13: 1}),
        table,
        {"BatchSize": 2, "ParallelizationFactor": factor},
        duration=lambda event: numbers_in(event)[0] % 3,
    )
    runner.run()
    delivered = list(dict.fromkeys(number for batch in batches(runner) for number in batch))
    assert delivered == list(range(1, 21))
    assert len(set(shards_of(runner))) == 7


def test_a_handler_may_split_the_shard_that_it_is_fed_from() -> None:
    table = table_of(6)
    calls: list[list[int]] = []

    def handler(event: Any, context: Any) -> None:
        calls.append(numbers_in(event))
        if len(calls) == 2:
            table.split(table.shard_ids[0])
            for number in range(1, 7):
                table.update(number, {"v": 2})

    runner = LocalRunner(handler, table, {"BatchSize": 2}, duration=3)
    runner.run()
    assert calls[:3] == [[1, 2], [3, 4], [5, 6]]
    assert sorted(number for call in calls[3:] for number in call) == list(range(7, 13))
    assert min(seconds(runner)[3:]) == 9


def test_latest_passes_over_what_is_there_in_every_shard_and_over_nothing_in_later_ones() -> None:
    table = table_of(2)
    (child,) = [table.roll_over(table.shard_ids[0])]
    table.put({"id": 3})
    runner = LocalRunner(succeed, table, {"StartingPosition": "LATEST"})
    table.put({"id": 4})
    table.split(child)
    for number in range(5, 15):
        table.put({"id": number})
    runner.run()
    assert sorted(number for batch in batches(runner) for number in batch) == list(range(4, 15))
    assert batches(runner)[0] == [4]


def test_latest_reads_what_is_dated_ahead_in_a_parent_before_its_child() -> None:
    table = table_of(1)
    table.put({"id": 2}, at=after(30))
    table.roll_over(table.shard_ids[0])
    runner = LocalRunner(succeed, table, {"StartingPosition": "LATEST"})
    table.put({"id": 3})
    runner.run()
    assert batches(runner) == [[2], [3]]
    assert seconds(runner) == [30, 30]


def test_a_disabled_mapping_finds_shards_when_it_is_enabled() -> None:
    table = table_of(1)
    runner = LocalRunner(succeed, table, {"Enabled": False})
    table.roll_over(table.shard_ids[0])
    table.put({"id": 2})
    runner.run()
    assert runner.invocations == []
    runner.enable()
    runner.run()
    assert batches(runner) == [[1], [2]]


def test_nothing_of_a_child_is_read_before_its_time() -> None:
    table = table_of(1)
    table.roll_over(table.shard_ids[0])
    table.put({"id": 2})
    runner = LocalRunner(succeed, table, duration=60)
    runner.advance(seconds=59)
    assert [fact.shard_id for fact in runner.journal if isinstance(fact, RecordsRead)] == [table.shard_ids[0]]
    assert runner.metrics["PolledEventCount"] == 1
