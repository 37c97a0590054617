"""What is said of how a handler's images are decoded."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from decimal import Decimal  # noqa: TC003  # pydantic evaluates annotations
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, BeforeValidator, Field, model_validator

import streamkit
from streamkit import Change, HandlerDefinitionError, Insert, Modify, Remove, Window, stream_handler, tumbling_window
from streamkit.compiling.compiler import Part
from streamkit.explaining import Explanation, ImageExplanation, explain


class Line(BaseModel):
    sku: str
    extra: int | str = 0


class Order(BaseModel):
    id: int
    status: Annotated[str, BeforeValidator(str.lower)] = "placed"
    lines: list[Line] = []
    prices: dict[str, Decimal] = {}


class Guarded(BaseModel):
    id: int

    @model_validator(mode="before")
    @classmethod
    def _look(cls, value: Any) -> Any:
        return value


class Card(BaseModel):
    kind: Literal["card"]
    number: str = Field(alias="cardNumber")


class Cash(BaseModel):
    kind: Literal["cash"]


Payment = Annotated[Card | Cash, Field(discriminator="kind")]


class Unfinished(BaseModel):
    part: Missing  # type: ignore[name-defined]  # noqa: F821  # that is the point


@dataclass
class Key:
    id: int


BEFORE = "a validator that runs before it is given the attribute as a Python value"
UNION = "a union without a discriminator: which of its members fits is the reference's to find out"


@stream_handler
def handler(change: Insert[Order] | Modify[Order, None] | Remove[Guarded]) -> None: ...


def image_of(function: Any) -> ImageExplanation:
    (image,) = explain(function).images
    return image


def test_every_field_is_named_by_its_path_in_the_item_with_the_reason_why_it_is_not_compiled() -> None:
    image = explain(handler).images[0]
    assert image.parts == (
        Part("id"),
        Part("status", BEFORE),
        Part("lines[].sku"),
        Part("lines[].extra", UNION),
        Part("prices{}"),
    )


def test_each_type_is_explained_once_with_all_the_places_where_it_is_asked_for() -> None:
    images = explain(handler).images
    assert [(one.images, one.type, one.how) for one in images] == [
        (["Insert.new", "Modify.new"], "Order", "compiled"),
        (["Modify.old"], "None", "not read"),
        (["Remove.old"], "Guarded", "reference"),
    ]


def test_two_types_of_one_name_are_two() -> None:
    class Other(BaseModel):
        number: str

    Other.__name__ = "Order"

    @stream_handler
    def of_both(change: Insert[Order] | Remove[Other]) -> None: ...

    assert [one.type for one in explain(of_both).images] == ["Order", "Order"]


def test_a_type_that_is_the_references_as_a_whole_says_why() -> None:
    image = explain(handler).images[2]
    assert (image.reason, image.parts) == (BEFORE, ())


def test_the_text_of_an_explanation_is_a_line_for_each_field() -> None:
    assert str(explain(handler)).splitlines() == [
        "tests.test_explaining.handler",
        "Insert.new, Modify.new: Order, compiled",
        "  id             compiled",
        f"  status         reference: {BEFORE}",
        "  lines[].sku    compiled",
        f"  lines[].extra  reference: {UNION}",
        "  prices{}       compiled",
        "Modify.old: None, not read",
        f"Remove.old: Guarded, reference: {BEFORE}",
    ]


def test_a_field_is_called_by_its_alias() -> None:
    @stream_handler
    def of_payments(change: Insert[Payment]) -> None: ...

    image = image_of(of_payments)
    assert image.type == "Card | Cash"
    assert [part.path for part in image.parts] == ["kind", "cardNumber", "kind"]


def test_an_untyped_image_has_nothing_to_compile() -> None:
    @stream_handler
    def untyped(change: Change) -> None: ...

    image = image_of(untyped)
    assert (image.how, image.reason, image.parts) == ("untyped", "", ())
    assert image.images == ["Insert.new", "Modify.new", "Modify.old", "Remove.old"]


def test_typed_keys_are_explained_too() -> None:
    @stream_handler
    def with_keys(change: Insert[Order, Key]) -> None: ...

    assert [one.images for one in explain(with_keys).images] == [["Insert.new"], ["Insert.keys"]]


def test_a_window_handler_is_explained_by_its_fold() -> None:
    @tumbling_window(seconds=60)
    def revenue(change: Insert[Line], state: dict[str, int], window: Window) -> dict[str, int]:
        return state

    assert image_of(revenue).type == "Line"
    assert image_of(revenue.__wrapped__).type == "Line"


def test_a_function_that_is_no_handler_yet_is_explained_as_one() -> None:
    def plain(change: Insert[Line]) -> None: ...

    assert image_of(plain).type == "Line"


def test_a_handler_under_another_decorator_is_found() -> None:
    @functools.wraps(handler)
    def around(event: Any, context: Any) -> Any: ...

    assert explain(around) == explain(handler)


def test_a_function_that_takes_no_change_is_refused_in_the_words_of_the_decorator() -> None:
    def plain(event: Any, context: Any) -> Any: ...

    with pytest.raises(HandlerDefinitionError, match="is annotated"):
        explain(plain)


def test_a_type_that_names_a_class_that_does_not_exist_is_refused() -> None:
    def plain(change: Insert[Unfinished]) -> None: ...

    with pytest.raises(HandlerDefinitionError, match="pydantic cannot read Unfinished"):
        explain(plain)


def test_explain_is_a_public_name() -> None:
    assert streamkit.explain is explain
    assert isinstance(streamkit.explain(handler), Explanation)
