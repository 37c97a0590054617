"""A condition on a field that the model does not have, or of another type than its own."""

# pyright: reportUnnecessaryComparison=error

from decimal import Decimal

from pydantic import BaseModel

from streamkit import (
    any_of,
    anything_but,
    created,
    criteria,
    equals_ignore_case,
    event_name,
    exists,
    one_of,
    prefix,
    present,
    suffix,
    where,
)
from tests.typing.models import Entity, Order, Row


class Address(BaseModel):
    city: str


class Parcel(BaseModel):
    address: Address
    sender: Address | None = None
    tags: list[str] = []


def a_field_is_one_of_the_models() -> None:
    where(Order).totl  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def a_field_inside_is_one_of_its_models() -> None:
    where(Parcel).address.street  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def a_field_of_a_typed_dict_is_one_of_its_own() -> None:
    where(Row)["total"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]


def a_field_of_a_union_is_one_of_all_members() -> None:
    where(Entity).total  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue]


def what_may_be_missing_is_made_present_first() -> None:
    where(Parcel).sender.city  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]


def text_is_compared_with_text() -> None:
    criteria(where(Order).status == 5)  # type: ignore[comparison-overlap]  # pyright: ignore[reportUnnecessaryComparison]


def a_number_is_compared_with_numbers() -> None:
    criteria(where(Order).id == "5")  # type: ignore[comparison-overlap]  # pyright: ignore[reportUnnecessaryComparison]


def a_literal_is_compared_with_its_values() -> None:
    criteria(where(Order).type == "customer")  # type: ignore[comparison-overlap]  # pyright: ignore[reportUnnecessaryComparison]


def a_field_inside_is_compared_with_its_type() -> None:
    criteria(where(Parcel).address.city != 5)  # type: ignore[comparison-overlap]  # pyright: ignore[reportUnnecessaryComparison]


def an_element_is_compared_with_its_type() -> None:
    criteria(any_of(where(Parcel).tags) == 5)  # type: ignore[comparison-overlap]  # pyright: ignore[reportUnnecessaryComparison]


def a_model_is_compared_by_its_fields() -> None:
    criteria(where(Parcel).address == "Rome")  # type: ignore[comparison-overlap]  # pyright: ignore[reportUnnecessaryComparison]


def a_number_has_no_prefix() -> None:
    prefix(where(Order).total, "9")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_list_has_no_suffix() -> None:
    suffix(where(Parcel).tags, "9")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_number_has_no_methods_of_text() -> None:
    where(Order).total.startswith("9")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def a_prefix_is_text() -> None:
    prefix(where(Order).status, 9)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_word_is_text() -> None:
    equals_ignore_case(where(Order).status, b"paid")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def values_are_of_the_fields_type() -> None:
    one_of(where(Order).status, "A", 5)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]


def excluded_values_are_of_the_fields_type() -> None:
    anything_but(where(Order).total, Decimal(1), "2")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]


def a_text_has_no_elements() -> None:
    any_of(where(Order).status)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_field_is_there_or_not() -> None:
    exists(where(Order).status, "no")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_kind_of_event_is_one_of_three() -> None:
    event_name("UPDATE")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_time_is_a_datetime() -> None:
    created(since="2026-01-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def an_image_is_one_of_three() -> None:
    where(Order, "newImage")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]


def filters_are_made_of_conditions() -> None:
    criteria("PAID")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_pattern_is_no_condition() -> None:
    criteria({"eventName": ["INSERT"]})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_text_field_alone_is_no_condition() -> None:
    criteria(where(Order).status)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_comparison_cannot_be_turned_around() -> None:
    criteria(~(where(Order).status == "PAID"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_condition_is_joined_with_conditions() -> None:
    _ = exists(where(Order).status) & "PAID"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]


def a_field_that_is_present_keeps_its_type() -> None:
    present(where(Parcel).sender).street  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
