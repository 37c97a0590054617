"""A fold that does not return its state, and an option that a window does not have."""

from typing import Any

from streamkit import EventSourceMapping, Insert, Remove, TumblingWindow, tumbling_window
from tests.typing.models import Order, Revenue


@tumbling_window(seconds=60)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
def a_fold_of_another_type_than_its_state(change: Insert[Order], state: Revenue) -> Order:
    return change.new


@tumbling_window(seconds=60)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
def a_fold_of_a_wider_type_than_its_state(change: Insert[Order], state: int) -> float:
    return state / 2


@tumbling_window(seconds=60)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
def a_fold_that_may_return_none(change: Insert[Order], state: Revenue) -> Revenue | None:
    return state


@tumbling_window(seconds=60)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
def a_fold_that_returns_nothing(change: Insert[Order], state: Revenue) -> None: ...


@tumbling_window(seconds=60)  # type: ignore[misc]  # pyright: ignore[reportArgumentType, reportCallIssue]
async def an_async_fold_that_returns_nothing(change: Insert[Order], state: Revenue) -> None: ...


@tumbling_window(seconds=60)  # type: ignore[misc]  # pyright: ignore[reportArgumentType, reportCallIssue]
async def an_async_fold_of_another_type(change: Insert[Order], state: Revenue) -> Order:
    return change.new


@tumbling_window(seconds=60, by=lambda change: change.new.id)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
def a_fold_by_key_of_all_states(change: Insert[Order], state: Revenue) -> dict[int, Revenue]:
    return {1: state}


@tumbling_window(seconds=60)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
def a_fold_without_a_state(change: Insert[Order]) -> Revenue:
    return Revenue()


@tumbling_window(seconds=60)  # type: ignore[arg-type, type-var]  # pyright: ignore[reportArgumentType, reportCallIssue]
def a_fold_of_an_image(change: Order, state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60)  # type: ignore[arg-type, type-var]  # pyright: ignore[reportArgumentType, reportCallIssue]
def a_fold_of_state_and_change(state: Revenue, change: Insert[Order]) -> Revenue:
    return state


@tumbling_window(seconds=60, batchsize=10)  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue]
def an_option_that_does_not_exist(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, concurrency=5)  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue]
def an_option_of_the_other_decorator(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, parallelization_factor=2)  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue]
def lanes_do_not_go_with_windows(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, filter_criteria={"Filters": []})  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue]
def filters_do_not_go_with_windows(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds="60")  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def seconds_are_no_text(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=0.5)  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def seconds_are_whole(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window()  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue]
def a_window_has_a_length(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
def a_bare_decorator_has_no_length_either(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(60)  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue]
def a_length_is_named(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, on_failure="continue")  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def a_window_leaves_no_records_out(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, by="id")  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def a_key_is_no_name(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, by=lambda: "id")  # type: ignore[arg-type, misc]  # pyright: ignore[reportArgumentType]
def a_key_is_a_function_of_the_change(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, migrate=Revenue())  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def an_old_state_is_migrated_by_a_function(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60)
def good(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60)
async def good_async(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@good.invalid  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
def what_puts_aside_takes_the_error_too(record: dict[str, Any]) -> None: ...


def a_handler_returns_a_response_not_the_state() -> Revenue:
    return good({})  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def the_wrapped_fold_takes_its_own_kind_of_change() -> None:
    good.__wrapped__(Remove(Order(id=1)), Revenue())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def the_wrapped_fold_takes_its_own_state() -> None:
    good.__wrapped__(Insert(Order(id=1)), Order(id=1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def the_wrapped_fold_takes_a_state() -> None:
    good.__wrapped__(Insert(Order(id=1)))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def the_wrapped_fold_of_an_async_handler_is_awaited() -> Revenue:
    return good_async.__wrapped__(Insert(Order(id=1)), Revenue())  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def a_handler_of_one_state_is_none_of_another() -> TumblingWindow[Any, Order]:
    return good  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


good.mapping = EventSourceMapping()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
good.finally_  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
