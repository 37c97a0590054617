"""DynamoDB JSON to Python values, twice: quickly, and with the path of every value.

The paths are what costs. So the quick readers carry none and have no words for what is wrong: they give up, with any
of `GIVEN_UP`, and whoever called them asks the others. Those alone decide what is DynamoDB JSON: the quick readers may
refuse more, but they never accept anything else, nor read it as another value.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Clamped, Context, Decimal, Inexact, InvalidOperation, Rounded
from typing import TYPE_CHECKING, Any, TypeAlias

from streamkit.errors import AttributeValueError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["GIVEN_UP", "Path", "quick_map", "quick_value", "read_map", "read_value"]

Path: TypeAlias = tuple[str | int, ...]
"""The way from an item to a value in it, by names and by indexes in lists."""

GIVEN_UP = (TypeError, ValueError, KeyError, ArithmeticError)
"""What a quick reader raises at anything that it does not read. It says nothing: see what `read_map` makes of it."""

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)

# Exact or an error, like Decimal(text), but it takes neither spaces nor underscores and leaves the caller's own context
# alone. Threads may share it: all that a call writes to it is flags, which nothing reads.
_quick_decimal = Context(
    prec=MAX_PREC, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[InvalidOperation, Inexact, Rounded, Clamped]
).create_decimal


def read_value(value: Any, path: Path = ()) -> Any:
    """Turn one attribute value into a Python value.

    Raises AttributeValueError, with the path, for anything that is not DynamoDB JSON.
    """
    if not isinstance(value, Mapping) or len(value) != 1:
        raise AttributeValueError(
            f'{value!r} is not a DynamoDB attribute value: expected one type and its value, like {{"S": "text"}}', path
        )
    ((tag, payload),) = value.items()
    reader = _READERS.get(tag)
    if reader is None:
        raise AttributeValueError(f"unknown attribute type {tag!r}: DynamoDB has {', '.join(_READERS)}", path)
    return reader(payload, path)


def read_map(payload: Any, path: Path = ()) -> dict[str, Any]:
    """Turn an item, or what ``M`` holds, into a dict of Python values.

    Raises AttributeValueError, with the path, for anything that is not DynamoDB JSON.
    """
    if not isinstance(payload, Mapping):
        raise AttributeValueError(f"expected a map of attribute values, not {payload!r}", path)
    return {name: read_value(value, (*path, name)) for name, value in payload.items()}


def _read_text(payload: Any, path: Path = ()) -> str:
    if not isinstance(payload, str):
        raise AttributeValueError(f"S must hold text, not {payload!r}", path)
    return payload


def _read_number(payload: Any, path: Path) -> Decimal:
    if isinstance(payload, str) and _NUMBER.fullmatch(payload) is not None:
        try:
            return Decimal(payload)
        except ArithmeticError:  # an exponent beyond what even a Decimal holds
            pass
    raise AttributeValueError(f'N must hold a number as text, like "1.50", not {payload!r}', path)


def _read_binary(payload: Any, path: Path = ()) -> bytes:
    if isinstance(payload, (bytes, bytearray)):
        return bytes(payload)
    if isinstance(payload, str):
        try:
            return b64decode(payload, validate=True)
        except ValueError as error:
            raise AttributeValueError(f"B must hold base64 text, not {payload!r} ({error})", path) from None
    raise AttributeValueError(f"B must hold base64 text or bytes, not {payload!r}", path)


def _read_bool(payload: Any, path: Path = ()) -> bool:
    if not isinstance(payload, bool):
        raise AttributeValueError(f"BOOL must hold true or false, not {payload!r}", path)
    return payload


def _read_null(payload: Any, path: Path = ()) -> None:
    if payload is not True:
        raise AttributeValueError(f"NULL must hold true, not {payload!r}", path)


def _read_list(payload: Any, path: Path) -> list[Any]:
    if not isinstance(payload, list):
        raise AttributeValueError(f"L must hold a list, not {payload!r}", path)
    return [read_value(element, (*path, index)) for index, element in enumerate(payload)]


def _set_reader(tag: str, read: Callable[[Any, Path], Any]) -> Callable[[Any, Path], set[Any]]:
    def read_set(payload: Any, path: Path) -> set[Any]:
        if not isinstance(payload, list):
            raise AttributeValueError(f"{tag} must hold a list, not {payload!r}", path)
        return {read(element, (*path, index)) for index, element in enumerate(payload)}

    return read_set


_READERS: dict[str, Callable[[Any, Path], Any]] = {
    "S": _read_text,
    "N": _read_number,
    "B": _read_binary,
    "BOOL": _read_bool,
    "NULL": _read_null,
    "L": _read_list,
    "M": read_map,
    "SS": _set_reader("SS", _read_text),
    "NS": _set_reader("NS", _read_number),
    "BS": _set_reader("BS", _read_binary),
}


def quick_value(value: Any) -> Any:
    """Turn one attribute value into a Python value, or raise one of `GIVEN_UP`."""
    if type(value) is not dict:
        raise TypeError
    (tag,) = value
    return _QUICK[tag](value[tag])


def quick_map(payload: Any) -> dict[str, Any]:
    """Turn an item, or what ``M`` holds, into a dict of Python values, or raise one of `GIVEN_UP`."""
    if type(payload) is not dict:
        raise TypeError
    values = {}
    for name, value in payload.items():
        # As in quick_value: calling it from here costs a seventh more.
        if type(value) is not dict:
            raise TypeError
        (tag,) = value
        values[name] = _QUICK[tag](value[tag])
    return values


def _quick_number(payload: Any) -> Decimal:
    if type(payload) is not str or not payload.isascii():
        raise ValueError
    number = _quick_decimal(payload)
    if not number.is_finite():
        raise ValueError
    return number


def _quick_list(payload: Any) -> list[Any]:
    if not isinstance(payload, list):
        raise TypeError
    return [quick_value(element) for element in payload]


def _quick_set(read: Callable[[Any], Any]) -> Callable[[Any], set[Any]]:
    def read_set(payload: Any) -> set[Any]:
        if not isinstance(payload, list):
            raise TypeError
        return set(map(read, payload))

    return read_set


# Where there is nothing inside that had a path, the reader that can say what is wrong is as quick as any.
_QUICK: dict[str, Callable[[Any], Any]] = {
    "S": _read_text,
    "N": _quick_number,
    "B": _read_binary,
    "BOOL": _read_bool,
    "NULL": _read_null,
    "L": _quick_list,
    "M": quick_map,
    "SS": _quick_set(_read_text),
    "NS": _quick_set(_quick_number),
    "BS": _quick_set(_read_binary),
}
