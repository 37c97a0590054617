"""Why something is left to the reference, as small a part as possible; and that it is read all the same."""

from __future__ import annotations

import dataclasses
import enum
from datetime import datetime  # noqa: TC003  # pydantic evaluates annotations
from decimal import Decimal  # noqa: TC003  # as above
from typing import Annotated, Any, Literal

import pytest
from pydantic import (
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    RootModel,
    Tag,
    TypeAdapter,
    WrapValidator,
    model_validator,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypeAliasType, TypedDict

from streamkit.compiling.compiler import Compiler, Part
from streamkit.compiling.decoder import compiled_decoder
from streamkit.compiling.doubts import NotCompiledError

STRICT = ConfigDict(strict=True)


def same(value: Any) -> Any:
    return value


class Mixed(enum.Enum):
    ONE = 1
    TWO = "two"


class Guessing(enum.IntEnum):
    ONE = 1

    @classmethod
    def _missing_(cls, value: object) -> Guessing:
        return cls.ONE if value else cls(0)


class Kind(str, enum.Enum):  # noqa: UP042  # an older way to write it
    TWO = "two"


class Plain(BaseModel):
    n: int


class Other(BaseModel):
    s: str


class Built(BaseModel):
    n: int

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)


Json = TypeAliasType("Json", "dict[str, Json] | str")
Nested = TypeAliasType("Nested", "list[Nested]")


class Fields(BaseModel):
    before: Annotated[str, BeforeValidator(same)] = ""
    wrapped: Annotated[str, WrapValidator(lambda value, handler: handler(value))] = ""
    plain: Annotated[str, PlainValidator(same)] = ""
    union: int | str = 0
    numbers: Literal[1, 2] = 1
    mixed: Mixed = Mixed.ONE
    guessing: Guessing = Guessing.ONE
    instants: set[datetime] = set()
    anything: set[Any] = set()
    built: Built | None = None
    validated: int = Field(default=5, validate_default=True)
    maybe: int | str | None = None
    chosen: (
        Annotated[Annotated[Plain, Tag("a")] | Annotated[Other, Tag("b")], Discriminator(lambda value: "a")] | None
    ) = None
    nested: Nested = []
    json_: Json = ""


REASONS = {
    "before": "before it is given the attribute as a Python value",
    "wrapped": "a validator that wraps it",
    "plain": "a validator that stands in its place",
    "union": "a union without a discriminator",
    "numbers": "a Literal of more than texts",
    "mixed": "an Enum of more than texts",
    "guessing": "an Enum of more than texts, or of numbers without being a plain IntEnum",
    "instants": "a set of what may be equal without being the same",
    "anything": "a set of what may be equal without being the same",
    "built": "it may be None, or something that is not compiled itself",
    "validated": "its default is validated, as a Python value",
    "maybe": "it may be None, or something that is not compiled itself",
    "chosen": "it may be None, or something that is not compiled itself",
    "nested[]": "a type that is recursive without being a class",
    "json_": "a union without a discriminator",
}


def parts_of(annotation: Any) -> dict[str, str]:
    return {part.path: part.reason for part in compiled_decoder(TypeAdapter(annotation).core_schema).parts}


def reason_of(annotation: Any) -> str:
    with pytest.raises(NotCompiledError) as refused:
        compiled_decoder(TypeAdapter(annotation).core_schema)
    return str(refused.value)


@pytest.mark.parametrize("path", REASONS)
def test_a_field_that_is_not_compiled_says_why(path: str) -> None:
    assert REASONS[path] in parts_of(Fields)[path]


def test_the_fields_beside_it_are_compiled_and_it_is_read_by_the_reference() -> None:
    class Order(BaseModel):
        id: int
        ref: int | str

    decode = compiled_decoder(TypeAdapter(Order).core_schema).decode
    assert decode({"id": {"N": "1"}, "ref": {"S": "a"}}) == Order(id=1, ref="a")
    assert decode({"id": {"N": "1"}, "ref": {"N": "2"}}) == Order(id=1, ref=2)


def test_the_elements_of_a_list_are_the_references_where_the_list_is_not() -> None:
    class Order(BaseModel):
        lines: list[int | str]
        built: dict[str, Built]

    assert [path for path, reason in parts_of(Order).items() if reason] == ["lines[]", "built{}"]


class StrictFields(BaseModel):
    model_config = STRICT
    text: str
    flag: bool
    data: bytes
    total: Decimal
    names: set[str]
    lines: list[str]
    number: int
    share: float
    at: datetime
    places: tuple[str, ...]
    frozen: frozenset[str]
    kind: Literal["a"]
    state: Mixed


def test_a_strict_class_keeps_what_an_item_has_of_itself_and_leaves_the_rest() -> None:
    left = {path for path, reason in parts_of(StrictFields).items() if reason}
    assert left == {"number", "share", "at", "places", "frozen", "state"}
    assert all("no value is valid" in parts_of(StrictFields)[path] or "none is valid" for path in left)


def test_a_set_is_left_where_its_members_are() -> None:
    class Strict(BaseModel):
        model_config = STRICT
        numbers: set[int]

    assert parts_of(Strict) == {"numbers": "a set of what is not compiled"}


def test_strict_fields_that_are_compiled_read_what_their_class_takes() -> None:
    class Strict(BaseModel):
        model_config = STRICT
        total: Decimal
        names: set[str]

    decode = compiled_decoder(TypeAdapter(Strict).core_schema).decode
    value = decode({"total": {"N": "1.50"}, "names": {"SS": ["a"]}})
    assert (str(value.total), value.names) == ("1.50", {"a"})
    for image in (
        {"total": {"S": "1.50"}, "names": {"SS": ["a"]}},
        {"total": {"N": "1"}, "names": {"L": [{"S": "a"}]}},
    ):
        with pytest.raises(Exception):  # noqa: B017, PT011  # any doubt will do
            decode(image)


class Doubled(BaseModel):
    kids: list[Doubled] = []
    a: int = Field(default=0, alias="n")
    b: int = Field(default=0, alias="n")


def test_a_class_that_turns_out_not_to_be_compiled_after_it_was_met_inside_of_itself_is_left() -> None:
    class Holder(BaseModel):
        doubled: Doubled
        n: int

    assert parts_of(Holder) == {"doubled": "two of its fields are read from one attribute", "n": ""}
    decode = compiled_decoder(TypeAdapter(Holder).core_schema).decode
    image = {"doubled": {"M": {"kids": {"L": [{"M": {"n": {"N": "2"}}}]}}}, "n": {"N": "1"}}
    assert decode(image).doubled.kids[0].b == 2


Name = TypeAliasType("Name", str)
Names = TypeAliasType("Names", "list[Name]")


class Aliased(BaseModel):
    first: Name
    last: Name
    all: Names
    more: Names


class Lowering(BaseModel):
    model_config = ConfigDict(str_to_lower=True)
    first: Name
    last: Name


def test_a_type_alias_that_is_used_more_than_once_is_compiled_unless_settings_may_apply_to_it() -> None:
    assert not any(parts_of(Aliased).values())
    decode = compiled_decoder(TypeAdapter(Aliased).core_schema).decode
    names = {"L": [{"S": "c"}]}
    image = {"first": {"S": "a"}, "last": {"S": "b"}, "all": names, "more": names}
    assert decode(image) == Aliased(first="a", last="b", all=["c"], more=["c"])
    assert "a type without settings that is used more than once" in reason_of(Lowering)


class Seen(BaseModel):
    n: int

    @model_validator(mode="after")
    def _look(self) -> Seen:
        return self


class One(BaseModel):
    seen: Seen
    others: list[Two] = []


class Two(BaseModel):
    seen: Seen
    others: list[One] = []


def test_classes_that_hold_each_other_are_compiled_with_a_validated_class_in_both() -> None:
    assert not any(parts_of(One).values())
    decode = compiled_decoder(TypeAdapter(One).core_schema).decode
    seen = {"M": {"n": {"N": "1"}}}
    image = {"seen": seen, "others": {"L": [{"M": {"seen": seen, "others": {"L": [{"M": {"seen": seen}}]}}}]}}
    assert decode(image) == One(seen=Seen(n=1), others=[Two(seen=Seen(n=1), others=[One(seen=Seen(n=1))])])
    with pytest.raises(Exception):  # noqa: B017, PT011  # any doubt will do
        decode({"seen": seen, "others": {"L": [{"M": {"seen": {"M": {"n": {"N": "1", "S": "1"}}}}}]}})


class ByBoth(BaseModel):
    model_config = ConfigDict(populate_by_name=True, extra="forbid")
    order_id: int = Field(alias="orderId")
    place: tuple[Plain, int] | None = None


def test_a_field_may_stand_under_its_alias_or_its_name_but_not_under_both() -> None:
    decode = compiled_decoder(TypeAdapter(ByBoth).core_schema).decode
    for name in ("orderId", "order_id"):
        assert decode({name: {"N": "1"}}) == ByBoth(orderId=1)
    with pytest.raises(Exception):  # noqa: B017, PT011  # as below
        decode({"order_id": "1"})
    place = {"place": {"L": [{"M": {"n": {"N": "1"}}}, {"N": "2"}]}}
    assert decode({"orderId": {"N": "1"}, **place}) == ByBoth(orderId=1, place=(Plain(n=1), 2))
    for more in ({"order_id": {"N": "1"}}, {"unknown": {"N": "1"}}, {"place": {"L": [{"M": {}}, {"N": "2"}]}}):
        with pytest.raises(Exception):  # noqa: B017, PT011  # any doubt will do
            decode({"orderId": {"N": "1"}, **more})


class Before(BaseModel):
    @model_validator(mode="before")
    @classmethod
    def _look(cls, value: Any) -> Any:
        return value


class Wrapped(BaseModel):
    @model_validator(mode="wrap")
    @classmethod
    def _look(cls, value: Any, handler: Any) -> Any:
        return handler(value)


class Pathed(BaseModel):
    n: int = Field(validation_alias=AliasPath("a", "b"))


class ByName(BaseModel):
    model_config = ConfigDict(validate_by_alias=False, validate_by_name=True)
    n: int = Field(alias="number")


class Twice(BaseModel):
    a: int = Field(alias="n")
    b: int = Field(alias="n")


class Tree(BaseModel):
    kids: list[Tree] = []

    @model_validator(mode="after")
    def _look(self) -> Tree:
        return self


@pydantic_dataclass(config=ConfigDict(extra="allow"))
class Open:
    n: int


@dataclasses.dataclass
class Counted:
    n: int
    m: int = dataclasses.field(init=False, default=0)


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        (Before, "a validator that runs before"),
        (Wrapped, "a validator that wraps it"),
        (Built, "a model with an __init__ of its own"),
        (Pathed, "the alias of n is a path into an attribute"),
        (ByName, "a class whose fields are not read by their aliases"),
        (Twice, "two of its fields are read from one attribute"),
        (Tree, "a class that holds itself, with a validator around it"),
        (Open, "a dataclass with extra='allow'"),
        (Counted, "a dataclass with fields that are not arguments"),
        (Plain | Other, "a union without a discriminator"),
        (
            Annotated[Annotated[Plain, Tag("a")] | Annotated[Other, Tag("b")], Discriminator(lambda _: "a")],
            "a function",
        ),
        (RootModel[list[int]], "not the type of an item"),
    ],
)
def test_a_type_that_is_the_references_as_a_whole_says_why(annotation: Any, reason: str) -> None:
    assert reason in reason_of(annotation)


def test_a_recursive_class_with_an_init_of_its_own_is_left_as_a_whole() -> None:
    class Node(BaseModel):
        kids: list[Node] = []

        def __init__(self, **values: Any) -> None:
            super().__init__(**values)

    class Holder(BaseModel):
        node: Node
        n: int

    assert parts_of(Holder) == {"node": "a model with an __init__ of its own", "n": ""}
    decode = compiled_decoder(TypeAdapter(Holder).core_schema).decode
    image = {"node": {"M": {"kids": {"L": [{"M": {}}]}}}, "n": {"N": "1"}}
    assert decode(image) == Holder(node=Node(kids=[Node()]), n=1)


def test_a_class_that_is_used_twice_is_explained_at_each_place() -> None:
    class Inner(BaseModel):
        a: int
        b: int | str

    class Outer(BaseModel):
        first: Inner
        more: list[Inner]

    assert [path for path, reason in parts_of(Outer).items() if reason] == ["first.b", "more[].b"]
    assert {"first.a", "more[].a"} < parts_of(Outer).keys()


def test_the_places_inside_of_a_class_that_holds_itself_are_explained_once() -> None:
    class Shelf(BaseModel):
        name: str
        inner: list[Shelf] = []
        by_name: dict[str, Shelf] = {}

    assert list(parts_of(dict[str, Shelf])) == ["{}.name", "{}.inner[]", "{}.by_name{}"]
    assert list(parts_of(Shelf)) == ["name", "inner[]", "by_name{}"]


def test_a_schema_member_or_a_setting_that_is_not_known_is_left_to_the_reference() -> None:
    field = {"type": "typed-dict-field", "schema": {"type": "str", "new_rule": True}}
    compiler = Compiler()
    decode = compiler.decoder({"type": "typed-dict", "fields": {"s": {**field, "schema": {"type": "str"}}}})
    assert decode({"s": {"S": "a"}}) == {"s": "a"}
    compiler = Compiler()
    decode = compiler.decoder({"type": "typed-dict", "fields": {"s": field}})
    assert compiler.parts == [Part("s", "its schema has members that are not known here: new_rule")]
    assert decode({"s": {"S": "a"}}) == {"s": "a"}
    with pytest.raises(NotCompiledError, match="settings that are not known here: new_setting"):
        Compiler().decoder({"type": "typed-dict", "fields": {}, "config": {"new_setting": 1}})
    with pytest.raises(NotCompiledError, match="by a schema of the type 'newest'"):
        Compiler().decoder({"type": "newest"})


def test_a_default_that_stands_in_for_what_is_not_valid_is_left() -> None:
    forgiving = {"type": "default", "schema": {"type": "int"}, "default": 0, "on_error": "default"}
    compiler = Compiler()
    compiler.decoder({"type": "typed-dict", "fields": {"n": {"type": "typed-dict-field", "schema": forgiving}}})
    assert compiler.parts == [Part("n", "its default stands in for values that are not valid")]


def test_a_class_with_a_validator_between_itself_and_its_fields_is_left() -> None:
    fields = {"type": "model-fields", "fields": {}}
    after = {"type": "function-after", "function": {"type": "no-info", "function": same}, "schema": fields}
    with pytest.raises(NotCompiledError, match="validators around its fields"):
        Compiler().decoder({"type": "model", "cls": Plain, "schema": after})


def test_a_tuple_with_more_than_its_variable_part_is_left() -> None:
    pair = {"type": "tuple", "items_schema": [{"type": "int"}, {"type": "str"}], "variadic_item_index": 1}
    compiler = Compiler()
    decode = compiler.decoder({"type": "typed-dict", "fields": {"t": {"type": "typed-dict-field", "schema": pair}}})
    assert compiler.parts == [Part("t", "a tuple that has more than its variable part")]
    assert decode({"t": {"L": [{"N": "1"}, {"S": "a"}, {"S": "b"}]}}) == {"t": (1, "a", "b")}


def test_a_union_with_a_member_that_stands_for_another_or_is_no_class_is_left() -> None:
    of_text: dict[str, Any] = {"type": "typed-dict", "fields": {}}
    union = {"type": "tagged-union", "discriminator": "kind", "choices": {"a": of_text, "b": "a"}}
    with pytest.raises(NotCompiledError, match="one of whose members stands for another"):
        Compiler().decoder(union)
    with pytest.raises(NotCompiledError, match="a union of more than models"):
        Compiler().decoder({**union, "choices": {"a": {"type": "str"}}})
    with pytest.raises(NotCompiledError, match="whose members a function tells apart"):
        Compiler().decoder({**union, "discriminator": [["kind", 0]], "choices": {"a": of_text}})


def test_a_union_may_be_told_apart_under_one_of_several_names() -> None:
    of_a = {"type": "typed-dict", "fields": {}}
    union = {"type": "tagged-union", "discriminator": [["kind"], ["type"]], "choices": {"a": of_a, Kind.TWO: of_a}}
    decode = Compiler().decoder(union)
    assert decode({"kind": {"S": "a"}}) == {}
    assert decode({"type": {"S": "two"}}) == {}


class Extra(TypedDict, total=False):
    lines: list[Plain | None]
    flags: list[bool | None]


def test_what_may_be_null_inside_of_a_list_is_told_apart_by_its_type() -> None:
    decode = compiled_decoder(TypeAdapter(Extra).core_schema).decode
    image = {
        "lines": {"L": [{"M": {"n": {"N": "1"}}}, {"NULL": True}]},
        "flags": {"L": [{"BOOL": True}, {"NULL": True}]},
    }
    assert decode(image) == {"lines": [Plain(n=1), None], "flags": [True, None]}
    with pytest.raises(Exception):  # noqa: B017, PT011  # any doubt will do
        decode({"lines": {"L": [{"M": {"n": {"N": "1", "S": "1"}}}]}})
