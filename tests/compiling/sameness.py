"""Whether two decoded values are the same: equal, and of exactly equal types at every depth."""

import dataclasses
import math
import re
from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import datetime, time
from decimal import Decimal
from enum import Enum
from functools import singledispatch
from typing import Any, TypeAlias

from pydantic import BaseModel, SecretBytes, SecretStr

Form: TypeAlias = Hashable
"""What two values that are the same have in common, and no others."""

_ABSENT = "(no value)"


def same(one: Any, other: Any) -> bool:
    """Whether nobody can tell the two values apart, by type, by value, or by the order of keys."""
    return form(one) == form(other)


def form(value: Any) -> Form:
    """Return a value's form: 1, 1.0 and True, which are equal, have different ones."""
    return (type(value), _content(value))


@singledispatch
def _content(value: Any) -> Form:
    if dataclasses.is_dataclass(value):
        fields = tuple((field.name, form(getattr(value, field.name, _ABSENT))) for field in dataclasses.fields(value))
        return (fields, form(getattr(value, "__dict__", None)))
    # A UUID, a path or a URL says itself what it is equal to; what does not is known by its members.
    if isinstance(value, Hashable) and type(value).__hash__ is not object.__hash__:
        return value
    return form(vars(value)) if hasattr(value, "__dict__") else repr(value)


@_content.register
def _(value: BaseModel) -> Form:
    extra, private = value.model_extra, value.__pydantic_private__
    return (form(value.__dict__), frozenset(value.model_fields_set), form(extra), form(private))


@_content.register
def _(value: Enum) -> Form:
    return (value.name, form(value.value))


@_content.register
def _(value: float) -> Form:
    return "nan" if math.isnan(value) else float.hex(value)


@_content.register
def _(value: complex) -> Form:
    return (form(value.real), form(value.imag))


@_content.register
def _(value: Decimal) -> Form:
    return value.as_tuple()


@_content.register(datetime)
@_content.register(time)
def _(value: datetime | time) -> Form:
    zone = value.tzinfo
    return (value.replace(tzinfo=None).isoformat(), value.fold, value.utcoffset(), type(zone), str(zone))


@_content.register(SecretStr)
@_content.register(SecretBytes)
def _(value: SecretStr | SecretBytes) -> Form:
    return form(value.get_secret_value())


@_content.register
def _(value: re.Pattern) -> Form:  # type: ignore[type-arg]  # what is registered is a class, without arguments
    return (value.pattern, value.flags)


@_content.register
def _(value: Mapping) -> Form:  # type: ignore[type-arg]  # as above
    factory = value.default_factory if isinstance(value, defaultdict) else None
    return (factory, tuple((form(key), form(member)) for key, member in value.items()))


@_content.register
def _(value: deque) -> Form:  # type: ignore[type-arg]  # as above
    return (value.maxlen, tuple(map(form, value)))


@_content.register(list)
@_content.register(tuple)
def _(value: Iterable[Any]) -> Form:
    return tuple(map(form, value))


@_content.register(set)
@_content.register(frozenset)
def _(value: Iterable[Any]) -> Form:
    return frozenset(Counter(map(form, value)).items())


@_content.register
def _(value: Iterator) -> Form:  # type: ignore[type-arg]  # as above
    seen: list[Form] = []
    try:
        seen.extend(form(element) for element in value)
    except Exception as error:  # noqa: BLE001  # what it generates is validated as it goes, by whatever there is
        seen.append(type(error).__name__)
    return tuple(seen)


def mutables(value: Any) -> dict[int, Any]:
    """Return the lists, dicts, sets and other changeable things in a value, each by its identity."""
    found: dict[int, Any] = {}
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, (dict, list, set, bytearray, deque)):
            if id(part) in found:
                continue
            found[id(part)] = part
        waiting.extend(_parts(part))
    return found


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.keys()
        yield from value.values()
    elif isinstance(value, (list, tuple, set, frozenset, deque)):
        yield from value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from (getattr(value, field.name, None) for field in dataclasses.fields(value))
        yield from getattr(value, "__dict__", {}).values()
    elif isinstance(value, BaseModel):
        for members in (value.__dict__, value.model_extra, value.__pydantic_private__):
            yield from (members or {}).values()
    elif hasattr(value, "__dict__") and not isinstance(value, (type, Enum)):
        yield from vars(value).values()
