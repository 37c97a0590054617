"""Making lists, sets, tuples and maps."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamkit.testing.making.draws import Draws
    from streamkit.testing.making.walk import CoreSchema, Make, Place, Walk

__all__ = ["call", "elements", "mapping", "named_tuple", "positions", "unlike"]

_ANY: dict[str, Any] = {"type": "any"}
_TEXT: dict[str, Any] = {"type": "str", "min_length": 1}
_WHOLE: dict[str, Any] = {"type": "int"}
_TRIES = 5


def elements(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes a list."""
    least, most = _lengths(schema, place, 0)
    inner = walk.build(schema.get("items_schema") or _ANY, place.inside("[]"))

    def make(draws: Draws, room: int) -> list[Any]:
        return [inner(draws, room) for _ in range(draws.size(least, most) if room > 0 else least)]

    return make


def unlike(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes a set: one of DynamoDB's where its elements allow it, otherwise a list of different elements."""
    # DynamoDB has no empty set.
    least, most = _lengths(schema, place, 1)
    inner = walk.build(schema.get("items_schema") or _WHOLE, place.inside("[]"))
    fewest = schema.get("min_length", 0)

    def make(draws: Draws, room: int) -> Any:
        wanted = draws.size(least, most) if room > 0 else fewest
        found: dict[str, Any] = {}
        for _ in range(wanted * _TRIES):
            if len(found) == wanted:
                break
            element = inner(draws, room)
            # By their text: dicts and lists have no hash, and for Python 1 is equal to true.
            found[repr(element)] = element
        return _as_set(list(found.values()))

    return make


def _as_set(values: list[Any]) -> Any:
    for kinds in ((str,), (int, Decimal, float), (bytes,)):
        if values and all(isinstance(value, kinds) and not isinstance(value, bool) for value in values):
            return set(values)
    return values


def positions(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes a tuple, as a list."""
    least, most = _lengths(schema, place, 0)
    inner = [walk.build(one, place.inside(f"[{index}]")) for index, one in enumerate(schema["items_schema"])]
    variadic = schema.get("variadic_item_index")
    if variadic is None:
        return lambda draws, room: [one(draws, room) for one in inner]
    before, repeated, after = inner[:variadic], inner[variadic], inner[variadic + 1 :]
    fewest = max(0, least - len(inner) + 1)
    longest = None if most is None else most - len(inner) + 1

    def make(draws: Draws, room: int) -> list[Any]:
        times = draws.size(fewest, longest) if room > 0 else fewest
        return [one(draws, room) for one in (*before, *[repeated] * times, *after)]

    return make


def named_tuple(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes a named tuple, as a list."""
    inner = [walk.build(field["schema"], place.inside(f"[{index}]")) for index, field in enumerate(schema["fields"])]
    return lambda draws, room: [one(draws, room) for one in inner]


def call(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes the arguments of a call: until 2.13 pydantic's schema of a named tuple is one."""
    return named_tuple({"fields": schema["arguments_schema"]["arguments_schema"]}, place, walk)


def mapping(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes a map. At the top it is an item, and has the keys of its table."""
    least, most = _lengths(schema, place, 0)
    values = schema.get("values_schema") or (_WHOLE if schema["type"] == "counter" else _ANY)
    names = walk.build(_named(schema.get("keys_schema") or _TEXT), place.inside("{}"))
    inner = walk.build(values, place.inside("{}"))
    # What is of any type is best a number where it is a key.
    of_key = walk.build(_WHOLE if values["type"] == "any" else values, place.inside("{}")._replace(is_key=True))
    keys = place.keys
    fewest = max(0, least - len(keys))
    longest = None if most is None else max(fewest, most - len(keys))

    def make(draws: Draws, room: int) -> dict[str, Any]:
        made = {name: of_key(draws, room) for name in keys}
        for _ in range(draws.size(fewest, longest) if room > 0 else fewest):
            name = names(draws, room)
            made.setdefault(_as_name(name), inner(draws, room))
        return made

    return make


def _named(schema: CoreSchema) -> CoreSchema:
    return _TEXT if schema["type"] == "any" else {"min_length": 1, **schema} if schema["type"] == "str" else schema


def _as_name(value: Any) -> str:
    """Return what a type makes of a value in the form of a name, which is always text."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _lengths(schema: CoreSchema, place: Place, least: int) -> tuple[int, int | None]:
    shortest, longest = schema.get("min_length", 0), schema.get("max_length")
    if longest is not None and shortest > longest:
        raise place.refused(f"there is no {schema['type']} of {shortest} elements or more and {longest} or fewer")
    least = max(least, shortest)
    return (least if longest is None else min(least, longest)), longest
