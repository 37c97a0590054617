"""Making what is one of several types, or a type with something around it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from streamkit.testing.making.walk import UnmakeableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamkit.testing.making.draws import Draws
    from streamkit.testing.making.walk import CoreSchema, Make, Place, Walk

__all__ = [
    "anything",
    "chain",
    "checked",
    "defined",
    "either",
    "inner",
    "instance",
    "nullable",
    "plain_function",
    "reference",
    "tagged",
    "union",
]

_NULL_ONCE_IN = 4
_TEXTS = {
    "IPv4Address": "10.0.0.{}",
    "IPv4Interface": "10.0.0.{}/24",
    "IPv4Network": "10.0.{}.0/24",
    "IPv6Address": "fd00::{}",
    "IPv6Interface": "fd00::{}/64",
    "IPv6Network": "fd00:0:0:{}::/64",
    "EmailStr._validate": "someone{}@example.com",
    "NameEmail._validate": "Someone <someone{}@example.com>",
    "fraction_validator": "{}",
    "pattern_either_validator": "a{{{}}}",
    "pattern_str_validator": "a{{{}}}",
}
"""What functions read that take text of a form of their own: a number from 0 to 9 has its place in it."""


def anything(_schema: CoreSchema, _place: Place, walk: Walk) -> Make:
    """Build what makes values of all types that DynamoDB has."""
    nowhere = _place.inside("{}")
    plain = [walk.build({"type": kind}, nowhere) for kind in ("str", "int", "bool", "none", "decimal", "bytes")]

    def make(draws: Draws, room: int) -> Any:
        kind = draws.integer(0, len(plain) + 2 if room > 0 else len(plain) - 1, usual=2)
        if kind < len(plain):
            return plain[kind](draws, room)
        size = draws.size(0, 3)
        if kind == len(plain):
            return [make(draws, room - 1) for _ in range(size)]
        if kind == len(plain) + 1:
            return {draws.text(1, None): make(draws, room - 1) for _ in range(size)}
        return {draws.text(0, None) for _ in range(size + 1)}

    return make


def nullable(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes a value or None; never None for a key of the table."""
    inside = walk.build(schema["schema"], place)
    if place.is_key:
        return inside

    def make(draws: Draws, room: int) -> Any:
        return None if room <= 0 or draws.chance(_NULL_ONCE_IN) else inside(draws, room)

    return make


def union(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes a value of one of the members."""
    return _one_of([choice[0] if isinstance(choice, tuple) else choice for choice in schema["choices"]], place, walk)


def tagged(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes a value of one of the members, each of which says by its tag which one it is."""
    return _one_of([choice for choice in schema["choices"].values() if not isinstance(choice, str)], place, walk)


def _one_of(choices: Sequence[CoreSchema], place: Place, walk: Walk) -> Make:
    members: list[Make] = []
    problems: list[UnmakeableError] = []
    for choice in choices:
        try:
            members.append(walk.build(choice, place))
        except UnmakeableError as error:
            problems.append(error)
    if not members:
        raise problems[0]

    def make(draws: Draws, room: int) -> Any:
        return draws.choice(members)(draws, room) if room > 0 else walk.least(members, draws, room)

    return make


def inner(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes what is inside of a schema that only adds to it."""
    return walk.build(schema["schema"], place)


def checked(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes what a user's function around a type is likely to take: values of the type, or what it says."""
    if (known := _known(schema)) is not None:
        return known
    taken = schema.get("json_schema_input_schema")
    return walk.build(schema["schema"] if taken is None or taken["type"] == "any" else taken, place)


def plain_function(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes what a user's function takes, as far as it says what that is."""
    if (known := _known(schema)) is not None:
        return known
    taken = schema.get("json_schema_input_schema")
    if taken is None:
        raise place.refused("what is given to its validator is for the validator alone to know")
    return walk.build(taken, place)


def _known(schema: CoreSchema) -> Make | None:
    form = _TEXTS.get(getattr(schema["function"]["function"], "__qualname__", ""))
    return None if form is None else lambda draws, room: form.format(draws.integer(0, 9))  # noqa: ARG005  # as every maker


def instance(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes instances of a class, of those that come out of an item."""
    cls = schema["cls"]
    for kind, made in ((str, "str"), (int, "int"), (list, "list"), (dict, "dict"), (bytes, "bytes"), (set, "set")):
        if cls is Hashable or (isinstance(cls, type) and issubclass(kind, cls)):
            return walk.build({"type": made}, place)
    raise place.refused(f"an item never holds an instance of {getattr(cls, '__qualname__', cls)}")


def either(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes values for a schema that has two forms: the one for Python's values comes first."""
    forms = ("lax_schema", "strict_schema") if schema["type"] == "lax-or-strict" else ("python_schema", "json_schema")
    try:
        return walk.build(schema[forms[0]], place)
    except UnmakeableError:
        return walk.build(schema[forms[1]], place)


def chain(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes what the first of several steps takes; an instance of a class says less than what follows."""
    first, *others = schema["steps"]
    while others and first["type"] in ("is-instance", "any"):
        first, *others = others
    return walk.build(first, place)


def defined(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes values of a schema that comes with definitions."""
    walk.define(schema["definitions"])
    return walk.build(schema["schema"], place)


def reference(schema: CoreSchema, place: Place, walk: Walk) -> Make:
    """Build what makes values of a schema that is defined elsewhere."""
    return walk.refer(schema["schema_ref"], place)
