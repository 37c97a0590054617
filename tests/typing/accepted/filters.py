"""A field of an image has the type that its model says, and a comparison of it is a condition wherever one goes."""

# pyright: strict

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, assert_type
from uuid import UUID

from pydantic import BaseModel

from streamkit import (
    Condition,
    EventSourceMapping,
    Insert,
    any_of,
    anything_but,
    created,
    criteria,
    equals_ignore_case,
    event_name,
    exists,
    expired,
    one_of,
    prefix,
    present,
    stream_handler,
    suffix,
    where,
)
from streamkit.filters import matcher
from streamkit.settings import FilterCriteria
from tests.typing.models import Entity, Gift, Order, Point, Row


class Color(Enum):
    RED = "red"


class Address(BaseModel):
    city: str


@dataclass
class Line:
    sku: str
    qty: int


class Parcel(BaseModel):
    sent_at: datetime
    due: date | None = None
    ref: UUID
    color: Color = Color.RED
    fragile: bool = False
    weight: float = 0.0
    photo: bytes = b""
    address: Address
    sender: Address | None = None
    note: str | None = None
    tags: list[str] = []
    labels: set[str] | None = None
    lines: tuple[Line, ...] = ()
    limits: dict[str, Decimal] = {}


def a_condition_goes_into_a_handler_a_mapping_and_a_matcher() -> None:
    paid = where(Order).status == "PAID"
    assert_type(criteria(paid), FilterCriteria)

    @stream_handler(filter_criteria=criteria(where(Order).status == "PAID"))
    def handler(change: Insert[Order]) -> None: ...

    assert matcher(handler.mapping.filter_criteria)({"dynamodb": {"NewImage": {"status": {"S": "PAID"}}}})
    EventSourceMapping(filter_criteria=criteria(paid))


def a_field_is_of_its_type() -> None:
    assert_type(where(Order), Order)
    assert_type(where(Gift).wrapping, str)
    assert_type(where(Order, "OldImage").total, Decimal)
    assert_type(where(Point, "Keys").x, int)
    assert_type(where(Row)["id"], int)
    assert_type(where(dict[str, Any]), dict[str, Any])
    assert_type(where(Parcel).address.city, str)


def a_union_has_the_fields_that_all_of_its_members_have() -> None:
    assert_type(where(Entity).id, int)
    criteria(where(Entity).type == "order", where(Order | Gift).total == 5)


def comparisons_are_conditions() -> None:
    order = where(Order)
    criteria(
        order.status == "PAID",
        order.status != "PAID",
        order.total == 5,
        order.total == Decimal(5),
        order.type == "order",
    )
    parcel = where(Parcel)
    criteria(parcel.sent_at == datetime(2026, 1, 1, tzinfo=UTC), parcel.color == Color.RED, parcel.fragile)
    criteria(
        parcel.limits["a"] == 5,
        where(Row)["id"] == 5,
        where(dict[str, Any])["id"] == "x",
        parcel.due == date(2026, 1, 1),
    )


def text_has_its_own_methods_and_functions() -> None:
    order, parcel = where(Order), where(Parcel)
    criteria(order.status.startswith("PA"), order.status.endswith(("ID", "EN")))
    assert_type(prefix(parcel.note, "a"), Condition)
    assert_type(prefix(parcel.sent_at, "2026-01"), Condition)
    assert_type(suffix(parcel.ref, "0"), Condition)
    assert_type(equals_ignore_case(parcel.color, "RED"), Condition)


def functions_take_values_of_the_fields_type() -> None:
    order, parcel = where(Order), where(Parcel)
    assert_type(one_of(order.status, "A", "B"), Condition)
    assert_type(one_of(order.total, 1, Decimal(2), 0.5), Condition)
    assert_type(one_of(parcel.fragile, False), Condition)
    assert_type(anything_but(parcel.due, date(2026, 1, 1)), Condition)
    assert_type(anything_but(parcel.color, Color.RED), Condition)
    assert_type(anything_but(parcel.photo, b"a", b"b"), Condition)
    assert_type(exists(parcel.note), Condition)
    assert_type(~exists(parcel.note), Condition)
    assert_type(exists(parcel.note, there=False), Condition)


def an_element_and_what_is_present_have_their_types() -> None:
    parcel = where(Parcel)
    assert_type(any_of(parcel.tags), str)
    assert_type(any_of(parcel.labels), str)
    assert_type(any_of(parcel.lines), Line)
    assert_type(present(parcel.sender), Address)
    criteria(any_of(parcel.tags) == "gift", any_of(parcel.lines).qty == 5, present(parcel.sender).city == "Rome")


def conditions_and_comparisons_are_joined_in_any_order() -> None:
    order = where(Order)
    paid, large = order.status == "PAID", order.total == 100
    assert_type(exists(order.status) & paid, Condition)
    assert_type(paid & exists(order.status), Condition)
    assert_type(event_name("INSERT", "MODIFY") | paid, Condition)
    assert_type(paid | expired(), Condition)
    criteria(paid & large, paid | large, (paid | large) & event_name("INSERT"), where(Parcel).fragile & paid)
    assert_type(created(since=datetime(2026, 1, 1, tzinfo=UTC)) & ~expired(), Condition)
