"""How the values of one schema are read from an item: by which types of attribute value, and what is to be checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from streamkit.compiling.checks import payload_of, payloads_of

if TYPE_CHECKING:
    from streamkit.compiling.checks import Check

__all__ = [
    "CoreSchema",
    "Mixed",
    "Reading",
    "before",
    "chain",
    "in_order",
    "of_payloads",
    "of_values",
    "plain",
]

CoreSchema: TypeAlias = Mapping[str, Any]


class Mixed(NamedTuple):
    """One schema for the payloads of several types: what tells them apart is checked afterwards.

    That is much faster than to ask for the type first, and fields are nearly always of the first of the types.
    """

    types: tuple[str, ...]
    schema: CoreSchema
    check: Check | None = None
    """Of the attribute value."""

    tells_types: bool = False
    """Whether the check finds doubt in a value of any other type."""


class Reading(NamedTuple):
    """How the values of a schema are read.

    Either by type (``S``, ``N``, …), or from the ``whole`` attribute value, by the reference's own reader.
    """

    by_type: Mapping[str, CoreSchema] = {}  # no dataclass: nothing writes to it
    """For each type the schema of its payload, in the order in which they are to be expected."""

    checks: Mapping[str, Check] = {}  # as above
    """For each type what is to be checked of its payload, where there is anything."""

    mixed: Mixed | None = None
    whole: CoreSchema | None = None
    rare: frozenset[str] = frozenset()
    """Types that are not worth their cost inside of lists: those are left to the reference."""

    def wrapped(self, wrap: Callable[[CoreSchema], CoreSchema]) -> Reading:
        """Return the reading with another schema around each of its own."""
        return self._replace(
            by_type={name: wrap(one) for name, one in self.by_type.items()},
            mixed=self.mixed and self.mixed._replace(schema=wrap(self.mixed.schema)),
            whole=self.whole and wrap(self.whole),
        )


def in_order(*choices: CoreSchema) -> CoreSchema:
    """Return the schema of a union that takes the first of its members that fits."""
    return {"type": "union", "choices": list(choices), "mode": "left_to_right"}


def before(function: Callable[[Any], Any], schema: CoreSchema) -> CoreSchema:
    """Return the schema with a function in front of it."""
    return {"type": "function-before", "function": {"type": "no-info", "function": function}, "schema": schema}


def chain(*steps: CoreSchema) -> CoreSchema:
    """Return the schema that passes a value through one schema after the other."""
    return {"type": "chain", "steps": list(steps)}


def plain(function: Callable[[Any], Any]) -> CoreSchema:
    """Return the schema of what a function makes of the input."""
    return {"type": "function-plain", "function": {"type": "no-info", "function": function}}


def of_payloads(reading: Reading) -> Mixed | None:
    """Return how payloads are read by one schema, None where that would not tell them apart."""
    if reading.mixed is not None or len(reading.by_type) != 1:
        return reading.mixed
    ((name, schema),) = reading.by_type.items()
    check = reading.checks.get(name)
    return Mixed((name,), schema, check and payload_of(name, check), tells_types=check is not None)


def of_values(reading: Reading) -> tuple[CoreSchema, Check | None]:
    """Return how a whole attribute value is read, as the elements of lists are, and what is to be checked of it."""
    if reading.whole is not None:
        return reading.whole, None
    by_type = {name: schema for name, schema in reading.by_type.items() if name not in reading.rare}
    inner = {name: before(itemgetter(name), schema) for name, schema in by_type.items()}
    checks = {name: check for name, check in reading.checks.items() if name in by_type}
    if len(inner) == 1:
        ((name, schema),) = inner.items()
        return schema, payload_of(name, checks[name]) if checks else None
    # Joining the keys gives the type, and for a value of two types none that there is.
    return {"type": "tagged-union", "choices": inner, "discriminator": "".join}, payloads_of(checks) if checks else None
