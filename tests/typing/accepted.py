"""What type checkers must accept, and the types that they must see. mypy and pyright read this; a test runs it."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, assert_never, assert_type

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from streamkit import (
    BatchItemFailure,
    Change,
    DecodeError,
    EventSourceMapping,
    Insert,
    Modify,
    Remove,
    TumblingWindow,
    Window,
    stream_handler,
    tumbling_window,
)
from streamkit.local import Invocation, LocalRunner, LocalTable
from streamkit.responses import BatchItemFailureEntry, BatchResponse, WindowResponse


class Order(BaseModel):
    type: Literal["order"] = "order"
    id: int
    total: Decimal = Decimal(0)


class Customer(BaseModel):
    type: Literal["customer"] = "customer"
    id: int


@dataclass
class Point:
    x: int


class Row(TypedDict):
    id: int


class Key(TypedDict):
    id: int


Entity = Annotated[Order | Customer, Field(discriminator="type")]


@stream_handler
def each_case_has_its_images(change: Change[Order]) -> None:
    match change:
        case Insert(new=order):
            assert_type(order, Order)
        case Modify(new=after, old=before):
            assert_type(after, Order)
            assert_type(before, Order)
        case Remove(old=order):
            assert_type(order, Order)
        case _:
            assert_never(change)


@stream_handler
def an_untyped_image_is_a_dict(change: Change) -> None:
    if isinstance(change, Insert):
        assert_type(change.new, dict[str, Any])
        assert_type(change.keys, dict[str, Any])


@stream_handler
def images_may_differ_and_be_absent(change: Insert[Order] | Modify[Order, None] | Remove[None]) -> None:
    match change:
        case Insert():
            assert_type(change.new, Order)
        case Modify():
            assert_type(change.new, Order)
            assert_type(change.old, None)
        case Remove():
            assert_type(change.old, None)


@stream_handler
def keys_may_be_typed(change: Insert[Point, Key]) -> None:
    assert_type(change.keys, Key)
    assert_type(change.new, Point)


@stream_handler
def a_typed_dict_is_an_image(change: Remove[Row]) -> None:
    assert_type(change.old, Row)
    assert_type(change.expired, bool)


@stream_handler
def a_table_may_hold_several_entities(change: Change[Entity]) -> None:
    match change:
        case Insert(new=Order(total=total)):
            assert_type(total, Decimal)
        case Insert(new=Customer()):
            pass
        case _:
            pass


@stream_handler(batch_size=10, on_failure="isolate", maximum_retry_attempts=2)
def options_are_typed(change: Change[Order]) -> None: ...


@stream_handler(concurrency=3)
async def async_functions_are_handlers(change: Change[Order]) -> None: ...


@stream_handler
def a_whole_batch_is_a_list(changes: list[Change[Order]]) -> None:
    raise BatchItemFailure(changes[0])


@stream_handler
def lambdas_context_may_be_asked_for(change: Change[Order], context: Any) -> None: ...


@options_are_typed.invalid
def put_aside(record: dict[str, Any], error: DecodeError) -> None:
    assert_type(error.sequence_number, str | None)


def the_handlers_own_type_shows_call_mapping_and_the_wrapped_function() -> None:
    assert_type(options_are_typed({"Records": []}, None), BatchResponse)
    assert_type(options_are_typed.mapping, EventSourceMapping)
    assert_type(options_are_typed.mapping.batch_size, int)
    options_are_typed.__wrapped__(Insert(Order(id=1)))


def an_insert_of_a_subclass_is_an_insert_of_its_base() -> None:
    class Gift(Order):
        wrapping: str = "red"

    def of_order(change: Insert[Order]) -> Order:
        return change.new

    assert_type(of_order(Insert(Gift(id=1))), Order)


def the_runner_takes_handlers_tables_and_records() -> None:
    table = LocalTable("orders", key=("pk", "sk"))
    runner = LocalRunner(options_are_typed, table, EventSourceMapping(batch_size=3))
    runner.run()
    runner.advance(minutes=5)
    assert_type(runner.invocations, list[Invocation])
    assert_type(runner.checkpoints, dict[str, str])
    assert_type(table.put({"pk": "a", "sk": "b"}), str | None)
    LocalRunner(options_are_typed, table.records)
    LocalRunner(lambda event, context: None, table)


class Revenue(BaseModel):
    orders: int = 0
    total: Decimal = Decimal(0)


@tumbling_window(seconds=60)
def a_fold_takes_a_change_and_a_state(change: Insert[Order], state: Revenue) -> Revenue:
    return Revenue(orders=state.orders + 1, total=state.total + change.new.total)


@tumbling_window(seconds=60, on_failure="raise", batch_size=10, maximum_retry_attempts=2)
def a_fold_may_take_window_and_context(
    change: Change[Order], state: Revenue, window: Window, context: Any = None
) -> Revenue:
    assert_type(window.start, datetime)
    assert_type(window.end, datetime)
    assert_type(window.shard_id, str)
    assert_type(window.is_final, bool)
    assert_type(window.terminated_early, bool)
    match change:
        case Insert(new=order) | Remove(old=order):
            assert_type(order, Order)
        case Modify(new=after, old=before):
            assert_type((after, before), tuple[Order, Order])
        case _:
            assert_never(change)
    return state


@tumbling_window(seconds=60, initial=Decimal(0))
def a_window_may_have_a_default_and_be_named(
    change: Insert[Order] | Modify[Order, None], state: Decimal, *, window: Window | None = None
) -> Decimal:
    return state + change.new.total


@tumbling_window(seconds=60, migrate=lambda raw: Revenue(orders=raw["count"]))
async def a_fold_may_be_async(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60)
def a_fold_may_take_the_whole_batch(changes: list[Change[Order]], state: Revenue) -> Revenue:
    raise BatchItemFailure(changes[0])


@tumbling_window(seconds=60)
def a_state_may_be_untyped(change: Change, state: dict[str, Any]) -> dict[str, Any]:
    return {**state, "changes": state.get("changes", 0) + 1}


@tumbling_window(seconds=60)
def a_state_may_be_a_list(change: Insert[Order], state: list[int]) -> list[int]:
    return [*state, change.new.id]


@tumbling_window(seconds=60)
def a_state_may_be_none_at_first(change: Insert[Order], state: Revenue | None) -> Revenue | None:
    return state or Revenue()


def customer_of(change: Insert[Order]) -> int:
    return change.new.id


@tumbling_window(seconds=60, by=customer_of)
def a_state_may_be_kept_per_key(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, by=lambda change: (str(change.new.id), len(change.new.type)))
async def also_of_an_async_fold(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@a_fold_takes_a_change_and_a_state.final
def publish(state: Revenue, window: Window) -> None:
    assert_type(state.total, Decimal)


@a_fold_may_take_window_and_context.final
def publish_with_context(state: Revenue, window: Window, context: Any) -> str:
    return "dropped"


@a_fold_may_be_async.final
async def publish_later(state: Revenue, window: Window) -> None: ...


@a_state_may_be_untyped.final
def publish_untyped(state: dict[str, Any], window: Window) -> None: ...


@a_state_may_be_none_at_first.final
def publish_perhaps(state: Revenue | None, window: Window) -> None: ...


@a_state_may_be_kept_per_key.final
def publish_all(states: dict[int, Revenue], window: Window) -> None: ...


@also_of_an_async_fold.final
def publish_all_pairs(states: dict[tuple[str, int], Revenue], window: Window) -> None: ...


@a_fold_takes_a_change_and_a_state.invalid
def put_aside_in_windows(record: dict[str, Any], error: DecodeError) -> None:
    assert_type(error.part, str)


def a_window_handlers_own_type_shows_call_mapping_and_the_wrapped_fold() -> None:
    handler = a_fold_takes_a_change_and_a_state
    assert_type(handler, TumblingWindow[Callable[[Insert[Order], Revenue], Revenue], Revenue])
    assert_type(handler.mapping, EventSourceMapping)
    assert_type(handler.__wrapped__(Insert(Order(id=1)), Revenue()), Revenue)
    assert_type(
        a_fold_may_be_async,
        TumblingWindow[Callable[[Insert[Order], Revenue], Coroutine[Any, Any, Revenue]], Revenue],
    )
    assert_type(
        a_state_may_be_kept_per_key, TumblingWindow[Callable[[Insert[Order], Revenue], Revenue], dict[int, Revenue]]
    )
    window = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"}
    response = handler({"Records": [], "window": window, "state": {}}, None)
    assert_type(response, WindowResponse)
    assert_type(response["state"], dict[str, Any])
    assert_type(response["batchItemFailures"], list[BatchItemFailureEntry])


def a_final_function_stays_itself() -> None:
    assert_type(publish, Callable[[Revenue, Window], None])
    publish(Revenue(), Window(datetime.now(UTC), datetime.now(UTC)))
    assert_type(
        publish_with_context(Revenue(), Window(datetime.now(UTC), datetime.now(UTC), is_final=True), "context"), str
    )


def the_runner_takes_window_handlers() -> None:
    LocalRunner(a_fold_takes_a_change_and_a_state, LocalTable("orders")).run()
