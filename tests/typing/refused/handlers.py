"""A function that `stream_handler` cannot call, and an option that it does not have."""

from typing import Any

from streamkit import BatchItemFailure, Change, DecodeError, EventSourceMapping, Insert, Remove, explain, stream_handler
from tests.typing.models import Customer, Order


@stream_handler  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
def a_function_of_no_change() -> None: ...


@stream_handler  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
def a_function_of_an_image(change: Order) -> None: ...


@stream_handler  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
def a_function_of_lambdas_event(event: dict[str, Any], context: Any) -> None: ...


@stream_handler  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
def a_function_of_three(change: Change[Order], context: Any, further: int) -> None: ...


@stream_handler  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
def a_function_of_a_tuple_of_changes(changes: tuple[Change[Order], ...]) -> None: ...


@stream_handler  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
async def an_async_function_of_no_change() -> None: ...


@stream_handler  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
def a_function_that_must_be_told_more_by_name(change: Change[Order], *, loud: bool) -> None: ...


stream_handler("orders")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


@stream_handler(batchsize=10)  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue]
def an_option_that_does_not_exist(change: Change[Order]) -> None: ...


@stream_handler(batch_size="10")  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def an_option_of_the_wrong_type(change: Change[Order]) -> None: ...


@stream_handler(on_failure="explode")  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def a_policy_that_does_not_exist(change: Change[Order]) -> None: ...


@stream_handler(on_failure="raise")  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def a_policy_of_the_other_decorator(change: Change[Order]) -> None: ...


@stream_handler(starting_position="AT_TIMESTAMP")  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def a_position_that_dynamodb_streams_do_not_have(change: Change[Order]) -> None: ...


@stream_handler(tumbling_window_in_seconds=5)  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue]
def a_setting_that_belongs_to_the_other_decorator(change: Change[Order]) -> None: ...


@stream_handler(function_response_types=["ReportBatchItemFailures"])  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue]
def a_setting_that_the_decorator_makes_itself(change: Change[Order]) -> None: ...


@stream_handler(destination_config={"OnSuccess": {"Destination": "arn"}})  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def a_destination_that_mappings_do_not_have(change: Change[Order]) -> None: ...


@stream_handler(filter_criteria={"Filters": [{"pattern": "{}"}]})  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def a_filter_without_a_pattern(change: Change[Order]) -> None: ...


@stream_handler(10)  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def options_are_named(change: Change[Order]) -> None: ...


@stream_handler
def good(change: Change[Order]) -> None: ...


@stream_handler
async def good_async(change: Insert[Order]) -> int:
    return 1


@stream_handler
def good_batch(changes: list[Change[Order]]) -> None: ...


@good.invalid  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
def what_puts_aside_takes_the_error_too(record: dict[str, Any]) -> None: ...


@good.invalid  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
def what_puts_aside_takes_the_raw_record(record: Order, error: DecodeError) -> None: ...


@good.invalid  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
def what_puts_aside_takes_streamkits_error(record: dict[str, Any], error: KeyError) -> None: ...


def a_handler_returns_a_response_not_what_the_function_returns() -> int:
    return good_async({})  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def a_handler_is_not_awaited() -> None:
    async def main() -> None:
        await good_async({})  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]


def a_handler_is_not_called_with_a_change() -> None:
    good(change=Insert(Order(id=1)))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def the_wrapped_function_takes_its_own_kind_of_change() -> None:
    good_async.__wrapped__(Remove(Order(id=1)))  # type: ignore[arg-type, unused-coroutine]  # pyright: ignore[reportArgumentType, reportUnusedCoroutine]


def the_wrapped_function_takes_its_own_image() -> None:
    good.__wrapped__(Insert(Customer(id=1)))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def the_wrapped_function_of_a_batch_takes_a_list() -> None:
    good_batch.__wrapped__(Insert(Order(id=1)))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_batch_fails_from_a_change_on_not_from_an_image() -> None:
    BatchItemFailure(Order(id=1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_batch_does_not_fail_from_a_sequence_number_on() -> None:
    BatchItemFailure("100")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


good.mapping = EventSourceMapping()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
good.final  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
good.bach_size  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
explain("app:handler")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
