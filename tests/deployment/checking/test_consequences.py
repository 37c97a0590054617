"""What findings say will happen does: each is run by the local runner, under settings that the rule finds fault with.

``finds`` holds the settings of a run against the rules, so that the two cannot drift apart.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, ValidationError

from streamkit import (
    EventSourceMapping,
    Insert,
    Window,
    stream_handler,
    tumbling_window,
)
from tests.deployment.checking.deployments import filters
from tests.deployment.checking.faults import FAULTY
from tests.deployment.checking.runs import REPORT, WITH_QUEUE, Run, adds_up, finds, handles

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.events import ViewType


# --- what Lambda does not read ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "settings"), [(handles(), {}), (adds_up(), {"TumblingWindowInSeconds": 60})], ids=["stream", "window"]
)
def test_failures_that_are_not_reported_are_a_silent_loss(
    make: Callable[[list[int]], Any], settings: dict[str, Any]
) -> None:
    settings = {**settings, "MaximumRetryAttempts": 3, **WITH_QUEUE}
    run = Run(make, settings)
    assert "failures-not-reported" in finds(run, settings)
    assert run.calls[0] == (5, "success")
    assert run.handled == [1]  # 3, 4 and 5 never ran either
    assert run.gone == []
    assert run.runner.metrics["FailedInvokeEventCount"] == run.runner.metrics["DroppedEventCount"] == 0
    # With it the same record is retried, and told in the end.
    told = Run(make, {**settings, **REPORT})
    assert "failures-not-reported" not in finds(told, {**settings, **REPORT})
    assert told.gone == [4]


# --- windows ---------------------------------------------------------------------------------------------------------


def test_a_window_handler_without_a_window_handles_nothing() -> None:
    settings = {**REPORT, **WITH_QUEUE, "MaximumRetryAttempts": 1, "BisectBatchOnFunctionError": True}
    run = Run(adds_up(), settings)
    assert finds(run, settings) == {"window-missing"}
    assert {outcome for _, outcome in run.calls} == {"failure"}
    assert {type(one.error).__name__ for one in run.runner.invocations} == {"EventError"}
    assert run.handled == []
    assert run.gone == [1, 1, 1, 1, 1]


def test_windows_are_as_long_as_the_mapping_says() -> None:
    lengths = []

    def make(handled: list[int]) -> Any:
        @tumbling_window(seconds=60)
        def handler(change: Insert, state: dict[str, Any]) -> dict[str, Any]:
            return state

        @handler.final
        def publish(state: dict[str, Any], window: Window) -> None:
            lengths.append(window.end - window.start)

        return handler

    settings = {
        **REPORT,
        **WITH_QUEUE,
        "MaximumRetryAttempts": 1,
        "BisectBatchOnFunctionError": True,
        "TumblingWindowInSeconds": 300,
    }
    run = Run(make, settings)
    assert finds(run, settings) == {"window-length"}
    assert lengths == [timedelta(seconds=300)]


def test_a_stream_handler_in_windows_fails_every_batch() -> None:
    settings = {
        **REPORT,
        **WITH_QUEUE,
        "MaximumRetryAttempts": 1,
        "BisectBatchOnFunctionError": True,
        "TumblingWindowInSeconds": 60,
    }
    run = Run(handles(), settings, keys=(1, 3))
    assert finds(run, settings) == {"window-unexpected"}
    assert "success" not in {outcome for size, outcome in run.calls if size}
    assert run.handled.count(1) > 1  # again and again
    assert sum(run.gone) >= 2


# --- images and filters ----------------------------------------------------------------------------------------------


class Order(BaseModel):
    id: int


@pytest.mark.parametrize("view_type", ["KEYS_ONLY", "OLD_IMAGE"])
def test_a_view_type_without_the_image_fails_every_record_for_good(view_type: ViewType) -> None:
    def make(handled: list[int]) -> Any:
        @stream_handler
        def handler(change: Insert[Order]) -> None:
            handled.append(change.new.id)

        return handler

    settings = {**REPORT, **WITH_QUEUE, "MaximumRetryAttempts": 1, "BisectBatchOnFunctionError": True}
    run = Run(make, settings, view_type=view_type)
    assert finds(run, settings, view_type=view_type) == {"view-type-lacks-image"}
    assert run.handled == []
    assert sum(run.gone) == 5
    enough = Run(make, settings, view_type="NEW_IMAGE")
    assert finds(enough, settings, view_type="NEW_IMAGE") == set()
    assert enough.handled == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "pattern",
    [
        '{"eventname": ["INSERT"]}',
        '{"dynamodb": {"NewImage": {"id": ["1"]}}}',
        '{"eventName": ["INSERT"], "dynamodb": {"OldImage": {"id": {"N": ["1"]}}}}',
    ],
)
@pytest.mark.filterwarnings("ignore::streamkit.FilterPatternWarning")  # it is what is looked for
def test_a_filter_that_never_matches_delivers_nothing_and_nobody_is_told(pattern: str) -> None:
    settings = {
        **REPORT,
        **WITH_QUEUE,
        "MaximumRetryAttempts": 1,
        "BisectBatchOnFunctionError": True,
        "FilterCriteria": filters(pattern),
    }
    run = Run(handles(), settings)
    assert finds(run, settings) == {"filter-never-matches"}
    assert (run.calls, run.gone) == ([], [])
    assert run.runner.metrics["FilteredOutEventCount"] == 5


def test_what_a_filter_drops_never_reaches_the_handler() -> None:
    settings = {
        **REPORT,
        **WITH_QUEUE,
        "MaximumRetryAttempts": 1,
        "BisectBatchOnFunctionError": True,
        "FilterCriteria": filters('{"eventName": ["MODIFY", "REMOVE"]}'),
    }
    run = Run(handles(), settings)
    assert finds(run, settings) == {"filter-drops-handled"}
    assert (run.handled, run.calls, run.gone) == ([], [], [])


# --- delivery, and what is refused -----------------------------------------------------------------------------------


def test_what_waits_for_a_day_at_a_disabled_mapping_is_gone() -> None:
    settings = {**REPORT, **WITH_QUEUE, "MaximumRetryAttempts": 1, "BisectBatchOnFunctionError": True, "Enabled": False}
    run = Run(handles(), settings, keys=(1, 3))
    assert finds(run, settings) == {"mapping-disabled"}
    assert run.calls == []
    run.runner.advance(hours=25)
    run.table.put({"id": 4})
    run.runner.enable()
    run.runner.run()
    assert run.handled == [4]


REFUSED = {
    "setting-refused",
    "setting-of-other-source",
    "filter-pattern",
    "fifo-destination",
    "window-with-filters",
    "window-with-lanes",
}


@pytest.mark.parametrize(
    ("rule", "found"), [(rule, found) for rule, _, found in FAULTY], ids=[str(number) for number in range(len(FAULTY))]
)
@pytest.mark.filterwarnings("ignore::streamkit.FilterPatternWarning")  # some are of filters that never match
def test_what_is_found_as_refused_is_what_the_mapping_refuses(rule: str, found: Any) -> None:
    refused = rule in REFUSED or found.settings.get("StartingPosition") == "AT_TIMESTAMP"
    accepted = True
    try:
        EventSourceMapping.model_validate(found.known())  # what is not known is taken to be sound
    except ValidationError:
        accepted = False
    assert accepted is not refused or (accepted and found.known() != found.settings)
