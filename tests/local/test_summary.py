from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from streamkit import Change, stream_handler
from streamkit.local import Answer, Journal, LocalRunner, LocalTable
from streamkit.local.journal import InvocationFinished, RecordsDiscarded, RecordsExpired, RecordsRead, SourceNoted
from streamkit.local.summary import Loss, RunSummary, ShardSummary
from tests.local.builders import REPORTING, Answering, Failing, after, full, succeed, table_of


def summarised(handler: Any, table: LocalTable, mapping: dict[str, Any] | None = None) -> RunSummary:
    journal, summary = Journal(keep=False), RunSummary(len(table.records))
    journal.subscribe(summary)
    LocalRunner(handler, table, mapping or {}, journal=journal).run()
    return summary


def test_a_run_that_goes_well_is_counted() -> None:
    table = table_of(5)
    summary = summarised(succeed, table, {"BatchSize": 2})
    assert summary.shards == {table.shard_ids[0]: ShardSummary(read=5, handled=5, invocations=3, checkpoint=full(5))}
    assert summary.losses == []
    assert summary.ok


def test_failures_and_retries_are_counted() -> None:
    summary = summarised(Failing({2: 2}), table_of(2))
    assert summary.total == ShardSummary(read=2, handled=2, invocations=3, failed_invocations=2, retries=2)
    assert summary.ok


def test_a_partial_response_handles_what_comes_before_it() -> None:
    summary = summarised(Failing({3: 1}, report=True), table_of(4), REPORTING)
    assert summary.total == ShardSummary(read=4, handled=4, invocations=2, failed_invocations=1)


def test_what_was_discarded_is_a_loss_with_its_cause() -> None:
    table = table_of(3)
    summary = summarised(Failing({2: None}), table, {"MaximumRetryAttempts": 1, "BatchSize": 2})
    (loss,) = summary.losses
    assert loss.sequence_numbers == (full(1), full(2))
    assert loss.shard_id == table.shard_ids[0]
    assert loss.what == "discarded after 2 attempts"
    assert loss.cause == "ValueError: record 2 is bad"
    assert loss.on_failure_record is not None
    assert loss.on_failure_record["requestContext"]["approximateInvokeCount"] == 2
    assert summary.total.discarded == 2
    assert summary.total.handled == 1
    assert not summary.ok


def test_one_attempt_is_not_several() -> None:
    summary = summarised(Failing({1: None}), table_of(1), {"MaximumRetryAttempts": 0})
    assert [loss.what for loss in summary.losses] == ["discarded after 1 attempt"]


def test_the_cause_of_a_reported_record_is_the_exception_behind_it() -> None:
    @stream_handler(maximum_retry_attempts=0)
    def handler(change: Change) -> None:
        raise KeyError("sku")

    journal, summary = Journal(), RunSummary(1)
    journal.subscribe(summary)
    LocalRunner(handler, table_of(1), journal=journal).run()
    assert [loss.cause for loss in summary.losses] == ["KeyError: 'sku'"]


def test_without_an_exception_the_rule_is_the_cause() -> None:
    summary = summarised(Failing({1: None}, report=True), table_of(1), REPORTING | {"MaximumRetryAttempts": 0})
    assert full(1) in summary.losses[0].cause


def test_what_expired_undelivered_is_a_loss_that_says_so() -> None:
    table = LocalTable("orders")
    table.put({"id": 1}, at=after(-90_000))
    table.put({"id": 2})
    summary = summarised(succeed, table)
    (loss,) = summary.losses
    assert loss == Loss(table.shard_ids[0], (full(1),), loss.what, "never delivered", None)
    assert loss.what.startswith("expired: ")
    assert "24 hours" in loss.what
    assert summary.total == ShardSummary(read=2, handled=1, invocations=1, expired=1)
    assert not summary.ok


def test_what_expired_while_it_was_retried_has_the_last_failure_as_its_cause() -> None:
    summary = summarised(Failing({1: None}), table_of(1))
    assert [loss.cause for loss in summary.losses] == ["ValueError: record 1 is bad"]
    assert summary.total.expired == 1


def test_a_failure_that_was_overcome_is_no_cause_of_a_later_loss() -> None:
    table = LocalTable("orders")
    table.put({"id": 1})
    journal, summary = Journal(), RunSummary(2)
    journal.subscribe(summary)
    runner = LocalRunner(Failing({1: 1}), table, journal=journal)
    runner.run()
    table.put({"id": 2}, at=after(-90_000))
    runner.run()
    assert [loss.cause for loss in summary.losses] == ["never delivered"]


def test_a_warning_is_kept_once_and_counted_and_the_run_is_not_ok() -> None:
    summary = summarised(Failing({1: None, 2: None}, report=True), table_of(2), {"BatchSize": 1})
    assert list(summary.warnings.values()) == [2]
    assert "ReportBatchItemFailures" in next(iter(summary.warnings))
    assert summary.losses == []
    assert summary.total.handled == summary.total.read
    assert not summary.ok


def test_shards_are_added_up() -> None:
    table = table_of(12, shards=3)
    summary = summarised(succeed, table, {"BatchSize": 1})
    assert len(summary.shards) == 3
    assert sum(shard.read for shard in summary.shards.values()) == 12
    assert summary.total == ShardSummary(read=12, handled=12, invocations=12)


def test_a_run_that_is_not_over_is_not_ok() -> None:
    journal, summary = Journal(), RunSummary(1)
    journal.subscribe(summary)
    runner = LocalRunner(Answering(Answer(throttled="busy")), table_of(1), journal=journal)
    runner.advance(seconds=0)
    assert not summary.ok
    runner.run()
    assert summary.ok


def test_a_throttle_is_no_retry() -> None:
    summary = summarised(Answering(Answer(throttled="busy")), table_of(1))
    assert summary.total == ShardSummary(read=1, handled=1, invocations=2, failed_invocations=1)


def test_a_record_that_was_never_read_is_not_handled() -> None:
    assert not RunSummary(1).ok


def test_a_run_without_records_is_ok() -> None:
    assert RunSummary(0).ok
    assert RunSummary(0).total == ShardSummary()


NOW = datetime(2026, 1, 1, tzinfo=UTC)


def live(*facts: Any) -> RunSummary:
    summary = RunSummary(0, live=True)
    for fact in facts:
        summary.note(fact)
    return summary


def test_a_live_run_has_brought_what_was_read_and_is_ok_while_nothing_was_lost() -> None:
    finished = InvocationFinished(NOW, "s", "r", 1, "success", "why", None, None, (), 1, ("1",))
    summary = live(RecordsRead(NOW, "s", ("1", "2")), finished)
    assert (summary.brought, summary.total.handled, summary.ok) == (2, 1, True)
    assert live().brought == 0
    assert RunSummary(7).brought == 7


def test_what_happened_to_the_reading_is_of_no_shard() -> None:
    summary = live(SourceNoted(NOW, "s", "an iterator expired"))
    assert (summary.shards, summary.ok) == ({}, True)


EXHAUSTED = {"requestContext": {"condition": "RetryAttemptsExhausted", "approximateInvokeCount": 2}}


@pytest.mark.parametrize(
    "fact",
    [
        SourceNoted(NOW, "s", "trimmed", loses_records=True),
        RecordsExpired(NOW, "s", ("1",), "too old"),
        RecordsDiscarded(NOW, "s", ("1",), EXHAUSTED, True, None),
    ],
)
def test_a_live_run_that_lost_something_is_not_ok(fact: Any) -> None:
    assert not live(RecordsRead(NOW, "s", ("1",)), fact).ok
