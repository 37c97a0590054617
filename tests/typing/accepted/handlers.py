"""What `stream_handler` takes, and the type of what it makes."""

# pyright: strict

from collections.abc import Callable
from typing import Any, assert_type

from aws_lambda_powertools.utilities.typing import LambdaContext

from streamkit import (
    BatchItemFailure,
    Change,
    DecodeError,
    EventSourceMapping,
    Insert,
    Modify,
    Remove,
    StreamHandler,
    explain,
    stream_handler,
)
from streamkit.explaining import Explanation
from streamkit.responses import BatchItemFailureEntry, BatchResponse
from tests.typing.models import Entity, Key, Order, Point, Row


@stream_handler
def a_handler_takes_a_change(change: Change[Order]) -> None: ...


@stream_handler()
def the_decorator_may_be_called_without_options(change: Change[Order]) -> None: ...


@stream_handler
def a_handler_may_take_some_kinds_of_change(change: Insert[Order] | Remove[Order]) -> None: ...


@stream_handler
def a_handler_may_take_one_kind(change: Modify[Order]) -> None: ...


@stream_handler
def images_may_be_untyped(change: Change) -> None: ...


@stream_handler
def images_may_be_of_several_types_and_keys_typed(
    change: Insert[Point, Key] | Modify[Order, None, Key] | Remove[Row],
) -> None: ...


@stream_handler
def images_may_be_entities(change: Change[Entity]) -> None: ...


@stream_handler
def a_handler_may_return_anything(change: Change[Order]) -> int:
    return 1


@stream_handler
def context_may_be_asked_for(change: Change[Order], context: Any) -> None: ...


@stream_handler
def context_may_be_of_powertools_type_and_have_a_default(
    change: Change[Order], context: LambdaContext | None = None
) -> None: ...


@stream_handler
def further_parameters_may_have_defaults(change: Change[Order], retries: int = 3, *, loud: bool = False) -> None: ...


@stream_handler(concurrency=3)
async def a_handler_may_be_async(change: Change[Order]) -> None: ...


@stream_handler
def a_handler_may_take_the_whole_batch(changes: list[Change[Order]]) -> None:
    raise BatchItemFailure(changes[0])


@stream_handler
async def also_an_async_one(changes: list[Insert[Order]], context: Any) -> None:
    raise BatchItemFailure(changes[0]) from ValueError()


@stream_handler(on_failure="isolate", deadline_margin_ms=0)
def failures_may_isolate_their_item(change: Change[Order]) -> None: ...


@stream_handler(
    event_source_arn="arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000",
    function_name="orders",
    starting_position="TRIM_HORIZON",
    enabled=True,
    batch_size=10,
    maximum_batching_window_in_seconds=5,
    parallelization_factor=2,
    maximum_record_age_in_seconds=3_600,
    maximum_retry_attempts=2,
    bisect_batch_on_function_error=True,
    destination_config={"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:123456789012:failed"}},
    filter_criteria={"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]},
    kms_key_arn="arn:aws:kms:eu-west-1:123456789012:key/1",
    metrics_config={"Metrics": ["EventCount"]},
    tags={"team": "orders"},
)
def every_setting_of_the_mapping_is_an_option(change: Change[Order]) -> None: ...


@a_handler_takes_a_change.invalid
def what_does_not_decode_is_put_aside(record: dict[str, Any], error: DecodeError) -> str:
    return error.part


@a_handler_may_be_async.invalid
def a_function_of_wider_types_may_put_aside(record: object, error: Exception) -> None: ...


def a_handler_is_called_as_lambda_calls_it() -> None:
    event: dict[str, Any] = {"Records": []}
    assert_type(a_handler_takes_a_change(event, None), BatchResponse)
    assert_type(a_handler_takes_a_change(event)["batchItemFailures"], list[BatchItemFailureEntry])
    assert_type(a_handler_may_be_async(event), BatchResponse)


def a_handler_goes_where_a_lambda_function_is_wanted() -> None:
    function: Callable[[dict[str, Any], LambdaContext], object] = a_handler_takes_a_change
    handlers: list[StreamHandler[Any]] = [a_handler_takes_a_change, a_handler_may_take_the_whole_batch]
    assert function in handlers


def a_handler_shows_its_mapping_and_its_name() -> None:
    assert_type(a_handler_takes_a_change.mapping, EventSourceMapping)
    assert_type(a_handler_takes_a_change.mapping.batch_size, int)
    assert_type(a_handler_takes_a_change.__name__, str)


def the_wrapped_function_keeps_its_own_type_with_the_names_of_its_parameters() -> None:
    handler: StreamHandler[Callable[[Change[Order]], None]] = a_handler_takes_a_change
    handler.__wrapped__(Insert(Order(id=1)))
    assert_type(a_handler_may_return_anything.__wrapped__(change=Insert(Order(id=1))), int)
    further_parameters_may_have_defaults.__wrapped__(Insert(Order(id=1)), retries=1, loud=True)
    a_handler_may_take_one_kind.__wrapped__(Modify(Order(id=2), Order(id=1)))


async def the_wrapped_function_of_an_async_handler_is_awaited() -> None:
    await a_handler_may_be_async.__wrapped__(change=Insert(Order(id=1)))


def a_function_that_puts_aside_stays_itself() -> None:
    error = DecodeError("no number", sequence_number="100", part="NewImage")
    assert_type(what_does_not_decode_is_put_aside(record={}, error=error), str)


def a_handler_is_explained() -> None:
    assert_type(explain(a_handler_takes_a_change), Explanation)
    assert_type(str(explain(a_handler_takes_a_change.__wrapped__)), str)
