from __future__ import annotations

from typing import Any

import pytest

from streamkit import Insert, Window, stream_handler, tumbling_window
from streamkit.testing.simulation import Killed, SimulatedFault, replay
from streamkit.testing.simulation.patience import PATIENCE, StuckError

left = {"failures": 0}


@pytest.fixture(autouse=True)
def _patient() -> None:
    left["failures"] = 10 * PATIENCE


def check() -> None: ...


def fails() -> bool:
    left["failures"] -= 1
    return left["failures"] >= 0


@stream_handler
def reporting(change: Insert) -> None:
    if change.keys["id"] == 2 and fails():
        raise ValueError("no stock")


def raising(event: Any, context: Any) -> None:
    if fails():
        raise ValueError("no table")


def silent(event: Any, context: Any) -> Any:
    return {"batchItemFailures": [{"itemIdentifier": "?"}]} if fails() else None


def stateless(event: Any, context: Any) -> None: ...


@tumbling_window(seconds=60)
def counting(change: Insert, state: dict[str, int]) -> dict[str, int]:
    return state


@counting.final
def publish(state: dict[str, int], window: Window) -> None:
    raise ValueError("no report")


REPORTS = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


@pytest.mark.parametrize(
    ("handler", "mapping", "text"),
    [
        (reporting, None, r"20 times in a row at INSERT id=2: ValueError: no stock\. No fault had a part in it"),
        (raising, None, "in a row at INSERT id=1: ValueError: no table"),
        (silent, REPORTS, "in a row at INSERT id=1: "),
        (stateless, {"TumblingWindowInSeconds": 60}, "in a row at INSERT id=1: "),
        (counting, None, "in a row at the final invocation of a window: ValueError: no report"),
    ],
)
def test_a_handler_that_fails_for_ever_is_stuck(handler: Any, mapping: Any, text: str) -> None:
    before = left["failures"]
    with pytest.raises(StuckError, match=text), replay(handler, check, mapping=mapping, world=[left]) as (table, _):
        _ = [table.put({"id": number}) for number in (1, 2)]
    assert left["failures"] in (before, before - PATIENCE)


def test_a_handler_that_recovers_is_waited_for_and_one_whose_retries_end_too() -> None:
    left["failures"] = PATIENCE - 1
    with replay(raising, check, world=[left]) as (table, runner):
        table.put({"id": 1})
    assert [one.outcome for one in runner.invocations] == ["failure"] * (PATIENCE - 1) + ["success"]
    with replay(raising, check, mapping={"MaximumRetryAttempts": 2 * PATIENCE}, world=[left]) as (table, runner):
        left["failures"] = 100
        table.put({"id": 1})
    assert len(runner.discarded) == 1


def test_failures_that_faults_made_do_not_count() -> None:
    left["failures"] = 0
    faults: dict[int, SimulatedFault] = {call: Killed(1) for call in range(1, 2 * PATIENCE)}
    faults |= {3: "throttle", 4: "crash"}
    with replay(raising, check, world=[left], faults=faults) as (table, runner):
        table.put({"id": 1})
    assert runner.invocations[-1].outcome == "success"
