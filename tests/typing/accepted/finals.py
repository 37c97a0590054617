"""A final function takes the state that the fold returns; with ``by=`` it takes a dict of states."""

# pyright: strict

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, assert_type

from streamkit import Insert, Window, tumbling_window
from tests.typing.models import Order, Revenue

WINDOW = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC), is_final=True)


@tumbling_window(seconds=60)
def revenue(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@revenue.final
def a_final_function_takes_the_state_and_the_window(state: Revenue, window: Window) -> None:
    assert_type(state.total, Decimal)


@tumbling_window(seconds=60)
def with_context(change: Insert[Order], state: Revenue, context: Any) -> Revenue:
    return state


@with_context.final
def it_may_take_context_and_return_something(state: Revenue, window: Window, context: Any) -> str:
    return "dropped"


@tumbling_window(seconds=60)
async def fetched(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@fetched.final
async def it_may_be_async(state: Revenue, window: Window, *, context: Any = None) -> None: ...


@tumbling_window(seconds=60)
def perhaps(change: Insert[Order], state: Revenue | None) -> Revenue | None:
    return state


@perhaps.final
def the_state_may_be_none(state: Revenue | None, window: Window) -> None: ...


@tumbling_window(seconds=60)
def untyped(change: Insert, state: dict[str, Any]) -> dict[str, Any]:
    return state


@untyped.final
def the_state_may_be_untyped(state: dict[str, Any], window: Window) -> None: ...


@tumbling_window(seconds=60)
def counted(change: Insert[Order], state: list[int]) -> list[int]:
    return state


@counted.final
def a_function_of_wider_types_may_be_final(state: object, window: tuple[datetime, ...] | Window) -> None: ...


def id_of(change: Insert[Order]) -> int:
    return change.new.id


@tumbling_window(seconds=60, by=id_of)
def per_order(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@per_order.final
def with_by_it_takes_the_states_by_their_keys(states: dict[int, Revenue], window: Window) -> None:
    for key, state in states.items():
        assert_type((key, state), tuple[int, Revenue])


@tumbling_window(seconds=60, by=lambda change: (str(change.new.id), len(change.new.type)))
async def per_pair(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@per_pair.final
def keys_may_be_tuples(states: dict[tuple[str, int], Revenue], window: Window) -> None: ...


def a_final_function_stays_itself_for_a_unit_test() -> None:
    a_final_function_takes_the_state_and_the_window(Revenue(), WINDOW)
    assert_type(it_may_take_context_and_return_something(Revenue(), WINDOW, "context"), str)
    assert_type(it_may_take_context_and_return_something(Revenue(), WINDOW, context="context"), str)


async def an_async_final_function_is_awaited() -> None:
    await it_may_be_async(Revenue(), WINDOW, context=None)
