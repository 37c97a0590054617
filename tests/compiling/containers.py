"""Types that hold values of types which are drawn: lists, sets, mappings, unions, and layers around one type."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, NamedTuple, Optional, Union
from uuid import UUID

import pydantic as p
from pydantic import Field
from pydantic_core import core_schema as cs

from tests.compiling.kinds import AFTER, BEFORE, PLAIN, WRAP, Color, Leaf
from tests.compiling.making import Builder, Inner, Maker, MakeValue, Shape, Value, fresh, settings_shown
from tests.compiling.payloads import ANYTHING, EMPTY, NULL
from tests.compiling.scalars import COMMON

_annotated: Any = Annotated
_union: Any = Union
_optional: Any = Optional
_tuple: Any = tuple
_on_error_omit: Any = p.OnErrorOmit
_named_tuple: Any = NamedTuple

# Each with the words for it.
_LISTS: list[tuple[str, Any]] = [
    ("list[{}]", list),
    ("Sequence[{}]", Sequence),
    ("deque[{}]", deque),
    ("Iterable[{}]", Iterable),
]
_SETS: list[tuple[str, Any]] = [("set[{}]", set), ("frozenset[{}]", frozenset), ("AbstractSet[{}]", AbstractSet)]
_MAPPINGS: list[tuple[str, Any]] = [
    ("dict[{}, {}]", dict),
    ("Mapping[{}, {}]", Mapping),
    ("MutableMapping[{}, {}]", MutableMapping),
    ("OrderedDict[{}, {}]", OrderedDict),
    ("defaultdict[{}, {}]", defaultdict),
]
_LENGTHS: list[dict[str, Any]] = [
    {"min_length": 1},
    {"max_length": 2},
    {"min_length": 1, "max_length": 3},
    {"strict": True},
]
_KEYS: list[tuple[Any, list[Any]]] = [
    (str, ["a", "b", "S", "M", "", "5", "a.b", "NULL"]),
    (int, ["5", "1", "-3", "007", "5.0", "x"]),
    (Any, ["a", "5"]),
    (Color, ["red", "blue", "green"]),
    (UUID, ["12345678-1234-5678-1234-567812345678", "x"]),
    (bytes, ["a", "é"]),
    (Annotated[str, Field(min_length=1)], ["a", ""]),
    (Annotated[str, p.BeforeValidator(str.upper)], ["a", "A"]),
]


def lists(maker: Maker, inner: Inner) -> Shape:
    element = inner()
    words, origin = maker.pick(_LISTS) if maker.once_in(4) else _LISTS[0]
    if maker.once_in(10):
        element = Shape(_on_error_omit[element.annotation], f"OnErrorOmit[{element}]", element.value, element.names)
    return _bounded(maker, origin[element.annotation], words.format(element), _elements(element.value, 4), element)


def tuples(maker: Maker, inner: Inner) -> Shape:
    element = inner()
    return _bounded(
        maker, _tuple[element.annotation, ...], f"tuple[{element}, ...]", _elements(element.value, 3), element
    )


def sets(maker: Maker, inner: Inner) -> Shape:
    element = inner() if maker.once_in(4) else maker.pick(COMMON)
    words, origin = maker.pick(_SETS)
    return _bounded(maker, origin[element.annotation], words.format(element), _elements(element.value, 4), element)


def _elements(value: MakeValue, most: int) -> MakeValue:
    def make(maker: Maker) -> Value:
        elements = [value(maker) for _ in range(maker.upto(most))]
        return _together(elements) if elements and maker.once_in(2) else {"L": elements}

    return make


def _together(elements: list[Value]) -> Value:
    """Return the elements as DynamoDB's set of them, where all are of one tag that has sets."""
    for tag in "SNB":
        if all(list(element) == [tag] for element in elements):
            payloads = [element[tag] for element in elements]
            # What is in a set twice by value is the mutations' business.
            return {tag + "S": [one for index, one in enumerate(payloads) if one not in payloads[:index]]}
    return {"L": elements}


def _bounded(maker: Maker, annotation: Any, words: str, value: MakeValue, element: Shape) -> Shape:
    if maker.once_in(5):
        lengths = maker.pick(_LENGTHS)
        annotation, words = (
            _annotated[annotation, Field(**lengths)],
            f"Annotated[{words}, Field({settings_shown(lengths)})]",
        )
    return Shape(annotation, words, value, element.names)


def fixed_tuples(maker: Maker, inner: Inner) -> Shape:
    parts = [inner() for _ in range(maker.upto(2) + 1)]

    def make(maker: Maker) -> Value:
        return {"L": [part.value(maker) for part in parts]}

    names: frozenset[str] = frozenset().union(*(part.names for part in parts))
    shown = ", ".join(part.words for part in parts)
    if maker.once_in(3):
        fields = [(f"f{index}", part.annotation) for index, part in enumerate(parts)]
        return Shape(_named_tuple("Named", fields), f"NamedTuple[{shown}]", make, names | {"f0", "f1"})
    return Shape(_tuple[tuple(part.annotation for part in parts)], f"tuple[{shown}]", make, names)


def mappings(maker: Maker, inner: Inner) -> Shape:
    member = inner()
    words, origin = maker.pick(_MAPPINGS) if maker.once_in(4) else _MAPPINGS[0]
    key, keys = maker.pick(_KEYS) if maker.once_in(3) else _KEYS[0]

    def make(maker: Maker) -> Value:
        return {"M": {name: member.value(maker) for name in maker.some(keys, 3)}}

    shown = key.__name__ if isinstance(key, type) else repr(key)
    return _bounded(maker, origin[key, member.annotation], words.format(shown, member), make, member)


def counters(maker: Maker, inner: Inner) -> Shape:
    def make(maker: Maker) -> Value:
        return {"M": {name: {"N": maker.pick(["1", "0", "-2", "5.0"])} for name in maker.some(["a", "b"], 2)}}

    return Shape(Counter[str], "Counter[str]", make)


def nullable(maker: Maker, inner: Inner) -> Shape:
    one = inner()

    def make(maker: Maker) -> Value:
        return fresh(NULL) if maker.once_in(4) else one.value(maker)

    return Shape(_optional[one.annotation], f"Optional[{one}]", make, one.names)


def unions(maker: Maker, inner: Inner) -> Shape:
    members = [inner() for _ in range(maker.upto(1) + 2)]
    annotation = _union[tuple(member.annotation for member in members)]
    words = " | ".join(f"({member})" for member in members)
    if maker.once_in(4):
        annotation, words = _annotated[annotation, Field(union_mode="left_to_right")], f"left to right {words}"
    names: frozenset[str] = frozenset().union(*(member.names for member in members))
    return Shape(annotation, words, lambda maker: maker.pick(members).value(maker), names)


_LAYERS: list[tuple[str, Any, list[Any]]] = [
    ("after", p.AfterValidator, AFTER),
    ("before", p.BeforeValidator, BEFORE),
    ("wrap", p.WrapValidator, WRAP),
    ("plain", p.PlainValidator, PLAIN),
]


def _schema(change: Callable[[Any], Any]) -> p.GetPydanticSchema:
    return p.GetPydanticSchema(lambda source, handler: change(handler(source)))


# What stands around a type without being a function of the user's.
_AROUND: list[tuple[str, Any]] = [
    ("strict", Field(strict=True)),
    ("lax", Field(strict=False)),
    ("title", Field(title="T")),
    ("default on error", _schema(lambda one: cs.with_default_schema(one, default=5, on_error="default"))),
    ("omit on error", _schema(lambda one: cs.with_default_schema(one, on_error="omit"))),
    ("default", _schema(lambda one: cs.with_default_schema(one, default=[5]))),
    ("own error", _schema(lambda one: cs.custom_error_schema(one, "own", custom_error_message="wrong"))),
    ("chain", _schema(lambda one: cs.chain_schema([cs.any_schema(), one, cs.any_schema()]))),
    ("nullable", _schema(lambda one: cs.nullable_schema(one, strict=True))),
    ("json or python", _schema(lambda one: cs.json_or_python_schema(json_schema=cs.int_schema(), python_schema=one))),
    ("lax or strict", _schema(lambda one: cs.lax_or_strict_schema(lax_schema=one, strict_schema=cs.str_schema()))),
    ("list of one", _schema(lambda one: cs.chain_schema([cs.list_schema(one), cs.list_schema()]))),
    ("instance or", _schema(lambda one: cs.union_schema([cs.is_instance_schema(Leaf), one]))),
]


def layers(maker: Maker, inner: Inner) -> Shape:
    """Put one or two validators, or what is strict, around a type."""
    one = inner()
    annotation, words = one.annotation, one.words
    for _ in range(maker.upto(1) + 1):
        if maker.once_in(4):
            name, layer = maker.pick(_AROUND)
        else:
            mode, kind, functions = maker.pick(_LAYERS)
            function = maker.pick(functions)
            name, layer = f"{mode} {function.__name__}", kind(function)
        annotation, words = _annotated[annotation, layer], f"Annotated[{words}, {name}]"

    def make(maker: Maker) -> Value:
        if not maker.plain and maker.once_in(4):
            return maker.copy_of([*ANYTHING, *EMPTY])
        return one.value(maker)

    return Shape(annotation, words, make, one.names)


CONTAINERS: list[Builder] = [lists, mappings, sets, nullable, tuples, fixed_tuples, unions, layers, layers, counters]
