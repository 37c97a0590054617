"""What type checkers must accept, and the types that they must see. mypy and pyright read this; a test runs it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal, assert_never, assert_type

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from streamkit import BatchItemFailure, Change, DecodeError, EventSourceMapping, Insert, Modify, Remove, stream_handler
from streamkit.local import Invocation, LocalRunner, LocalTable
from streamkit.responses import BatchResponse


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
