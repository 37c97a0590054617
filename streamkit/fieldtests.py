"""The conditions that can be made on a field, wherever in a record it may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamkit.conditions import Condition
from streamkit.patternvalues import ABSENT, THERE
from streamkit.storedplaces import MISFIT, elements_of, fitting, items_of, members_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamkit.conjunctions import Conjunction
    from streamkit.storedplaces import Place

__all__ = ["Subject", "different", "elements", "equal", "existing", "item", "member", "operated", "true"]


@dataclass(frozen=True)
class Subject:
    """A field."""

    places: Sequence[Place]
    """Where it may be: one place, or several for a union's members and for a field with several aliases."""
    text: str
    """What it is in Python."""


def member(subject: Subject, name: str) -> Subject:
    """Return a field of a class; AttributeError where it is none."""
    found, lacking = [], []
    for place in subject.places:
        places, without = members_of(place, name)
        found += places
        lacking += without
        if not places and not without:
            lacking.append(_without_fields(subject, place))
    if not found or lacking:
        hint = ", and the union's other members do: where() takes one of them alone" if found else ""
        raise AttributeError(f"{subject.text}.{name}: {lacking[0]}{hint}")
    return Subject(found, f"{subject.text}.{name}")


def item(subject: Subject, key: Any) -> Subject:
    """Return a value of a map; TypeError for what is no key."""
    text = f"{subject.text}[{key!r}]"
    if not isinstance(key, str):
        raise TypeError(
            f"{text}: Lambda's patterns know no positions in a list: any_of({subject.text}) is one of its elements, "
            f"whichever"
        )
    places = [one for place in subject.places for one in items_of(place, key)]
    return Subject(places or member(subject, key).places, text)


def _without_fields(subject: Subject, place: Place) -> str:
    form = place.form
    if form.elements or form.members:
        return f"the fields of an element are those of any_of({subject.text})"
    if form.values or form.is_unknown:
        return f"what a dict holds is {subject.text}[…]"
    return "Lambda's patterns compare a value as a whole, or the beginning (startswith) or end (endswith) of a text"


def _fitted(subject: Subject, values: Iterable[Any]) -> list[tuple[Place, dict[str, list[Any]]]]:
    """Return for each place the values that may be there, by type tag.

    Raises TypeError or ValueError for a value that is nowhere.
    """
    by_place: list[tuple[Place, dict[str, list[Any]]]] = [(place, {}) for place in subject.places]
    for value in values:
        if isinstance(value, Condition) or hasattr(type(value), "__streamkit_condition__"):
            raise TypeError(
                f"{subject.text} cannot be compared with {value!r}: Lambda's patterns compare with constants"
            )
        flaws = []
        for place, listed in by_place:
            try:
                tag, payload = fitting(place, value, subject.text)
            except MISFIT as error:
                flaws.append(error)
            else:
                listed.setdefault(tag, []).append(payload)
        if len(flaws) == len(by_place):
            raise flaws[0]
    return by_place


def equal(subject: Subject, values: Iterable[Any], text: str) -> Condition:
    """Return the condition that a field has one of these values; TypeError or ValueError where it never has."""
    return Condition(
        [
            {place.at(tag): tuple(dict.fromkeys(payloads))}
            for place, listed in _fitted(subject, values)
            for tag, payloads in listed.items()
        ],
        text,
    )


def different(subject: Subject, values: Iterable[Any], text: str) -> Condition:
    """Return the condition that a field has a value, and none of these."""
    alternatives: list[Conjunction] = []
    for place, listed in _fitted(subject, values):
        tags = place.form.tags or [tag for tag in listed if tag != "NULL"]
        if not tags:
            raise _unknowable(subject)
        for tag in tags:
            excluded = listed.get(tag, [])
            if tag == "BOOL":
                rest = tuple(one for one in (True, False) if one not in excluded)
                alternatives += [{place.at(tag): rest}] if rest else []
            else:
                unlike = {"anything-but": list(dict.fromkeys(excluded))} if excluded else THERE
                alternatives.append({place.at(tag): (unlike,)})
    if not alternatives:
        raise ValueError(f"{text} is true of no record")
    return Condition(alternatives, text)


def operated(subject: Subject, operator: str, texts: Sequence[Any], text: str) -> Condition:
    """Return the condition that an operator on texts holds of a field for any of several texts."""
    for one in texts:
        if not isinstance(one, str):
            raise TypeError(f"{text}: Lambda's {operator} takes text, not {one!r}")
    alternatives = _tested(subject, "S", tuple({operator: one} for one in texts))
    if not alternatives:
        raise TypeError(f"{text}: {subject.text} is not stored as text, and Lambda's {operator} is for text")
    return Condition(alternatives, text)


def true(subject: Subject) -> Condition:
    """Return what a field says alone; TypeError where it is no bool."""
    if any(place.form.tags != ("BOOL",) for place in subject.places):
        raise TypeError(f"{subject.text} alone is no condition, since it is no bool: compare it with a value")
    return Condition(_tested(subject, "BOOL", (True,)), subject.text)


def _tested(subject: Subject, tag: str, values: tuple[Any, ...]) -> list[Conjunction]:
    """Return a test at every place where there may be a value of such a type."""
    return [{place.at(tag): values} for place in subject.places if tag in place.form.tags or place.form.is_unknown]


def existing(subject: Subject) -> Condition:
    """Return the condition that a field has a value."""
    ats = []
    for place in subject.places:
        form = place.form
        if not form.tags or form.is_unknown or form.classes or form.values or form.elements or form.members:
            raise _unknowable(subject)
        ats += [place.at(tag) for tag in form.tags]
    return Condition([{at: (THERE,)} for at in ats], f"exists({subject.text})", [dict.fromkeys(ats, (ABSENT,))])


def _unknowable(subject: Subject) -> TypeError:
    return TypeError(
        f"whether {subject.text} is there, Lambda's patterns cannot say: their exists looks at a single value of a "
        f"known type (SEMANTICS §6). Ask for a field of a map that is always set, for any_of() a list or a set, and "
        f"where the type is not known compare with a value"
    )


def elements(subject: Subject) -> Subject:
    """Return an element of a list or a set, whichever."""
    found = [one for place in subject.places for one in elements_of(place)]
    if not found:
        raise TypeError(f"any_of({subject.text}): {subject.text} is neither a list nor a set")
    return Subject(found, f"any_of({subject.text})")
