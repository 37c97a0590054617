"""Types that must be compiled, each with an image in which its values have the form in which they are stored."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, Self, TypeVar
from uuid import UUID

import pydantic.dataclasses
from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    NaiveDatetime,
    PositiveInt,
    RootModel,
    StringConstraints,
    create_model,
    field_validator,
    model_validator,
)
from typing_extensions import TypedDict

T = TypeVar("T")


class Example(NamedTuple):
    """A type, what it is an example of, and an image."""

    sentence: str
    type: Any
    image: dict[str, Any]


class Color(str, Enum):  # noqa: UP042  # it is this form that is another type than a StrEnum
    RED = "red"


class Shade(StrEnum):
    DARK = "dark"


class Status(Enum):
    PAID = "paid"


class Address(BaseModel):
    street: str
    zip: str = "10115"


class Line(BaseModel):
    sku: str
    count: int
    price: Decimal


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog", "puppy"]
    name: str


class Tree(BaseModel):
    value: str
    kids: list["Tree"] = []


class Person(BaseModel):
    name: str
    works_at: "Company | None" = None


class Company(BaseModel):
    staff: list[Person] = []


class Box(BaseModel, Generic[T]):
    held: T


@dataclass
class Point:
    x: int
    y: int = 0
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slotted:
    x: int
    inner: Point


@pydantic.dataclasses.dataclass
class Checked:
    x: PositiveInt
    y: str = "y"


class Row(TypedDict):
    id: int
    note: NotRequired[str]


class Partial(TypedDict, total=False):
    id: int
    rows: list[Row]


class Numbers(RootModel[dict[str, int]]):
    pass


class Ids(RootModel[list[int]]):
    pass


class Aliased(BaseModel):
    order_id: int = Field(alias="order-id")
    name: str = Field(validation_alias="customer.name")
    note: str = Field("none", validation_alias=AliasChoices("note", "remark"))


class ByName(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    order_id: int = Field(alias="orderId")


class Generated(BaseModel):
    model_config = ConfigDict(alias_generator=str.upper)
    total: int


class Defaults(BaseModel):
    count: int = 3
    tags: list[str] = Field(default_factory=list)
    note: str | None = None


class Forbidding(BaseModel, extra="forbid"):
    id: int


class Open(BaseModel, extra="allow"):
    id: int


class Ignoring(BaseModel, extra="ignore"):
    id: int


class Frozen(BaseModel, frozen=True, title="Frozen thing"):
    id: int


class Stripped(BaseModel, str_strip_whitespace=True):
    name: str


class Validated(BaseModel):
    name: Annotated[str, AfterValidator(str.title)]
    low: int
    high: int

    @field_validator("high")
    @classmethod
    def of_high(cls, value: int) -> int:
        return value + 1

    @model_validator(mode="after")
    def of_both(self) -> Self:
        assert self.low < self.high
        return self


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


class Owner(BaseModel):
    pet: Pet
    pets: list[Pet] = []


def _one(annotation: Any, value: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    return create_model("One", value=(annotation, ...)), {"value": value}


_CAT = {"kind": {"S": "cat"}, "lives": {"N": "7"}}
_LINE = {"sku": {"S": "a-1"}, "count": {"N": "2"}, "price": {"N": "9.90"}}
_TEXT_UUID = "12345678-1234-5678-1234-567812345678"
_SEVERAL = [{"N": "1"}, {"N": "2"}]

_VALUES: list[tuple[str, Any, dict[str, Any]]] = [
    ("text", str, {"S": "a"}),
    ("a whole number", int, {"N": "5"}),
    ("a whole number below zero", int, {"N": "-5"}),
    ("a float", float, {"N": "0.5"}),
    ("a float that is whole", float, {"N": "5"}),
    ("a decimal", Decimal, {"N": "12.50"}),
    ("a truth", bool, {"BOOL": True}),
    ("bytes in base64", bytes, {"B": "AAE="}),
    ("text that may be None", str | None, {"S": "a"}),
    ("None instead of text", str | None, {"NULL": True}),
    ("None instead of a truth", bool | None, {"NULL": True}),
    ("a truth that may be None", bool | None, {"BOOL": False}),
    ("None instead of a model", Address | None, {"NULL": True}),
    ("a model that may be None", Address | None, {"M": {"street": {"S": "a"}}}),
    ("an instant as text", datetime, {"S": "2026-01-01T10:00:00Z"}),
    ("an instant as whole seconds", datetime, {"N": "1767225600"}),
    ("an instant as milliseconds", datetime, {"N": "1767225600000"}),
    ("an instant with an offset", AwareDatetime, {"S": "2026-01-01T10:00:00+02:00"}),
    ("an instant without an offset", NaiveDatetime, {"S": "2026-01-01T10:00:00"}),
    ("an instant that may be None", datetime | None, {"S": "2026-01-01T10:00:00Z"}),
    ("a date as text", date, {"S": "2026-01-01"}),
    ("a date as whole seconds", date, {"N": "1767225600"}),
    ("a UUID", UUID, {"S": _TEXT_UUID}),
    ("an enum of text that is text", Color, {"S": "red"}),
    ("a StrEnum", Shade, {"S": "dark"}),
    ("a plain enum of text", Status, {"S": "paid"}),
    ("a literal", Literal["paid", "placed"], {"S": "paid"}),
    ("a number above zero", PositiveInt, {"N": "5"}),
    ("a number within bounds", Annotated[int, Field(ge=1, lt=10)], {"N": "5"}),
    ("a decimal of so many places", Annotated[Decimal, Field(max_digits=5, decimal_places=2)], {"N": "12.50"}),
    ("a float within bounds", Annotated[float, Field(gt=0)], {"N": "0.5"}),
    ("text of some length", Annotated[str, Field(min_length=1, max_length=3)], {"S": "a"}),
    ("text of a pattern", Annotated[str, Field(pattern="^a")], {"S": "ab"}),
    ("stripped text", Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True)], {"S": " A "}),
    ("a nested model", Address, {"M": {"street": {"S": "a"}, "zip": {"S": "b"}}}),
    ("a list of text", list[str], {"L": [{"S": "a"}, {"S": "b"}]}),
    ("an empty list", list[str], {"L": []}),
    ("a list of models", list[Line], {"L": [{"M": _LINE}, {"M": _LINE}]}),
    ("a list of lists", list[list[int]], {"L": [{"L": _SEVERAL}, {"L": []}]}),
    ("a list of what may be None", list[int | None], {"L": [*_SEVERAL, {"NULL": True}]}),
    ("a list of some length", Annotated[list[int], Field(min_length=1)], {"L": _SEVERAL}),
    ("a tuple of any length", tuple[int, ...], {"L": _SEVERAL}),
    ("a set of text", set[str], {"SS": ["a", "b"]}),
    ("a set of numbers", set[int], {"NS": ["1", "2"]}),
    ("a set of decimals", set[Decimal], {"NS": ["1.5", "2"]}),
    ("a set of bytes", set[bytes], {"BS": ["AAE="]}),
    ("a frozen set of text", frozenset[str], {"SS": ["a", "b"]}),
    ("a set of numbers from a list", set[int], {"L": _SEVERAL}),
    ("a frozen set of text from a list", frozenset[str], {"L": [{"S": "a"}, {"S": "b"}]}),
    ("a dict of numbers", dict[str, int], {"M": {"a": {"N": "5"}}}),
    ("a dict of models", dict[str, Address], {"M": {"home": {"M": {"street": {"S": "a"}}}}}),
    ("anything", Any, {"M": {"a": {"L": [{"SS": ["a"]}, {"NULL": True}]}}}),
    ("any list", list[Any], {"L": [{"N": "1"}, {"S": "a"}]}),
    ("any dict", dict[str, Any], {"M": {"a": {"N": "1"}}}),
    ("a dataclass in a model", Point, {"M": {"x": {"N": "1"}}}),
    ("a TypedDict in a model", Row, {"M": {"id": {"N": "1"}}}),
    ("a RootModel in a model", Ids, {"L": _SEVERAL}),
    ("a union told apart by a text", Pet, {"M": _CAT}),
]

_ITEMS: list[Example] = [
    Example("a model", Address, {"street": {"S": "a"}, "zip": {"S": "b"}}),
    Example("a model and an attribute that it does not know", Address, {"street": {"S": "a"}, "new": {"SS": ["a"]}}),
    Example("a dataclass", Point, {"x": {"N": "1"}, "y": {"N": "2"}}),
    Example("a dataclass with a factory", Point, {"x": {"N": "1"}}),
    Example("a frozen dataclass with slots", Slotted, {"x": {"N": "1"}, "inner": {"M": {"x": {"N": "2"}}}}),
    Example("a pydantic dataclass", Checked, {"x": {"N": "1"}}),
    Example("a TypedDict", Row, {"id": {"N": "1"}, "note": {"S": "a"}}),
    Example("a TypedDict without what it need not have", Row, {"id": {"N": "1"}}),
    Example("a TypedDict that need not have anything", Partial, {"rows": {"L": [{"M": {"id": {"N": "1"}}}]}}),
    Example("a dict of numbers as an item", dict[str, int], {"a": {"N": "1"}, "b": {"N": "2"}}),
    Example("a RootModel of a dict", Numbers, {"a": {"N": "1"}}),
    Example("an empty item", Defaults, {}),
    Example("defaults that are not needed", Defaults, {"count": {"N": "1"}, "tags": {"L": []}, "note": {"NULL": True}}),
    Example("aliases", Aliased, {"order-id": {"N": "1"}, "customer.name": {"S": "a"}, "remark": {"S": "b"}}),
    Example("an alias where the name would do", ByName, {"orderId": {"N": "1"}}),
    Example("a name where there is an alias", ByName, {"order_id": {"N": "1"}}),
    Example("an alias that is generated", Generated, {"TOTAL": {"N": "1"}}),
    Example("a model that takes no other attributes", Forbidding, {"id": {"N": "1"}}),
    Example("a model that keeps other attributes", Open, {"id": {"N": "1"}, "more": {"L": [{"S": "a"}]}}),
    Example("a model that says it ignores other attributes", Ignoring, {"id": {"N": "1"}, "more": {"S": "a"}}),
    Example("a frozen model with a title", Frozen, {"id": {"N": "1"}}),
    Example("a model that strips its texts", Stripped, {"name": {"S": " a "}}),
    Example("a generic model", Box[int], {"held": {"N": "1"}}),
    Example("a generic model of a model", Box[Address], {"held": {"M": {"street": {"S": "a"}}}}),
    Example("a model that is a tree", Tree, {"value": {"S": "a"}, "kids": {"L": [{"M": {"value": {"S": "b"}}}]}}),
    Example(
        "two models that refer to each other",
        Person,
        {"name": {"S": "a"}, "works_at": {"M": {"staff": {"L": [{"M": {"name": {"S": "b"}}}]}}}},
    ),
    Example("validators after the validation", Validated, {"name": {"S": "a"}, "low": {"N": "1"}, "high": {"N": "2"}}),
    Example("an item told apart by a text", Pet, _CAT),
    Example("parts told apart by a text", Owner, {"pet": {"M": _CAT}, "pets": {"L": [{"M": _CAT}]}}),
]


def _examples() -> Iterator[Example]:
    for sentence, annotation, value in _VALUES:
        yield Example(sentence, *_one(annotation, value))
    yield from _ITEMS


EXAMPLES = [*_examples()]
