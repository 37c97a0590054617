from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NotRequired, Optional
from uuid import UUID, uuid4

import pytest
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field
from pydantic import dataclasses as pydantic_dataclasses
from typing_extensions import TypedDict

from streamkit.testing.values import UnmakeableError, item_maker_of
from tests.testing.making.made import seeded


def items(image_type: Any, key: str | tuple[str, ...] = "id", count: int = 60) -> list[dict[str, Any]]:
    make, draws = item_maker_of(image_type, key), seeded(0)
    return [make(draws) for _ in range(count)]


def test_what_has_a_default_may_be_absent_and_the_rest_never_is() -> None:
    class Order(BaseModel):
        id: int
        note: str = ""
        lines: list[int] = Field(default_factory=list)

    assert {tuple(item) for item in items(Order)} == {
        ("id", "note", "lines"),
        ("id", "note"),
        ("id", "lines"),
        ("id",),
    }


def test_what_would_be_another_value_each_time_is_never_absent() -> None:
    class Order(BaseModel):
        id: int
        uid: UUID = Field(default_factory=uuid4)
        at: datetime = Field(default_factory=lambda: datetime.now(UTC))

    assert {tuple(item) for item in items(Order)} == {("id", "uid", "at")}


def test_what_says_which_type_an_item_has_is_never_absent() -> None:
    class Order(BaseModel):
        id: int
        kind: Literal["order"] = "order"
        colour: Literal["red", "blue"] = "red"

    assert {tuple(item) for item in items(Order)} == {("id", "kind", "colour"), ("id", "kind")}


def test_keys_are_never_absent_and_never_none_or_empty() -> None:
    class Row(BaseModel):
        pk: str | None = None
        sk: int = 0

    assert all(type(item["pk"]) is str and item["pk"] and type(item["sk"]) is int for item in items(Row, ("pk", "sk")))


def test_attributes_have_the_names_that_they_are_read_by() -> None:
    class Order(BaseModel):
        order_id: int = Field(alias="id")
        total: int = Field(validation_alias="Total")
        zip: str = Field(validation_alias=AliasChoices(AliasPath("address", "parts", 1), "zip"))
        street: str = Field(validation_alias=AliasPath("address", "parts", 0))
        city: str = Field(validation_alias=AliasPath("address", "city"))
        other: int = Field(validation_alias=AliasChoices("other", "another"))

    (item,) = items(Order, count=1)
    assert set(item) == {"id", "Total", "address", "other"}
    assert set(item["address"]) == {"parts", "city"}
    assert [type(part) for part in item["address"]["parts"]] == [str, str]


def test_two_that_are_read_from_one_place_have_one_value() -> None:
    class Order(BaseModel):
        id: int
        first: int = Field(validation_alias=AliasPath("lines", 0))
        same: int = Field(validation_alias=AliasPath("lines", 0))

    assert all(len(item["lines"]) == 1 for item in items(Order))


def test_or_by_those_of_the_fields_where_these_are_asked_for() -> None:
    class Order(BaseModel):
        model_config = ConfigDict(validate_by_alias=False, validate_by_name=True)
        id: int = Field(alias="Id")

    assert {tuple(item) for item in items(Order)} == {("id",)}


def test_dataclasses_are_made_without_what_their_makers_do_not_take() -> None:
    @dataclass
    class Order:
        id: int
        note: str = "none"
        seen: bool = field(default=False, init=False)

    @pydantic_dataclasses.dataclass(config=ConfigDict(str_to_upper=True))
    class Loud:
        id: str

    assert {tuple(item) for item in items(Order)} == {("id", "note"), ("id",)}
    assert all(item["id"].isupper() for item in items(Loud))


def test_typed_dicts_may_lack_what_they_say_they_may() -> None:
    class Order(TypedDict):
        id: int
        note: NotRequired[str]

    class Partial(TypedDict, total=False):
        id: int
        note: str

    for image_type in (Order, Partial):
        assert {tuple(item) for item in items(image_type)} == {("id", "note"), ("id",)}


def test_what_no_item_can_hold_is_left_out_where_it_may_be() -> None:
    class Order(BaseModel):
        id: int
        session: Optional[type] = None  # noqa: UP045  # as Python 3.9 code has it
        callback: type | None = None

    class Row(TypedDict):
        id: int
        callback: NotRequired[complex]

    class Needed(BaseModel):
        id: int
        callback: complex

    assert {tuple(item) for item in items(Row)} == {("id",)}
    assert {tuple(item) for item in items(Order)} == {("id",)}
    with pytest.raises(UnmakeableError, match="no values of Needed can be made: callback: there are no values of the"):
        items(Needed)
    with pytest.raises(UnmakeableError, match="no values of Row can be made: callback: there are no values of"):
        items(Row, key="callback")
