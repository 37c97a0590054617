"""Conditions on fields that Python has no operator for: `prefix`, `exists`, `one_of` and their like."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar, overload
from uuid import UUID

from streamkit.fieldtests import different, elements, equal, existing, operated
from streamkit.wherefields import Field, subject_of

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from decimal import Decimal
    from typing import TypeAlias

    from streamkit.conditions import Condition
    from streamkit.fieldtests import Subject

__all__ = ["any_of", "anything_but", "equals_ignore_case", "exists", "one_of", "prefix", "present", "suffix"]

T = TypeVar("T")
V = TypeVar("V", str, bytes, datetime, date, time, timedelta, UUID, Enum)
if TYPE_CHECKING:
    Number: TypeAlias = Decimal | float
    StoredAsText: TypeAlias = str | date | time | UUID | Enum
    Several: TypeAlias = list[T] | tuple[T, ...] | AbstractSet[T]


def prefix(field: StoredAsText | None, text: str) -> Condition:
    """Return the condition that a text begins so: ``prefix(where(Order).status, "PA")``.

    What is stored as text has one too: ``prefix(where(Order).placed_at, "2026-01")``.
    """
    subject = subject_of(field, "prefix")
    return operated(subject, "prefix", (text,), f"prefix({subject.text}, {text!r})")


def suffix(field: StoredAsText | None, text: str) -> Condition:
    """Return the condition that a text ends so."""
    subject = subject_of(field, "suffix")
    return operated(subject, "suffix", (text,), f"suffix({subject.text}, {text!r})")


def equals_ignore_case(field: StoredAsText | None, text: str) -> Condition:
    """Return the condition that a text is this one, whatever the case of its letters."""
    subject = subject_of(field, "equals_ignore_case")
    return operated(subject, "equals-ignore-case", (text,), f"equals_ignore_case({subject.text}, {text!r})")


@overload
def one_of(field: Number | None, *values: Number) -> Condition: ...
@overload
def one_of(field: V | None, *values: V) -> Condition: ...
def one_of(field: Any, *values: Any) -> Condition:
    """Return the condition that a field has one of these values; ``one_of(where(Order).paid, False)`` for bools."""
    subject = subject_of(field, "one_of")
    return equal(subject, _some(values, "one_of"), _shown("one_of", subject, values))


@overload
def anything_but(field: Number | None, *values: Number) -> Condition: ...
@overload
def anything_but(field: V | None, *values: V) -> Condition: ...
def anything_but(field: Any, *values: Any) -> Condition:
    """Return the condition that a field has a value, and none of these; ``!=`` is the same for one."""
    subject = subject_of(field, "anything_but")
    return different(subject, _some(values, "anything_but"), _shown("anything_but", subject, values))


def exists(field: object, there: bool = True) -> Condition:
    """Return the condition that a field has a value; with False, or as ``~exists(…)``, that it is missing or null.

    Of the image that `where` names: a record without it is neither. Lambda looks at single values alone, so that of a
    map one of its fields is to be named, and of a list or a set `any_of` it. What is missing from a list cannot be
    joined by ``&`` with another condition on that list.
    """
    made = existing(subject_of(field, "exists"))
    if not isinstance(there, bool):
        raise TypeError(f"exists takes True or False after the field, not {there!r}")
    return made if there else ~made


def any_of(field: Several[T] | None) -> T:
    """Return an element of a list or a set, whichever: ``any_of(where(Order).tags) == "gift"``.

    Conditions on one list that are joined by ``&`` are true of one and the same element:
    ``(any_of(where(Order).lines).sku == "A") & (any_of(where(Order).lines).qty == 2)``.
    """
    found: Any = Field(elements(subject_of(field, "any_of")))
    return found  # type: ignore[no-any-return]  # for type checkers it is the element, as where() is the image


def present(field: T | None) -> T:
    """Return the same field without its None: ``present(where(Order).address).city`` where there may be no address."""
    found: Any = Field(subject_of(field, "present"))
    return found  # type: ignore[no-any-return]  # as above


def _some(values: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    if not values:
        raise TypeError(f"{name} takes a field and one value or more")
    return values


def _shown(name: str, subject: Subject, values: tuple[Any, ...]) -> str:
    return f"{name}({', '.join([subject.text, *map(repr, values)])})"
