"""Whether two states are the same, types and all, and where they differ."""

from __future__ import annotations

import dataclasses
from datetime import datetime, time, timezone, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

__all__ = ["difference"]

_MISSING = object()


def difference(one: Any, other: Any, path: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
    """Return the path to the first place where two values differ, None where they are the same in every respect.

    But for the order of a dict: a model's fields come in the model's.
    """
    if one is other:
        return None
    if type(one) is not type(other):
        return path
    members = _members(one, other)
    if members is None:
        return None if _are_same(one, other) else path
    for step, mine, its in members:
        found = difference(mine, its, path if step is None else (*path, step))
        if found is not None:
            return found
    return None


def _are_same(one: Any, other: Any) -> bool:
    if isinstance(one, float | Decimal):
        return repr(one) == repr(other)  # all zeros are equal, and no two that are not a number
    if isinstance(one, datetime | time):
        return (
            one.replace(tzinfo=None).isoformat() == other.replace(tzinfo=None).isoformat()
            and one.fold == other.fold
            and _are_same_zone(one.tzinfo, other.tzinfo)
        )
    if isinstance(one, set | frozenset | dict):
        return one == other and _forms(one) == _forms(other)
    return bool(one == other)


def _are_same_zone(one: tzinfo | None, other: tzinfo | None) -> bool:
    """Whether two zones are the same. pydantic has its own class of fixed offsets, without names."""
    if one is None or other is None or isinstance(one, ZoneInfo) or isinstance(other, ZoneInfo):
        return one is other
    if type(one) is timezone and type(other) is timezone:
        return one == other and one.tzname(None) == other.tzname(None)
    return one.utcoffset(None) == other.utcoffset(None)


def _forms(members: Collection[Any]) -> list[str]:
    return sorted(map(_form, members))


def _form(value: Any) -> str:
    """Return what tells a key, or a set's member, from others that are equal to it: 1 from True, 1.0 from 1.00."""
    name = type(value).__qualname__
    if isinstance(value, tuple):
        return f"{name}({', '.join(map(_form, value))})"
    if isinstance(value, frozenset):
        return f"{name}({_forms(value)})"
    if isinstance(value, datetime | time):
        return f"{name}({value.replace(tzinfo=None)!r} {value.tzinfo})"
    return f"{name}({value!r})" if isinstance(value, float | Decimal) else name


def _members(one: Any, other: Any) -> Iterator[tuple[Any, Any, Any]] | None:
    """Return the members of two values of a type with their steps of the path, None where there are none to compare."""
    if isinstance(one, dict):
        if one.keys() != other.keys() or not ({str}.issuperset(map(type, one)) or _forms(one) == _forms(other)):
            return None
        return ((key, value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple):
        if len(one) != len(other):
            return None
        return ((index, *pair) for index, pair in enumerate(zip(one, other, strict=True)))
    if hasattr(one, "__pydantic_extra__"):
        return _model_members(one, other)
    if dataclasses.is_dataclass(one):
        names = [field.name for field in dataclasses.fields(one)]
        return ((name, getattr(one, name, _MISSING), getattr(other, name, _MISSING)) for name in names)
    return None


def _model_members(one: Any, other: Any) -> Iterator[tuple[Any, Any, Any]]:
    fields: Mapping[str, Any] = type(one).__pydantic_fields__
    for name in fields:
        yield name, one.__dict__.get(name, _MISSING), other.__dict__.get(name, _MISSING)
    yield None, one.__pydantic_extra__, other.__pydantic_extra__
    yield None, one.__pydantic_private__, other.__pydantic_private__
