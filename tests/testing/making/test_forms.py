from __future__ import annotations

from collections.abc import Callable, Hashable
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Network
from pathlib import Path
from random import Random
from re import Pattern
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    ImportString,
    InstanceOf,
    PlainValidator,
    SecretStr,
    Tag,
    WrapValidator,
)
from pydantic_core import core_schema

from streamkit.testing.values import RandomDraws, UnmakeableError, item_maker_of
from tests.testing.making.made import FEW, any_of, holder, read, seeded, small


class Paid(BaseModel):
    kind: Literal["paid"] = "paid"
    id: int


class Placed(BaseModel):
    kind: Literal["placed"] = "placed"
    id: str


class Tree(BaseModel):
    id: int
    left: "Tree | int"  # noqa: UP037  # it is not there yet
    children: list[Tree] = []
    parent: Tree | None = None


class Endless(BaseModel):
    id: int
    next: Endless


class EndlessPair(BaseModel):
    id: int
    next: EndlessPair | Annotated[list[EndlessPair], Field(min_length=1)]


class Unmakeable(BaseModel):
    id: int
    next: Unmakeable | None
    what: complex


class Odd:
    """A schema as only plug-ins write it."""

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> core_schema.CoreSchema:
        text = core_schema.chain_schema([core_schema.str_schema(), core_schema.any_schema()])
        return core_schema.json_or_python_schema(core_schema.str_schema(), text)


TYPES: list[tuple[Any, Any]] = [
    (Any, lambda value: True),
    (int | None, lambda value: value is None or 0 <= value < 10),
    (int | str, lambda value: isinstance(value, int | str)),
    (int | complex, lambda value: isinstance(value, int)),
    (Annotated[Paid | Placed, Field(discriminator="kind")], lambda value: isinstance(value, Paid | Placed)),
    (
        Annotated[Annotated[Paid, Tag("a")] | Annotated[Placed, Tag("b")], Discriminator(lambda _: "b")],
        lambda value: isinstance(value, Placed),
    ),
    (Annotated[int, AfterValidator(lambda value: value if value % 2 else 1 // 0)], lambda value: value % 2 == 1),
    (Annotated[int, BeforeValidator(lambda value: value)], lambda value: 0 <= value < 10),
    (Annotated[int, BeforeValidator(len, json_schema_input_type=str)], lambda value: 3 <= value <= 4),
    (Annotated[int, WrapValidator(lambda value, read: read(value) + 100)], lambda value: 100 <= value < 110),
    (Annotated[int, PlainValidator(str, json_schema_input_type=int)], lambda value: value in "0123456789"),
    (IPv4Address, lambda value: value in [IPv4Address(f"10.0.0.{last}") for last in range(10)]),
    (IPv4Interface, lambda value: value.network.prefixlen == 24),
    (IPv6Network, lambda value: value.prefixlen == 64),
    (Pattern, lambda value: value.fullmatch("a" * int(value.pattern[2:-1]))),
    (Path, lambda value: isinstance(value, Path)),
    (SecretStr, lambda value: value.get_secret_value().isalpha()),
    (Hashable, lambda value: hash(value) is not None),
    (InstanceOf[str], lambda value: isinstance(value, str)),
    (InstanceOf[dict[str, int]], lambda value: isinstance(value, dict)),
    (Odd, lambda value: isinstance(value, str)),
]


@pytest.mark.parametrize(("annotation", "holds"), TYPES)
def test_a_small_value_is_what_its_type_asks_for(annotation: Any, holds: Any) -> None:
    assert all(holds(value) for value in read(annotation))


@pytest.mark.parametrize(
    "annotation", [Any, int | str | None, Tree, Annotated[Paid | Placed, Field(discriminator="kind")]]
)
@settings(max_examples=FEW)
@given(data=st.data())
def test_any_value_is_one_that_the_type_takes(annotation: Any, data: st.DataObject) -> None:
    any_of(annotation, data)


class Wide(RandomDraws):
    """Draws from all numbers that there are few of, as Hypothesis does."""

    def integer(self, low: int, high: int, *, usual: int = 10) -> int:
        return super().integer(low, high, usual=max(usual, 20))


def test_untyped_values_are_of_all_types_that_dynamodb_has() -> None:
    draws = Wide(Random(0))  # noqa: S311  # nothing is secret here
    make = item_maker_of(holder(Any))
    values = [make(draws)["value"] for _ in range(300)]
    assert {type(value) for value in values} == {str, int, bool, type(None), Decimal, bytes, list, dict, set}
    assert max(map(nested, values)) == 3


def nested(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(nested, inner), default=0)


def test_untyped_small_values_are_words_and_numbers() -> None:
    assert {type(value) for value in small(Any)} == {str, int}


def test_values_that_hold_values_of_their_own_type_come_to_an_end() -> None:
    make, draws = item_maker_of(Tree), seeded(0)
    depths = {depth(make(draws)) for _ in range(300)}
    assert {0, 1, 2} <= depths
    assert max(depths) < 10


def depth(item: Any) -> int:
    if isinstance(item, list):
        return max(map(depth, item), default=0)
    if not isinstance(item, dict):
        return -1
    return 1 + max(0, *map(depth, item.values())) if any(isinstance(one, dict) for one in item.values()) else 0


@pytest.mark.parametrize("image_type", [Endless, EndlessPair])
def test_values_without_an_end_are_told(image_type: Any) -> None:
    with pytest.raises(UnmakeableError, match="its values hold values of their own type, without end"):
        item_maker_of(image_type)(seeded(0))


@pytest.mark.parametrize(
    ("annotation", "told"),
    [
        (complex | Callable[[], int], "value: there are no values of the kind 'complex' in DynamoDB"),
        (ImportString, "value: what is given to its validator is for the validator alone to know"),
        (InstanceOf[Random], "value: an item never holds an instance of Random"),
        (Unmakeable, "value.what: there are no values of the kind 'complex' in DynamoDB"),
        (list[Unmakeable], r"value\[\].what: there are no values of the kind 'complex'"),
        (dict[str, Unmakeable], r"value{}.what: there are no values of the kind 'complex'"),
    ],
)
def test_what_cannot_be_made_is_told_with_its_place(annotation: Any, told: str) -> None:
    with pytest.raises(UnmakeableError, match=told):
        small(annotation)
