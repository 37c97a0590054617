"""DynamoDB attribute values to Python values and back: the reference, lossless and pure.

============  =======================  ==========================================================================
DynamoDB      Python                   notes
============  =======================  ==========================================================================
``S``         str
``N``         decimal.Decimal          exact; int and float are accepted on the way in
``B``         bytes                    base64 text in a Lambda event, bytes in boto3: both are read
``BOOL``      bool
``NULL``      None
``L``         list                     tuples are accepted on the way in
``M``         dict
``SS NS BS``  set                      never empty: DynamoDB has no empty set
============  =======================  ==========================================================================
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from streamkit.errors import AttributeValueError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["AttributeValue", "BinaryForm", "deserialize", "deserialize_item", "serialize", "serialize_item"]

AttributeValue: TypeAlias = dict[str, Any]
"""One DynamoDB attribute value: ``{"S": "text"}``, ``{"N": "1.50"}``, …"""

BinaryForm: TypeAlias = Literal["base64", "bytes"]
"""How ``B`` is written: ``"base64"`` text as in a Lambda event, ``"bytes"`` as boto3's client takes it."""

Path: TypeAlias = tuple[str | int, ...]

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)

# The range of a DynamoDB number: 38 significant digits, magnitudes from 1E-130 to 9.99…E+125, and zero.
_MAX_DIGITS = 38
_MIN_EXPONENT = -130
_MAX_EXPONENT = 125


def deserialize_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Turn an item (or an image, or keys) in DynamoDB JSON into a dict of Python values.

    Raises AttributeValueError, with the path in the item, for anything that is not DynamoDB JSON.
    """
    return _read_map(item, ())


def deserialize(value: Mapping[str, Any]) -> Any:
    """Turn one attribute value in DynamoDB JSON into a Python value.

    Raises AttributeValueError for anything that is not DynamoDB JSON.
    """
    return _read(value, ())


def serialize_item(item: Mapping[str, Any], *, binary: BinaryForm = "base64") -> dict[str, AttributeValue]:
    """Turn a dict of Python values into an item in DynamoDB JSON; the inverse of ``deserialize_item``.

    Raises AttributeValueError, with the path in the item, for a value that DynamoDB could not store.
    """
    return _write_map(item, binary, ())


def serialize(value: Any, *, binary: BinaryForm = "base64") -> AttributeValue:
    """Turn a Python value into an attribute value in DynamoDB JSON; the inverse of ``deserialize``.

    A float is written as the shortest number that reads back as the same float. Raises AttributeValueError for a
    value that DynamoDB could not store: more than 38 digits, NaN, an empty or mixed set, a map key that is not text.
    """
    return _write(value, binary, ())


def _read(value: Any, path: Path) -> Any:
    if not isinstance(value, Mapping) or len(value) != 1:
        raise AttributeValueError(
            f'{value!r} is not a DynamoDB attribute value: expected one type and its value, like {{"S": "text"}}', path
        )
    ((tag, payload),) = value.items()
    reader = _READERS.get(tag)
    if reader is None:
        raise AttributeValueError(f"unknown attribute type {tag!r}: DynamoDB has {', '.join(_READERS)}", path)
    return reader(payload, path)


def _read_text(payload: Any, path: Path) -> str:
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


def _read_binary(payload: Any, path: Path) -> bytes:
    if isinstance(payload, (bytes, bytearray)):
        return bytes(payload)
    if isinstance(payload, str):
        try:
            return b64decode(payload, validate=True)
        except ValueError as error:
            raise AttributeValueError(f"B must hold base64 text, not {payload!r} ({error})", path) from None
    raise AttributeValueError(f"B must hold base64 text or bytes, not {payload!r}", path)


def _read_bool(payload: Any, path: Path) -> bool:
    if not isinstance(payload, bool):
        raise AttributeValueError(f"BOOL must hold true or false, not {payload!r}", path)
    return payload


def _read_null(payload: Any, path: Path) -> None:
    if payload is not True:
        raise AttributeValueError(f"NULL must hold true, not {payload!r}", path)


def _read_list(payload: Any, path: Path) -> list[Any]:
    if not isinstance(payload, list):
        raise AttributeValueError(f"L must hold a list, not {payload!r}", path)
    return [_read(element, (*path, index)) for index, element in enumerate(payload)]


def _read_map(payload: Any, path: Path) -> dict[str, Any]:
    if not isinstance(payload, Mapping):
        raise AttributeValueError(f"expected a map of attribute values, not {payload!r}", path)
    return {name: _read(value, (*path, name)) for name, value in payload.items()}


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
    "M": _read_map,
    "SS": _set_reader("SS", _read_text),
    "NS": _set_reader("NS", _read_number),
    "BS": _set_reader("BS", _read_binary),
}


def _write(value: Any, binary: BinaryForm, path: Path) -> AttributeValue:
    match value:
        case str():
            return {"S": _storable_text(value, path)}
        case bool():
            return {"BOOL": value}
        case int() | float() | Decimal():
            return {"N": _number_text(value, path)}
        case None:
            return {"NULL": True}
        case bytes() | bytearray() | memoryview():
            return {"B": _binary_text(bytes(value), binary)}
        case Mapping():
            return {"M": _write_map(value, binary, path)}
        case list() | tuple():
            return {"L": [_write(element, binary, (*path, index)) for index, element in enumerate(value)]}
        case AbstractSet():
            return _write_set(value, binary, path)
    raise AttributeValueError(
        f"{type(value).__name__} {value!r} has no DynamoDB form: allowed are str, int, Decimal, float, bytes, bool, "
        "None, dict, list, tuple and sets of text, numbers or bytes",
        path,
    )


def _write_map(value: Any, binary: BinaryForm, path: Path) -> dict[str, AttributeValue]:
    for name in value:
        if not isinstance(name, str):
            raise AttributeValueError(f"attribute names are text, not {name!r}: convert it with str()", path)
    return {name: _write(element, binary, (*path, name)) for name, element in value.items()}


def _write_set(value: AbstractSet[Any], binary: BinaryForm, path: Path) -> AttributeValue:
    if not value:
        raise AttributeValueError("DynamoDB has no empty set: leave the attribute out, or use None", path)
    if all(isinstance(element, str) for element in value):
        return {"SS": sorted(value)}
    if all(isinstance(element, (int, float, Decimal)) and not isinstance(element, bool) for element in value):
        return {"NS": sorted({_number_text(element, path) for element in value}, key=Decimal)}
    if all(isinstance(element, (bytes, bytearray, memoryview)) for element in value):
        return {"BS": [_binary_text(element, binary) for element in sorted(bytes(element) for element in value)]}
    raise AttributeValueError(f"a set holds only text, only numbers or only bytes, not {value!r}: use a list", path)


def _storable_text(value: str, path: Path) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise AttributeValueError(
            f"{value!r} holds half a character (a lone surrogate): it has no UTF-8", path
        ) from None
    return value


def _number_text(value: float | Decimal, path: Path) -> str:
    number = Decimal(float.__repr__(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise AttributeValueError(f"DynamoDB cannot store the number {value!r}", path)
    digits = len("".join(map(str, number.as_tuple().digits)).strip("0"))
    if digits > _MAX_DIGITS:
        raise AttributeValueError(f"{value!r} has {digits} significant digits: DynamoDB stores at most 38", path)
    if number and not _MIN_EXPONENT <= number.adjusted() <= _MAX_EXPONENT:
        raise AttributeValueError(f"{value!r} is outside DynamoDB's range of 1E-130 to 9.99E+125", path)
    return str(number)


def _binary_text(value: bytes, binary: BinaryForm) -> str | bytes:
    return b64encode(value).decode("ascii") if binary == "base64" else value
