"""Fields by the kind of type that they are of: where they are read from, and how their values are written."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Sequence  # noqa: TC003  # pydantic reads it
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypeVar

import pydantic.dataclasses
import pytest
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    AnyUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    RootModel,
    SecretStr,
    Tag,
    computed_field,
    field_serializer,
    model_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import core_schema
from typing_extensions import TypeAliasType, TypedDict

from streamkit import HandlerDefinitionError, any_of, criteria, exists, prefix, where
from streamkit.encoding import encode_item
from streamkit.filterlint import never_matches
from streamkit.filters import matcher
from streamkit.storedforms import Scope, form_of

T = TypeVar("T")


def pattern_of(condition: Any) -> Any:
    made = criteria(condition)
    assert never_matches(made) == []
    return json.loads(made["Filters"][0]["Pattern"])


def image_of(condition: Any) -> Any:
    """Return what the pattern of a condition says of the new image."""
    return pattern_of(condition)["dynamodb"]["NewImage"]


def takes(condition: Any, item: Any) -> bool:
    """Whether the filter takes an item as streamkit writes it."""
    return matcher(criteria(condition))({"eventName": "INSERT", "dynamodb": {"NewImage": encode_item(item)}})


def fields(image_type: Any) -> Any:
    """Return the fields of a type as what no type checker looks into."""
    return where(image_type)


# --- where fields are read from ------------------------------------------------------------------------------------


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)
    order_status: str


class Named(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    order_status: str
    id: str = ""


class Aliased(BaseModel):
    short: str = Field(alias="s")
    read: str = Field(validation_alias="r", serialization_alias="w")
    path: str = Field(validation_alias=AliasPath("a", "b"))
    either: str = Field(validation_alias=AliasChoices("x", AliasPath("y", "z")))
    position: str = Field(validation_alias=AliasPath("a", 0))


class ByName(BaseModel):
    model_config = ConfigDict(validate_by_alias=False, validate_by_name=True)
    status: str = Field(alias="s")


def test_a_field_is_looked_for_where_the_handler_reads_it() -> None:
    assert image_of(fields(Camel).order_status == "x") == {"orderStatus": {"S": ["x"]}}
    assert image_of(fields(Aliased).short == "x") == {"s": {"S": ["x"]}}
    assert image_of(fields(Aliased).read == "x") == {"r": {"S": ["x"]}}
    assert image_of(fields(Aliased).path == "x") == {"a": {"M": {"b": {"S": ["x"]}}}}
    assert image_of(fields(ByName).status == "x") == {"status": {"S": ["x"]}}


def test_a_field_that_may_be_in_several_places_is_looked_for_in_each() -> None:
    def in_any(*images: Any) -> Any:
        return {"$or": [{"dynamodb": {"NewImage": image}} for image in images]}

    assert pattern_of(fields(Aliased).either == "x") == in_any({"x": {"S": ["x"]}}, {"y": {"M": {"z": {"S": ["x"]}}}})
    assert pattern_of(fields(Named).order_status == "x") == in_any(
        {"orderStatus": {"S": ["x"]}}, {"order_status": {"S": ["x"]}}
    )
    assert image_of(fields(Named).id == "x") == {"id": {"S": ["x"]}}
    missing = {"S": [{"exists": False}]}
    assert image_of(~exists(fields(Named).order_status)) == {"orderStatus": missing, "order_status": missing}


def test_the_path_of_an_alias_into_a_list_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("a.0 is the path of an alias into a list")):
        fields(Aliased).position  # noqa: B018  # it is refused


@dataclasses.dataclass
class Plain:
    status: str
    _own: int = 0


@pydantic.dataclasses.dataclass
class Pydantic:
    status: Annotated[str, Field(validation_alias="s")]


class Row(TypedDict):
    status: str
    note: NotRequired[str]


class Tree(BaseModel):
    name: str
    child: Tree | None = None
    children: list[Tree] = []


class Box(BaseModel, Generic[T]):
    content: T


class Checked(BaseModel):
    status: Annotated[str, AfterValidator(str.upper), BeforeValidator(str.strip)]

    @model_validator(mode="after")
    def _check(self) -> Checked:
        return self

    @model_validator(mode="wrap")
    @classmethod
    def _wrap(cls, value: Any, handler: Any) -> Any:
        return handler(value)


class Tags(RootModel[list[str]]):
    pass


class Rooted(BaseModel):
    tags: Tags


Alias = TypeAliasType("Alias", Annotated[Camel, "anything"])


def test_each_kind_of_class_has_its_fields() -> None:
    assert image_of(fields(Plain).status == "x") == {"status": {"S": ["x"]}}
    assert image_of(fields(Plain)._own == 1) == {"_own": {"N": ["1"]}}
    assert image_of(fields(Pydantic).status == "x") == {"s": {"S": ["x"]}}
    assert image_of(fields(Row)["status"] == "x") == {"status": {"S": ["x"]}}
    assert image_of(fields(Row)["note"] == "x") == {"note": {"S": ["x"]}}
    assert image_of(fields(Box[int]).content == 5) == {"content": {"N": ["5"]}}
    assert image_of(fields(Box[Camel]).content.order_status == "x") == {"content": {"M": {"orderStatus": {"S": ["x"]}}}}
    assert image_of(fields(Checked).status == "x") == {"status": {"S": ["x"]}}
    assert image_of(fields(Alias).order_status == "x") == {"orderStatus": {"S": ["x"]}}
    assert image_of(any_of(fields(Rooted).tags.root) == "x") == {"tags": {"L": {"S": ["x"]}}}


def test_a_class_that_holds_itself_is_followed_as_deep_as_one_likes() -> None:
    tree = fields(Tree)
    assert image_of(tree.child.child.name == "x") == {"child": {"M": {"child": {"M": {"name": {"S": ["x"]}}}}}}
    assert image_of(any_of(any_of(tree.children).children).name == "x") == {
        "children": {"L": {"M": {"children": {"L": {"M": {"name": {"S": ["x"]}}}}}}}
    }


def test_what_is_missing_in_a_class_is_said_with_what_it_has() -> None:
    with pytest.raises(AttributeError, match=re.escape("Row has no field 'total': it has status, note")):
        fields(Row)["total"]
    with pytest.raises(AttributeError, match=re.escape("Plain has no field 'total': it has status, _own")):
        fields(Plain).total  # noqa: B018  # it is refused


def test_a_dict_has_the_items_of_its_type() -> None:
    assert image_of(where(dict[str, Any])["a"] == "x") == {"a": {"S": ["x"]}}
    assert image_of(where(dict[str, int])["a"] == 5) == {"a": {"N": ["5"]}}
    assert image_of(where(dict[str, dict[str, int]])["a"]["b"] == 5) == {"a": {"M": {"b": {"N": ["5"]}}}}
    bare: Any = where(dict)
    assert image_of(bare["a"] == "x") == {"a": {"S": ["x"]}}
    with pytest.raises(TypeError, match="is stored as a number, and 'x' as text"):
        fields(dict[str, int])["a"] == "x"  # noqa: B015  # it is refused


# --- unions --------------------------------------------------------------------------------------------------------


class Order(BaseModel):
    type: Literal["order"] = "order"
    id: int
    total: Decimal = Decimal(0)


class Customer(BaseModel):
    type: Literal["customer"] = "customer"
    id: int = Field(alias="customerId")


Entity = Annotated[Order | Customer, Field(discriminator="type")]
Told = Annotated[
    Annotated[Order, Tag("o")] | Annotated[Customer, Tag("c")],
    Discriminator(lambda value: "o" if "id" in value else "c"),
]


@pytest.mark.parametrize("union", [Entity, Order | Customer, Told], ids=["discriminated", "plain", "by function"])
def test_a_union_has_the_fields_that_all_of_its_members_have(union: Any) -> None:
    entity = fields(union)
    assert image_of(entity.type == "order") == {"type": {"S": ["order"]}}
    assert pattern_of(entity.id == 5) == {
        "$or": [{"dynamodb": {"NewImage": {name: {"N": ["5"]}}}} for name in ("id", "customerId")]
    }
    with pytest.raises(ValueError, match=re.escape("its type allows 'order'")):
        entity.type == "gift"  # noqa: B015  # it is refused
    with pytest.raises(AttributeError, match=r"Customer has no field 'total'.*where\(\) takes one of them alone"):
        entity.total  # noqa: B018  # it is refused
    assert image_of(fields(Order).total == 5) == {"total": {"N": ["5"]}}


class Mixed(BaseModel):
    choice: Literal["a", 1, None]  # noqa: PYI061  # null is one of the choices here
    either: Literal["a"] | int
    entity: Order | str
    several: list[int] | set[str] | None
    texts: Sequence[str] | tuple[int, ...]


def test_a_field_of_several_kinds_is_each_of_them() -> None:
    mixed = fields(Mixed)
    assert image_of(mixed.choice == 1) == {"choice": {"N": ["1"]}}
    assert image_of(mixed.choice == None) == {"choice": {"NULL": [True]}}  # noqa: E711  # that is the case
    with pytest.raises(TypeError, match="is stored as text or a number, and b'' as bytes"):
        mixed.choice == b""  # noqa: B015  # it is refused
    with pytest.raises(ValueError, match="its type allows 'a', '1'"):
        mixed.choice == 2  # noqa: B015  # it is refused
    assert image_of(mixed.either == 2) == {"either": {"N": ["2"]}}
    assert image_of(mixed.entity == "x") == {"entity": {"S": ["x"]}}
    assert image_of(mixed.entity.id == 1) == {"entity": {"M": {"id": {"N": ["1"]}}}}
    assert image_of(any_of(mixed.several) == 1) == {"several": {"L": {"N": ["1"]}}}
    assert image_of(any_of(mixed.several) == "x") == {"several": {"SS": ["x"]}}
    assert image_of(any_of(mixed.texts) == 5) == {"texts": {"L": {"N": ["5"]}}}
    with pytest.raises(TypeError, match="exists looks at a single value"):
        exists(mixed.entity)


# --- how values are written ----------------------------------------------------------------------------------------


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Shape(Enum):
    POINT = (1, 2)


class Odd(Enum):
    ITSELF = object()


class Point(NamedTuple):
    x: int
    y: int


def _cents(value: Decimal) -> int:
    return int(value * 100)


class Inner(TypedDict):
    price: Annotated[Decimal, PlainSerializer(_cents)]


@dataclasses.dataclass
class Part:
    price: Annotated[Decimal, PlainSerializer(_cents)]


class Hidden(BaseModel):
    status: str = Field(exclude=True)


class Written(BaseModel):
    level: Level
    shape: Shape
    price: Annotated[Decimal, PlainSerializer(_cents)]
    prices: list[Annotated[Decimal, PlainSerializer(_cents)]]
    limits: dict[str, Annotated[Decimal, PlainSerializer(_cents)]]
    inner: Inner
    part: Part
    name: str
    secret: SecretStr
    path: Path
    page: AnyUrl
    point: Point
    day: Annotated[int | None, PlainSerializer(str)] = None

    @field_serializer("name")
    def _write_name(self, name: str) -> str:
        return name.lower()

    @computed_field  # type: ignore[prop-decorator]  # as pydantic's documentation has it
    @property
    def total(self) -> Decimal:
        return self.price * len(self.prices)

    def model_post_init(self, _context: Any) -> None:
        assert self.price + 1


ITEM = Written(
    level=Level.HIGH,
    shape=Shape.POINT,
    price=Decimal("9.99"),
    prices=[Decimal("1.5")],
    limits={"a": Decimal("2.5")},
    inner={"price": Decimal("3.5")},
    part=Part(Decimal("4.5")),
    name="Ada",
    secret=SecretStr("x"),
    path=Path("a/b"),
    page=AnyUrl("https://example.com/a"),
    point=Point(1, 2),
    day=5,
)
WRITTEN = fields(Written)
AS_WRITTEN = {
    "an IntEnum": (WRITTEN.level == Level.HIGH, {"level": {"N": ["2"]}}),
    "a serializer of the type": (WRITTEN.price == Decimal("9.99"), {"price": {"N": ["999"]}}),
    "a serializer of elements": (any_of(WRITTEN.prices) == Decimal("1.5"), {"prices": {"L": {"N": ["150"]}}}),
    "a serializer of values": (WRITTEN.limits["a"] == Decimal("2.5"), {"limits": {"M": {"a": {"N": ["250"]}}}}),
    "a serializer in a TypedDict": (
        WRITTEN.inner["price"] == Decimal("3.5"),
        {"inner": {"M": {"price": {"N": ["350"]}}}},
    ),
    "a serializer in a dataclass": (WRITTEN.part.price == Decimal("4.5"), {"part": {"M": {"price": {"N": ["450"]}}}}),
    "a serializer of the model": (WRITTEN.name == "ADA", {"name": {"S": ["ada"]}}),
    "a type of its own": (WRITTEN.path == Path("a/b"), {"path": {"S": ["a/b"]}}),
    "a type of its own, as text": (WRITTEN.path == "a/b", {"path": {"S": ["a/b"]}}),
    "the prefix of a type of its own": (prefix(WRITTEN.path, "a/"), {"path": {"S": [{"prefix": "a/"}]}}),
    "a URL": (WRITTEN.page == AnyUrl("https://example.com/a"), {"page": {"S": ["https://example.com/a"]}}),
    "a serializer of what may be null": (WRITTEN.day == 5, {"day": {"S": ["5"]}}),
}


@pytest.mark.parametrize("name", AS_WRITTEN)
def test_a_value_is_compared_as_streamkit_writes_it(name: str) -> None:
    condition, image = AS_WRITTEN[name]
    assert image_of(condition) == image
    assert takes(condition, ITEM)


def test_a_dataclass_writes_values_as_they_are_whatever_pydantic_would() -> None:
    condition = fields(Part).price == Decimal("4.5")
    assert image_of(condition) == {"price": {"N": ["4.5"]}}
    assert takes(condition, Part(Decimal("4.5")))


def test_a_field_that_streamkit_does_not_write_is_compared_as_others_write_it() -> None:
    assert image_of(fields(Hidden).status == "x") == {"status": {"S": ["x"]}}


class Whole(BaseModel):
    status: str

    @model_serializer
    def _write(self) -> dict[str, str]:
        return {"a": self.status, "b": self.status}


class Failing(BaseModel):
    status: str
    odd: Odd = Odd.ITSELF

    @field_serializer("status")
    def _write(self, status: str) -> str:
        raise RuntimeError(f"no {status}")


def test_a_value_that_cannot_be_written_is_refused_with_the_reason() -> None:
    with pytest.raises(ValueError, match=r"where\(Whole\)\.status cannot .* Whole has a serializer of its own, which"):
        fields(Whole).status == "x"  # noqa: B015  # it is refused
    with pytest.raises(ValueError, match=re.escape("which cannot be stored there: ") + ".*no x"):
        fields(Failing).status == "x"  # noqa: B015  # it is refused
    with pytest.raises(ValueError, match="cannot be stored there"):
        fields(Failing).odd == Odd.ITSELF  # noqa: B015  # it is refused
    with pytest.raises(TypeError, match="as a whole"):
        WRITTEN.shape == Shape.POINT  # noqa: B015  # it is refused


def test_what_is_computed_is_no_field() -> None:
    with pytest.raises(AttributeError, match="Written has no field 'total'"):
        WRITTEN.total  # noqa: B018  # it is refused


def test_schemas_that_annotations_seldom_make_are_read_as_well() -> None:
    text, number = core_schema.str_schema(), core_schema.int_schema()
    assert form_of(core_schema.chain_schema([number, text]), Scope()).tags == ("S",)
    nothing = form_of(core_schema.union_schema([core_schema.none_schema(), text]), Scope())
    assert nothing.has_null
    assert nothing.tags == ("S",)
    choices: Any = {"a": text, "b": number, "c": "a"}  # older pydantics know a name for another choice
    assert form_of({"type": "tagged-union", "choices": choices}, Scope()).tags == ("S", "N")


class Unfinished(BaseModel):
    status: Later  # type: ignore[name-defined]  # noqa: F821  # it never comes


class Own:
    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        return core_schema.any_schema()


def test_a_type_that_no_item_can_have_is_refused() -> None:
    with pytest.raises(HandlerDefinitionError, match=re.escape("where(Unfinished): pydantic cannot read Unfinished")):
        fields(Unfinished)
    with pytest.raises(HandlerDefinitionError, match=re.escape("where(Own): nothing says which attributes it has")):
        fields(Own)
