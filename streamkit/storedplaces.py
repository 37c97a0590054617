"""The places in a record where a field may be, from an image down, and the tests that can be made there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from streamkit.conjunctions import At
from streamkit.filters import OR
from streamkit.storedforms import Form, form_of, writer_of, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamkit.storedforms import Schema, Scope, Writer, Written

__all__ = ["MISFIT", "Place", "elements_of", "fitting", "items_of", "members_of"]

UNKNOWN = Form(is_unknown=True)
MISFIT = (TypeError, ValueError)
"""What `fitting` raises."""

_KEYS = ("dynamodb", "Keys")
_IN_SETS = ("S", "N", "B")
_WORDS = {"S": "text", "N": "a number", "B": "bytes", "BOOL": "a bool", "NULL": "null"}


@dataclass(frozen=True)
class Place:
    """Where a field may be."""

    steps: tuple[str, ...]
    form: Form
    lists: tuple[tuple[str, ...], ...] = ()
    """See `At`."""
    write: Writer | None = None
    is_image: bool = False
    """Whether it is an item, whose attributes have no type tag around them."""
    is_set: bool = False
    """Whether it is an element of a set, which has no type tag of its own."""

    def at(self, tag: str) -> At:
        """Return the place of the value under a type tag."""
        if self.steps[:2] == _KEYS and (tag not in "SNB" or len(self.steps) != len(_KEYS) + 1):
            raise ValueError(
                f"{'.'.join(self.steps)}: a key attribute is text, a number or bytes (S, N, B), and no {tag}: "
                f"what else an item holds is in its images, where(…)"
            )
        return At((*self.steps, f"{tag}S" if self.is_set else tag), self.lists)

    def inside(self, names: Sequence[str | int]) -> tuple[str, ...]:
        """Return the steps to an attribute of this map, named by a path."""
        steps = self.steps
        for index, name in enumerate(names):
            if not isinstance(name, str):
                raise ValueError(  # noqa: TRY004  # the type is right, and what the model says cannot be said
                    f"{'.'.join(map(str, names))} is the path of an alias into a list: Lambda's patterns know no "
                    f"positions"
                )
            if name == OR:
                raise ValueError(f"an attribute named {OR} cannot be filtered on: that is an operator in a pattern")
            steps = (*steps, name) if self.is_image and not index else (*steps, "M", name)
        return steps


def members_of(place: Place, name: str) -> tuple[list[Place], list[str]]:
    """Return the places where a field of a class may be, and the classes that lack it."""
    found, lacking = [], []
    for class_name, members in place.form.classes:
        if name not in members:
            lacking.append(f"{class_name} has no field {name!r}: it has {', '.join(members)}")
            continue
        member = members[name]
        form = form_of(member.schema, member.scope)
        found += [Place(place.inside(source), form, place.lists, member.write) for source in member.sources]
    return found, lacking


def items_of(place: Place, key: str) -> list[Place]:
    """Return the places of a value of a map without fields."""
    found = [_inner(place, place.inside([key]), one) for one in place.form.values]
    if not found and place.form.is_unknown and not place.form.classes:
        found = [Place(place.inside([key]), UNKNOWN, place.lists)]
    return found


def elements_of(place: Place) -> list[Place]:
    """Return the places of the elements of a list or a set."""
    form, listed = place.form, (*place.steps, "L")
    in_lists = [replace(_inner(place, listed, one), lists=(*place.lists, listed)) for one in form.elements]
    in_set = replace(place, lists=(*place.lists, place.steps), write=None, is_set=True)
    in_sets = [replace(in_set, form=_in_set(form_of(*one)), write=writer_of(*one)) for one in form.members]
    if form.is_unknown and not (in_lists or in_sets or form.classes or form.values):
        return [Place(listed, UNKNOWN, (*place.lists, listed)), replace(in_set, form=_in_set(UNKNOWN))]
    return [*in_lists, *in_sets]


def _in_set(form: Form) -> Form:
    """Return what an element of a set may be: text, a number or bytes, whatever its type says."""
    tags = tuple(tag for tag in _IN_SETS if form.is_unknown or tag in form.tags)
    return Form(tags, choices=form.choices)


def _inner(place: Place, steps: tuple[str, ...], inner: tuple[Schema, Scope]) -> Place:
    return Place(steps, form_of(*inner), place.lists, writer_of(*inner))


def fitting(place: Place, value: Any, text: str) -> Written:
    """Return a value as it is stored at a place; TypeError or ValueError where it never is, in words."""
    try:
        tag, payload = written(value if place.write is None else place.write(value))
    except Exception as error:
        raise ValueError(
            f"{text} cannot be compared with {value!r:.200}, which cannot be stored there: {error}"
        ) from error
    form = place.form
    if tag not in _WORDS:
        raise TypeError(
            f"{text} cannot be compared with {value!r:.200} as a whole: compare the fields of a map one by one, and "
            f"the elements of a list or a set with any_of({text})"
        )
    if tag == "NULL" and form.has_null:
        return tag, payload
    if not form.is_unknown and tag not in form.tags:
        stored = " or ".join(_WORDS[one] for one in form.tags) or "no single value"
        raise TypeError(f"{text} is stored as {stored}, and {value!r:.200} as {_WORDS[tag]}: no record can match")
    if form.choices is not None and (tag, payload) not in form.choices:
        listed = ", ".join(repr(choice) for _, choice in form.choices)
        raise ValueError(f"{text} is never {value!r:.200}: its type allows {listed}")
    return tag, payload
