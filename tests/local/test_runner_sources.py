"""`LocalRunner`: tables and recordings, and when a record is there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from streamkit.local import (
    LocalRunner,
    LocalTable,
    RecordError,
    VirtualClock,
)
from streamkit.local.journal import RecordsExpired
from tests.local.builders import (
    START,
    Failing,
    after,
    batches,
    full,
    lambda_record,
    seconds,
    succeed,
    table_of,
)


def test_records_in_lambdas_form_replay_as_they_happened() -> None:
    runner = LocalRunner(succeed, [lambda_record(2, at=60), lambda_record(1), lambda_record(3, at=60)])
    runner.run()
    assert batches(runner) == [[1], [2, 3]]
    assert seconds(runner) == [0, 60]
    assert runner.clock.now() == after(60)


def test_records_without_times_are_there_at_once() -> None:
    runner = LocalRunner(succeed, [lambda_record(1, at=None), lambda_record(2, at=None)])
    runner.run()
    assert batches(runner) == [[1, 2]]
    assert seconds(runner) == [0]


def test_records_may_be_any_iterable() -> None:
    for source in ((lambda_record(1),), iter([lambda_record(1)])):
        records: Any = source
        runner = LocalRunner(succeed, records)
        runner.run()
        assert batches(runner) == [[1]]


def test_a_recording_of_a_table_runs_as_the_table_does() -> None:
    table = table_of(6)
    table.put({"id": 7}, at=after(90))
    runners = [LocalRunner(Failing({3: 2}), source, {"BatchSize": 2}) for source in (table, table.records)]
    for runner in runners:
        runner.run()
    assert batches(runners[0]) == batches(runners[1])
    assert [invocation.event for invocation in runners[0].invocations] == [i.event for i in runners[1].invocations]


def test_no_records_are_no_invocations() -> None:
    sources: list[Any] = [[], LocalTable("orders")]
    for source in sources:
        runner = LocalRunner(succeed, source)
        runner.run()
        assert (runner.invocations, runner.discarded, runner.checkpoints) == ([], [], {})
        assert set(runner.metrics.values()) == {0}


def test_an_event_passed_by_mistake_is_refused_with_the_fix() -> None:
    event: Any = {"Records": [lambda_record(1)]}
    with pytest.raises(TypeError, match=r"event\['Records'\]"):
        LocalRunner(succeed, event)


@pytest.mark.parametrize("source", [None, 5, "events.json", b"[]"])
def test_what_holds_no_records_is_no_source(source: Any) -> None:
    with pytest.raises(TypeError, match="a LocalTable or a sequence of records") as caught:
        LocalRunner(succeed, source)
    assert repr(source) in str(caught.value)


def test_a_bad_record_is_refused_before_anything_runs() -> None:
    with pytest.raises(RecordError, match=r"^record 2 .*SequenceNumber"):
        LocalRunner(succeed, [lambda_record(1), {"dynamodb": {"Keys": {"id": {"S": "a"}}}}])


def test_a_source_of_ones_own_runs() -> None:
    class Wrapped:
        """A source without a clock."""

        def __init__(self, table: LocalTable) -> None:
            self.stream_arn = table.stream_arn
            self.shard_ids = table.shard_ids
            self.read = table.read
            self.next_arrival = table.next_arrival
            self.latest = table.latest
            self.after = table.after
            self.parents = table.parents
            self.ended = table.ended

    runner = LocalRunner(succeed, Wrapped(table_of(2)))
    runner.run()
    assert batches(runner) == [[1, 2]]
    assert isinstance(runner.clock, VirtualClock)


def test_latest_passes_over_what_is_there_when_the_runner_is_made() -> None:
    table = table_of(2)
    table.put({"id": 3}, at=after(10))
    runner = LocalRunner(succeed, table, {"StartingPosition": "LATEST"})
    table.put({"id": 4}, at=after(10))
    runner.run()
    assert batches(runner) == [[3, 4]]
    assert runner.metrics["PolledEventCount"] == 2


@pytest.mark.parametrize("mapping", [{}, {"StartingPosition": "TRIM_HORIZON"}])
def test_reading_starts_at_the_oldest_record_otherwise(mapping: dict[str, Any]) -> None:
    runner = LocalRunner(succeed, table_of(2), mapping)
    runner.run()
    assert batches(runner) == [[1, 2]]


def test_records_are_read_from_the_first_whatever_the_starting_position() -> None:
    runner = LocalRunner(succeed, table_of(2).records, {"StartingPosition": "LATEST"})
    runner.run()
    assert batches(runner) == [[1, 2]]


def test_records_dated_ahead_arrive_as_time_passes() -> None:
    table = LocalTable("orders")
    for number, at in enumerate([0, 30, 30, 3600], 1):
        table.put({"id": number}, at=after(at))
    runner = LocalRunner(succeed, table)
    runner.run()
    assert batches(runner) == [[1], [2, 3], [4]]
    assert seconds(runner) == [0, 30, 3600]


def test_a_shard_keeps_its_order_whatever_its_records_dates() -> None:
    table = LocalTable("orders")
    table.put({"id": 1}, at=after(60))
    table.put({"id": 2})
    runner = LocalRunner(succeed, table)
    runner.run()
    assert batches(runner) == [[1, 2]]
    assert seconds(runner) == [60]


def test_records_dated_behind_are_a_backlog_as_far_as_the_stream_reaches() -> None:
    table = LocalTable("orders")
    for number, hours in enumerate([-25, -24, -1], 1):
        table.put({"id": number}, at=START + timedelta(hours=hours))
    runner = LocalRunner(succeed, table)
    runner.run()
    assert batches(runner) == [[2, 3]]
    assert seconds(runner) == [0]
    (expired,) = [fact for fact in runner.journal if isinstance(fact, RecordsExpired)]
    assert expired.sequence_numbers == (full(1),)
    assert runner.discarded == []
    assert runner.metrics["DroppedEventCount"] == 1


def test_more_records_can_be_written_between_runs() -> None:
    table = table_of(1)
    runner = LocalRunner(succeed, table)
    runner.run()
    table.put({"id": 2})
    runner.run()
    assert batches(runner) == [[1], [2]]


def test_nothing_happens_before_it_is_run() -> None:
    runner = LocalRunner(succeed, table_of(1))
    assert runner.invocations == []
    assert runner.metrics["PolledEventCount"] == 0
