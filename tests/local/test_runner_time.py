"""`LocalRunner`: retries, durations and interruptions on its clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from streamkit import Change, stream_handler
from streamkit.local import (
    Answer,
    InvocationFailedError,
    LocalRunner,
    LocalTable,
    SystemClock,
    VirtualClock,
)
from streamkit.local.factjson import fact_json
from streamkit.local.journal import InvocationFinished
from tests.local.builders import (
    REPORTING,
    START,
    Answering,
    Failing,
    after,
    batches,
    full,
    lambda_record,
    numbers_in,
    outcomes,
    seconds,
    succeed,
    table_of,
)

UNIX = datetime(1970, 1, 1, tzinfo=UTC)


def test_a_runner_shares_its_tables_clock() -> None:
    clock = VirtualClock(datetime(2026, 5, 1, tzinfo=UTC))
    table = LocalTable("orders", clock=clock)
    runner = LocalRunner(succeed, table)
    assert runner.clock is clock
    runner.advance(hours=1)
    table.put({"id": 1})
    assert table.records[0]["dynamodb"]["ApproximateCreationDateTime"] == (clock.now() - UNIX).total_seconds()
    assert clock.now() == datetime(2026, 5, 1, 1, tzinfo=UTC)


def test_a_runner_may_have_a_clock_of_its_own() -> None:
    table = table_of(1)
    clock = VirtualClock(after(3600))
    runner = LocalRunner(succeed, table, clock=clock)
    runner.run()
    assert runner.clock is clock
    assert seconds(runner) == [3600]
    assert table.clock.now() == START


def test_a_recordings_clock_starts_with_its_first_record() -> None:
    assert LocalRunner(succeed, [lambda_record(1, at=100)]).clock.now() == after(100)
    assert LocalRunner(succeed, [lambda_record(1, at=None), lambda_record(2, at=50)]).clock.now() == after(50)
    assert LocalRunner(succeed, [lambda_record(1, at=None)]).clock.now() == START
    assert LocalRunner(succeed, [lambda_record(1)], clock=VirtualClock(after(9))).clock.now() == after(9)


def test_a_day_of_retries_takes_no_time() -> None:
    runner = LocalRunner(Failing({1: None}), table_of(1))
    began = time.perf_counter()
    runner.run()
    assert time.perf_counter() - began < 60  # a fraction of a second; a busy machine under coverage takes a few
    assert 1400 < len(runner.invocations) < 2000
    assert timedelta(hours=24) < runner.clock.now() - START < timedelta(hours=24, minutes=2)
    assert [invocation.attempt for invocation in runner.invocations] == list(range(1, len(runner.invocations) + 1))
    assert runner.discarded == []
    assert runner.metrics["DroppedEventCount"] == 1
    assert list(runner.checkpoints.values()) == [full(1)]


def test_the_real_clock_is_really_waited_for() -> None:
    table = LocalTable("orders", clock=SystemClock())
    table.put({"id": 1})
    runner = LocalRunner(Failing({1: 1}), table)
    began = time.monotonic()
    runner.run()
    first, second = runner.invocations
    assert 0.18 < time.monotonic() - began < 5
    assert timedelta(seconds=0.18) < second.at - first.at < timedelta(seconds=5)
    assert abs(datetime.now(UTC) - second.at) < timedelta(seconds=5)


def test_a_fixed_duration_spaces_the_invocations_of_a_shard() -> None:
    runner = LocalRunner(succeed, table_of(3), {"BatchSize": 1}, duration=2.5)
    runner.run()
    assert seconds(runner) == [0, 2.5, 5]
    assert runner.clock.now() == after(7.5)


def test_a_duration_may_depend_on_the_event() -> None:
    runner = LocalRunner(succeed, table_of(5), {"BatchSize": 2}, duration=lambda event: 10.0 * len(event["Records"]))
    runner.run()
    assert seconds(runner) == [0, 20, 40]
    assert runner.clock.now() == after(50)


def test_invocations_of_different_shards_overlap() -> None:
    table = table_of(12, shards=2)
    runner = LocalRunner(succeed, table, {"BatchSize": 1}, duration=5)
    runner.run()
    for shard_id in table.shard_ids:
        starts = [(i.at - START).total_seconds() for i in runner.invocations if i.shard_id == shard_id]
        assert starts == [5.0 * n for n in range(len(starts))]
        assert len(starts) > 1
    assert runner.clock.now() < after(5 * 12)


def test_the_back_off_begins_when_the_failed_invocation_ends() -> None:
    runner = LocalRunner(Failing({1: 1}), table_of(1), duration=100)
    runner.run()
    assert seconds(runner)[0] == 0
    assert 100.1875 <= seconds(runner)[1] <= 100.3125


def test_records_that_arrive_during_an_invocation_go_into_the_next() -> None:
    table = LocalTable("orders")
    for number, at in enumerate([0, 1, 2, 30], 1):
        table.put({"id": number}, at=after(at))
    runner = LocalRunner(succeed, table, duration=10)
    runner.run()
    assert batches(runner) == [[1], [2, 3], [4]]
    assert seconds(runner) == [0, 10, 30]


def test_advancing_does_exactly_what_happens_in_the_span() -> None:
    table = LocalTable("orders")
    for number, at in enumerate([0, 60, 61, 120], 1):
        table.put({"id": number}, at=after(at))
    runner = LocalRunner(succeed, table)
    runner.advance(minutes=1)
    assert batches(runner) == [[1], [2]]
    assert runner.clock.now() == after(60)
    runner.advance(seconds=0)
    assert len(runner.invocations) == 2
    runner.advance(seconds=1, milliseconds=500)
    assert batches(runner) == [[1], [2], [3]]
    assert runner.clock.now() == after(61.5)
    runner.advance(days=1)
    assert batches(runner) == [[1], [2], [3], [4]]
    assert runner.clock.now() == after(61.5 + 86_400)


def test_an_invocation_that_outlasts_the_span_is_still_running() -> None:
    runner = LocalRunner(Failing({1: 1}), table_of(1), duration=10)
    runner.advance(seconds=9)
    assert outcomes(runner) == [None]
    assert runner.checkpoints == {}
    runner.advance(seconds=1)
    assert outcomes(runner) == ["failure"]
    runner.run()
    assert outcomes(runner) == ["failure", "success"]


def test_steps_and_one_run_are_the_same_run() -> None:
    runs = []
    for step in (0, 1, 7, 1000):
        table = table_of(9, shards=2)
        table.put({"id": 99}, at=after(30))
        runner = LocalRunner(Failing({2: 3, 5: None}), table, {"BatchSize": 2, "MaximumRetryAttempts": 4}, duration=0.3)
        for _ in range(100 if step else 0):
            runner.advance(seconds=step)
        runner.run()
        runs.append([fact_json(fact) for fact in runner.journal])
    assert runs[0] == runs[1] == runs[2] == runs[3]


def test_an_interrupted_run_can_be_continued() -> None:
    class Running(VirtualClock):
        """A clock that notices when a run goes in circles."""

        looks = 0

        def now(self) -> datetime:
            self.looks += 1
            assert self.looks < 1000
            return super().now()

    table = LocalTable("orders", clock=Running())
    for number in range(3):
        table.put({"id": number})
    calls = []

    def handler(event: Any, context: Any) -> None:
        calls.append(numbers_in(event))
        if len(calls) == 2:
            raise KeyboardInterrupt

    runner = LocalRunner(handler, table, {"BatchSize": 1})
    with pytest.raises(KeyboardInterrupt):
        runner.run()
    runner.run()
    assert calls == [[1], [2], [2], [3]]
    assert list(runner.checkpoints.values()) == [full(3)]


def test_failing_fast_raises_the_users_own_exception() -> None:
    error = ValueError("mine")

    @stream_handler
    def handler(change: Change) -> None:
        if change.keys["id"] == 2:
            raise error

    runner = LocalRunner(handler, table_of(3))
    with pytest.raises(ValueError, match="mine") as caught:
        runner.run(fail_fast=True)
    assert caught.value is error
    assert len(runner.invocations) == 1


def test_failing_fast_works_for_a_span_too() -> None:
    runner = LocalRunner(Failing({1: 1}), [lambda_record(1)])
    runner.advance(seconds=-1, fail_fast=True)
    with pytest.raises(ValueError, match="record 1 is bad"):
        runner.advance(seconds=1, fail_fast=True)


def test_without_failing_fast_the_exception_is_in_the_journal() -> None:
    runner = LocalRunner(Failing({1: 1}), table_of(1))
    runner.run()
    errors = [fact.error for fact in runner.journal if isinstance(fact, InvocationFinished)]
    assert [str(error) for error in errors] == ["record 1 is bad", "None"]
    assert str(runner.invocations[0].error) == "record 1 is bad"


def test_where_no_exception_is_known_a_failed_assertion_says_why() -> None:
    table = table_of(2)
    runner = LocalRunner(Failing({2: 1}, report=True), table, REPORTING)
    with pytest.raises(InvocationFailedError) as caught:
        runner.run(fail_fast=True)
    assert isinstance(caught.value, AssertionError)
    assert "partial" in str(caught.value)
    assert full(2) in str(caught.value)
    assert table.shard_ids[0] in str(caught.value)


def test_a_run_that_failed_fast_can_be_continued() -> None:
    runner = LocalRunner(Failing({2: 1}), table_of(3), {"BatchSize": 2})
    with pytest.raises(ValueError, match="record 2"):
        runner.run(fail_fast=True)
    runner.run(fail_fast=True)
    assert batches(runner) == [[1, 2], [1, 2], [3]]


def test_neither_success_nor_throttle_is_a_failure_to_fail_fast_on() -> None:
    runner = LocalRunner(Answering(Answer(throttled="busy")), table_of(1))
    runner.run(fail_fast=True)
    assert outcomes(runner) == ["throttled", "success"]
