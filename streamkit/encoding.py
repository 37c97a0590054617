"""Items as a program has them, models included, to DynamoDB JSON: the counterpart of `decoding`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from decimal import Decimal
from typing import Any

from streamkit.attributes import AttributeValue, serialize_item
from streamkit.errors import AttributeValueError

__all__ = ["encode_item"]

_NATIVE = (str, bytes, bytearray, memoryview, bool, int, float, Decimal, type(None))


def encode_item(item: Any) -> dict[str, AttributeValue]:
    """Return a dict, a pydantic model or a dataclass in Lambda's form.

    A model is written under its aliases, with what DynamoDB has no type for as pydantic writes it in JSON: a datetime
    as ISO 8601 text, a UUID as text, an Enum as its value.

    Raises AttributeValueError, with the path in the item, for a value that DynamoDB could not store.
    """
    values = _plain(item)
    if not isinstance(values, Mapping):
        raise AttributeValueError(f"an item is a dict, a pydantic model or a dataclass, not {item!r}")
    return serialize_item(values)


def _plain(value: Any) -> Any:
    if isinstance(value, _NATIVE):
        return value
    if hasattr(value, "model_dump"):
        return _plain(value.model_dump(by_alias=True))
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {name: _plain(element) for name, element in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(element) for element in value]
    if isinstance(value, set | frozenset):
        elements = [_plain(element) for element in value]
        return set(elements) if all(isinstance(element, _NATIVE) for element in elements) else value
    from pydantic_core import PydanticSerializationError, to_jsonable_python  # noqa: PLC0415  # plain dicts do without

    try:
        return to_jsonable_python(value)
    except PydanticSerializationError:
        return value
