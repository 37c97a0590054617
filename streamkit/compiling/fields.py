"""Where a class' fields are read from, and what is to be checked of the attributes that they were read from."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from streamkit.attributes import deserialize
from streamkit.compiling.checks import one_of
from streamkit.compiling.doubts import DoubtError, NotCompiledError
from streamkit.compiling.readings import of_payloads, of_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamkit.compiling.checks import Check, Code
    from streamkit.compiling.readings import CoreSchema, Reading

__all__ = ["Field", "attributes", "placed"]


class Field(NamedTuple):
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
    check = one_of(mixed.types, mixed.check) if optional and not mixed.tells_types else mixed.check
    return alias, mixed.schema, Field(sources, optional, check)


def attributes(fields: Sequence[Field], extra: str, *, by_name: bool) -> Check:
    """Check a payload of which fields were read.

    Every attribute was read by a field, or is one that pydantic may ignore; and none is of two types. ``by_name``:
    pydantic looks for fields by their names as well, and takes the attribute value for the payload then.
    """
    sources = [*chain.from_iterable(field.sources for field in fields)]
    known = frozenset(sources)
    if len(known) < len(sources):
        raise NotCompiledError("two of its fields are read from one attribute")

    def write(code: Code, value: str) -> None:
        code.doubt_if(f"type({value}) is not dict")
        found = code.variable()
        with code.block(f"for {found} in {value}.values():"):
            code.doubt_if(f"type({found}) is not dict or len({found}) != 1" if by_name else f"len({found}) != 1")
        certain = [field for field in fields if field.is_certain]
        for field in certain:
            if field.check is not None:
                found = code.variable()
                code.line(f"{found} = {value}[{field.sources[0]!r}]")
                field.check(code, found)
        count = str(len(certain))
        others = [field for field in fields if not field.is_certain]
        if others:
            count = code.variable()
            code.line(f"{count} = {len(certain)}")
        for field in others:
            _write_uncertain(code, value, field, count)
        with code.block(f"if len({value}) != {count}:"):
            code.line(f"{code.constant(_check_others)}({value}, {code.constant(known)}, {count}, {extra!r})")

    return write


def _write_uncertain(code: Code, value: str, field: Field, count: str) -> None:
    """Write the check of a field that may stand in one of several places, or nowhere."""
    word = "if"
    for name in field.sources:
        with code.block(f"{word} {name!r} in {value}:"):
            code.line(f"{count} += 1")
            if field.check is not None:
                found = code.variable()
                code.line(f"{found} = {value}[{name!r}]")
                field.check(code, found)
        word = "elif"


def _check_others(found: Mapping[str, Any], known: frozenset[str], read: int, extra: str) -> None:
    """Look at attributes that no field was read from."""
    others = found.keys() - known
    if extra == "forbid" or read + len(others) != len(found):
        raise DoubtError
    if extra == "ignore":
        for name in others:
            deserialize(found[name])
