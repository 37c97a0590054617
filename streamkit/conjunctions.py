"""Conditions in normal form: alternatives, each a list of values for each of some places in a record.

An alternative is what one filter pattern without ``$or`` says. What such a pattern cannot say is refused here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from streamkit.patternvalues import ABSENT, both, either

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from streamkit.patternvalues import Values

__all__ = ["EVENT_NAME", "At", "Conjunction", "event_names", "held", "merged", "met", "why_impossible"]


class At(NamedTuple):
    """A place in a record."""

    steps: tuple[str, ...]
    """``("dynamodb", "NewImage", "status", "S")``."""
    lists: tuple[tuple[str, ...], ...] = ()
    """The places on the way that hold arrays, whose elements a pattern looks through."""


Conjunction: TypeAlias = "Mapping[At, Values]"

EVENT_NAME = At(("eventName",))

# SEMANTICS §7: which records have an image, whatever the stream's view type.
_WITH_IMAGE: dict[tuple[str, ...], tuple[str, ...]] = {
    ("dynamodb", "NewImage"): ("INSERT", "MODIFY"),
    ("dynamodb", "OldImage"): ("MODIFY", "REMOVE"),
}
_IMAGE = 2
_KINDS: tuple[str, ...] = ("INSERT", "MODIFY", "REMOVE")


def met(one: Conjunction, other: Conjunction) -> Conjunction:
    """Return the alternative that holds where two do; `why_impossible` says whether that can be.

    Raises ValueError for what Lambda's patterns cannot say.
    """
    together = dict(one)
    for at, values in other.items():
        if at not in together or together[at] == values:
            together[at] = values
        elif at.lists:
            raise ValueError(
                f"Lambda's patterns cannot say two things of the elements at {_text(at)}: one list of values is all "
                f"that there is room for. Join them with |, or leave one to the handler"
            )
        else:
            together[at] = both(together[at], values)
    _check_lists(together)
    return together


def _check_lists(together: Conjunction) -> None:
    """Refuse "none of the elements has" beside "an element has": of one element, or of all, nobody says."""
    for at, values in together.items():
        beside = [
            other
            for other, beside_it in together.items()
            if other != at and set(other.lists) & set(at.lists) and not values == beside_it == (ABSENT,)
        ]
        if ABSENT in values and beside:
            raise ValueError(
                f"that nothing is at {_text(at)} cannot be said beside another condition on the same list "
                f"({_text(beside[0])}): leave one of them to the handler"
            )


def why_impossible(alternative: Conjunction) -> str:
    """Return why no record can match, in words; nothing where one may."""
    for at, values in alternative.items():
        if not values:
            return f"no value at {_text(at)} is both"
    if not event_names(alternative):
        return "no kind of event has it: an INSERT has no OldImage, and a REMOVE has no NewImage"
    types: dict[tuple[str, ...], str] = {}
    for at, values in alternative.items():
        attribute, tag = at.steps[:-1], at.steps[-1]
        if len(attribute) <= _IMAGE or at.lists or ABSENT in values:
            continue
        if types.setdefault(attribute, tag) != tag:
            return f"{'.'.join(attribute)} is of one type, and not of both {types[attribute]} and {tag}"
    return ""


def event_names(alternative: Conjunction) -> tuple[str, ...]:
    """Return the kinds of event that may match, by the images that are looked at and by what is said of eventName."""
    names = _KINDS
    for at in alternative:
        with_image = _WITH_IMAGE.get(at.steps[:2], _KINDS)
        names = tuple(name for name in names if name in with_image)
    listed = alternative.get(EVENT_NAME, _KINDS)
    return tuple(name for name in names if name in listed)


def held(alternative: Conjunction) -> Conjunction:
    """Return an alternative as a pattern has to say it: what is absent from an image is so from one that is there.

    ``exists: false`` holds of a record without the image too. Such records are told by their eventName.
    """
    images = {at.steps[:2] for at in alternative if at.steps[:2] in _WITH_IMAGE}
    certain = {at.steps[:2] for at, values in alternative.items() if ABSENT not in values}
    if images <= certain:
        return alternative
    return {EVENT_NAME: event_names(alternative), **{at: v for at, v in alternative.items() if at != EVENT_NAME}}


def merged(alternatives: Iterable[Conjunction]) -> Sequence[Conjunction]:
    """Return fewer alternatives that say the same.

    Two that differ in one list only become one, and what another one says too is left out.
    """
    kept = [*alternatives]
    again = True
    while again:
        again, waiting, kept = False, kept, []
        for new in waiting:
            for index, one in enumerate(kept):
                joined = _joined(one, new)
                if joined is not None:
                    kept[index], again = joined, True
                    break
            else:
                kept.append(new)
    return kept


def _joined(one: Conjunction, other: Conjunction) -> Conjunction | None:
    """Return the alternative that says what two say, None where there is none."""
    if _follows(one, other):
        return one
    if _follows(other, one):
        return other
    if one.keys() != other.keys():
        return None
    different = [at for at in one if not _is_part(one[at], other[at]) or not _is_part(other[at], one[at])]
    return {**one, **{at: either(one[at], other[at]) for at in different}} if len(different) == 1 else None


def _follows(one: Conjunction, other: Conjunction) -> bool:
    """Whether the first holds wherever the second does."""
    return all(at in other and _is_part(other[at], values) for at, values in one.items())


def _is_part(one: Values, other: Values) -> bool:
    return all(value in other for value in one)


def _text(at: At) -> str:
    return ".".join(at.steps)
