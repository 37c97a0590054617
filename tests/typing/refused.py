"""What type checkers must refuse. Nothing runs this: an ignore that is not needed any more is itself an error."""

from typing import Any

from pydantic import BaseModel

from streamkit import Change, EventSourceMapping, Insert, Modify, Remove, stream_handler


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
