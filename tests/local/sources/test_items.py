from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from streamkit.attributes import deserialize_item
from streamkit.errors import AttributeValueError
from streamkit.local.sources.items import stored_item

SOME_ID = UUID("12345678-1234-5678-1234-567812345678")


class Colour(Enum):
    RED = "red"


class Line(BaseModel):
    sku: str
    price: Decimal


class Order(BaseModel):
    id: int
    placed: datetime = Field(serialization_alias="placedAt")
    lines: list[Line] = []


@dataclass
class Point:
    x: Decimal
    tags: set[str] = field(default_factory=set)


def stored(value: Any) -> Any:
    return stored_item({"v": value})["v"]


@pytest.mark.parametrize(
    ("value", "attribute"),
    [
        ("text", {"S": "text"}),
        (True, {"BOOL": True}),
        (None, {"NULL": True}),
        (b"\x00\x01", {"B": "AAE="}),
        (bytearray(b"\x00"), {"B": "AA=="}),
        (12, {"N": "12"}),
        (0.1, {"N": "0.1"}),
        (Decimal("-0"), {"N": "0"}),
        (Decimal("9.90"), {"N": "9.9"}),
        (Decimal("1E+3"), {"N": "1000"}),
        (Decimal("1E-7"), {"N": "0.0000001"}),
        ({"b", "a"}, {"SS": ["a", "b"]}),
        (frozenset({Decimal("1.50"), 1}), {"NS": ["1", "1.5"]}),
        ({b"\x00"}, {"BS": ["AA=="]}),
        (("a", 1), {"L": [{"S": "a"}, {"N": "1"}]}),
        ({"k": [Decimal("1.0")]}, {"M": {"k": {"L": [{"N": "1"}]}}}),
    ],
)
def test_a_value_is_stored_as_dynamodb_writes_it_back(value: Any, attribute: Any) -> None:
    assert stored(value) == attribute


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (date(2026, 1, 2), "2026-01-02"),
        (SOME_ID, str(SOME_ID)),
        (Colour.RED, "red"),
    ],
)
def test_what_dynamodb_has_no_type_for_is_stored_as_in_json(value: Any, text: str) -> None:
    assert stored(value) == {"S": text}
    assert stored([value]) == {"L": [{"S": text}]}
    assert stored({value}) == {"SS": [text]}


def test_a_model_is_stored_under_its_aliases() -> None:
    order = Order(id=1, placed=datetime(2026, 1, 2, tzinfo=UTC), lines=[Line(sku="x", price=Decimal("2.50"))])
    assert stored_item(order) == {
        "id": {"N": "1"},
        "placedAt": {"S": "2026-01-02T00:00:00Z"},
        "lines": {"L": [{"M": {"sku": {"S": "x"}, "price": {"N": "2.5"}}}]},
    }


def test_a_dataclass_is_stored_field_by_field() -> None:
    assert stored_item(Point(Decimal("1.5"), {"a"})) == {"x": {"N": "1.5"}, "tags": {"SS": ["a"]}}


@pytest.mark.parametrize(
    ("value", "attributes"),
    [
        (Line(sku="x", price=Decimal("2.50")), {"sku": {"S": "x"}, "price": {"N": "2.5"}}),
        (Point(Decimal("1.5"), {"a"}), {"x": {"N": "1.5"}, "tags": {"SS": ["a"]}}),
    ],
)
def test_a_model_inside_a_dict_is_stored_as_it_is_on_its_own(value: Any, attributes: Any) -> None:
    assert stored_item(value) == attributes
    assert stored(value) == {"M": attributes}
    assert stored([value]) == {"L": [{"M": attributes}]}


@pytest.mark.parametrize("item", [5, None, ["id"], Point, "id"])
def test_what_is_no_item_is_refused(item: Any) -> None:
    with pytest.raises(AttributeValueError, match="an item is a dict, a pydantic model or a dataclass"):
        stored_item(item)


@pytest.mark.parametrize("value", [object(), float("nan"), set(), {"a", 1}, {(1, 2)}])
def test_what_dynamodb_could_not_store_is_refused_with_its_path(value: Any) -> None:
    with pytest.raises(AttributeValueError) as caught:
        stored_item({"outer": [{"inner": value}]})
    assert caught.value.path == "outer.0.inner"


numbers = st.builds(
    lambda digits, magnitude: Decimal(digits).scaleb(magnitude, context=Context(prec=38)),
    st.integers(-(10**38) + 1, 10**38 - 1),
    st.integers(-130, 125 - 37),
)
scalars = st.none() | st.booleans() | st.text() | st.binary() | numbers | st.integers(-(10**37), 10**37)
names = st.text(max_size=3)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=2), max_leaves=5
)
items = st.dictionaries(names, values, max_size=3)


@given(items)
def test_no_value_is_changed_by_being_stored(item: dict[str, Any]) -> None:
    assert deserialize_item(stored_item(item)) == item


@given(items)
def test_storing_what_was_read_back_changes_nothing(item: dict[str, Any]) -> None:
    stored_once = stored_item(item)
    assert stored_item(deserialize_item(stored_once)) == stored_once


@pytest.mark.parametrize("digits", [28, 29, 38])
def test_a_number_keeps_all_of_its_38_digits(digits: int) -> None:
    text = ("123456789" * 5)[:digits]
    assert stored(Decimal(text)) == {"N": text}
    assert stored(int("9" * digits)) == {"N": "9" * digits}
    assert stored(Decimal("0." + "9" * digits)) == {"N": "0." + "9" * digits}
