"""`LocalRunner`: AWS's metrics by the minute, IteratorAge, and warnings of wrong keys, through real runs."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest

from streamkit import Change, stream_handler
from streamkit.local import Journal, LocalRunner, LocalTable, planned
from streamkit.local.invokers.faults import FaultRates
from streamkit.local.journal import InvocationStarted, Warned
from streamkit.local.metrics import COUNTERS
from streamkit.local.summary import RunSummary
from tests.local.builders import QUEUE, REPORTING, START, Failing, after, full, outcomes, succeed, table_of

MINUTE = timedelta(minutes=1)


def texts(runner: LocalRunner) -> list[str]:
    return [fact.text for fact in runner.journal if isinstance(fact, Warned)]


def answering(*responses: Any) -> Any:
    left = list(responses)
    return lambda event, context: left.pop(0) if left else None


def test_a_full_day_of_retries_every_minute_passes_in_no_time_to_speak_of() -> None:
    """Measured at about half a second. The limit is generous, since the machine may be busy with something else."""
    handler = Failing({1: None})
    runner = LocalRunner(handler, table_of(1))
    began = time.perf_counter()
    runner.run()
    assert time.perf_counter() - began < 5
    assert runner.clock.now() - START > timedelta(hours=24)
    assert len(handler.calls) > 1400
    assert len(runner.metrics.minutes) > 1200


def test_every_counter_is_the_sum_of_its_minutes_and_the_age_their_maximum() -> None:
    rates = FaultRates(throttle=0.1, timeout=0.1, crash=0.1, duplicate=0.1)
    settings = {"BatchSize": 2, "MaximumRetryAttempts": 3, "DestinationConfig": QUEUE}
    runner = LocalRunner(Failing({2: None, 5: 2}), table_of(9), settings, faults=rates, timeout=45, duration=7)
    runner.run()
    minutes = runner.metrics.minutes
    assert len(minutes) > 1
    for name in COUNTERS:
        assert runner.metrics[name] == sum(numbers[name] for numbers in minutes.values())
    assert runner.metrics["IteratorAge"] == max(numbers["IteratorAge"] for numbers in minutes.values()) > 0
    assert list(minutes) == sorted(minutes)
    assert all((minute.second, minute.microsecond) == (0, 0) for minute in minutes)


def test_each_minute_counts_what_happened_in_it() -> None:
    table = LocalTable("orders")
    for number, at in enumerate([0, 59, 60, 190], 1):
        table.put({"id": number}, at=after(at))
    runner = LocalRunner(Failing({2: 1}), table, {"MaximumRetryAttempts": 1})
    runner.run()
    polled = {minute: numbers["PolledEventCount"] for minute, numbers in runner.metrics.minutes.items()}
    assert polled == {START: 2, START + MINUTE: 1, START + 3 * MINUTE: 1}
    failed = [numbers["FailedInvokeEventCount"] for numbers in runner.metrics.minutes.values()]
    assert failed == [1, 0, 0]


def test_an_invocation_is_counted_in_the_minute_it_starts_and_its_failure_in_the_minute_it_ends() -> None:
    runner = LocalRunner(Failing({1: None}), table_of(1), {"MaximumRetryAttempts": 0}, duration=90)
    runner.run()
    minutes = runner.metrics.minutes
    assert [numbers["InvokedEventCount"] for numbers in minutes.values()] == [1, 0]
    assert [numbers["FailedInvokeEventCount"] for numbers in minutes.values()] == [0, 1]
    assert [numbers["DroppedEventCount"] for numbers in minutes.values()] == [0, 1]


def ages(runner: LocalRunner) -> list[int | None]:
    return [fact.iterator_age for fact in runner.journal if isinstance(fact, InvocationStarted)]


def test_iterator_age_is_that_of_the_last_record_when_it_is_sent() -> None:
    table = LocalTable("orders")
    for number, at in enumerate([-30, -20, -10, 0], 1):
        table.put({"id": number}, at=after(at))
    runner = LocalRunner(succeed, table, {"BatchSize": 2}, duration=2.5)
    runner.run()
    assert ages(runner) == [20_000, 2_500]
    assert runner.metrics["IteratorAge"] == 20_000


def test_iterator_age_grows_with_every_retry() -> None:
    runner = LocalRunner(Failing({1: 6}), table_of(1))
    runner.run()
    found = ages(runner)
    assert found == sorted(found, key=lambda age: age or 0)
    assert found[0] == 0
    assert runner.metrics["IteratorAge"] == found[-1]
    assert (found[-1] or 0) > 10_000


def test_iterator_age_of_a_disabled_mapping_is_seen_when_it_is_enabled() -> None:
    table = table_of(1)
    runner = LocalRunner(succeed, table, {"Enabled": False})
    runner.advance(minutes=10)
    assert runner.metrics["IteratorAge"] == 0
    runner.enable()
    runner.run()
    assert runner.metrics["IteratorAge"] == 600_000


WRONG_LIST = "the key is 'batchItemFailures', not 'BatchItemFailures' as in old AWS samples"
WRONG_ITEM = "the key is 'itemIdentifier', not 'ItemIdentifier' as in old AWS samples"


@pytest.mark.parametrize(
    ("response", "warned"),
    [
        ({"BatchItemFailures": [{"ItemIdentifier": full(1)}]}, [WRONG_LIST]),
        ({"BatchItemFailures": []}, [WRONG_LIST]),
        ({"batchItemFailures": [{"ItemIdentifier": full(1)}]}, [WRONG_ITEM]),
        ({"batchItemFailures": [{"ItemIdentifier": full(1)}] * 3}, [WRONG_ITEM]),
        (
            {"BatchItemFailures": [], "batchItemFailures": [{"ItemIdentifier": full(1)}]},
            [WRONG_LIST, WRONG_ITEM],
        ),
    ],
)
def test_keys_in_pascal_case_fail_the_batch_with_a_warning_that_names_both_spellings(
    response: Any, warned: list[str]
) -> None:
    runner = LocalRunner(answering(response), table_of(2), REPORTING | {"MaximumRetryAttempts": 0})
    runner.run()
    assert outcomes(runner) == ["failure"]
    assert runner.discarded[0]["responseContext"]["functionError"] is None
    assert texts(runner) == [f"the response has a wrong key: {text} (SEMANTICS §4)" for text in warned]


def test_a_wrong_key_beside_the_right_one_is_warned_of_although_the_batch_succeeds() -> None:
    response = {"batchItemFailures": [], "BatchItemFailures": [{"itemIdentifier": full(1)}]}
    runner = LocalRunner(answering(response), table_of(1), REPORTING)
    runner.run()
    assert outcomes(runner) == ["success"]
    assert texts(runner) == [f"the response has a wrong key: {WRONG_LIST} (SEMANTICS §4)"]


@pytest.mark.parametrize(
    "response", [None, {}, [], "", {"batchItemFailures": []}, {"batchItemFailures": [{"itemIdentifier": full(1)}]}, 5]
)
def test_right_keys_and_other_mistakes_are_not_warned_of(response: Any) -> None:
    runner = LocalRunner(answering(response), table_of(1), REPORTING | {"MaximumRetryAttempts": 0})
    runner.run()
    assert texts(runner) == []


def test_a_response_that_was_lost_is_not_warned_of() -> None:
    lost: list[dict[str, Any]] = [{"faults": {1: "crash"}}, {"timeout": 1, "duration": 2}]
    for more in lost:
        handler = answering({"BatchItemFailures": []})
        runner = LocalRunner(handler, table_of(1), REPORTING | {"MaximumRetryAttempts": 0}, **more)
        runner.run()
        assert texts(runner) == []


def test_the_same_warning_is_counted_for_each_response_that_has_it() -> None:
    wrong: dict[str, Any] = {"BatchItemFailures": []}
    journal, summary = Journal(), RunSummary(1)
    journal.subscribe(summary)
    LocalRunner(answering(wrong, wrong), table_of(1), REPORTING, journal=journal).run()
    assert list(summary.warnings.values()) == [2]
    assert summary.losses == []


def test_faults_are_counted_in_a_summary_and_a_duplicate_is_handled_once() -> None:
    journal, summary = Journal(keep=False), RunSummary(2)
    journal.subscribe(summary)
    runner = LocalRunner(
        succeed, table_of(2), faults={1: "throttle", 2: "crash", 3: "timeout", 4: "duplicate"}, journal=journal
    )
    runner.run()
    total = summary.total
    assert (total.read, total.handled, total.invocations) == (2, 2, 5)
    assert (total.failed_invocations, total.discarded, total.expired) == (3, 0, 0)
    assert summary.ok


def test_a_loss_by_faults_has_the_fault_as_its_cause() -> None:
    for fault, cause in [("crash", "FunctionCrashedError: Runtime exited"), ("timeout", "FunctionTimeoutError: Task")]:
        journal, summary = Journal(keep=False), RunSummary(1)
        journal.subscribe(summary)
        plan = planned(FaultRates(**{fault: 1.0}), 3, seed=0)
        LocalRunner(succeed, table_of(1), {"MaximumRetryAttempts": 2}, faults=plan, journal=journal).run()
        (loss,) = summary.losses
        assert loss.what == "discarded after 3 attempts"
        assert loss.cause.startswith(cause)
        assert f"{fault} injected at call 3 (seed 0)" in loss.cause


def test_a_record_that_was_throttled_until_it_was_too_old_has_the_throttle_as_its_cause() -> None:
    journal, summary = Journal(keep=False), RunSummary(1)
    journal.subscribe(summary)
    settings = {"MaximumRecordAgeInSeconds": 60}
    LocalRunner(succeed, table_of(1), settings, faults=FaultRates(service_error=1.0), journal=journal).run()
    (loss,) = summary.losses
    assert loss.what == "discarded: older than MaximumRecordAgeInSeconds"
    assert loss.cause.startswith("service_error injected at call ")


def test_an_update_is_nobodys_loss_and_no_shards_doing() -> None:
    journal, summary = Journal(keep=False), RunSummary(2)
    journal.subscribe(summary)
    table = table_of(2)
    runner = LocalRunner(succeed, table, {"BatchSize": 1}, journal=journal, duration=1)
    runner.update(batch_size=2)
    assert summary.shards == {}
    runner.run()
    assert list(summary.shards) == list(table.shard_ids)
    assert summary.total.invocations == 1
    assert summary.ok


def test_the_cause_of_a_loss_is_that_of_its_own_records_and_not_of_another_lane() -> None:
    table = LocalTable("orders")
    for number in range(1, 130):
        table.put({"id": number}, at=after(number))
    journal, summary = Journal(keep=False), RunSummary(129)
    journal.subscribe(summary)
    settings = {"ParallelizationFactor": 4, "BatchSize": 1, "MaximumRecordAgeInSeconds": 60}
    LocalRunner(Failing({1: None}), table, settings, journal=journal).run()
    assert summary.losses[0].sequence_numbers == (full(1),)
    assert summary.losses[0].cause == "ValueError: record 1 is bad"


def test_a_record_that_was_never_delivered_has_not_the_cause_of_the_one_before_it() -> None:
    journal, summary = Journal(keep=False), RunSummary(2)
    journal.subscribe(summary)
    settings = {"BatchSize": 1, "MaximumRetryAttempts": 0, "MaximumRecordAgeInSeconds": 60}
    LocalRunner(Failing({1: None}), table_of(2), settings, journal=journal, duration=100).run()
    assert [loss.cause for loss in summary.losses] == ["ValueError: record 1 is bad", "never delivered"]


def test_a_handler_from_which_a_cancellation_gets_out_fails_its_invocation_alone() -> None:
    def handler(event: Any, context: Any) -> None:
        raise asyncio.CancelledError

    runner = LocalRunner(handler, table_of(1), {"MaximumRetryAttempts": 0})
    try:
        runner.run()
    except asyncio.CancelledError as error:
        raise AssertionError("it ends the run") from error
    assert outcomes(runner) == ["failure"]


def test_a_cancellation_in_a_stream_handler_fails_its_record_alone() -> None:
    @stream_handler(maximum_retry_attempts=0)
    async def handler(change: Change) -> None:
        if change.keys["id"] == 2:
            raise asyncio.CancelledError

    runner = LocalRunner(handler, table_of(3))
    runner.run()
    assert outcomes(runner) == ["partial", "partial"]


def test_an_exception_raised_again_and_again_is_noted_with_its_seed() -> None:
    error = ValueError("the same object")

    def handler(event: Any, context: Any) -> None:
        raise error

    runner = LocalRunner(handler, table_of(1), seed=3)
    with pytest.raises(ValueError, match="the same object"):
        runner.run(fail_fast=True)
    assert error.__notes__ == ["in a run with seed 3: the same seed gives the same run"]


def test_an_exception_that_is_raised_twice_has_its_note_once() -> None:
    error = ValueError("the same object")

    def handler(event: Any, context: Any) -> None:
        raise error

    runner = LocalRunner(handler, table_of(1))
    for _ in range(2):
        with pytest.raises(ValueError, match="the same object"):
            runner.run(fail_fast=True)
    assert len(error.__notes__) == 1
