"""What stands in a list of a filter pattern: what is left where two lists must both hold, and where one is enough."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Any, Final, TypeAlias

from streamkit.filters import YES, compile_pattern, shown

__all__ = ["ABSENT", "THERE", "Values", "both", "either", "stored_number"]

Values: TypeAlias = tuple[Any, ...]
"""Texts, numbers, booleans and operators, of which one must hold."""

THERE: Final = {"exists": True}
ABSENT: Final = {"exists": False}

_DIGITS = Context(prec=38)


def stored_number(text: str) -> str:
    """Return the text of a number as DynamoDB writes it back into an event: 9.90 as 9.9, 1E+2 as 100."""
    number = Decimal(text).normalize(_DIGITS)  # the default context would round to 28 digits where DynamoDB keeps 38
    return format(number, "f") if number else "0"


def either(one: Values, other: Values) -> Values:
    """Return the list that holds where any of two does."""
    merged = (*one, *(value for value in other if value not in one))
    # Next to it the others say nothing: they hold of what is there.
    return (THERE,) if THERE in merged and ABSENT not in merged else merged


def both(one: Values, other: Values) -> Values:
    """Return the list that holds where two do; empty where none can.

    Raises ValueError, naming the two tests, if Lambda has no way to say it.
    """
    met: Values = ()
    for first in one:
        for second in other:
            met = either(met, _meet(first, second))
    return met


def _meet(one: Any, other: Any) -> Values:
    """Return the list for a place where two tests must hold."""
    if one == other:
        return (one,)
    if ABSENT in (one, other):
        return ()
    if not isinstance(one, dict):
        return (one,) if compile_pattern([other]).test(one) == YES else ()
    if not isinstance(other, dict):
        return _meet(other, one)
    if THERE in (one, other):
        return (other,) if one == THERE else (one,)
    ((name, first),), ((other_name, second),) = one.items(), other.items()
    if name != other_name:
        raise ValueError(
            f"Lambda's patterns cannot say {shown(one)} and {shown(other)} of one value: leave one of them to the "
            f"handler"
        )
    return _meet_operators(name, first, second)


def _meet_operators(name: str, first: Any, second: Any) -> Values:
    """Return the list for a place where an operator must hold with two operands."""
    match name:
        case "anything-but":
            return ({name: [*first, *(value for value in second if value not in first)]},)
        case "prefix":
            return _longer(name, first, second) if first.startswith(second) or second.startswith(first) else ()
        case "suffix":
            return _longer(name, first, second) if first.endswith(second) or second.endswith(first) else ()
        case "numeric":
            return _range(first, second)
    return ({name: first},) if compile_pattern([{name: first}]).test(second) == YES else ()


def _longer(name: str, *texts: str) -> Values:
    return ({name: max(texts, key=len)},)


def _range(*comparisons: list[Any]) -> Values:
    """Return the part that ranges from a number on (>=) and up to another (<) have in common."""
    signs = [pair for given in comparisons for pair in zip(given[::2], given[1::2], strict=True)]
    low = [number for sign, number in signs if sign == ">="]
    high = [number for sign, number in signs if sign == "<"]
    if low and high and max(low) >= min(high):
        return ()
    return ({"numeric": [*([">=", max(low)] if low else []), *(["<", min(high)] if high else [])]},)
