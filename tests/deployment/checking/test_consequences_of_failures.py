"""The same for records that fail for good, and for time that runs out."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from streamkit import (
    BatchItemFailure,
    Change,
    Insert,
    Modify,
    stream_handler,
)
from streamkit.local import LocalRunner, LocalTable
from tests.build import Context, event, record
from tests.deployment.checking.deployments import check, deployed
from tests.deployment.checking.runs import BAD, REPORT, WITH_QUEUE, Run, adds_up, finds, handles

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(autouse=True)
def _no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day of retries has some thousand tracebacks."""
    monkeypatch.setattr(logging.getLogger("streamkit"), "disabled", True)


# --- records that fail for good --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"BisectBatchOnFunctionError": True, **WITH_QUEUE},
        {"MaximumRecordAgeInSeconds": 604_800},
    ],
    ids=["Lambda's defaults", "halved, with a destination", "an age of a week"],
)
def test_a_poison_record_stops_its_shard_for_a_day_and_takes_others_with_it(settings: dict[str, Any]) -> None:
    settings = {**settings, **REPORT}
    run = Run(handles(), settings)
    assert "poison-record-blocks" in finds(run, settings)
    assert timedelta(hours=24) <= run.took < timedelta(hours=25)
    assert run.handled == [1]
    assert run.gone == []  # no on-failure record (U)
    assert run.runner.metrics["DroppedEventCount"] == 4


def test_a_limit_of_age_sets_the_shard_free() -> None:
    settings = {**REPORT, **WITH_QUEUE, "MaximumRecordAgeInSeconds": 3600}
    run = Run(handles(), settings)
    assert finds(run, settings) == set()
    assert run.took < timedelta(hours=2)


@pytest.mark.parametrize(
    ("make", "settings", "handled", "gone"),
    [
        # The retries are of what is left: the records behind the bad one never run.
        (handles("stop"), {}, [1], [4]),
        # The others run at each attempt; the bad item's later change, which is not among these five, would not.
        (handles("isolate"), {}, [1, 3, 4, 5, 3, 4, 5, 3, 4, 5], [4]),
        # A fold that raises takes the records in front of it along.
        (adds_up("raise"), {"TumblingWindowInSeconds": 60}, [1, 1], [5]),
        (adds_up("stop"), {"TumblingWindowInSeconds": 60}, [1], [4]),
    ],
    ids=["stop", "isolate", "raise", "window"],
)
def test_good_records_are_discarded_with_the_bad_one(
    make: Callable[[list[int]], Any], settings: dict[str, Any], handled: list[int], gone: list[int]
) -> None:
    settings = {**settings, **REPORT, **WITH_QUEUE, "MaximumRetryAttempts": 1}
    run = Run(make, settings)
    assert finds(run, settings) == {"good-records-discarded"}
    assert run.handled == handled
    assert run.gone == gone
    # Halving leaves the bad one alone, and so do batches of one.
    for cure in ({"BisectBatchOnFunctionError": True}, {"BatchSize": 1}):
        cured = Run(make, settings | cure)
        assert finds(cured, settings | cure) == set()
        assert set(cured.handled) == {1, 3, 4, 5}
        assert cured.gone == [1]


def test_isolate_discards_later_changes_of_the_bad_item_that_never_ran() -> None:
    ran: list[tuple[int, int]] = []

    @stream_handler(on_failure="isolate")
    def handler(change: Insert | Modify) -> None:
        ran.append((int(change.keys["id"]), int(change.new["n"])))
        if change.new["n"] == 0:
            raise ValueError("no stock")

    table = LocalTable("orders", key="id")
    table.put({"id": BAD, "n": 0})
    table.put({"id": BAD, "n": 1})  # would succeed
    LocalRunner(handler, table, {**REPORT, "MaximumRetryAttempts": 1}).run()
    assert set(ran) == {(BAD, 0)}


def test_continue_has_run_what_is_discarded() -> None:
    settings = {**REPORT, **WITH_QUEUE, "MaximumRetryAttempts": 1}
    run = Run(handles("continue"), settings)
    assert finds(run, settings) == set()
    assert set(run.handled) == {1, 3, 4, 5}
    assert run.gone == [4]


@pytest.mark.parametrize("named", [True, False])
def test_of_a_whole_batch_what_is_left_is_discarded(named: bool) -> None:
    def make(handled: list[int]) -> Any:
        @stream_handler
        def handler(changes: list[Change]) -> None:
            for change in changes:
                if change.keys["id"] == BAD:
                    raise BatchItemFailure(change) if named else ValueError("no stock")
                handled.append(int(change.keys["id"]))

        return handler

    settings = {**REPORT, **WITH_QUEUE, "MaximumRetryAttempts": 1}
    run = Run(make, settings)
    assert finds(run, settings) == {"good-records-discarded"}
    assert not {3, 4, 5} & set(run.handled)
    assert run.gone == [4 if named else 5]  # those in front of it stay handled only if it was named


def test_without_a_destination_discarded_records_are_a_count() -> None:
    settings = {**REPORT, "MaximumRetryAttempts": 0, "BatchSize": 1}
    run = Run(handles(), settings)
    assert finds(run, settings) == {"discarded-without-trace"}
    assert run.runner.metrics["DroppedEventCount"] == 1
    assert run.runner.destination is None
    told = Run(handles(), settings | WITH_QUEUE)
    assert finds(told, settings | WITH_QUEUE) == set()
    assert told.runner.metrics["OnFailureDestinationDeliveredEventCount"] == 1


def test_records_that_are_gathered_too_long_are_never_tried() -> None:
    settings = {
        **REPORT,
        **WITH_QUEUE,
        "MaximumRetryAttempts": 1,
        "BisectBatchOnFunctionError": True,
        "MaximumBatchingWindowInSeconds": 120,
        "MaximumRecordAgeInSeconds": 60,
    }
    run = Run(handles(), settings, keys=(1, 3))
    assert finds(run, settings) == {"expired-while-gathered"}
    assert (run.handled, run.calls) == ([], [])
    assert [one["requestContext"]["condition"] for one in run.runner.discarded] == ["RecordAgeExceeded"]
    equal = settings | {"MaximumBatchingWindowInSeconds": 60}
    sound = Run(handles(), equal, keys=(1, 3))
    assert finds(sound, equal) == set()
    assert sound.handled == [1, 3]


# --- time ------------------------------------------------------------------------------------------------------------


def test_a_timeout_within_the_margin_makes_an_invocation_of_each_record() -> None:
    settings = {**REPORT, **WITH_QUEUE, "MaximumRetryAttempts": 1, "BisectBatchOnFunctionError": True, "BatchSize": 10}
    run = Run(handles(deadline_margin_ms=3_000), settings, keys=(1, 3, 4), timeout=3)
    assert finds(run, settings, timeout=3) == {"timeout-within-margin"}
    assert run.calls == [(3, "partial"), (2, "partial"), (1, "success")]


def test_no_record_is_started_within_the_margin() -> None:
    handled: list[int] = []
    handler = handles(deadline_margin_ms=2_000)(handled)
    left = Context(1_999, 0)
    assert handler(event(record(1), record(3)), left)["batchItemFailures"] == [{"itemIdentifier": "3"}]
    assert handled == [1]
    settings = {**REPORT, **WITH_QUEUE, "MaximumRetryAttempts": 1, "BisectBatchOnFunctionError": True, "BatchSize": 10}
    found = deployed(settings={"StartingPosition": "LATEST", **settings}, statements=None, timeout=3)
    assert {one.rule for one in check(handler, found).findings} == {"timeout-mostly-margin"}


def test_what_a_stream_handler_does_not_do_in_time_is_delivered_again_at_once() -> None:
    def make(handled: list[int]) -> Any:
        @stream_handler
        def handler(change: Change) -> None:
            time.sleep(0.03)
            handled.append(int(change.keys["id"]))

        return handler

    settings = {**REPORT, **WITH_QUEUE, "MaximumRetryAttempts": 0, "BisectBatchOnFunctionError": True}
    run = Run(make, settings, timeout=0.55)
    assert run.handled == [1, 2, 3, 4, 5]
    assert [outcome for _, outcome in run.calls][:1] == ["partial"]
    assert run.took == timedelta(0)
    assert run.runner.metrics["FailedInvokeEventCount"] > 0
    assert run.gone == []
    assert finds(run, settings | {"BatchSize": 10_000}, timeout=30) == {"timeout-for-batch"}


def test_what_others_do_not_do_in_time_is_tried_again_from_its_beginning() -> None:
    def make(handled: list[int]) -> Any:
        return lambda event, context: None

    settings = {**WITH_QUEUE, "MaximumRetryAttempts": 2}
    run = Run(make, settings, timeout=3, duration=lambda event: len(event["Records"]) * 1.0)
    assert run.calls == [(5, "failure")] * 3
    assert run.gone == [5]
    assert finds(run, settings | {"BatchSize": 10_000}, timeout=3) == {"timeout-for-batch"}
