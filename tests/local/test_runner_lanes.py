"""ParallelizationFactor: the lanes of a shard (SEMANTICS §2)."""

from __future__ import annotations

from typing import Any

import pytest

from streamkit.local import LocalRunner, LocalTable, worker
from streamkit.local.journal import Checkpointed, InvocationFinished, InvocationStarted, RecordsRead
from tests.filterstrategies import criteria_of
from tests.local.builders import (
    REPORTING,
    START,
    Failing,
    after,
    batches,
    full,
    numbers_in,
    outcomes,
    seconds,
    short,
    spans,
    succeed,
    table_of,
)
from tests.local.plans import item_in, laned_table

TWO = {"ParallelizationFactor": 2}


def by_lane(runner: LocalRunner) -> dict[int, list[list[int]]]:
    """Return the batches of each lane."""
    lanes: dict[int, list[list[int]]] = {}
    for invocation in runner.invocations:
        lanes.setdefault(invocation.lane, []).append([short(number) for number in invocation.sequence_numbers])
    return lanes


def checkpoints(runner: LocalRunner) -> list[int]:
    return [short(fact.sequence_number) for fact in runner.journal if isinstance(fact, Checkpointed)]


def most_at_once(runner: LocalRunner) -> int:
    running = most = 0
    for fact in runner.journal:
        running += isinstance(fact, InvocationStarted) - isinstance(fact, InvocationFinished)
        most = max(most, running)
    return most


@pytest.mark.parametrize("factor", [1, 2, 4, 10])
def test_as_many_invocations_run_at_once_as_the_factor_says_and_never_more(factor: int) -> None:
    runner = LocalRunner(succeed, table_of(100), {"BatchSize": 2, "ParallelizationFactor": factor}, duration=5)
    runner.run()
    assert most_at_once(runner) == factor
    assert {invocation.lane for invocation in runner.invocations} == set(range(factor))
    assert sorted(number for batch in batches(runner) for number in batch) == list(range(1, 101))


def test_every_shard_has_lanes_of_its_own() -> None:
    runner = LocalRunner(succeed, table_of(100, shards=3), {"BatchSize": 1, "ParallelizationFactor": 2}, duration=5)
    runner.run()
    assert most_at_once(runner) == 6


def test_the_records_of_an_item_stay_in_order_and_the_items_share_the_lanes() -> None:
    table = LocalTable("orders")
    for version in range(60):
        table.put({"id": version % 7, "v": version})
    item = {number: (number - 1) % 7 for number in range(1, 61)}
    runner = LocalRunner(
        Failing({5: 2, 20: 1}),
        table,
        {"BatchSize": 3, "ParallelizationFactor": 3},
        duration=lambda event: numbers_in(event)[0] % 5 + 0.5,
    )
    runner.run()
    lanes = by_lane(runner)
    homes = {item[number]: lane for lane, found in lanes.items() for batch in found for number in batch}
    assert all({homes[item[number]] for number in batch} == {lane} for lane, found in lanes.items() for batch in found)
    for one in range(7):
        firsts = dict.fromkeys(number for batch in batches(runner) for number in batch if item[number] == one)
        assert list(firsts) == sorted(firsts)
    assert most_at_once(runner) == 3


def test_lanes_run_at_the_same_time_and_each_goes_on_when_it_is_ready() -> None:
    table = laned_table(0, 1, 1, 1, of=2)
    runner = LocalRunner(
        succeed, table, TWO | {"BatchSize": 1}, duration=lambda event: 30 if numbers_in(event) == [1] else 10
    )
    runner.run()
    assert batches(runner) == [[1], [2], [3], [4]]
    assert seconds(runner) == [0, 0, 10, 20]
    assert runner.clock.now() == after(30)


def test_batch_size_is_per_lane() -> None:
    runner = LocalRunner(succeed, laned_table(0, 1, 0, 1, 0, 1, 0, of=2), TWO | {"BatchSize": 3}, duration=1)
    runner.run()
    assert by_lane(runner) == {0: [[1, 3, 5], [7]], 1: [[2, 4, 6]]}


def test_a_poisoned_item_holds_up_its_lane_and_no_other() -> None:
    table = laned_table(0, 1, 0, 1, 1, of=2)
    runner = LocalRunner(Failing({1: None}), table, TWO | {"BatchSize": 1, "MaximumRetryAttempts": 20}, duration=1)
    runner.advance(seconds=10)
    assert by_lane(runner)[1] == [[2], [4], [5]]
    assert {tuple(batch) for batch in by_lane(runner)[0]} == {(1,)}
    assert runner.checkpoints == {}
    runner.run()
    assert by_lane(runner)[0] == [[1]] * 21 + [[3]]
    assert spans(runner.discarded) == [(1, 1)]
    assert checkpoints(runner) == [2, 5]


def test_the_checkpoint_is_just_below_the_lowest_unfinished_record_of_all_lanes() -> None:
    table = laned_table(0, 1, 1, 0, 1, of=2)
    runner = LocalRunner(succeed, table, TWO | {"BatchSize": 1}, duration=lambda e: 7 if numbers_in(e)[0] == 1 else 2)
    runner.run()
    facts = [
        (short(f.sequence_number), (f.at - START).total_seconds()) for f in runner.journal if type(f) is Checkpointed
    ]
    # 2, 3 and 5 are done after 2, 4 and 6 seconds, 1 after 7 and 4 after 9.
    assert facts == [(3, 7), (5, 9)]


def test_lanes_have_their_own_back_off() -> None:
    runner = LocalRunner(Failing({1: 1, 2: 1}), laned_table(0, 1, of=2), TWO)
    runner.run()
    first, second, *again = seconds(runner)
    assert (first, second) == (0, 0)
    assert again[0] != again[1]
    assert all(0.1875 <= when <= 0.3125 for when in again)


def test_request_ids_of_lanes_differ() -> None:
    runner = LocalRunner(Failing({1: 1}), laned_table(0, 1, 0, 1, of=2), TWO | {"BatchSize": 1})
    runner.run()
    ids = [invocation.request_id for invocation in runner.invocations]
    assert len(ids) == 5
    assert len(set(ids)) == 4


def test_bisecting_is_within_a_lane() -> None:
    table = laned_table(0, 1, 0, 1, 0, 0, of=2)
    settings = TWO | {"BatchSize": 4, "BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 0}
    runner = LocalRunner(Failing({3: None}), table, settings)
    runner.run()
    assert by_lane(runner) == {0: [[1, 3, 5, 6], [1, 3], [1], [3], [5, 6]], 1: [[2, 4]]}
    assert spans(runner.discarded) == [(3, 3)]
    assert checkpoints(runner)[-1] == 6


def test_a_partial_answer_is_about_its_lane() -> None:
    table = laned_table(0, 1, 0, 1, 0, of=2)
    runner = LocalRunner(Failing({3: 1}, report=True), table, TWO | REPORTING)
    runner.run()
    assert by_lane(runner) == {0: [[1, 3, 5], [3, 5]], 1: [[2, 4]]}
    assert sorted(str(one) for one in outcomes(runner)) == ["partial", "success", "success"]


def test_discarded_records_of_a_lane_have_gaps_that_are_not_counted() -> None:
    table = laned_table(0, 1, 0, 1, 0, of=2)
    runner = LocalRunner(Failing({1: None}), table, TWO | {"MaximumRetryAttempts": 0})
    runner.run()
    (record,) = runner.discarded
    assert spans(runner.discarded) == [(1, 5)]
    assert record["DDBStreamBatchInfo"]["batchSize"] == 3
    assert runner.metrics["DroppedEventCount"] == 3


def test_what_the_filters_leave_out_is_in_no_lane_and_holds_up_no_checkpoint() -> None:
    table = laned_table(0, 1, of=2)
    for record in table.records:
        table.put({"id": int(record["dynamodb"]["Keys"]["id"]["N"]), "v": 2})
    runner = LocalRunner(succeed, table, TWO | {"FilterCriteria": criteria_of({"eventName": ["MODIFY"]})}, duration=3)
    runner.run()
    assert by_lane(runner) == {0: [[3]], 1: [[4]]}
    assert checkpoints(runner) == [2, 3, 4]
    assert runner.metrics["FilteredOutEventCount"] == 2


def test_every_lane_has_its_own_batching_window() -> None:
    table = laned_table(0, 1, 0, 1, of=2)
    table.put({"id": item_in(0, 2, table)})
    settings = TWO | {"BatchSize": 3, "MaximumBatchingWindowInSeconds": 20}
    runner = LocalRunner(succeed, table, settings, duration=4)
    runner.advance(seconds=25)
    table.put({"id": item_in(0, 2, table)})
    table.put({"id": item_in(1, 2, table)})
    runner.run()
    assert by_lane(runner) == {0: [[1, 3, 5], [6]], 1: [[2, 4], [7]]}
    # Lane 0 was full at once, and its next windows began at 4 and 24; that of lane 1 began at 24.
    assert seconds(runner) == [0, 20, 44, 44]


def test_age_is_looked_at_in_every_lane() -> None:
    table = laned_table(0, 1, 0, 1, of=2)
    runner = LocalRunner(
        Failing({1: None}), table, TWO | {"BatchSize": 1, "MaximumRecordAgeInSeconds": 60, "MaximumRetryAttempts": -1}
    )
    runner.run()
    assert {tuple(batch) for batch in by_lane(runner)[1]} == {(2,), (4,)}
    assert [one["requestContext"]["condition"] for one in runner.discarded] == ["RecordAgeExceeded"] * 2
    assert spans(runner.discarded) == [(1, 1), (3, 3)]


def test_a_batch_of_a_lane_is_topped_up_by_the_next_poll() -> None:
    table = laned_table(*[0, 1] * 2, of=2)
    runner = LocalRunner(succeed, table, TWO | {"BatchSize": 10}, duration=5)
    runner.advance(seconds=1)
    for lane in (0, 1, 0, 1):
        table.put({"id": item_in(lane, 2, table)})
    runner.run()
    assert by_lane(runner) == {0: [[1, 3], [5, 7]], 1: [[2, 4], [6, 8]]}


def test_an_idle_lane_lets_the_shard_be_read_while_another_is_busy() -> None:
    table = laned_table(0, of=2)
    runner = LocalRunner(succeed, table, TWO, duration=100)
    runner.advance(seconds=10)
    table.put({"id": item_in(0, 2, table)})
    table.put({"id": item_in(1, 2, table)})
    runner.advance(seconds=0)
    assert by_lane(runner) == {0: [[1]], 1: [[3]]}
    table.put({"id": item_in(1, 2, table)})
    runner.advance(seconds=10)
    # Both are busy now.
    assert runner.metrics["PolledEventCount"] == 3


def test_a_lane_that_is_held_up_does_not_make_the_others_read_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "READ_AHEAD", 2000)
    monkeypatch.setattr(worker, "PAGE_RECORDS", 500)
    table = laned_table(0, of=2)
    item = item_in(1, 2, table)
    for version in range(6000):
        table.put({"id": item, "v": version})
    runner = LocalRunner(Failing({1: 30}), table, TWO | {"BatchSize": 100})
    runner.advance(minutes=1)
    assert runner.metrics["PolledEventCount"] == 2000
    assert len(by_lane(runner)[1]) == 20
    assert runner.checkpoints == {}
    runner.run()
    assert list(runner.checkpoints.values()) == [full(6001)]
    assert runner.metrics["PolledEventCount"] == 6001


def test_a_batch_size_beyond_the_read_ahead_limit_is_reached_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "READ_AHEAD", 100)
    monkeypatch.setattr(worker, "PAGE_RECORDS", 100)
    settings = {"BatchSize": 300, "MaximumBatchingWindowInSeconds": 30}
    runner = LocalRunner(succeed, table_of(650), settings)
    runner.run()
    assert [len(batch) for batch in batches(runner)] == [300, 300, 50]
    assert all(isinstance(fact.sequence_numbers, tuple) for fact in runner.journal if isinstance(fact, RecordsRead))


@pytest.mark.parametrize("factor", [1, 3])
def test_no_event_of_any_lane_is_over_6_mb(factor: int) -> None:
    table = LocalTable("orders")
    for number in range(30):
        table.put({"id": number, "text": "x" * 390_000})
    runner = LocalRunner(succeed, table, {"ParallelizationFactor": factor})
    runner.run()
    events = [fact.event for fact in runner.journal if isinstance(fact, InvocationStarted)]
    assert max(map(len, events)) <= 6_291_456
    assert sorted(number for batch in batches(runner) for number in batch) == list(range(1, 31))


def test_the_same_seed_is_the_same_run_with_lanes_too() -> None:
    def run(seed: int) -> list[Any]:
        table = laned_table(0, 1, 0, 1, 1, of=2)
        runner = LocalRunner(Failing({2: 2, 3: 1}), table, TWO | {"BatchSize": 1}, duration=0.3, seed=seed)
        runner.run()
        return list(map(str, runner.invocations))

    assert run(1) == run(1) != run(2)
