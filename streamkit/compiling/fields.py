"""Where a class' fields are read from, and what is to be checked of the attributes that they were read from."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from streamkit.attributes import deserialize
from streamkit.compiling.checks import OneOf
from streamkit.compiling.doubts import DoubtError, NotCompiledError
from streamkit.compiling.readings import of_payloads, of_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamkit.compiling.checks import Check, Code
    from streamkit.compiling.readings import CoreSchema, Reading

__all__ = ["Attributes", "Field", "placed"]


@dataclass(frozen=True)
class Field:
    """A field, as far as attributes are checked for it."""

    sources: Sequence[str]
    """The names of the attributes that it may be read from, the first that there is being taken."""
    optional: bool
    check: Check | None
    """Of the attribute value."""

    @property
    def is_certain(self) -> bool:
        """Whether it was read from its attribute for sure, where the whole was read."""
        return not self.optional and len(self.sources) == 1


def placed(reading: Reading, sources: Sequence[str], *, optional: bool) -> tuple[Any, CoreSchema, Field]:
    """Return a field's alias, its schema, and what is to be checked."""
    mixed = of_payloads(reading)
    if mixed is None:
        schema, check = of_values(reading)
        return [[name] for name in sources], schema, Field(sources, optional, check)
    alias = [[name, one] for name in sources for one in mixed.types]
    # Were it of another type, an attribute would be taken for one that is not there.
    check = OneOf(mixed.types, mixed.check) if optional and not mixed.tells_types else mixed.check
    return alias, mixed.schema, Field(sources, optional, check)


@dataclass(frozen=True)
class Attributes:
    """The check of a payload of which fields were read.

    Every attribute was read by a field, or is one that pydantic may ignore; and none is of two types.
    """

    fields: Sequence[Field]
    extra: str
    by_name: bool
    """Whether pydantic looks for fields by their names as well: it takes the attribute value for the payload then."""

    def __post_init__(self) -> None:
        sources = self._sources()
        if len(set(sources)) < len(sources):
            raise NotCompiledError("two of its fields are read from one attribute")

    def _sources(self) -> list[str]:
        return [*chain.from_iterable(field.sources for field in self.fields)]

    def write(self, code: Code, value: str) -> None:
        """Write the checks of the fields that must be there, of those that may be, and of all other attributes."""
        code.doubt_if(f"type({value}) is not dict")
        found = code.variable()
        with code.block(f"for {found} in {value}.values():"):
            code.doubt_if(f"type({found}) is not dict or len({found}) != 1" if self.by_name else f"len({found}) != 1")
        certain = [field for field in self.fields if field.is_certain]
        for field in certain:
            if field.check is not None:
                found = code.variable()
                code.line(f"{found} = {value}[{field.sources[0]!r}]")
                field.check.write(code, found)
        count = str(len(certain))
        others = [field for field in self.fields if not field.is_certain]
        if others:
            count = code.variable()
            code.line(f"{count} = {len(certain)}")
        for field in others:
            self._write_uncertain(code, value, field, count)
        with code.block(f"if len({value}) != {count}:"):
            known = code.constant(frozenset(self._sources()))
            code.line(f"{code.constant(_check_others)}({value}, {known}, {count}, {self.extra!r})")

    def _write_uncertain(self, code: Code, value: str, field: Field, count: str) -> None:
        word = "if"
        for name in field.sources:
            with code.block(f"{word} {name!r} in {value}:"):
                code.line(f"{count} += 1")
                if field.check is not None:
                    found = code.variable()
                    code.line(f"{found} = {value}[{name!r}]")
                    field.check.write(code, found)
            word = "elif"


def _check_others(attributes: Mapping[str, Any], known: frozenset[str], read: int, extra: str) -> None:
    """Look at attributes that no field was read from."""
    others = attributes.keys() - known
    if extra == "forbid" or read + len(others) != len(attributes):
        raise DoubtError
    if extra == "ignore":
        for name in others:
            deserialize(attributes[name])
