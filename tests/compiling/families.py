"""Classes of which each holds one and the same type, and one that holds them all.

A type without a configuration of its own has that of the class around it, which may be another one in each place.
"""

from typing import Any

from tests.compiling.making import Inner, Maker, Shape
from tests.compiling.recordparts import Part, paths_of
from tests.compiling.records import dataclass, model, pydantic_dataclass, record, typed_dict
from tests.compiling.recursive import named
from tests.compiling.scalars import COMMON

_list: Any = list


# The settings that mean something to what a class holds, not only to its own fields.
_HANDED_DOWN: list[dict[str, Any]] = [
    {},
    {"extra": "forbid"},
    {"str_to_lower": True},
    {"str_strip_whitespace": True},
    {"strict": True},
    {"extra": "allow"},
    {"str_max_length": 3},
    {"coerce_numbers_to_str": True},
    {"populate_by_name": True},
    {"validate_default": True},
    {"use_enum_values": True},
    {"allow_inf_nan": False},
]


def families(maker: Maker, inner: Inner) -> Shape:
    shared = maker.pick([_plain_record, _named, _any_record])(maker, lambda: maker.pick(COMMON))
    one, other = _holder(maker, shared), _holder(maker, shared)
    return _outer(maker, {"a": one, "b": other} | ({"S": shared} if maker.once_in(2) else {}))


def _holder(maker: Maker, shared: Shape) -> Shape:
    # A schema that is there twice is written once, and apart.
    twice = {"id": shared, "value": maker.pick([shared, _several(shared)])}
    return _outer(maker, {"id": shared} if maker.once_in(4) else twice)


def _outer(maker: Maker, held: dict[str, Shape]) -> Shape:
    config = maker.pick(_HANDED_DOWN)
    parts = [Part(name, shape, {}, paths_of(name, {}, config)) for name, shape in held.items()]
    return maker.pick([model, model, pydantic_dataclass, dataclass, typed_dict])(maker, None, parts, config).shape


def _several(shape: Shape) -> Shape:
    def make(maker: Maker) -> Any:
        return {"L": [shape.value(maker) for _ in range(maker.upto(2))]}

    return Shape(_list[shape.annotation], f"list[{shape}]", make, shape.names)


def _named(maker: Maker, inner: Inner) -> Shape:
    return named(maker, inner)


def _plain_record(maker: Maker, inner: Inner) -> Shape:
    return maker.pick([typed_dict, dataclass])(maker, inner, (), {}).shape


def _any_record(maker: Maker, inner: Inner) -> Shape:
    return record(maker, inner).shape
