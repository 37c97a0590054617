"""The operators that a filter pattern may hold: what each takes, and what it says of a value (SEMANTICS §6)."""

from __future__ import annotations

from operator import eq, ge, gt, le, lt
from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["EQUALS", "OPERATORS", "Operator"]

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {"=": eq, ">": gt, ">=": ge, "<": lt, "<=": le}
_TEXT: tuple[type, ...] = (str,)
_NUMBER: tuple[type, ...] = (int, float)
_LEAF: tuple[type, ...] = (str, int, float, bool, NoneType)
# 300 and 300.0 are one value: the documentation says that they differ, a recording that they do not (C).
EQUALS: dict[type, tuple[type, ...]] = {str: _TEXT, int: _NUMBER, float: _NUMBER, bool: (bool,), NoneType: (NoneType,)}


class Operator(NamedTuple):
    """An operator: what it takes, which kinds of values it looks at, and the test that it makes for one kind."""

    takes: str
    accepts: Callable[[Any], bool]
    kinds: tuple[type, ...]
    test: Callable[[Any, type], Callable[[Any], bool]]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return type(value) in _NUMBER


def _is_excludable(value: Any) -> bool:
    listed = value if isinstance(value, list) else [value]
    return bool(listed) and (all(map(_is_text, listed)) or all(map(_is_number, listed)))


def _is_comparison(value: Any) -> bool:
    match value:
        case [str(sign), number]:
            return sign in _COMPARISONS and _is_number(number)
        case [">" | ">=", low, "<" | "<=", high]:
            return _is_number(low) and _is_number(high) and low < high
    return False


def _ignoring_case(given: str) -> Callable[[Any], bool]:
    folded, length = given.casefold(), len(given)
    # The length keeps "ß" from being "ss" (U).
    return lambda value: len(value) == length and value.casefold() == folded


def _excluding(given: Any, kind: type) -> Callable[[Any], bool]:
    # By kind, since Python takes True for 1.
    listed = given if isinstance(given, list) else [given]
    excluded = frozenset(one for one in listed if kind in EQUALS[type(one)])
    return lambda value: value not in excluded


def _comparing(given: list[Any]) -> Callable[[Any], bool]:
    compare, bound = _COMPARISONS[given[0]], given[1]
    if len(given) == 2:  # noqa: PLR2004  # a sign and a number; else there are two of each
        return lambda value: compare(value, bound)
    below, top = _COMPARISONS[given[2]], given[3]
    return lambda value: compare(value, bound) and below(value, top)


OPERATORS: dict[str, Operator] = {
    "anything-but": Operator(
        "text, a number, or a list of texts or of numbers (EventBridge takes more)", _is_excludable, _LEAF, _excluding
    ),
    "equals-ignore-case": Operator("text", _is_text, _TEXT, lambda given, _kind: _ignoring_case(given)),
    "exists": Operator(
        "true or false", lambda given: isinstance(given, bool), _LEAF, lambda given, _kind: lambda _value: given
    ),
    "numeric": Operator(
        'a list of a comparison, [">", 0], or of a lower and a greater upper bound, [">", 0, "<=", 5]',
        _is_comparison,
        _NUMBER,
        lambda given, _kind: _comparing(given),
    ),
    "prefix": Operator("text", _is_text, _TEXT, lambda given, _kind: lambda value: value.startswith(given)),
    "suffix": Operator("text", _is_text, _TEXT, lambda given, _kind: lambda value: value.endswith(given)),
}
"""The operators that Lambda documents; ``$or``, which stands among keys, is the seventh. EventBridge has more."""
