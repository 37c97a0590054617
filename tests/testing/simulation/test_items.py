from __future__ import annotations

from collections.abc import Callable  # noqa: TC003  # pydantic reads it
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from pydantic import BaseModel, Field

from streamkit import Change, Insert, Modify, Remove, stream_handler
from streamkit.testing.making.walk import UnmakeableError
from streamkit.testing.simulation import SimulationError
from streamkit.testing.simulation.items import Items


class Order(BaseModel):
    id: int
    total: Decimal


class Named(BaseModel):
    name: str


@stream_handler
def typed(change: Change[Order]) -> None: ...


@stream_handler
def removing(change: Insert[None] | Remove[Order]) -> None: ...


@stream_handler
def untyped(change: Change) -> None: ...


@stream_handler
def imageless(change: Modify[None]) -> None: ...


def plain(event: object, context: object) -> None: ...


def of(items: Any = None, handler: Any = plain, key: tuple[str, ...] = ("id",)) -> list[dict[str, Any]]:
    made, random = Items(items, handler, key), Random(1)  # noqa: S311  # repeatable
    return [made.make(random) for _ in range(20)]


@pytest.mark.parametrize(("items", "handler"), [(None, typed), (None, removing), (Order, plain)])
def test_items_are_made_from_an_image_type_by_default_the_handlers(items: Any, handler: Any) -> None:
    made = of(items, handler)
    assert all(set(one) == {"id", "total"} and type(one["id"]) is int for one in made)
    assert len({str(one) for one in made}) > 3


def test_items_are_chosen_from_a_list_and_numbers_become_ints_where_they_are_whole() -> None:
    made = of([Order(id=1, total=Decimal("1.5")), {"id": 2, "parts": [Decimal(3), {"n": 4.0}], "set": {5}, "no": None}])
    assert {"id": 1, "total": Decimal("1.5")} in made
    assert {"id": 2, "parts": [3, {"n": 4}], "set": {5}, "no": None} in made


def test_items_are_what_a_function_makes_of_chance() -> None:
    assert {one["id"] for one in of(lambda random: {"id": random.choice("ab")})} == {"a", "b"}


@pytest.mark.parametrize("handler", [plain, untyped, imageless])
def test_a_handler_that_does_not_say_what_its_items_are_needs_them_given(handler: Any) -> None:
    with pytest.raises(SimulationError, match=rf"{handler.__name__} does not say what its items are: give items="):
        of(None, handler)


@pytest.mark.parametrize(
    ("items", "text"),
    [
        ({"id": 1}, r"items takes several: a list of example items, items=\[\{'id': 1\}\]"),
        (5, r"items takes an image type, a list of example items, or a function of random.Random, not 5 \("),
        (lambda random: None, "items= made None, which no table can hold: "),
        ([{"id": object()}], "which no table can hold: id: "),
    ],
)
def test_what_are_no_items_is_refused(items: Any, text: str) -> None:
    with pytest.raises(SimulationError, match=text):
        of(items)


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(SimulationError, match="items is an empty list: give at least one example item"):
        of([])


def test_an_item_without_its_key_is_refused() -> None:
    with pytest.raises(SimulationError, match=r"an item has no 'pk' and no 'sk', .* \{'id': 1\}\. Say which attribute"):
        of([{"id": 1}], key=("pk", "sk"))


def test_a_type_without_the_key_is_refused() -> None:
    with pytest.raises(UnmakeableError):
        of(Named)


def test_a_type_of_which_nothing_can_be_made_is_refused() -> None:
    class Odd(BaseModel):
        id: int
        call: Callable[[], None]

    with pytest.raises(UnmakeableError, match="call"):
        of(Odd)


def test_another_item_may_be_what_its_type_allows_and_none_where_the_user_gave_them() -> None:
    class Heavy(BaseModel):
        id: int
        weight: int = Field(ge=10)

    heavy = Items(Heavy, plain, ["id"])
    assert heavy.allows({"id": 1, "weight": 10})
    assert not heavy.allows({"id": 1, "weight": 1})
    assert not heavy.allows({"id": 1, "weight": object()})
    assert not Items([{"id": 1}], plain, ["id"]).allows({"id": 1})
    assert not Items(lambda random: {"id": 1}, plain, ["id"]).allows({"id": 1})
