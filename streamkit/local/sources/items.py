"""What is put into a local table, as DynamoDB stores it."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from streamkit.encoding import encode_item

if TYPE_CHECKING:
    from streamkit.attributes import AttributeValue

__all__ = ["stored_item"]

_DIGITS = Context(prec=38)


def stored_item(item: Any) -> dict[str, AttributeValue]:
    """Return a dict, a model or a dataclass in Lambda's form, its numbers as DynamoDB writes them back: 9.90 as 9.9.

    Raises AttributeValueError, with the path in the item, for a value that DynamoDB could not store.
    """
    return {name: _normalized(value) for name, value in encode_item(item).items()}


def _normalized(value: AttributeValue) -> AttributeValue:
    ((tag, payload),) = value.items()
    match tag:
        case "N":
            return {"N": _number(payload)}
        case "NS":
            return {"NS": [_number(element) for element in payload]}
        case "L":
            return {"L": [_normalized(element) for element in payload]}
        case "M":
            return {"M": {name: _normalized(element) for name, element in payload.items()}}
        case _:
            return value


def _number(text: str) -> str:
    # The default context would round to 28 digits where DynamoDB keeps 38.
    number = Decimal(text).normalize(_DIGITS)
    return format(number, "f") if number else "0"
