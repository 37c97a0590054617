"""Type annotations taken apart: aliases, Annotated and unions, however they are spelled."""

from __future__ import annotations

import types
import typing
from typing import Any

import typing_extensions

__all__ = ["members_of", "shown", "unwrapped"]

# From Python 3.12 to 3.14 the statement `type X = …` and typing_extensions make objects of two classes.
_ALIASES = (typing_extensions.TypeAliasType, getattr(typing, "TypeAliasType", typing_extensions.TypeAliasType))
_UNIONS = (typing.Union, types.UnionType)


def unwrapped(annotation: Any) -> Any:
    """Return what stands behind ``type X = …``, generic or not, and ``Annotated[…]``."""
    while True:
        origin = typing.get_origin(annotation)
        if isinstance(annotation, _ALIASES):
            annotation = annotation.__value__
        elif isinstance(origin, _ALIASES):
            annotation = _substituted(origin, typing.get_args(annotation))
        elif origin is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        else:
            return annotation


def _substituted(alias: Any, arguments: tuple[Any, ...]) -> Any:
    """Return a generic alias' value with its parameters filled in: they may stand there in another order."""
    given = dict(zip(alias.__type_params__, arguments, strict=False))
    value = alias.__value__
    parameters = getattr(value, "__parameters__", ())
    if parameters:
        return value[tuple(given.get(one, one) for one in parameters)]
    return next((argument for parameter, argument in given.items() if value is parameter), value)


def members_of(annotation: Any) -> list[Any]:
    """Return the members of a union, nested ones included; anything else is its own only member."""
    bare = unwrapped(annotation)
    if typing.get_origin(bare) in _UNIONS:
        return [member for part in typing.get_args(bare) for member in members_of(part)]
    return [bare]


def shown(annotation: Any) -> str:
    """Return an annotation as its author would write it."""
    members = members_of(annotation)
    if len(members) > 1:
        return " | ".join(map(shown, members))
    name = members[0].__name__ if isinstance(members[0], type) else repr(members[0])
    return name.removeprefix("typing.").lstrip("~+-")
