"""Making models, dataclasses and TypedDicts, as the maps that they are read from."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from streamkit.testing.making.walk import LEFT_OUT, UnmakeableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamkit.testing.making.draws import Draws
    from streamkit.testing.making.walk import CoreSchema, Make, Place, Walk

__all__ = ["dataclass_fields", "defaulted", "model", "model_fields", "typed_dict"]

_Path = tuple[str | int, ...]
_ABSENT_ONCE_IN = 4


def model(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes a model or a dataclass, or what a root model is around."""
    return walk.build(schema["schema"], place._replace(config=schema.get("config") or {}))


def model_fields(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes the attributes of a model."""
    return _record(schema["fields"].items(), place, walk, required=True)


def dataclass_fields(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes the attributes of a dataclass."""
    fields = [(field["name"], field) for field in schema["fields"] if field.get("init", True)]
    return _record(fields, place, walk, required=True)


def typed_dict(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes the attributes of a TypedDict."""
    config = schema.get("config") or place.config
    return _record(schema["fields"].items(), place._replace(config=config), walk, required=schema.get("total", True))


def defaulted(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes what has a default, where it is no attribute and cannot be left out."""
    return walk.build(schema["schema"], place)


def _record(fields: Iterable[tuple[str, CoreSchema]], place: Place, walk: Walk, *, required: bool) -> Make:
    members: list[tuple[Make, Callable[[dict[str, Any], Any], None]]] = []
    for name, field in fields:
        path = _path(name, field, place)
        needed = path[0] in place.keys
        there = place.at(".".join(map(str, path)))._replace(is_key=needed)
        optional = not field.get("required", required) or field["schema"]["type"] == "default"
        try:
            make = walk.build(field["schema"], there)
        except UnmakeableError:
            # What no item can hold never comes out of one.
            if needed or not optional:
                raise
            continue
        if optional and not needed and _may_be_absent(field["schema"]):
            make = _sometimes(make)
        members.append((make, _setter(path)))

    def record(draws: Draws, room: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for make, put in members:
            value = make(draws, room)
            if value is not LEFT_OUT:
                put(made, value)
        return made

    return record


def _may_be_absent(schema: CoreSchema) -> bool:
    """Whether an item may lack the attribute, and is still read as the same value each time."""
    if schema["type"] == "default":
        if (factory := schema.get("default_factory")) is not None:
            # Another one may give the time, or a number that was never there.
            return getattr(factory, "__module__", "") == "builtins"
        return _may_be_absent(schema["schema"])
    # What has one value says what the others mean, for other readers too.
    return schema["type"] not in ("literal", "enum") or len(schema.get("expected") or schema.get("members") or ()) > 1


def _sometimes(make: Make) -> Make:
    def sometimes(draws: Draws, room: int) -> Any:
        return LEFT_OUT if room <= 0 or draws.chance(_ABSENT_ONCE_IN) else make(draws, room)

    return sometimes


def _path(name: str, field: CoreSchema, place: Place) -> _Path:
    """Return where in the item the attribute is looked for first."""
    alias = field.get("validation_alias")
    if alias is None or place.config.get("validate_by_alias") is False:
        return (name,)
    if isinstance(alias, str):
        return (alias,)
    return tuple(alias[0]) if isinstance(alias[0], list) else tuple(alias)


def _setter(path: _Path) -> Callable[[dict[str, Any], Any], None]:
    def put_at_the_top(made: Any, value: Any) -> None:
        made[path[0]] = value

    def put(made: Any, value: Any) -> None:
        inside = made
        for step, following in pairwise(path):
            inside = _slot(inside, step, [] if isinstance(following, int) else {})
        _slot(inside, path[-1], value)

    return put if len(path) > 1 else put_at_the_top


def _slot(inside: Any, step: str | int, value: Any) -> Any:
    """Return what stands there, the value if that was nothing."""
    if isinstance(inside, dict):
        return inside.setdefault(step, value)
    index = int(step)
    inside.extend([None] * (index + 1 - len(inside)))
    if inside[index] is None:
        inside[index] = value
    return inside[index]
