"""`Condition`: what `streamkit.where` and its functions make, `&` and `|` join, and `criteria` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NoReturn

from streamkit.conjunctions import EVENT_NAME, At, merged, met, why_impossible
from streamkit.patternvalues import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from streamkit.conjunctions import Conjunction

__all__ = ["Condition", "condition_of", "created", "event_name", "expired", "short"]

_MOST = 1000
_SHOWN = 100
_KINDS = ("INSERT", "MODIFY", "REMOVE")
_PRINCIPAL = At(("userIdentity", "principalId"))
_SERVICE = At(("userIdentity", "type"))
_CREATED = At(("dynamodb", "ApproximateCreationDateTime"))


class Condition:
    """What is to be true of a record: ``&`` is and, ``|`` is or. `criteria` makes filters of conditions.

    Type checkers take a comparison of a field for a bool, so that whatever takes a condition takes a bool too; a real
    one is refused with TypeError. So is asking for the truth of a condition, as ``if``, ``and``, ``or``, ``not`` and
    ``in`` do: it is true of some records, and none is there yet. ValueError where no record could match, or where
    Lambda's patterns have no way to say it.
    """

    __slots__ = ("_opposite", "alternatives", "text")

    def __init__(
        self, alternatives: Iterable[Conjunction], text: str, opposite: Iterable[Conjunction] | None = None
    ) -> None:
        self.alternatives: Sequence[Conjunction] = merged(alternatives)
        """What it is in normal form; an alternative is a pattern of its own."""
        self.text = text
        """What it is in Python."""
        self._opposite = None if opposite is None else [*opposite]

    def __and__(self, other: Condition | bool) -> Condition:
        """Return the condition that both are true."""
        return _joined(self, condition_of(other, "&"))

    def __rand__(self, other: bool) -> Condition:
        return condition_of(other, "&") & self

    def __or__(self, other: Condition | bool) -> Condition:
        """Return the condition that one of the two, or both, are true."""
        second = condition_of(other, "|")
        return Condition([*self.alternatives, *second.alternatives], f"({self.text}) | ({second.text})")

    def __ror__(self, other: bool) -> Condition:
        return condition_of(other, "|") | self

    def __invert__(self) -> Condition:
        """Return the opposite of `exists` and `expired`; TypeError for others."""
        if self._opposite is None:
            raise TypeError(
                f"~({self.text}): Lambda's patterns have an opposite of exists() and expired() alone. For a comparison "
                f"write != or anything_but(), for a bool field one_of(field, False), for what is joined the opposite "
                f"of each part; that a text does not begin or end so cannot be said"
            )
        return Condition(self._opposite, f"~{self.text}", self.alternatives)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"{self.text} is a condition on records to come, neither true nor false now: join conditions with & and |, "
            f"each in parentheses, in place of and, or, not, in and a chain of comparisons; one_of() is for several "
            f"values"
        )

    def __repr__(self) -> str:
        return f"Condition({self.text})"


def _joined(one: Condition, other: Condition) -> Condition:
    text = f"({one.text}) & ({other.text})"
    if len(one.alternatives) * len(other.alternatives) > _MOST:
        raise ValueError(
            f"{short(text)} has more than {_MOST} combinations of alternatives, which no filter has room for: make "
            f"several filters of it, or leave a part to the handler"
        )
    found, reasons = [], []
    for first in one.alternatives:
        for second in other.alternatives:
            try:
                alternative = met(first, second)
            except ValueError as error:
                raise ValueError(f"{text}: {error}") from None
            reason = why_impossible(alternative)
            if reason:
                reasons.append(reason)
            else:
                found.append(alternative)
    if not found:
        raise ValueError(f"{text} is true of no record: {reasons[0]}")
    return Condition(found, text)


def short(text: str) -> str:
    """Return what a condition is in Python, cut where it gets long."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def condition_of(value: object, where: str) -> Condition:
    """Return what stands for a condition: one itself, or a bool field; TypeError, saying ``where``, for others."""
    if isinstance(value, Condition):
        return value
    of_field = getattr(type(value), "__streamkit_condition__", None)
    if of_field is not None:
        made: Condition = of_field(value)
        return made
    if isinstance(value, bool):
        raise TypeError(
            f"{where} takes conditions, not {value}: Python has worked it out already. A condition begins with "
            f"where(…), and `is` makes none: compare with ==, or use exists(), one_of() or any_of()"
        )
    raise TypeError(f"{where} takes conditions, such as where(Order).status == 'PAID', not {value!r:.200}")


def event_name(*names: Literal["INSERT", "MODIFY", "REMOVE"]) -> Condition:
    """Return the condition that the record is of one of these kinds: ``event_name("INSERT", "MODIFY")``."""
    for name in names:
        if name not in _KINDS:
            raise ValueError(f"event_name takes {', '.join(_KINDS)}, not {name!r}")
    if not names:
        raise ValueError(f"event_name takes one kind of event or more: {', '.join(_KINDS)}")
    return Condition([{EVENT_NAME: tuple(dict.fromkeys(names))}], f"event_name({', '.join(map(repr, names))})")


def expired() -> Condition:
    """Return the condition that the item was deleted by its time to live; ``~expired()`` takes all other changes.

    DynamoDB says so by the userIdentity of a REMOVE (SEMANTICS §7).
    """
    deleted = {EVENT_NAME: ("REMOVE",), _SERVICE: ("Service",), _PRINCIPAL: ("dynamodb.amazonaws.com",)}
    return Condition([deleted], "expired()", [{_PRINCIPAL: (ABSENT,)}])


def created(*, since: datetime | None = None, before: datetime | None = None) -> Condition:
    """Return the condition that the change was made at ``since`` or later, and earlier than ``before``.

    Both are aware datetimes. Records tell it in whole seconds (ApproximateCreationDateTime). It is the only number in a
    record that Lambda's patterns can say more and less of: those of items are text there (SEMANTICS §6).
    """
    bounds = [
        (sign, name, at) for sign, name, at in ((">=", "since", since), ("<", "before", before)) if at is not None
    ]
    if not bounds:
        raise ValueError("created takes since=, before= or both, datetimes with a time zone")
    listed: list[str | float] = []
    for sign, name, at in bounds:
        if at.tzinfo is None:
            raise ValueError(f"{name} takes a datetime with a time zone, such as datetime(…, tzinfo=UTC), not {at!r}")
        seconds = at.timestamp()
        listed += [sign, int(seconds) if seconds.is_integer() else seconds]
    if since is not None and before is not None and since >= before:
        raise ValueError(f"created takes a before= that is later than since=: {before!r} is not later than {since!r}")
    return Condition([{_CREATED: ({"numeric": listed},)}], _created_text(bounds))


def _created_text(bounds: Sequence[tuple[str, str, datetime]]) -> str:
    return f"created({', '.join(f'{name}={at!r}' for _, name, at in bounds)})"
