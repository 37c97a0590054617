"""SizeBytes: how large DynamoDB says that a record is (SEMANTICS §7, inferred; it matches every sample we have)."""

from __future__ import annotations

from base64 import b64decode
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["item_size"]

_CONTAINER = 3
_ELEMENT = 1


def item_size(item: Mapping[str, Any] | None) -> int:
    """Return the size in bytes of an item, image or keys in Lambda's form; an absent one has none."""
    return sum(len(name.encode()) + _value_size(value) for name, value in (item or {}).items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((tag, payload),) = value.items()
    match tag:
        case "S":
            return len(payload.encode())
        case "N":
            return _number_size(payload)
        case "B":
            return len(b64decode(payload))
        case "BOOL" | "NULL":
            return 1
        case "SS" | "NS" | "BS":
            return sum(_value_size({tag[0]: element}) for element in payload)
        case "L":
            return _CONTAINER + sum(_ELEMENT + _value_size(element) for element in payload)
        case _:
            return _CONTAINER + sum(_ELEMENT + item_size({name: element}) for name, element in payload.items())


def _number_size(text: str) -> int:
    sign, digits, _ = Decimal(text).as_tuple()
    significant = len("".join(map(str, digits)).strip("0"))
    return (significant + 1) // 2 + 1 + sign
