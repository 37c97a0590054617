"""Making dates and times, as the ISO 8601 text that pydantic writes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.testing.making.draws import Draws
    from streamkit.testing.making.walk import CoreSchema, Make, Place, Walk

__all__ = ["day", "daytime", "moment", "span"]

# Without a zone: in whichever is asked for.
_START = datetime(2026, 1, 1)  # noqa: DTZ001  # see above
_PAST, _FUTURE = datetime(2020, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001  # see above
# A day away from the ends, where a zone would lead over them.
_FIRST, _LAST = datetime(1, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001  # see above
_MICROSECOND, _DAY = timedelta(microseconds=1), timedelta(days=1)
_SECOND, _MINUTE, _WHOLE_DAY = 1_000_000, 60_000_000, 24 * 3_600_000_000
_MINUTES_OF_OFFSET = 14 * 60
_LONGEST_SPAN = 10**9 * _SECOND


def day(schema: CoreSchema, place: Place, _walk: Walk) -> Make:
    """Build what makes dates."""
    start = _START.date()

    def days(when: date) -> int:
        return (when - start).days

    first, last = _ends(schema)
    low, high = _bounds(schema, place, days, days(first.date()), days(last.date()))
    return lambda draws, room: (start + _DAY * draws.integer(low, high)).isoformat()  # noqa: ARG005  # as every maker


def moment(schema: CoreSchema, place: Place, _walk: Walk) -> Make:
    """Build what makes dates with a time: aware ones, unless the type says otherwise."""
    zone = schema.get("tz_constraint")
    bounds = [schema[name] for name in ("ge", "gt", "le", "lt") if schema.get(name) is not None]
    naive = zone == "naive" or (zone is None and any(bound.tzinfo is None for bound in bounds))
    offset = timedelta(seconds=zone) if isinstance(zone, int) else None

    def microseconds(when: datetime) -> int:
        if when.tzinfo is not None:
            when = when.astimezone(UTC).replace(tzinfo=None)
        return (when - _START) // _MICROSECOND

    first, last = _ends(schema)
    low, high = _bounds(schema, place, microseconds, microseconds(first), microseconds(last))
    drawn = _within(low, high, _SECOND)

    def make(draws: Draws, _room: int) -> str:
        when = _START + _MICROSECOND * drawn(draws)
        if naive:
            return when.isoformat()
        minutes = 0 if offset else draws.integer(-_MINUTES_OF_OFFSET, _MINUTES_OF_OFFSET, usual=1)
        there = timezone(offset or timedelta(minutes=minutes))
        return when.replace(tzinfo=UTC).astimezone(there).isoformat().replace("+00:00", "Z")

    return make


def daytime(schema: CoreSchema, place: Place, _walk: Walk) -> Make:
    """Build what makes times of a day."""

    def microseconds(when: time) -> int:
        return ((when.hour * 60 + when.minute) * 60 + when.second) * _SECOND + when.microsecond

    drawn = _within(*_bounds(schema, place, microseconds, 0, _WHOLE_DAY - 1), _MINUTE)
    zone = "Z" if schema.get("tz_constraint") == "aware" else ""
    return lambda draws, room: (_START + _MICROSECOND * drawn(draws)).time().isoformat() + zone  # noqa: ARG005  # as above


def span(schema: CoreSchema, place: Place, _walk: Walk) -> Make:
    """Build what makes lengths of time."""

    def microseconds(length: timedelta) -> int:
        return length // _MICROSECOND

    drawn = _within(*_bounds(schema, place, microseconds, -_LONGEST_SPAN, _LONGEST_SPAN), _SECOND)

    def make(draws: Draws, _room: int) -> Any:
        from pydantic_core import to_jsonable_python  # noqa: PLC0415  # only such a type needs it

        return to_jsonable_python(_MICROSECOND * drawn(draws))

    return make


def _within(low: int, high: int, unit: int) -> Callable[[Draws], int]:
    """Return what draws microseconds between the bounds, first of all whole units, which are read best."""
    first, last = -(-low // unit), high // unit - 1

    def drawn(draws: Draws) -> int:
        if first > last:
            return draws.integer(low, high)
        return draws.integer(first, last) * unit + draws.integer(0, unit - 1, usual=1)

    return drawn


def _ends(schema: CoreSchema) -> tuple[datetime, datetime]:
    """Return between which times something lies: long ago, or far ahead, where it is to be over or yet to come."""
    now = schema.get("now_op")
    return (_FUTURE if now == "future" else _FIRST), (_PAST if now == "past" else _LAST)


def _bounds(schema: CoreSchema, place: Place, steps: Callable[[Any], int], low: int, high: int) -> tuple[int, int]:
    """Return the bounds that a schema sets, and these where it sets none, in steps. Raises UnmakeableError."""
    for name, beyond in (("ge", 0), ("gt", 1)):
        if (bound := schema.get(name)) is not None:
            low = max(low, steps(bound) + beyond)
    for name, beyond in (("le", 0), ("lt", 1)):
        if (bound := schema.get(name)) is not None:
            high = min(high, steps(bound) - beyond)
    if low > high:
        names = ("ge", "gt", "le", "lt", "now_op")
        told = ", ".join(f"{name}={schema[name]}" for name in names if schema.get(name) is not None)
        raise place.refused(f"there is no {schema['type']} with {told}")
    return low, high
