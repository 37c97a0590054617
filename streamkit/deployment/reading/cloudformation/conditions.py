"""Conditions of a template: true, false, or known only once it is deployed (None)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.deployment.found import Unknown
from streamkit.deployment.reading.forms import form_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Conditions"]


class Conditions:
    """The Conditions section. ``value`` evaluates what is compared."""

    def __init__(self, section: dict[str, Any], value: Callable[[Any], Any]) -> None:
        self._section = section
        self._value = value
        self._held: dict[str, bool | None] = {}

    def holds(self, name: Any) -> bool | None:
        """Whether a named condition holds; None for what is unknown, which one that is not there is too."""
        if not isinstance(name, str) or name not in self._section:
            return None
        if name not in self._held:
            self._held[name] = None  # what a condition that asks for itself gets
            self._held[name] = self._decided(self._section[name])
        return self._held[name]

    def _decided(self, node: Any) -> bool | None:
        if not isinstance(node, dict) or len(node) != 1:
            return None
        ((function, argument),) = node.items()
        if function == "Condition":
            return self.holds(argument)
        operands = argument if isinstance(argument, list) else []
        if function == "Fn::Equals" and len(operands) == 2:  # noqa: PLR2004  # the two sides
            return _equal(*map(self._value, operands))
        decided = [self._decided(one) for one in operands]
        if function == "Fn::Not" and len(decided) == 1:
            return None if decided[0] is None else not decided[0]
        if function == "Fn::And":
            return _all(decided)
        if function == "Fn::Or":
            none = _all([None if one is None else not one for one in decided])
            return None if none is None else not none
        return None


def _equal(one: Any, other: Any) -> bool | None:
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return True if form_of(one) == form_of(other) else None
    return _text(one) == _text(other)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _all(decided: list[bool | None]) -> bool | None:
    if False in decided:
        return False
    return None if None in decided or not decided else True
