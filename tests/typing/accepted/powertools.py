"""Powertools' decorators stack on a handler and under it. How much of its type they leave is theirs to say."""

# pyright: strict

from typing import Any, assert_type

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent, event_source
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.parser import event_parser
from aws_lambda_powertools.utilities.parser.models import DynamoDBStreamModel
from aws_lambda_powertools.utilities.typing import LambdaContext

from streamkit import Change, EventSourceMapping, Insert, Window, stream_handler, tumbling_window
from streamkit.local.invokers.context import LocalContext
from streamkit.responses import BatchResponse, WindowResponse
from tests.typing.models import Order, Revenue

logger = Logger(service="orders")
metrics = Metrics(namespace="orders", service="orders")
tracer = Tracer(service="orders", disabled=True)


@logger.inject_lambda_context
@stream_handler
def a_logged_handler_is_still_a_stream_handler(change: Change[Order]) -> None: ...


@logger.inject_lambda_context(log_event=True)
@stream_handler(batch_size=10)
def also_with_options_of_both(change: Change[Order], context: LambdaContext) -> None: ...


@logger.inject_lambda_context
@tumbling_window(seconds=60)
def a_logged_window_is_still_a_tumbling_window(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@a_logged_window_is_still_a_tumbling_window.final
@tracer.capture_method
def a_final_function_may_be_captured(state: Revenue, window: Window) -> None: ...


@metrics.log_metrics
@tracer.capture_lambda_handler
@stream_handler
def measured_and_traced(change: Change[Order]) -> None: ...


@event_source(data_class=DynamoDBStreamEvent)
@stream_handler
def given_a_data_class(change: Change[Order]) -> None: ...


@event_parser(model=DynamoDBStreamModel)
@stream_handler
def given_a_model(change: Change[Order]) -> None: ...


@stream_handler
@tracer.capture_method
def a_captured_function_makes_a_handler_of_its_own_type(change: Change[Order]) -> int:
    return 1


@stream_handler(concurrency=2)
@tracer.capture_method(capture_response=False)
async def also_an_async_one(change: Change[Order]) -> None: ...


def what_the_logger_leaves_shows_the_mapping_and_the_response() -> None:
    assert_type(a_logged_handler_is_still_a_stream_handler.mapping, EventSourceMapping)
    assert_type(also_with_options_of_both.mapping.batch_size, int)


def a_handler_gives_its_response_through_them() -> None:
    context: Any = LocalContext("orders", "arn:aws:lambda:eu-west-1:123456789012:function:orders", "1", timeout=900)
    window = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"}
    folded = a_logged_window_is_still_a_tumbling_window({"Records": [], "window": window, "state": {}}, context)
    assert_type(folded, WindowResponse)
    assert_type(a_logged_handler_is_still_a_stream_handler({"Records": []}, context), BatchResponse)
    assert_type(given_a_data_class({"Records": []}, context), BatchResponse)
    assert_type(a_captured_function_makes_a_handler_of_its_own_type({"Records": []}), BatchResponse)
    assert_type(also_an_async_one({"Records": []}), BatchResponse)


def the_captured_function_keeps_its_own_type() -> None:
    change = Insert(Order(id=1))
    assert_type(a_captured_function_makes_a_handler_of_its_own_type.__wrapped__(change), int)


def raw_records_feed_powertools_data_class() -> None:
    record = DynamoDBRecord(Insert(Order(id=1), raw={"eventName": "INSERT"}).raw)
    assert record.event_name is not None
