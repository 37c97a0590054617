"""Models and dicts to DynamoDB JSON."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from streamkit import AttributeValueError
from streamkit.attributes import deserialize_item
from streamkit.decoding import decoder_for
from streamkit.encoding import encode_item


class Colour(Enum):
    RED = "red"


class Line(BaseModel):
    sku: str
    price: Decimal


@dataclass
class Place:
    shelf: int


class Order(BaseModel):
    number: int = Field(alias="orderNumber")
    at: datetime
    ref: UUID
    colour: Colour
    lines: list[Line] = []
    tags: set[str] = {"new"}
    place: Place = Place(3)


ORDER = Order(
    orderNumber=7,
    at=datetime(2026, 1, 1, tzinfo=UTC),
    ref=UUID(int=5),
    colour=Colour.RED,
    lines=[Line(sku="tea", price=Decimal("7.90"))],
)


def test_a_model_is_written_under_its_aliases_with_dynamodbs_types_where_there_are_any() -> None:
    assert encode_item(ORDER) == {
        "orderNumber": {"N": "7"},
        "at": {"S": "2026-01-01T00:00:00Z"},
        "ref": {"S": "00000000-0000-0000-0000-000000000005"},
        "colour": {"S": "red"},
        "lines": {"L": [{"M": {"sku": {"S": "tea"}, "price": {"N": "7.90"}}}]},
        "tags": {"SS": ["new"]},
        "place": {"M": {"shelf": {"N": "3"}}},
    }


def test_a_model_inside_a_dict_is_written_as_it_is_on_its_own() -> None:
    assert encode_item({"order": ORDER})["order"] == {"M": encode_item(ORDER)}


@given(st.integers(0, 10**30), st.decimals(0, 1000, places=2), st.sets(st.text(max_size=3), min_size=1, max_size=3))
def test_what_is_encoded_decodes_to_an_equal_model(number: int, price: Decimal, tags: set[str]) -> None:
    order = ORDER.model_copy(update={"number": number, "lines": [Line(sku="x", price=price)], "tags": tags})
    decode = decoder_for(Order, "here")
    assert decode is not None
    assert decode(encode_item(order)) == order


@pytest.mark.parametrize("item", [5, "text", None, ["a"], Place])
def test_what_is_no_item_is_refused(item: object) -> None:
    with pytest.raises(AttributeValueError, match="an item is a dict, a pydantic model or a dataclass, not "):
        encode_item(item)


def test_what_has_no_form_at_all_is_refused_with_its_path() -> None:
    with pytest.raises(AttributeValueError, match=r"^a\.0: object "):
        encode_item({"a": [object()]})


def test_a_set_of_lists_is_refused_with_its_path() -> None:
    with pytest.raises(AttributeValueError, match=r"^a: a set holds only text, only numbers or only bytes"):
        encode_item({"a": {(1, 2)}})


def test_an_untyped_item_comes_back_as_it_went() -> None:
    item = {"a": Decimal(1), "b": [None, {"c": b"x"}], "d": {"e"}}
    assert deserialize_item(encode_item(item)) == item
