"""Settings that are changed while a mapping runs (SEMANTICS §1)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from streamkit import FilterPatternWarning
from streamkit.local import Answer, LocalRunner, LocalTable, MemoryDestination
from streamkit.local.journal import MappingUpdated, RecordsRead
from tests.filterstrategies import criteria_of
from tests.local.builders import (
    BUCKET,
    QUEUE,
    REPORTING,
    Answering,
    Failing,
    batches,
    full,
    outcomes,
    seconds,
    short,
    spans,
    succeed,
    table_of,
)
from tests.local.plans import item_in, laned_table

ONE = {"BatchSize": 1}


def updates(runner: LocalRunner) -> list[dict[str, Any]]:
    return [fact.changes for fact in runner.journal if isinstance(fact, MappingUpdated)]


def checkpoint(runner: LocalRunner) -> int | None:
    return next((short(number) for number in runner.checkpoints.values()), None)


@pytest.mark.parametrize(("limit", "attempts"), [(0, 3), (2, 3), (4, 5), (1, 3)])
def test_a_batch_that_is_retried_follows_the_new_limit_from_its_next_attempt_on(limit: int, attempts: int) -> None:
    runner = LocalRunner(Failing({1: None}), table_of(1), {"MaximumRetryAttempts": 9}, duration=1)
    runner.advance(seconds=2.4)
    assert len(runner.invocations) == 2
    runner.advance(seconds=0.1)
    runner.update(maximum_retry_attempts=limit)
    runner.run()
    assert len(runner.invocations) == attempts
    assert runner.discarded[0]["requestContext"]["approximateInvokeCount"] == attempts


def test_a_shorter_age_ends_the_retries() -> None:
    runner = LocalRunner(Failing({1: None}), table_of(1))
    runner.advance(minutes=5)
    runner.update(maximum_record_age_in_seconds=60)
    before = len(runner.invocations)
    runner.run()
    assert len(runner.invocations) == before
    assert runner.discarded[0]["requestContext"]["condition"] == "RecordAgeExceeded"


def test_bisecting_begins_with_the_next_failure() -> None:
    runner = LocalRunner(Failing({2: None}), table_of(2), {"MaximumRetryAttempts": 5}, duration=1)
    runner.advance(seconds=1.1)
    runner.update({"BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 0})
    runner.run()
    assert batches(runner) == [[1, 2], [1, 2], [1], [2]]
    assert spans(runner.discarded) == [(2, 2)]


def test_reports_are_read_from_the_update_on() -> None:
    table = table_of(1)
    runner = LocalRunner(Failing({1: None, 2: 1}, report=True), table)
    runner.run()
    runner.update(REPORTING)
    table.put({"id": 2})
    runner.run()
    assert outcomes(runner) == ["success", "partial", "success"]
    runner.update(function_response_types=[])
    assert runner.mapping.function_response_types == []


def test_a_batch_that_is_tried_keeps_its_records_and_what_waits_has_the_new_size() -> None:
    runner = LocalRunner(Failing({1: 3}), table_of(8), {"BatchSize": 3}, duration=1)
    runner.advance(seconds=0.5)
    runner.update(batch_size=2)
    runner.run()
    assert batches(runner) == [[1, 2, 3]] * 4 + [[4, 5], [6, 7], [8]]
    runner = LocalRunner(succeed, table_of(8), {"BatchSize": 1}, duration=1)
    runner.advance(seconds=1.5)
    runner.update(batch_size=5)
    runner.run()
    assert batches(runner) == [[1], [2], [3, 4, 5, 6, 7], [8]]


def test_a_batching_window_begins_with_the_update_and_ends_with_one() -> None:
    table = table_of(1)
    runner = LocalRunner(succeed, table)
    runner.run()
    runner.update(maximum_batching_window_in_seconds=30)
    table.put({"id": 2})
    runner.advance(seconds=29)
    assert batches(runner) == [[1]]
    runner.advance(seconds=1)
    assert seconds(runner) == [0, 30]
    table.put({"id": 3})
    runner.advance(seconds=10)
    runner.update(maximum_batching_window_in_seconds=0)
    runner.run()
    assert seconds(runner) == [0, 30, 40]


def test_records_that_wait_are_filtered_anew_and_those_left_out_before_stay_out() -> None:
    table = LocalTable("orders")
    for number in (1, 2, 3):
        table.put({"id": number})
        table.put({"id": number, "v": 1})
    insert, modify = ({"FilterCriteria": criteria_of({"eventName": [name]})} for name in ("INSERT", "MODIFY"))
    runner = LocalRunner(succeed, table, ONE | insert, duration=10)
    runner.advance(seconds=5)
    runner.update(modify)
    table.put({"id": 1, "v": 2})
    runner.run()
    assert batches(runner) == [[1], [7]]
    assert runner.metrics["FilteredOutEventCount"] == 5
    assert checkpoint(runner) == 7


@pytest.mark.parametrize("clear", [{"FilterCriteria": {}}, {"filter_criteria": {}}])
def test_empty_filter_criteria_clear_them(clear: dict[str, Any]) -> None:
    table = table_of(1)
    runner = LocalRunner(succeed, table, {"FilterCriteria": criteria_of({"eventName": ["REMOVE"]})})
    runner.run()
    runner.update(clear)
    assert not runner.mapping.filter_criteria
    assert "FilterCriteria" not in runner.mapping.to_aws() or not runner.mapping.to_aws()["FilterCriteria"]
    table.put({"id": 2})
    runner.run()
    assert batches(runner) == [[2]]


def test_filters_are_warned_of_when_they_are_given_and_not_at_every_update() -> None:
    never = criteria_of({"dynamodb": {"NewImage": {"id": {"N": [{"numeric": [">", 1]}]}}}})
    with pytest.warns(FilterPatternWarning):
        runner = LocalRunner(succeed, table_of(1), {"FilterCriteria": never})
    runner.disable()
    runner.update(batch_size=5)


def test_filters_that_are_given_by_an_update_are_warned_of() -> None:
    runner = LocalRunner(succeed, table_of(1))
    with pytest.warns(FilterPatternWarning):
        runner.update(filter_criteria=criteria_of({"nowhere": ["x"]}))


def test_an_empty_destination_clears_it() -> None:
    runner = LocalRunner(succeed, table_of(1), {"DestinationConfig": QUEUE})
    runner.update({"DestinationConfig": {"OnFailure": {"Destination": ""}}})
    assert runner.mapping.on_failure_destination is None
    assert runner.mapping.to_aws()["DestinationConfig"] == {"OnFailure": {}}


def test_a_cleared_destination_gets_nothing_more() -> None:
    runner = LocalRunner(Failing({1: None}), table_of(1), {"DestinationConfig": QUEUE, "MaximumRetryAttempts": 0})
    runner.update({"DestinationConfig": {"OnFailure": {"Destination": ""}}})
    runner.run()
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 0
    assert runner.metrics["DroppedEventCount"] == 1


class Bucket:
    """A destination that is a bucket and no queue."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def put(self, key: str, record: Any) -> None:  # noqa: ARG002  # BucketDestination
        self.keys.append(key)


def test_a_bucket_can_be_cleared() -> None:
    bucket: Any = Bucket()
    runner = LocalRunner(
        Failing({1: None}), table_of(1), {"DestinationConfig": BUCKET, "MaximumRetryAttempts": 0}, destination=bucket
    )
    runner.update({"DestinationConfig": {"OnFailure": {"Destination": ""}}})
    runner.run()
    assert bucket.keys == []


def test_an_update_that_is_refused_changes_nothing() -> None:
    bucket: Any = Bucket()
    runner = LocalRunner(succeed, table_of(1), {"DestinationConfig": BUCKET}, destination=bucket)
    before = runner.mapping
    with pytest.raises(TypeError, match="a destination has"):
        runner.update({"DestinationConfig": QUEUE, "BatchSize": 7})
    assert runner.mapping == before
    assert updates(runner) == []


def test_a_destination_may_come_with_an_update() -> None:
    runner = LocalRunner(Failing({1: None}), table_of(1), {"MaximumRetryAttempts": 0})
    before = runner.destination
    runner.update({"DestinationConfig": QUEUE})
    runner.run()
    assert before is None
    assert isinstance(runner.destination, MemoryDestination)
    assert spans(runner.destination.sent) == [(1, 1)]


def test_another_function_has_another_arn() -> None:
    invoker = Answering(Answer(error=ValueError()))
    runner = LocalRunner(invoker, table_of(1), {"MaximumRetryAttempts": 0})
    runner.update(function_name="other:live")
    runner.run()
    assert invoker.requests[0][2].endswith(":function:other:live")
    assert runner.discarded[0]["requestContext"]["functionArn"].endswith(":function:other:live")


@pytest.mark.parametrize(
    "settings",
    [{"StartingPosition": "LATEST"}, {"starting_position": "TRIM_HORIZON"}, {"EventSourceArn": "x"}, {"Tags": {}}],
)
def test_what_is_fixed_when_a_mapping_is_made_is_refused_by_name(settings: dict[str, Any]) -> None:
    runner = LocalRunner(succeed, table_of(1))
    with pytest.raises(ValueError, match=r"(StartingPosition|EventSourceArn|Tags) is set when a mapping is made"):
        runner.update(settings | {"BatchSize": 5})
    assert runner.mapping.batch_size == 100
    assert updates(runner) == []


@pytest.mark.parametrize("settings", [{"BatchSize": 0}, {"Nope": 1}, {"MaximumRecordAgeInSeconds": 59}])
def test_what_lambda_would_refuse_is_refused_and_changes_nothing(settings: dict[str, Any]) -> None:
    runner = LocalRunner(succeed, table_of(1))
    with pytest.raises(ValidationError):
        runner.update(settings | {"ParallelizationFactor": 5})
    assert runner.mapping.parallelization_factor == 1
    assert updates(runner) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UUID", "x"),
        ("State", "Disabled"),
        ("LastModified", 5),
        ("FunctionArn", "arn:aws:lambda:us-east-1:1:function:z"),
    ],
)
def test_what_aws_only_answers_cannot_be_updated(name: str, value: Any) -> None:
    runner = LocalRunner(succeed, table_of(1))
    with pytest.raises(ValueError, match=name):
        runner.update({name: value})


def test_the_state_that_aws_answered_follows_enable_and_disable() -> None:
    runner = LocalRunner(succeed, table_of(1), {"State": "Enabled"})
    runner.disable()
    assert (runner.mapping.state, runner.mapping.enabled) == ("Disabled", False)
    runner.enable()
    assert (runner.mapping.state, runner.mapping.enabled) == ("Enabled", True)


def test_what_changes_nothing_is_no_update() -> None:
    runner = LocalRunner(succeed, table_of(1))
    runner.update()
    runner.update({}, batch_size=100)
    runner.enable()
    assert updates(runner) == []
    runner.update({"BatchSize": 3}, enabled=True)
    assert updates(runner) == [{"BatchSize": 3}]


@pytest.mark.parametrize(("factor", "to"), [(1, 4), (4, 1), (3, 2), (1, 10)])
def test_another_parallelization_factor_waits_for_the_batches_that_are_tried_and_loses_nothing(
    factor: int, to: int
) -> None:
    table = LocalTable("orders")
    for number in range(60):
        table.put({"id": number % 9, "v": number})
    handler = Failing({1: 2, 4: 3, 30: 1})
    runner = LocalRunner(handler, table, {"BatchSize": 2, "ParallelizationFactor": factor}, duration=2)
    runner.advance(seconds=1)
    runner.update(parallelization_factor=to)
    before = len(runner.invocations)
    runner.run()
    later = runner.invocations[before:]
    new = later[next(n for n, invocation in enumerate(later) if invocation.attempt == 1) :]
    assert 1 <= len({invocation.lane for invocation in new}) <= to
    assert max(invocation.lane for invocation in new) < to
    handled = [
        n for batch, how in zip(batches(runner), outcomes(runner), strict=True) if how == "success" for n in batch
    ]
    assert sorted(handled) == list(range(1, 61))
    for item in range(9):
        firsts = list(dict.fromkeys(n for batch in batches(runner) for n in batch if (n - 1) % 9 == item))
        assert firsts == sorted(firsts)
    assert checkpoint(runner) == 60


def test_nothing_new_is_read_until_the_lanes_are_the_new_ones() -> None:
    table = laned_table(0, 1, of=2)
    runner = LocalRunner(Failing({1: 5}), table, {"ParallelizationFactor": 2}, duration=1)
    runner.advance(seconds=0.5)
    runner.update(parallelization_factor=3)
    table.put({"id": item_in(0, 2, table)})
    runner.run()
    assert batches(runner) == [[1], [2], *[[1]] * 5, [3]]
    assert len([fact for fact in runner.journal if isinstance(fact, RecordsRead)]) == 2


def test_a_parallelization_factor_that_is_taken_back_leaves_the_lanes() -> None:
    table = laned_table(0, 1, 0, 1, of=2)
    runner = LocalRunner(succeed, table, ONE | {"ParallelizationFactor": 2}, duration=10)
    runner.advance(seconds=5)
    runner.update(parallelization_factor=1)
    runner.update(parallelization_factor=2)
    runner.run()
    assert batches(runner) == [[1], [2], [3], [4]]
    assert seconds(runner) == [0, 0, 10, 10]


@pytest.mark.parametrize("moment", [0, 0.1, 1, 1.05, 2.5, 7])
def test_updates_in_mid_stream_lose_nothing_and_deliver_nothing_twice(moment: float) -> None:
    changes: list[dict[str, Any]] = [
        {"ParallelizationFactor": 3},
        {"BatchSize": 4},
        {"Enabled": False},
        {"MaximumBatchingWindowInSeconds": 2},
        {"Enabled": True, "ParallelizationFactor": 2},
        {"MaximumBatchingWindowInSeconds": 0, "BatchSize": 1},
    ]
    runner = LocalRunner(succeed, table_of(50, shards=2), {"BatchSize": 2}, duration=1)
    for change in changes:
        runner.advance(seconds=moment)
        runner.update(change)
    runner.run()
    assert sorted(number for batch in batches(runner) for number in batch) == list(range(1, 51))


def test_every_change_is_in_the_journal_under_awss_names() -> None:
    runner = LocalRunner(succeed, table_of(1), ONE)
    runner.update({"BatchSize": 5}, maximum_retry_attempts=2)
    runner.disable()
    assert updates(runner) == [{"BatchSize": 5, "MaximumRetryAttempts": 2}, {"Enabled": False}]
    assert json.loads(json.dumps(updates(runner)[0])) == {"BatchSize": 5, "MaximumRetryAttempts": 2}
    assert full(1) not in runner.checkpoints.values()
