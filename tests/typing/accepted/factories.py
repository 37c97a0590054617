"""Events and strategies are made of image types: a strategy's changes are those that a handler of the type gets."""

# pyright: strict

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, assert_type

from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy, builds

from streamkit import Change, Insert, Modify, Remove, StreamkitError, stream_handler, tumbling_window
from streamkit.local import LocalRunner
from streamkit.responses import BatchResponse, WindowResponse
from streamkit.testing import (
    HypothesisMissingError,
    ImpossibleEventError,
    SimulationError,
    UnmakeableError,
    batch,
    changes,
    expire,
    insert,
    modify,
    remove,
    streams,
    window_event,
)
from tests.typing.models import Entity, Order, Point, Revenue


@stream_handler
def handler(change: Change[Order]) -> None: ...


@tumbling_window(seconds=60)
def revenue(change: Insert[Order], state: Revenue) -> Revenue:
    return state


def events_are_made_of_models_dataclasses_and_dicts() -> None:
    order = Order(id=1)
    assert_type(insert(order), dict[str, Any])
    assert_type(insert(Point(1), key="x"), dict[str, Any])
    assert_type(modify(order, {**order.model_dump(), "total": Decimal(2)}, view_type="NEW_IMAGE"), dict[str, Any])
    assert_type(remove({"pk": "a", "sk": "b"}, key=("pk", "sk"), table="lines"), dict[str, Any])
    assert_type(expire(order, at=datetime(2026, 1, 1, tzinfo=UTC)), dict[str, Any])


def a_handler_is_called_with_an_event() -> None:
    assert_type(handler(batch(insert(Order(id=1)), remove(Order(id=1)))), BatchResponse)


def a_window_handler_is_called_with_the_event_of_a_window() -> None:
    event = window_event(insert(Order(id=1)), state=Revenue(), seconds=60)
    assert_type(event, dict[str, Any])
    assert_type(revenue(event), WindowResponse)


def a_strategy_of_changes_makes_those_that_a_handler_of_the_type_gets() -> None:
    assert_type(changes(Order), SearchStrategy[Change[Order]])

    @settings(max_examples=3, database=None)
    @given(changes(Order))
    def proven(change: Change[Order]) -> None:
        handler.__wrapped__(change)

    proven()


def a_strategy_for_a_view_type_makes_the_images_that_it_carries() -> None:
    assert_type(
        changes(Order, view_type="NEW_IMAGE"), SearchStrategy[Insert[Order] | Modify[Order, None] | Remove[None]]
    )
    assert_type(
        changes(Order, view_type="OLD_IMAGE"), SearchStrategy[Insert[None] | Modify[None, Order] | Remove[Order]]
    )


def what_is_no_class_makes_changes_of_any_image() -> None:
    strategy: SearchStrategy[Change[Entity]] = changes(Entity)
    assert strategy is not None


def images_may_be_drawn_by_a_strategy_of_ones_own() -> None:
    assert_type(changes(Order, images=builds(Order), key="id"), SearchStrategy[Change[Order]])


def a_strategy_of_streams_makes_what_a_runner_takes() -> None:
    assert_type(streams(Order, min_size=1, max_size=3), SearchStrategy[list[dict[str, Any]]])

    @settings(max_examples=3, database=None)
    @given(streams(Order, max_size=3))
    def proven(records: list[dict[str, Any]]) -> None:
        LocalRunner(handler, records).run()

    proven()


def errors_of_what_cannot_be_made_are_streamkits() -> None:
    errors: list[StreamkitError] = [
        HypothesisMissingError(),
        ImpossibleEventError(),
        SimulationError(),
        UnmakeableError("no items"),
    ]
    assert len(errors) == 4
