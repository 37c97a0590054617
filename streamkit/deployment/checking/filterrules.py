"""Filters that deliver nothing, and filters that keep from the handler what it takes (SEMANTICS §6)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from streamkit.deployment.checking.deliverable import KINDS, kinds_through
from streamkit.deployment.checking.imagerules import delivered_kinds
from streamkit.deployment.checking.ownfilters import are_own
from streamkit.deployment.checking.refusalrules import patterns_of
from streamkit.deployment.checking.rule import Fault, Rule
from streamkit.deployment.checking.subject import UnknownError, is_unknown
from streamkit.deployment.found import Unknown
from streamkit.deployment.typefilters import dropped_by
from streamkit.filterlint import never_matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.deployment.checking.subject import Subject

__all__ = ["RULES"]

_NAME = "FilterCriteria"


def _known_view_type(subject: Subject) -> str | None:
    """Return the stream's view type, None where it is not known: then any is possible."""
    view_type = subject.found.table.view_type if subject.found.table else None
    return None if isinstance(view_type, Unknown) else view_type


def _sentences(pattern: str) -> list[str]:
    told = never_matches({"Filters": [{"Pattern": pattern}]})
    return [sentence.removeprefix("filter 1, ") for sentence in told]


def _check_known(subject: Subject) -> None:
    """Raise UnknownError if a pattern is not known, after those that are were looked at."""
    if is_unknown(subject.found.settings.get(_NAME)):
        subject.setting(_NAME)


def _never(subject: Subject) -> Iterator[Fault]:
    view_type = _known_view_type(subject)
    for number, pattern in patterns_of(subject):
        if kinds_through(pattern, view_type):
            continue
        # What comes after the last semicolon of a sentence is what to write.
        told = [sentence.rpartition("; ") for sentence in _sentences(pattern)]
        why, change = "; ".join(why for why, _, _ in told), "\n".join(f"filter {number}: {one}" for _, _, one in told)
        if kinds_through(pattern):
            why = f"it asks for an image that a stream of view type {view_type} does not carry"
            change = subject.dialect.view_type("NEW_AND_OLD_IMAGES")
        elif not told:
            why = "it asks for an image that records of the eventName it wants do not have"
            change = f"filter {number}: an INSERT has a NewImage, a REMOVE an OldImage, a MODIFY both"
        yield Fault(
            subject.place(_NAME),
            f"filter {number} can never match: {pattern:.300}",
            f"{why}. A record that no filter matches is never delivered, and nobody is told",
            change,
        )
    _check_known(subject)


def _part_never(subject: Subject) -> Iterator[Fault]:
    for number, pattern in patterns_of(subject):
        if kinds_through(pattern):
            for sentence in _sentences(pattern):
                what, _, instead = sentence.rpartition("; ")
                yield Fault(
                    subject.place(_NAME),
                    f"filter {number}, {what}",
                    "this part of the filter does nothing",
                    f"filter {number}: {instead}",
                )
    _check_known(subject)


def _drops(subject: Subject) -> Iterator[Fault]:
    handler = subject.handler
    criteria = subject.setting(_NAME)
    if criteria and handler.kind == "plain":
        raise UnknownError(f"{handler.name} is no streamkit handler: which records it takes is not known")
    delivered = delivered_kinds(subject)
    # That nothing is delivered at all is told by another rule.
    if not criteria or handler.kind != "stream" or handler.signature is None or not delivered:
        return
    sentences = dropped_by(criteria, handler.handler)
    if sentences:
        dropped = [kind for kind in KINDS if kind in handler.signature.kinds and kind not in delivered]
        own = handler.explicit().get(_NAME)
        # What is not the decorator's own is told by another rule: both are to say the same.
        right = {"Filters": [*criteria["Filters"], {"Pattern": json.dumps({"eventName": dropped})}]}
        if own and not are_own(criteria, handler):
            right = own
        yield Fault(
            subject.place(_NAME),
            "; ".join(sentence.partition(". Add ")[0] for sentence in sentences),
            "what the code does for such a record never happens on Lambda, and nobody is told",
            subject.set(_NAME, right),
        )


RULES = (
    Rule(
        "filter-never-matches",
        "error",
        "a filter that no record of the stream can match",
        "SEMANTICS §6, D and O",
        _never,
    ),
    Rule(
        "filter-part-never-matches",
        "warning",
        "a part of a filter that no record can match, or that every record does",
        "SEMANTICS §6, D and O",
        _part_never,
    ),
    Rule(
        "filter-drops-handled",
        "error",
        "the filters never deliver a kind of record that the handler takes",
        "SEMANTICS §6, D",
        _drops,
    ),
)
