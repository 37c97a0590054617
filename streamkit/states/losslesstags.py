"""What stands under each tag of lossless JSON: of single values how they are written, of all how they are read."""

from __future__ import annotations

import base64
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import partial
from typing import Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

__all__ = ["RESOLVERS", "SCALARS", "Resolver"]

Resolver: TypeAlias = Callable[[Any], Any]
"""Takes what stands under a tag, its own tags resolved, and returns the value."""


def _is_fixed(zone: tzinfo) -> bool:
    """Whether a zone is an offset; pydantic has its own class of those, known here without an import of pydantic."""
    return type(zone) is timezone or type(zone).__module__.startswith("pydantic_core")


def _offset(zone: tzinfo) -> timedelta:
    return typing.cast("timedelta", zone.utcoffset(None))


def _zone(zone: tzinfo) -> Any:
    """Return a time zone as its key, or as its fixed offset in days, seconds and microseconds, and its name."""
    if type(zone) is ZoneInfo:
        key = zone.key
        if key is None:
            raise ValueError("a ZoneInfo without a key cannot be found again")
        return key
    if _is_fixed(zone):
        return [_span(_offset(zone)), zone.tzname(None)]
    raise ValueError(f"a time zone of the class {type(zone).__qualname__} has no exact form: use zoneinfo or timezone")


def _clock(value: datetime | time) -> Any:
    """Return a time of day as ISO text where that says all, else as its text without zone, its zone and its fold."""
    zone = value.tzinfo
    if not value.fold and (zone is None or _is_offset(zone)):
        return value.isoformat()
    return [value.replace(tzinfo=None).isoformat(), None if zone is None else _zone(zone), value.fold]


def _is_offset(zone: tzinfo) -> bool:
    """Whether an offset, as ISO 8601 has it, says all about a time zone."""
    # Python before 3.13 reads offsets of less than a second as none.
    return (
        _is_fixed(zone)
        and not _offset(zone).microseconds
        and (type(zone) is not timezone or zone.tzname(None) == timezone(_offset(zone)).tzname(None))
    )


def _span(value: timedelta) -> list[int]:
    return [value.days, value.seconds, value.microseconds]


SCALARS: Mapping[type, tuple[str, Callable[[Any], Any]]] = {
    Decimal: ("$decimal", str),
    datetime: ("$datetime", _clock),
    date: ("$date", date.isoformat),
    time: ("$time", _clock),
    timedelta: ("$timedelta", _span),
    UUID: ("$uuid", str),
    bytes: ("$bytes", lambda value: base64.b64encode(value).decode()),
}


def _text_of(content: Any) -> str:
    if type(content) is not str:
        raise TypeError("not a text")
    return content


def _members_of(content: Any) -> list[Any]:
    if type(content) is not list:
        raise TypeError("not a list")
    return content


def _distinct(kind: type[Any], content: Any) -> Any:
    members = _members_of(content)
    result = kind(members)
    if len(result) != len(members):
        raise ValueError("two members are equal")
    return result


def _dict_of(content: Any) -> dict[Any, Any]:
    # Not what dict() would take as well: a text of two letters.
    pairs = [(key, value) for key, value in map(_members_of, _members_of(content))]
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("two keys are equal")
    return result


def _unescaped(content: Any) -> str:
    return _text_of(content).encode("ascii").decode("unicode_escape")


def _clock_of(kind: type[Any], content: Any) -> Any:
    if type(content) is str:
        return kind.fromisoformat(content)
    text, zone, fold = _members_of(content)
    return kind.fromisoformat(_text_of(text)).replace(tzinfo=_zone_of(zone), fold=fold)


def _zone_of(content: Any) -> tzinfo | None:
    if content is None:
        return None
    if type(content) is str:
        return ZoneInfo(content)
    offset, name = _members_of(content)
    return timezone(_span_of(offset), _text_of(name))


def _span_of(content: Any) -> timedelta:
    days, seconds, microseconds = _members_of(content)
    return timedelta(days, seconds, microseconds)


RESOLVERS: Mapping[str, Resolver] = {
    "$text": _unescaped,
    "$int": lambda content: int(_text_of(content), 0),
    "$float": lambda content: float(_text_of(content)),
    "$decimal": lambda content: Decimal(_text_of(content)),
    "$datetime": partial(_clock_of, datetime),
    "$date": lambda content: date.fromisoformat(_text_of(content)),
    "$time": partial(_clock_of, time),
    "$timedelta": _span_of,
    "$uuid": lambda content: UUID(_text_of(content)),
    "$bytes": lambda content: base64.b64decode(_text_of(content), validate=True),
    "$tuple": lambda content: tuple(_members_of(content)),
    "$set": partial(_distinct, set),
    "$frozenset": partial(_distinct, frozenset),
    "$dict": _dict_of,
}
