"""Whether two decoded values are the same: equal, and of exactly equal types at every depth."""

from __future__ import annotations

import dataclasses
import math
import re
from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterator, Mapping
from datetime import datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

Form: TypeAlias = Hashable

_ABSENT = "(no value)"


def same(one: Any, other: Any) -> bool:
    """Whether nobody can tell the two values apart, by type, by value, or by the order of keys."""
    return form(one) == form(other)


def form(value: Any) -> Form:
    """Return what ``==`` says more about than about the value: 1 and True, 0.0 and -0.0, 1 and 1.0 are apart here."""
    return (type(value), _content(value))


def _content(value: Any) -> Form:
    match value:
        case None | type():
            return value  # type: ignore[no-any-return]  # a class is hashable, whatever it is
        case BaseModel():
            return _of_model(value)
        case Enum():
            return (value.name, form(value.value))
        case float():
            return "nan" if math.isnan(value) else float.hex(value)
        case complex():
            return (form(value.real), form(value.imag))
        case Decimal():
            return value.as_tuple()
        case datetime() | time():
            zone = value.tzinfo
            return (value.replace(tzinfo=None).isoformat(), value.fold, value.utcoffset(), type(zone), str(zone))
        case SecretStr() | SecretBytes():
            return form(value.get_secret_value())
        case re.Pattern():
            return (value.pattern, value.flags)
        case Mapping():
            factory = value.default_factory if isinstance(value, defaultdict) else None
            return (factory, tuple((form(key), form(member)) for key, member in value.items()))
        case deque():
            return (value.maxlen, tuple(map(form, value)))
        case list() | tuple():
            return tuple(map(form, value))
        case set() | frozenset():
            return frozenset(Counter(map(form, value)).items())
        case Iterator():
            return _exhausted(value)
    if dataclasses.is_dataclass(value):
        return _of_dataclass(value)
    return _of_object(value)


def _of_model(value: BaseModel) -> Form:
    return (
        form(value.__dict__),
        frozenset(value.model_fields_set),
        form(value.model_extra),
        form(value.__pydantic_private__),
    )


def _of_dataclass(value: Any) -> Form:
    fields = tuple((field.name, form(getattr(value, field.name, _ABSENT))) for field in dataclasses.fields(value))
    return (fields, form(getattr(value, "__dict__", None)))


def _exhausted(value: Iterator[Any]) -> Form:
    seen: list[Form] = []
    try:
        seen.extend(form(element) for element in value)
    except ValidationError as error:
        seen.append(error.error_count())
    return tuple(seen)


def _of_object(value: Any) -> Form:
    # An address, a path, a URL: equal by value. What has Python's own equality is known by its members.
    if type(value).__eq__ is object.__eq__ or type(value).__hash__ is None:
        return form(vars(value)) if hasattr(value, "__dict__") else repr(value)
    return value  # type: ignore[no-any-return]  # hashable, by the line above


def snapshot(value: Any) -> Form:
    """Return what is in an image, with the types of its containers: its ``form``, as long as it holds no objects."""
    return form(value)


def mutables(value: Any) -> dict[int, Any]:
    """Return the lists, dicts, sets and other changeable things in a value, each by its identity."""
    found: dict[int, Any] = {}
    _collect(value, found)
    return found


def _collect(value: Any, found: dict[int, Any]) -> None:
    if id(value) in found:
        return
    if isinstance(value, (dict, list, set, bytearray, deque)):
        found[id(value)] = value
    if isinstance(value, Mapping):
        for key, member in value.items():
            _collect(key, found)
            _collect(member, found)
    elif isinstance(value, (list, tuple, set, frozenset, deque)):
        for member in value:
            _collect(member, found)
    elif hasattr(value, "__dict__") and not isinstance(value, (type, Enum)):
        # A model's extra attributes and private ones do not live in its __dict__.
        parts = (vars(value), *(getattr(value, name, None) for name in ("__pydantic_extra__", "__pydantic_private__")))
        for part in parts:
            for member in (part or {}).values():
                _collect(member, found)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            _collect(getattr(value, field.name, None), found)
