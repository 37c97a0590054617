"""Discriminated unions of records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union

from pydantic import Discriminator, Field, Tag

from tests.compiling.kinds import Color, Level, Shade
from tests.compiling.making import Inner, Maker, Shape, Value, pool
from tests.compiling.recordparts import Part, draw_config, paths_of
from tests.compiling.records import Record, record

_annotated: Any = Annotated
_union: Any = Union
_literal: Any = Literal

# For each member of a union the values that its discriminator may have, and how an item holds them.
_KINDS: list[list[list[Any]]] = [
    [["cat"], ["dog"], ["bird"]],
    [["cat", "kitten"], ["dog", "puppy"], ["x"]],
    [[1], [2], [3]],
    [[Color.RED], [Color.BLUE], [Shade.DARK]],
    [["cat"], [1], ["5"]],
    [[True], [False], ["x"]],
    [[None], ["a"], ["b"]],
    [[Level.LOW], [Level.HIGH], ["x"]],
    [["S"], ["N"], ["M"]],
]


def _stored(kind: Any) -> Value:
    match kind:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": kind}
        case int():
            return {"N": str(int(kind))}
    return {"S": str(getattr(kind, "value", kind))}


def discriminated(maker: Maker, inner: Inner) -> Shape:
    """Draw a union whose members are told apart by an attribute that all of them have."""
    kinds = maker.pick(_KINDS) if maker.once_in(3) else _KINDS[maker.upto(1)]
    name = maker.pick(["kind", "type", "S", "a"])
    settings = (
        maker.pick([{"alias": "petKind"}, {"validation_alias": "kind"}, {"alias": "S"}]) if maker.once_in(3) else {}
    )
    config = draw_config(maker)
    if {"alias_generator", "validate_by_alias"} & config.keys():
        config = {}  # pydantic wants one alias of the discriminator in all members, and to know it early
    members: list[Record] = []
    for values in kinds[: maker.upto(1) + 2]:
        shape = Shape(
            _literal[tuple(values)], f"Literal{values}", pool([*map(_stored, values)], [*map(_stored, kinds[0])])
        )
        first = Part(name, shape, _with_default(maker, settings, values[0]), paths_of(name, settings, config))
        members.append(record(maker, inner, [first], config))
    shapes = [member.shape for member in members]
    annotations = [shape.annotation for shape in shapes]
    if len(annotations) == 3 and maker.once_in(3):
        annotations = [_annotated[_union[tuple(annotations[:2])], Field(discriminator=name)], annotations[2]]
    annotation = _union[tuple(annotations)]
    return Shape(
        _annotated[annotation, Field(discriminator=name)],
        f"discriminated by {name!r} [{' | '.join(shape.words for shape in shapes)}]",
        lambda maker: maker.pick(shapes).value(maker),
        frozenset().union(*(shape.names for shape in shapes)) | {name},
    )


def _with_default(maker: Maker, settings: dict[str, Any], kind: Any) -> dict[str, Any]:
    return {**settings, "default": kind} if maker.once_in(4) else settings


def _by_kind(value: Any) -> Any:
    kind = value.get("kind") if isinstance(value, Mapping) else getattr(value, "kind", None)
    return kind if isinstance(kind, str) else "1"


def _by_type(value: Any) -> Any:
    return str(len(value) % 2) if isinstance(value, (Mapping, list)) else "1"


def _by_name(value: Any) -> Any:
    return "0" if isinstance(value, Mapping) and "a" in value else "1"


def called(maker: Maker, inner: Inner) -> Shape:
    """Draw a union whose members are told apart by a function."""
    shapes = [record(maker, inner).shape if maker.once_in(2) else inner() for _ in range(2)]
    function = maker.pick([_by_name, _by_kind, _by_type])
    tagged = [_annotated[shape.annotation, Tag(str(index))] for index, shape in enumerate(shapes)]
    return Shape(
        _annotated[_union[tuple(tagged)], Discriminator(function)],
        f"told apart {function.__name__[1:]} [{' | '.join(shape.words for shape in shapes)}]",
        lambda maker: maker.pick(shapes).value(maker),
        frozenset().union(*(shape.names for shape in shapes)),
    )
