from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from streamkit import HandlerDefinitionError, Insert, Window, WindowStateError, tumbling_window
from streamkit.local import LocalRunner, LocalTable
from streamkit.testing import ImpossibleEventError, insert, modify, window_event
from streamkit.testing.windowing import window_event as same

if TYPE_CHECKING:
    from collections.abc import Callable

START = datetime(2026, 1, 1, tzinfo=UTC)


class Order(BaseModel):
    id: int
    total: Decimal


class Revenue(BaseModel):
    orders: int = 0
    total: Decimal = Decimal(0)


@dataclass
class Tally:
    seen: set[int]


ONE, TWO = Order(id=1, total=Decimal("1.50")), Order(id=2, total=Decimal(2))

ended: list[tuple[Revenue, Window]] = []


@tumbling_window(seconds=60)
def revenue(change: Insert[Order], state: Revenue) -> Revenue:
    return Revenue(orders=state.orders + 1, total=state.total + change.new.total)


@revenue.final
def publish(state: Revenue, window: Window) -> None:
    ended.append((state, window))


@tumbling_window(seconds=60, by=lambda change: change.new.id)
def by_id(change: Insert[Order], state: Revenue) -> Revenue:
    return Revenue(orders=state.orders + 1, total=state.total)


def test_events_are_those_that_the_runner_sends() -> None:
    table = LocalTable("table")
    runner = LocalRunner(revenue, table)
    table.put(ONE)
    runner.advance(seconds=1)
    table.put(TWO, at=START + timedelta(seconds=30))
    runner.advance(minutes=1)
    runner.run()
    first, second, final = (invocation.event for invocation in runner.invocations)
    event = window_event(insert(ONE))
    assert event == first
    assert list(event) == list(first)
    answer = revenue(event)
    event = window_event(insert(TWO, at=START + timedelta(seconds=30)), state=answer["state"])
    event["Records"] = second["Records"]  # it is the second of its stream there
    assert event == second
    assert window_event(state=revenue(second)["state"], final=True) == final


def test_a_handler_takes_them_from_the_first_record_to_the_last_call() -> None:
    ended.clear()
    state = revenue(window_event(insert(ONE), insert(TWO)))["state"]
    assert revenue(window_event(insert(ONE), state=Revenue(orders=2, total=Decimal("3.5")))) == revenue(
        window_event(insert(ONE), state=state)
    )
    revenue(window_event(state=Revenue(orders=2, total=Decimal("3.5")), final=True))
    ((final, window),) = ended
    assert final == Revenue(orders=2, total=Decimal("3.5"))
    assert (window.start, window.end) == (START, START + timedelta(minutes=1))
    assert window.is_final
    assert not window.terminated_early


def test_the_members_are_those_of_awss_own_example() -> None:
    example = json.loads((Path(__file__).parents[1] / "data" / "aws-sample-window-event.json").read_text("utf-8"))
    event = window_event(insert(ONE))
    assert set(event) == set(example)
    assert {name: type(value) for name, value in event.items()} == {
        name: type(value) for name, value in example.items()
    }


def test_records_are_numbered_as_those_of_a_batch() -> None:
    numbers = [record["dynamodb"]["SequenceNumber"] for record in same(insert(ONE), insert(TWO))["Records"]]
    assert numbers == ["100000000000000000001", "100000000000000000002"]


def test_a_window_is_the_one_of_its_first_record() -> None:
    at = datetime(2026, 3, 1, 12, 34, 56, tzinfo=UTC)
    assert window_event(insert(ONE, at=at), seconds=10)["window"] == {
        "start": "2026-03-01T12:34:50Z",
        "end": "2026-03-01T12:35:00Z",
    }
    late = window_event(insert(ONE, at=at), start=datetime(2026, 3, 1, 12, 35, tzinfo=UTC))
    assert late["window"]["start"] == "2026-03-01T12:35:00Z"


def test_a_record_without_a_time_is_of_any_window() -> None:
    event = insert(ONE)
    del event["Records"][0]["dynamodb"]["ApproximateCreationDateTime"]
    assert window_event(event)["window"]["start"] == "2026-01-01T00:00:00Z"


def test_an_early_end_has_both_flags() -> None:
    event = window_event(state={"n": 1}, terminated_early=True)
    assert (event["Records"], event["isFinalInvokeForWindow"], event["isWindowTerminatedEarly"]) == ([], True, True)


def test_shard_and_table_are_told() -> None:
    event = window_event(final=True, shard_id="shardId-7", table="orders")
    assert event["shardId"] == "shardId-7"
    assert ":table/orders/stream/" in event["eventSourceARN"]
    assert ":table/sales/stream/" in window_event(insert(ONE, table="sales"), table="orders")["eventSourceARN"]


@pytest.mark.parametrize(
    ("state", "options", "carried"),
    [
        (None, {}, {}),
        ({}, {}, {}),
        ({"n": 1, "list": [1.5, None, True, "x"]}, {}, {"n": 1, "list": [1.5, None, True, "x"]}),
        ({"$value": 3}, {}, {"$value": 3}),
        (3, {}, {"$value": 3}),
        ({"total": Decimal("1.50")}, {}, {"total": {"$decimal": "1.50"}}),
        (Revenue(orders=1), {}, {"orders": 1, "total": "0"}),
        (Tally({3}), {}, {"seen": [3]}),
        ({"a": Revenue()}, {"keyed": True}, {"a": {"orders": 0, "total": "0"}}),
        ({3: Revenue()}, {"keyed": True}, {"$3": {"orders": 0, "total": "0"}}),
        ({"a": 3}, {"keyed": True}, {"a": 3}),
        ({}, {"keyed": True}, {}),
        ([Revenue()], {"state_type": list[Revenue]}, {"$value": [{"orders": 0, "total": "0"}]}),
        (None, {"state_type": Revenue | None}, {"$value": None}),
    ],
)
def test_a_state_is_carried_as_a_response_would_have_it(state: Any, options: Any, carried: Any) -> None:
    assert window_event(state=state, **options)["state"] == carried


def test_the_states_of_a_handler_with_keys_come_to_it() -> None:
    event = window_event(insert(ONE), state={1: Revenue(orders=4), 2: Revenue()}, keyed=True)
    assert by_id(event)["state"]["$1"]["orders"] == 5


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: window_event(seconds=0), "a window is from 1 to 900 seconds long, not 0"),
        (lambda: window_event(seconds=901), "a window is from 1 to 900 seconds long, not 901"),
        (lambda: window_event(seconds=True), "a window is from 1 to 900 seconds long, not True"),
        (lambda: window_event(insert(ONE), final=True), "the invocation that ends a window has no records"),
        (
            lambda: window_event(start=START + timedelta(seconds=30)),
            "no window of 60 seconds starts at 2026-01-01T00:00:30.*is in starts at 2026-01-01T00:00:00Z",
        ),
        (
            lambda: window_event(insert(ONE), insert(TWO, at=START + timedelta(minutes=1))),
            "a record of 2026-01-01T00:01:00Z is not in the window from 2026-01-01T00:00:00Z to 2026-01-01T00:01:00Z",
        ),
        (lambda: window_event(window_event(insert(ONE))), "is the event of a window"),
    ],
)
def test_a_window_that_lambda_would_not_have_is_refused(make: Callable[[], Any], told: str) -> None:
    with pytest.raises(ImpossibleEventError, match=told):
        make()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"state": [Revenue()]}, "is not a valid list: .*; say its type with state_type="),
        ({"state": {"a": Revenue()}}, "is not a valid dict: .*; say its type with state_type="),
        ({"state": object()}, "state= is not a valid object"),
        ({"state": {"orders": "many"}, "state_type": Revenue}, "state= is not a valid Revenue: expected Revenue"),
        ({"state": {"a": Revenue(), "b": 3}, "keyed": True}, "state= cannot go into an event: .*b: expected Revenue"),
        ({"state": 3, "keyed": True}, "state= cannot go into an event: .*; say its type"),
    ],
)
def test_a_state_that_could_not_be_returned_is_refused(options: Any, told: str) -> None:
    with pytest.raises(WindowStateError, match=told):
        window_event(**options)


def test_a_type_that_is_no_states_is_refused() -> None:
    class Odd:
        pass

    with pytest.raises(HandlerDefinitionError, match="state=: pydantic cannot read Odd"):
        window_event(state=3, state_type=Odd)


def test_a_modification_can_be_in_a_window() -> None:
    assert window_event(modify(ONE, Order(id=1, total=Decimal(9))))["Records"][0]["eventName"] == "MODIFY"
