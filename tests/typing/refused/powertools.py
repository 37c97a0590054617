"""Under those of Powertools' decorators that keep types, a handler is as strict as without them; others lose them."""

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent, event_source

from streamkit import Change, Window, stream_handler, tumbling_window
from tests.typing.models import Order, Revenue

logger, metrics, tracer = Logger(), Metrics(), Tracer()


@logger.inject_lambda_context  # type: ignore[type-var]
@stream_handler  # pyright: ignore[reportArgumentType]
def a_function_of_no_change_is_refused_under_the_logger_too(change: Order) -> None: ...


@stream_handler  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
@tracer.capture_method
def a_captured_function_of_no_change_is_refused_too(change: Order) -> None: ...


@logger.inject_lambda_context
@tumbling_window(seconds=60)
def logged(change: Change[Order], state: Revenue) -> Revenue:
    return state


@logged.final  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def a_final_function_of_another_state_is_refused_too(state: Order, window: Window) -> None: ...


@metrics.log_metrics
@stream_handler
def measured(change: Change[Order]) -> None: ...


@event_source(data_class=DynamoDBStreamEvent)
@stream_handler
def given_a_data_class(change: Change[Order]) -> None: ...


def log_metrics_leaves_any_function() -> None:
    measured.mapping  # type: ignore[attr-defined]  # pyright: ignore[reportFunctionMemberAccess]


def event_source_leaves_powertools_own_handler() -> None:
    given_a_data_class.mapping  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
