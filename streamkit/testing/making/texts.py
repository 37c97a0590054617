"""Making text, bytes, and what is written as text: UUIDs, addresses, values of a list."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from streamkit.attributes import deserialize_item
from streamkit.encoding import encode_item
from streamkit.errors import AttributeValueError
from streamkit.testing.making.patterns import match_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamkit.testing.making.draws import Draws
    from streamkit.testing.making.walk import CoreSchema, Make, Place, Walk

__all__ = ["address", "binary", "document", "listed", "many_addresses", "members", "text", "unique"]

_UUID_BITS = 122
_VERSION = 4


def text(schema: CoreSchema, place: Place, _walk: Walk) -> Make:
    """Build what makes text."""
    config = place.config
    shortest = max(schema.get("min_length", config.get("str_min_length", 0)), int(place.is_key))
    longest = schema.get("max_length", config.get("str_max_length"))
    if longest is not None and shortest > longest:
        raise place.refused(f"there is no text of {shortest} characters or more and {longest} or fewer")
    if (pattern := schema.get("pattern")) is not None:
        return match_of(pattern, place)
    lower = schema.get("to_lower", config.get("str_to_lower"))
    upper = schema.get("to_upper", config.get("str_to_upper"))
    if lower or upper:
        # In the form that the type gives it, so that it is read as it was written.
        change = str.lower if lower else str.upper
        return lambda draws, room: change(draws.text(shortest, longest))  # noqa: ARG005  # as every maker
    return lambda draws, room: draws.text(shortest, longest)  # noqa: ARG005  # as above


def binary(schema: CoreSchema, place: Place, _walk: Walk) -> Make:
    """Build what makes bytes."""
    shortest, longest = max(schema.get("min_length", 0), int(place.is_key)), schema.get("max_length")
    if longest is not None and shortest > longest:
        raise place.refused(f"there are no {shortest} bytes or more and {longest} or fewer")
    return lambda draws, room: draws.binary(shortest, longest)  # noqa: ARG005  # as above


def unique(schema: CoreSchema, _place: Place, _walk: Walk) -> Make:
    """Build what makes UUIDs, as text."""
    version = schema.get("version", _VERSION)

    def make(draws: Draws, _room: int) -> str:
        number = draws.integer(0, 2**_UUID_BITS - 1)
        # The bits of the version and of the variant are set behind it.
        high, low = number >> 62, number & (2**62 - 1)
        clock = (high >> 12 << 16 | version << 12 | high & 0xFFF) & (2**64 - 1)
        return str(UUID(int=clock << 64 | 0b10 << 62 | low))

    return make


def address(schema: CoreSchema, place: Place, _walk: Walk) -> Make:
    """Build what makes URLs."""
    return _addresses(schema.get("allowed_schemes") or ["https"], place)


def many_addresses(schema: CoreSchema, place: Place, _walk: Walk) -> Make:
    """Build what makes URLs of databases."""
    return _addresses(schema.get("allowed_schemes") or ["postgres"], place)


def _addresses(schemes: list[str], _place: Place) -> Make:
    return lambda draws, room: f"{draws.choice(schemes)}://example.com/{draws.integer(0, 999)}"  # noqa: ARG005  # as above


def listed(schema: CoreSchema, place: Place, _walk: Walk) -> Make:
    """Build what makes one of the values of a Literal."""
    return _one_of(schema["expected"], place)


def members(schema: CoreSchema, place: Place, _walk: Walk) -> Make:
    """Build what makes the value of one of an Enum's members."""
    return _one_of(schema["members"], place)


def document(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes JSON, as text."""
    inner = walk.build(schema.get("schema") or {"type": "any"}, place)

    def make(draws: Draws, room: int) -> str:
        from pydantic_core import to_json  # noqa: PLC0415  # only such a type needs it

        return to_json(inner(draws, room)).decode()

    return make


def _one_of(values: Iterable[Any], place: Place) -> Make:
    options = [stored for value in values for stored in _stored(value)]
    if not options:
        raise place.refused("DynamoDB can hold none of its values")
    return lambda draws, room: draws.choice(options)  # noqa: ARG005  # as above


def _stored(value: Any) -> list[Any]:
    """Return the value as an item holds it, nothing where none can."""
    try:
        stored = deserialize_item(encode_item({"value": value.value if isinstance(value, Enum) else value}))["value"]
    except AttributeValueError:
        return []
    # As a person would write it.
    return [int(stored) if isinstance(stored, Decimal) and stored == stored.to_integral_value() else stored]
