"""What type checkers must refuse. Nothing runs this: an ignore that is not needed any more is itself an error."""

from typing import Any

from pydantic import BaseModel

from streamkit import Change, EventSourceMapping, Insert, Modify, Remove, Window, stream_handler, tumbling_window


class Order(BaseModel):
    id: int


def an_insert_has_no_old_image(change: Insert[Order]) -> None:
    change.old  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # noqa: B018


def a_remove_has_no_new_image(change: Remove[Order]) -> None:
    change.new  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # noqa: B018


def a_change_has_no_image_before_it_is_matched(change: Change[Order]) -> None:
    change.new  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue]  # noqa: B018


def an_image_that_was_not_asked_for_is_none(change: Modify[Order, None]) -> None:
    change.old.id  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # noqa: B018


def images_cannot_be_assigned(change: Insert[Order]) -> None:
    change.new = Order(id=1)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


@stream_handler(batchsize=10)  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue]
def an_option_that_does_not_exist(change: Change[Order]) -> None: ...


@stream_handler(batch_size="10")  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def an_option_of_the_wrong_type(change: Change[Order]) -> None: ...


@stream_handler(on_failure="explode")  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def a_policy_that_does_not_exist(change: Change[Order]) -> None: ...


@stream_handler(tumbling_window_in_seconds=5)  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue]
def a_setting_that_belongs_to_another_decorator(change: Change[Order]) -> None: ...


@stream_handler  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
def a_function_of_no_change() -> None: ...


@stream_handler  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
def a_function_of_an_order(change: Order) -> None: ...


@stream_handler  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
def a_function_of_three(change: Change[Order], context: Any, further: int) -> None: ...


EventSourceMapping(batch_size="10")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
EventSourceMapping(batchsize=10)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


class Revenue(BaseModel):
    orders: int = 0


@tumbling_window(seconds=60)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
def a_fold_of_another_type_than_its_state(change: Insert[Order], state: Revenue) -> Order:
    return change.new


@tumbling_window(seconds=60)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
def a_fold_of_a_wider_type_than_its_state(change: Insert[Order], state: int) -> float:
    return state / 2


@tumbling_window(seconds=60)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
def a_fold_that_returns_none(change: Insert[Order], state: Revenue) -> None: ...


@tumbling_window(seconds=60)  # type: ignore[misc]  # pyright: ignore[reportArgumentType, reportCallIssue]
async def an_async_fold_that_returns_none(change: Insert[Order], state: Revenue) -> None: ...


@tumbling_window(seconds=60)  # type: ignore[misc]  # pyright: ignore[reportArgumentType, reportCallIssue]
async def an_async_fold_of_another_type(change: Insert[Order], state: Revenue) -> Order:
    return change.new


@tumbling_window(seconds=60)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
def a_fold_without_a_state(change: Insert[Order]) -> Revenue:
    return Revenue()


@tumbling_window(seconds=60)  # type: ignore[arg-type, type-var]  # pyright: ignore[reportArgumentType, reportCallIssue]
def a_fold_of_no_change(change: Order, state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, batchsize=10)  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue]
def a_window_with_an_option_that_does_not_exist(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, concurrency=5)  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue]
def a_window_with_an_option_of_the_other_decorator(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, parallelization_factor=2)  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue]
def a_window_with_lanes(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, filter_criteria={"Filters": []})  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue]
def a_window_with_filters(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds="60")  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def a_window_whose_seconds_are_a_text(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window()  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue]
def a_window_without_a_length(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, on_failure="continue")  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def a_window_that_leaves_records_out(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, by="id")  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportArgumentType]
def a_window_by_a_name(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60)
def a_good_one(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, by=lambda change: str(change.new.id))
def a_good_one_by_key(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@a_good_one.final  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def a_final_function_of_another_state(state: Order, window: Window) -> None: ...


@a_good_one.final  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def a_final_function_without_a_window(state: Revenue) -> None: ...


@a_good_one.final  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def a_final_function_of_no_window(state: Revenue, window: Order) -> None: ...


@a_good_one_by_key.final  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def a_final_function_of_one_state_by_key(state: Revenue, window: Window) -> None: ...


@a_good_one_by_key.final  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def a_final_function_of_other_keys(states: dict[int, Revenue], window: Window) -> None: ...


a_good_one.invalid(lambda record: None)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
a_good_one.mapping = EventSourceMapping()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
a_good_one.finally_  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # noqa: B018
