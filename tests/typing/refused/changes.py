"""An image that a change does not have is refused, and so is a case that was forgotten."""

from typing import assert_never

from streamkit import Change, Insert, Modify, Remove
from tests.typing.models import Customer, Entity, Key, Order


def an_insert_has_no_old_image(change: Insert[Order]) -> None:
    change.old  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def a_remove_has_no_new_image(change: Remove[Order]) -> None:
    change.new  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def a_change_has_no_image_before_it_is_matched(change: Change[Order]) -> None:
    change.new  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue]


def an_insert_has_no_old_image_after_match_either(change: Change[Order]) -> None:
    match change:
        case Insert():
            change.old  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
        case _:
            pass


def a_case_that_was_forgotten_is_found(change: Change[Order]) -> None:
    match change:
        case Insert() | Modify():
            pass
        case _:
            assert_never(change)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_match_that_returns_forgot_a_case(change: Change[Order]) -> Order:  # type: ignore[return]  # pyright: ignore[reportReturnType]
    match change:
        case Insert(new=order) | Modify(new=order):
            return order


def an_image_that_was_not_asked_for_is_none(change: Modify[Order, None]) -> None:
    change.old.id  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def an_image_that_may_be_missing_is_looked_at_first(change: Modify[Order, Order | None]) -> None:
    change.old.id  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]


def an_image_has_the_fields_of_its_model_only(change: Insert[Order]) -> None:
    change.new.totl  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def an_entity_is_told_apart_first(change: Insert[Entity]) -> None:
    change.new.total  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue]


def images_cannot_be_assigned(change: Insert[Order]) -> None:
    change.new = Order(id=1)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def meta_cannot_be_assigned(change: Insert[Order]) -> None:
    change.meta.event_id = "1"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def typed_keys_have_their_members_only(change: Insert[Order, Key]) -> None:
    change.keys["sk"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]


def only_a_modification_can_be_compared(change: Insert[Order]) -> None:
    change.changed("total")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def only_a_removal_can_be_by_ttl(change: Modify[Order]) -> None:
    change.expired  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def fields_are_compared_by_name(change: Modify[Order]) -> None:
    change.changed(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_difference_is_old_and_new(change: Modify[Order]) -> None:
    _old, _new, _more = change.diff()["total"]  # type: ignore[misc]  # pyright: ignore[reportAssignmentType]


def a_modification_has_two_images() -> None:
    Modify(Order(id=1))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def a_removal_is_not_an_insertion(change: Remove[Order]) -> Insert[Order]:
    return change  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def a_change_of_an_order_is_none_of_a_customer(change: Insert[Order]) -> Insert[Customer]:
    return change  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def a_kind_has_so_many_types(change: Remove[Order, Key, None]) -> None: ...  # type: ignore[type-arg]  # pyright: ignore[reportInvalidTypeArguments]
