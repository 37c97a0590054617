"""Types that hold themselves, types with parameters, and types of one value under a name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, ForwardRef, Generic, NotRequired, Optional, TypeVar, Union

from pydantic import BaseModel, Field, RootModel, create_model
from typing_extensions import TypeAliasType, TypedDict

from tests.compiling.making import Builder, Inner, Maker, MakeValue, Shape, Value, pool, settings_shown
from tests.compiling.payloads import ANYTHING, NULL, TEXTS, WHOLE
from tests.compiling.recordparts import draw_config
from tests.compiling.recordvalidators import draw_validators

T = TypeVar("T")

_list: Any = list
_dict: Any = dict
_optional: Any = Optional
_union: Any = Union
_root_model: Any = RootModel


class Box(BaseModel, Generic[T]):
    held: T
    more: list[T] = []


class Pair(BaseModel, Generic[T]):
    left: Box[T] | None = None
    right: T


@dataclass
class Holder(Generic[T]):
    held: T
    more: dict[str, T] = field(default_factory=dict)


class Chain(TypedDict):
    held: int
    next: NotRequired[Chain | None]


@dataclass(slots=True)
class Branch:
    held: int
    kids: list[Branch] = field(default_factory=list)


class Employee(BaseModel):
    name: str
    boss: Employee | None = None
    team: Team | None = None


class Team(BaseModel, extra="allow"):
    members: list[Employee] = []
    parent: Annotated[Team | None, Field(alias="up")] = None


Employee.model_rebuild()

Document = TypeAliasType("Document", "Union[dict[str, Document], list[Document], str, int, float, bool, None]")
Numbers = TypeAliasType("Numbers", "list[Numbers] | int")
Listed = TypeAliasType("Listed", list[T], type_params=(T,))

_box: Any = Box
_pair: Any = Pair
_holder: Any = Holder
_listed: Any = Listed
_alias: Any = TypeAliasType


def _nested(leaf: MakeValue, held: str, list_of: str = "", one: str = "") -> MakeValue:
    """Return what makes a map with a leaf, with others in a list, and with one or none under a name."""

    def make(maker: Maker, depth: int = 3) -> Value:
        item = {held: leaf(maker)}
        if depth and list_of and maker.once_in(2):
            item[list_of] = {"L": [make(maker, depth - 1) for _ in range(maker.upto(2))]}
        if depth and one and maker.once_in(2):
            item[one] = {"NULL": True} if maker.once_in(3) else make(maker, depth - 1)
        return {"M": item}

    return make


def trees(maker: Maker, inner: Inner) -> Shape:
    leaf = inner()
    config = draw_config(maker)
    if "alias_generator" in config:
        config = {}
    validators, doing = draw_validators(maker, ["value", "kids"])
    itself: Any = ForwardRef("Tree")
    fields: dict[str, Any] = {"kids": (_list[itself], []), "next": (_optional[itself], None)}
    value: Any = (leaf.annotation, ...)
    annotation = create_model("Tree", __cls_kwargs__=config, __validators__=validators, value=value, **fields)
    words = f"Tree(value: {leaf}, kids: list[Tree] = [], next: Tree | None = None; {settings_shown(config)} {doing})"
    return Shape(
        annotation, words, _nested(leaf.value, "value", "kids", "next"), leaf.names | {"value", "kids", "next"}
    )


def couples(maker: Maker, inner: Inner) -> Shape:
    """Draw two models that hold each other."""
    leaf = inner()
    later: Any = ForwardRef("Other")
    fields: dict[str, Any] = {"other": (_optional[later], None)}
    one = create_model("One", value=(leaf.annotation, ...), **fields)
    other = create_model(
        "Other", value=(leaf.annotation, ...), other=(_optional[one], None), ones=(_dict[str, one], {})
    )
    one.model_rebuild(_types_namespace={"Other": other})
    other.model_rebuild(force=True)
    names = leaf.names | {"value", "other", "ones"}
    return Shape(maker.pick([one, other]), f"One and Other of {leaf}", _nested(leaf.value, "value", "", "other"), names)


def _named_by(value: MakeValue, **names: str) -> MakeValue:
    def make(maker: Maker) -> Value:
        item = {names["held"]: value(maker)}
        if maker.once_in(3):
            more = [value(maker) for _ in range(maker.upto(2))]
            item["more"] = {"L": more} if names["more"] == "L" else {"M": dict(zip("ab", more, strict=False))}
        return {"M": item}

    return make


def generics(maker: Maker, inner: Inner) -> Shape:
    leaf = inner()
    box = _named_by(leaf.value, held="held", more="L")

    def pair(maker: Maker) -> Value:
        return {"M": {"right": leaf.value(maker), "left": maker.pick([box, pool([NULL])])(maker)}}

    kinds: list[tuple[str, Any, MakeValue]] = [
        ("Box", _box, box),
        ("Pair", _pair, pair),
        ("Holder", _holder, _named_by(leaf.value, held="held", more="M")),
        ("Box of list", _box, _named_by(lambda maker: {"L": [leaf.value(maker)]}, held="held", more="L")),
    ]
    name, origin, value = maker.pick(kinds)
    parameter = _list[leaf.annotation] if name.endswith("list") else leaf.annotation
    return Shape(origin[parameter], f"{name}[{leaf}]", value, leaf.names | {"held", "more", "left", "right"})


def roots(maker: Maker, inner: Inner) -> Shape:
    one = inner()
    annotation, words = _root_model[one.annotation], f"RootModel[{one}]"
    if maker.once_in(2):
        config = {name: setting for name, setting in draw_config(maker).items() if name != "extra"}
        validators, doing = draw_validators(maker, ["root"])
        annotation = create_model("Root", __base__=annotation, __cls_kwargs__=config, __validators__=validators)
        words += f" with {settings_shown(config)} {doing}"
    return Shape(annotation, words, one.value, one.names)


def named(maker: Maker, inner: Inner) -> Shape:
    one = inner()
    if maker.once_in(2):
        return Shape(
            _listed[one.annotation],
            f"Listed[{one}]",
            lambda maker: {"L": [one.value(maker) for _ in range(maker.upto(2))]},
            one.names,
        )
    return Shape(_alias("Named", one.annotation), f"alias of {one}", one.value, one.names)


def _numbers(maker: Maker, depth: int = 2) -> Value:
    if not depth or maker.once_in(3):
        return maker.copy_of(WHOLE)
    return {"L": [_numbers(maker, depth - 1) for _ in range(maker.upto(2))]}


_WRITTEN = [
    Shape(Chain, "Chain", _nested(pool(WHOLE), "held", "", "next"), frozenset({"held", "next"})),
    Shape(Branch, "Branch", _nested(pool(WHOLE), "held", "kids"), frozenset({"held", "kids"})),
    Shape(Employee, "Employee", _nested(pool(TEXTS), "name", "", "boss"), frozenset({"name", "boss", "team", "up"})),
    Shape(
        Team,
        "Team",
        lambda maker: {"M": {"members": {"L": [_nested(pool(TEXTS), "name", "", "boss")(maker)]}}},
        frozenset({"members", "up", "parent", "name", "team"}),
    ),
    Shape(Document, "Document", pool(ANYTHING)),
    Shape(Numbers, "Numbers", _numbers),
]


def written(maker: Maker, inner: Inner) -> Shape:
    """Draw one of the types that are not drawn: their classes refer to themselves by name."""
    return maker.pick(_WRITTEN)


RECURSIVE: list[Builder] = [trees, couples, generics, written]
NAMED: list[Builder] = [roots, named]
