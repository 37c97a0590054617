"""Making numbers, truth values and None, within what DynamoDB and the type allow."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from math import ceil, floor, inf, nextafter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamkit.testing.making.draws import Draws
    from streamkit.testing.making.walk import CoreSchema, Make, Place, Walk

__all__ = ["boolean", "decimal", "floating", "fraction", "nothing", "whole"]

_DIGITS = 38
_MOST = 10**_DIGITS - 1
_LARGEST, _SMALLEST = 9e125, 1e-130
# A number of up to 38 digits, times ten to the minus these, is one that DynamoDB can hold.
_PLACES = (*range(131), *range(-1, -89, -1))
_EXACT = Context(prec=_DIGITS)


def nothing(_schema: CoreSchema, _place: Place, _walk: Walk) -> Make:
    """Build what makes None."""
    return lambda draws, room: None  # noqa: ARG005  # as every maker


def boolean(_schema: CoreSchema, _place: Place, _walk: Walk) -> Make:
    """Build what makes truth values."""
    return lambda draws, room: draws.choice((False, True))  # noqa: ARG005  # as above


def whole(schema: CoreSchema, place: Place, _walk: Walk) -> Make:
    """Build what makes whole numbers of up to 38 digits."""
    step = Fraction(schema.get("multiple_of", 1))
    low, high = _units(schema, step, _MOST)
    if low > high:
        raise place.refused(f"there is no whole number {_bounds(schema)}")
    if step == 1:
        return lambda draws, room: draws.integer(low, high)  # noqa: ARG005  # as above
    return lambda draws, room: int(draws.integer(low, high) * step)  # noqa: ARG005  # as above


def fraction(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes fractions, as pydantic writes them."""
    numerator = whole({name: bound for name, bound in schema.items() if name != "multiple_of"}, place, walk)
    return lambda draws, room: str(numerator(draws, room))


def floating(schema: CoreSchema, place: Place, _walk: Walk) -> Make:
    """Build what makes finite floats that DynamoDB can hold."""
    low = max(schema.get("ge", -_LARGEST), nextafter(schema.get("gt", -inf), inf), -_LARGEST)
    high = min(schema.get("le", _LARGEST), nextafter(schema.get("lt", inf), -inf), _LARGEST)
    low, high = (max(low, _SMALLEST) if low > 0 else low), (min(high, -_SMALLEST) if high < 0 else high)
    if low > high:
        raise place.refused(f"there is no number {_bounds(schema)}")
    step = schema.get("multiple_of")
    if step is not None:
        least, most = _units(schema, Fraction(step), _MOST)
        return lambda draws, room: float(draws.integer(least, most) * step)  # noqa: ARG005  # as above

    def make(draws: Draws, _room: int) -> float:
        value = draws.floating(low, high)
        return 0.0 if abs(value) < _SMALLEST else value

    return make


def decimal(schema: CoreSchema, place: Place, _walk: Walk) -> Make:
    """Build what makes decimals of up to 38 digits."""
    step = schema.get("multiple_of")
    if step is not None:
        least, most = _units(schema, Fraction(step), _MOST)
        unit = Decimal(str(step))
        return lambda draws, room: _EXACT.multiply(unit, draws.integer(least, most))  # noqa: ARG005  # as above
    possible = [(places, low, high) for places in _PLACES for low, high in [_written(schema, places)] if low <= high]
    if not possible:
        raise place.refused(f"there is no number {_bounds(schema)}")

    def make(draws: Draws, _room: int) -> Decimal:
        places, low, high = possible[draws.integer(0, len(possible) - 1, usual=3)]
        return _EXACT.scaleb(Decimal(draws.integer(low, high)), -places)

    return make


def _written(schema: CoreSchema, places: int) -> tuple[int, int]:
    """Return the bounds, in units of the last place, of decimals with so many places; none where low is over high."""
    digits, most_places = schema.get("max_digits"), schema.get("decimal_places")
    if places > (len(_PLACES) if most_places is None else most_places):
        return 1, 0
    if digits is None:
        return _units(schema, Fraction(10) ** -places, _MOST)
    if not 0 <= places <= digits:
        return 1, 0
    # pydantic counts the digits before the point for themselves, where it knows how many are behind it.
    before = digits - places if most_places is None else min(digits - most_places, digits - places)
    return _units(schema, Fraction(10) ** -places, min(_MOST, 10 ** (before + places) - 1))


def _units(schema: CoreSchema, unit: Fraction, most: int) -> tuple[int, int]:
    """Return the bounds of a number, counted in units."""
    low, high = -most, most
    if (bound := schema.get("ge")) is not None:
        low = max(low, ceil(Fraction(bound) / unit))
    if (bound := schema.get("gt")) is not None:
        low = max(low, floor(Fraction(bound) / unit) + 1)
    if (bound := schema.get("le")) is not None:
        high = min(high, floor(Fraction(bound) / unit))
    if (bound := schema.get("lt")) is not None:
        high = min(high, ceil(Fraction(bound) / unit) - 1)
    return low, high


def _bounds(schema: CoreSchema) -> str:
    names = ("ge", "gt", "le", "lt", "multiple_of", "max_digits", "decimal_places")
    return "with " + ", ".join(f"{name}={schema[name]}" for name in names if schema.get(name) is not None)
