"""The life of a mapping: disabled and enabled while it runs, alone and with others (SEMANTICS §1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local import LocalRunner, LocalTable, advance_together, run_together
from tests.local.builders import (
    REPORTING,
    Failing,
    after,
    batches,
    numbers_in,
    outcomes,
    seconds,
    short,
    spans,
    succeed,
    table_of,
)
from tests.local.plans import laned_table

if TYPE_CHECKING:
    from pathlib import Path

ONE = {"BatchSize": 1}


def checkpoint(runner: LocalRunner) -> int | None:
    return next((short(number) for number in runner.checkpoints.values()), None)


def test_nothing_is_read_or_delivered_while_it_is_disabled_and_the_position_stays() -> None:
    table = table_of(3)
    runner = LocalRunner(succeed, table, ONE)
    runner.run()
    runner.disable()
    assert not runner.mapping.enabled
    table.put({"id": 4})
    runner.advance(hours=1)
    runner.run()
    assert batches(runner) == [[1], [2], [3]]
    assert runner.metrics["PolledEventCount"] == 3
    runner.enable()
    runner.run()
    assert batches(runner) == [[1], [2], [3], [4]]
    assert seconds(runner)[-1] == 3600


def test_a_mapping_may_begin_disabled() -> None:
    runner = LocalRunner(succeed, table_of(1), {"Enabled": False})
    runner.run()
    assert len(runner.journal) == 0
    runner.enable()
    runner.run()
    assert batches(runner) == [[1]]


def test_an_invocation_that_runs_when_it_is_disabled_ends_and_counts() -> None:
    runner = LocalRunner(succeed, table_of(1), duration=10)
    runner.advance(seconds=5)
    runner.disable()
    runner.run()
    assert outcomes(runner) == ["success"]
    assert checkpoint(runner) == 1
    assert runner.clock.now() == after(10)


def test_what_waits_while_it_is_disabled_is_not_done() -> None:
    runner = LocalRunner(succeed, table_of(3), ONE, duration=10)
    runner.advance(seconds=5)
    runner.disable()
    runner.run()
    assert checkpoint(runner) == 1
    runner.enable()
    runner.run()
    assert batches(runner) == [[1], [2], [3]]
    assert checkpoint(runner) == 3


def test_a_run_that_is_killed_while_it_is_disabled_loses_nothing(tmp_path: Path) -> None:
    table, kept = table_of(3), tmp_path / "checkpoints"
    runner = LocalRunner(succeed, table, ONE, duration=10, checkpoints=kept)
    runner.advance(seconds=5)
    runner.disable()
    runner.run()
    again = LocalRunner(succeed, table, ONE, checkpoints=kept)
    again.run()
    assert batches(again) == [[2], [3]]


def test_a_child_does_not_overtake_what_waits_in_its_parent_for_other_lanes() -> None:
    table = LocalTable("orders")
    for version in range(3):
        table.put({"id": 1, "v": version})
    table.roll_over(table.shard_ids[0])
    table.put({"id": 1, "v": 3})
    runner = LocalRunner(succeed, table, ONE, duration=10)
    runner.advance(seconds=5)
    runner.update(parallelization_factor=2)
    runner.run()
    assert batches(runner) == [[1], [2], [3], [4]]


def test_no_retry_begins_while_it_is_disabled_even_if_another_lane_is_running() -> None:
    table = laned_table(0, 1, of=2)
    runner = LocalRunner(
        Failing({1: None}),
        table,
        {"ParallelizationFactor": 2},
        duration=lambda event: 0.1 if numbers_in(event) == [1] else 10,
    )
    runner.advance(seconds=0.2)
    runner.disable()
    runner.run()
    assert batches(runner) == [[1], [2]]
    assert outcomes(runner) == ["failure", "success"]


def test_age_goes_on_counting_while_it_is_disabled() -> None:
    table = table_of(2)
    runner = LocalRunner(Failing({1: None}), table, {"MaximumRecordAgeInSeconds": 600, "BatchSize": 1})
    runner.advance(minutes=1)
    runner.disable()
    runner.advance(hours=1)
    table.put({"id": 3})
    before = len(runner.invocations)
    runner.enable()
    runner.run()
    assert batches(runner)[before:] == [[3]]
    assert spans(runner.discarded) == [(1, 1), (2, 2)]
    assert {one["requestContext"]["condition"] for one in runner.discarded} == {"RecordAgeExceeded"}


def test_the_streams_day_goes_on_too() -> None:
    table = table_of(1)
    runner = LocalRunner(succeed, table, {"Enabled": False})
    runner.advance(hours=25)
    table.put({"id": 2})
    runner.enable()
    runner.run()
    assert batches(runner) == [[2]]
    assert runner.metrics["DroppedEventCount"] == 1


def test_halves_that_were_made_while_it_was_disabled_are_looked_at_for_age_before_they_go() -> None:
    settings = {"BisectBatchOnFunctionError": True, "MaximumRecordAgeInSeconds": 60}
    runner = LocalRunner(Failing({1: 1}), table_of(2), settings, duration=10)
    runner.advance(seconds=5)
    runner.disable()
    runner.advance(hours=2)
    runner.enable()
    runner.run()
    assert batches(runner) == [[1, 2]]
    assert spans(runner.discarded) == [(1, 1), (2, 2)]


def test_what_waits_for_a_failed_run_to_go_on_is_looked_at_for_age_before_it_goes() -> None:
    runner = LocalRunner(Failing({2: None}, report=True), table_of(3), REPORTING | {"MaximumRecordAgeInSeconds": 60})
    with pytest.raises(AssertionError):
        runner.run(fail_fast=True)
    runner.clock.sleep_until(after(3600))
    runner.run()
    assert batches(runner) == [[1, 2, 3]]
    assert spans(runner.discarded) == [(2, 3)]


def test_a_retry_goes_on_when_it_is_enabled_with_its_count() -> None:
    runner = LocalRunner(Failing({1: None}), table_of(1), {"MaximumRetryAttempts": 3})
    runner.advance(seconds=0.1)
    runner.disable()
    runner.advance(minutes=5)
    runner.enable()
    runner.run()
    assert [invocation.attempt for invocation in runner.invocations] == [1, 2, 3, 4]
    assert len({invocation.request_id for invocation in runner.invocations}) == 1
    assert seconds(runner)[:2] == [0, 300.1]


def test_a_handler_may_disable_its_own_mapping() -> None:
    def handler(event: Any, context: Any) -> None:
        if numbers_in(event) == [2]:
            runner.disable()

    runner = LocalRunner(handler, table_of(4), ONE)
    runner.run()
    assert batches(runner) == [[1], [2]]
    assert outcomes(runner) == ["success", "success"]
    runner.enable()
    runner.run()
    assert batches(runner) == [[1], [2], [3], [4]]


def test_mappings_on_one_table_run_on_one_clock_and_each_has_its_own_position() -> None:
    table = table_of(4)
    slow = LocalRunner(succeed, table, ONE, duration=10)
    failing = LocalRunner(Failing({1: 3}), table, {"BatchSize": 2})
    advance_together(slow, failing, seconds=15)
    assert slow.clock.now() == after(15)
    assert batches(slow) == [[1], [2]]
    assert batches(failing) == [[1, 2]] * 4 + [[3, 4]]
    slow.disable()
    run_together(slow, failing)
    assert outcomes(slow) == ["success", "success"]
    table.put({"id": 5})
    slow.enable()
    run_together(failing, slow)
    assert batches(failing)[-1] == [5]
    assert batches(slow) == [[1], [2], [3], [4], [5]]


def test_a_mapping_may_feed_what_another_ones_table_holds_up() -> None:
    table = table_of(3)
    copies = LocalTable("copies", clock=table.clock)

    def copy(event: Any, context: Any) -> None:
        for number in numbers_in(event):
            copies.put({"id": number})

    first, second = LocalRunner(copy, table, ONE, duration=5), LocalRunner(succeed, copies, duration=1)
    run_together(first, second)
    assert batches(second) == [[1], [2], [3]]
    assert seconds(second) == [0, 5, 10]


def test_the_first_failure_of_any_mapping_is_raised_if_that_is_asked_for() -> None:
    table = table_of(2)
    fine, failing = LocalRunner(succeed, table, duration=60), LocalRunner(Failing({2: 1}), table, duration=1)
    with pytest.raises(ValueError, match="record 2 is bad") as caught:
        run_together(fine, failing, fail_fast=True)
    assert "seed 0" in str(caught.value.__notes__)
    assert outcomes(fine) == [None]
    run_together(fine, failing)
    assert outcomes(fine) == ["success"]


def test_runners_that_run_together_share_a_clock() -> None:
    with pytest.raises(ValueError, match="nothing to run"):
        run_together()
    one, other = LocalRunner(succeed, table_of(1)), LocalRunner(succeed, table_of(1))
    for together in (run_together, advance_together):
        with pytest.raises(ValueError, match="share one clock"):
            together(one, other)
