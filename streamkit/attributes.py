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

from base64 import b64encode
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from streamkit.attributereading import GIVEN_UP, quick_map, quick_value, read_map, read_value
from streamkit.errors import AttributeValueError

if TYPE_CHECKING:
    from streamkit.attributereading import Path

__all__ = ["AttributeValue", "BinaryForm", "deserialize", "deserialize_item", "serialize", "serialize_item"]

AttributeValue: TypeAlias = dict[str, Any]
"""One DynamoDB attribute value: ``{"S": "text"}``, ``{"N": "1.50"}``, …"""

BinaryForm: TypeAlias = Literal["base64", "bytes"]
"""How ``B`` is written: ``"base64"`` text as in a Lambda event, ``"bytes"`` as boto3's client takes it."""

# The range of a DynamoDB number: 38 significant digits, magnitudes from 1E-130 to 9.99…E+125, and zero.
_MAX_DIGITS = 38
_MIN_EXPONENT = -130
_MAX_EXPONENT = 125


def deserialize_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Turn an item (or an image, or keys) in DynamoDB JSON into a dict of Python values.

    Raises AttributeValueError, with the path in the item, for anything that is not DynamoDB JSON.
    """
    try:
        return quick_map(item)
    except GIVEN_UP:
        pass  # read again below, not here: what is wrong with the item did not happen while handling something else
    return read_map(item)


def deserialize(value: Mapping[str, Any]) -> Any:
    """Turn one attribute value in DynamoDB JSON into a Python value.

    Raises AttributeValueError for anything that is not DynamoDB JSON.
    """
    try:
        return quick_value(value)
    except GIVEN_UP:
        pass  # as above
    return read_value(value)


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
