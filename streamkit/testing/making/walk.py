"""The walk over the schema of an image type: what each of its parts is made by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from streamkit.errors import StreamkitError

if TYPE_CHECKING:
    from streamkit.testing.making.draws import Draws

__all__ = [
    "LEFT_OUT",
    "Build",
    "CoreSchema",
    "Make",
    "Place",
    "TooDeepError",
    "UnmakeableError",
    "Walk",
]

CoreSchema: TypeAlias = Mapping[str, Any]

Make: TypeAlias = "Callable[[Draws, int], Any]"
"""Makes a value as an item holds it: text, a number, bytes, a bool, None, a list, a dict or a set of these.

The number is how many steps of recursion there still is room for: from 0 on everything is as small as it can be.
"""

LEFT_OUT: Any = object()
"""In the place of an attribute's value: the attribute is not there."""

_DEEPEST = -30
_FEWEST = 8


class UnmakeableError(StreamkitError, TypeError):
    """No value can be made of a type, or none of those that were made is one that a handler would get."""

    def __init__(self, problem: str, path: str = "") -> None:
        self.problem = problem
        self.path = path
        super().__init__(f"{path}: {problem}" if path else problem)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problem, self.path)


class TooDeepError(Exception):
    """A recursive type found no end: taken as no answer where there is another way, see `Walk.refer`."""


class Place(NamedTuple):
    """Where a schema stands."""

    path: str = ""
    """In the item, with ``[]`` for any element of a list and ``{}`` for any value of a map."""
    config: Mapping[str, Any] = {}
    """The settings of the class around it."""
    keys: tuple[str, ...] = ()
    """At the top of an item, the attributes that its table has as keys: they are never left out."""
    is_key: bool = False
    """Whether it is one of these: it is never None and never empty."""

    def at(self, name: str) -> Place:
        """Return the place of an attribute."""
        return self._replace(path=f"{self.path}.{name}" if self.path else name, keys=(), is_key=False)

    def inside(self, mark: str) -> Place:
        """Return the place of the elements or values of what is here."""
        return self._replace(path=self.path + mark, keys=(), is_key=False)

    def refused(self, problem: str) -> UnmakeableError:
        """Return the error that says what cannot be made here."""
        return UnmakeableError(problem, self.path)


Build: TypeAlias = "Callable[[CoreSchema, Place, Walk], Make]"
"""Builds what makes values of one kind of schema. Raises UnmakeableError."""


class Walk:
    """Builds what makes the values of schemas, by their kinds."""

    def __init__(self, builders: Mapping[str, Build]) -> None:
        self._builders = builders
        self._definitions: dict[str, CoreSchema] = {}
        self._known: dict[tuple[str, tuple[str, ...], bool], Make | None] = {}

    def build(self, schema: CoreSchema, place: Place) -> Make:
        """Return what makes values of a schema. Raises UnmakeableError."""
        if isinstance(ref := schema.get("ref"), str):
            self._definitions[ref] = schema
        build = self._builders.get(schema["type"])
        if build is None:
            raise place.refused(f"there are no values of the kind {schema['type']!r} in DynamoDB")
        return build(schema, place, self)

    def define(self, schemas: list[CoreSchema]) -> None:
        """Take note of schemas that others refer to."""
        self._definitions |= {schema["ref"]: schema for schema in schemas}

    def refer(self, ref: str, place: Place) -> Make:
        """Return what makes values of a schema that is defined elsewhere, perhaps of one that this is a part of.

        Raises UnmakeableError. What it returns raises TooDeepError where values hold values of their own type, and
        there is no room for more.
        """
        known, name = self._known, (ref, place.keys, place.is_key)
        if name not in known:
            known[name] = None  # until it is built, for what it refers to itself
            try:
                known[name] = self.build(self._definitions[ref], place)
            except UnmakeableError:
                del known[name]
                raise

        def make(draws: Draws, room: int) -> Any:
            if room <= _DEEPEST:
                raise TooDeepError
            referred = known[name]
            assert referred is not None  # noqa: S101  # nothing is made before all is built
            return referred(draws, room - 1)

        return make

    def least(self, makes: list[Make], draws: Draws, room: int) -> Any:
        """Return a value of the one among several that needs the fewest steps of recursion.

        Raises TooDeepError where all of them need too many.
        """
        # Fewer than there are here: another union within this one must not begin anew.
        for steps in range(min(_FEWEST, room - _DEEPEST)):
            for make in makes:
                try:
                    return make(draws, _DEEPEST + steps)
                except TooDeepError:
                    continue
        raise TooDeepError
