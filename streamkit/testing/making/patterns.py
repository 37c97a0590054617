"""Making text that a regular expression matches."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamkit.testing.making.draws import Draws
    from streamkit.testing.making.walk import Make, Place

__all__ = ["match_of"]

# Private, and the only one: a parser of our own would be long, and differ.
_PARSER: Any = import_module("re._parser")

_DIGIT = "0123456789"
_WORD = _DIGIT + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
_SPACE = " "
# Printable ASCII, what people read first in front: what "any character" and "none of these" are chosen from.
_ANY = "abcdefghijklmnopqrstuvwxyz" + _DIGIT + "ABCDEFGHIJKLMNOPQRSTUVWXYZ _-.,:;!?/+*=#%&@$~|<>()[]{}'\"`^\\"
_MORE = 10
_WIDEST = 200
_CATEGORIES = {
    "CATEGORY_DIGIT": _DIGIT,
    "CATEGORY_WORD": _WORD,
    "CATEGORY_SPACE": _SPACE,
    "CATEGORY_NOT_DIGIT": _ANY.translate(dict.fromkeys(map(ord, _DIGIT))),
    "CATEGORY_NOT_WORD": _ANY.translate(dict.fromkeys(map(ord, _WORD))),
    "CATEGORY_NOT_SPACE": _ANY.translate(dict.fromkeys(map(ord, _SPACE))),
}


def match_of(pattern: str | re.Pattern[str], place: Place) -> Make:
    """Build what makes text that matches; conditions on what stands around a part are left to chance.

    Raises UnmakeableError for an expression that Python's ``re`` cannot read.
    """
    text = pattern if isinstance(pattern, str) else pattern.pattern
    flags = 0 if isinstance(pattern, str) else pattern.flags
    try:
        # Rust's name for the end of the text, which is what pydantic matches with.
        parsed = _PARSER.parse(text.replace(r"\z", r"\Z"), flags)
    except re.error as error:
        raise place.refused(f"the pattern {text!r} cannot be read ({error})") from error
    return lambda draws, room: _sequence(parsed, draws, {})  # noqa: ARG005  # as every maker


def _sequence(parts: Iterable[tuple[Any, Any]], draws: Draws, groups: dict[int, str]) -> str:
    return "".join(_part(str(kind), value, draws, groups) for kind, value in parts)


def _part(kind: str, value: Any, draws: Draws, groups: dict[int, str]) -> str:
    match kind:
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL" | "ANY" | "IN":
            return draws.choice(_characters([("NEGATE", None), ("LITERAL", value)] if kind == "NOT_LITERAL" else value))
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, parts = value
            times = draws.size(least, min(int(most), least + _MORE))
            return "".join(_sequence(parts, draws, groups) for _ in range(times))
        case "BRANCH":
            return _sequence(draws.choice(value[1]), draws, groups)
        case "SUBPATTERN":
            number, _, _, parts = value
            groups[number] = _sequence(parts, draws, groups)
            return groups[number]
        case "ATOMIC_GROUP":
            return _sequence(value, draws, groups)
        case "GROUPREF":
            return groups.get(value, "")
        case "GROUPREF_EXISTS":
            number, there, absent = value
            return _sequence((there if number in groups else absent) or (), draws, groups)
        case _:
            return ""  # a place in the text, or a condition on what stands around it


def _characters(members: list[tuple[Any, Any]] | None) -> str:
    """Return what one character may be, any that can be printed where nothing says so."""
    if members is None:
        return _ANY
    found: list[str] = []
    excluded = False
    for kind, value in members:
        match str(kind):
            case "NEGATE":
                excluded = True
            case "LITERAL":
                found.append(chr(value))
            case "RANGE":
                low, high = value
                found.extend(map(chr, range(low, min(high, low + _WIDEST) + 1)))
            case _:
                found.extend(_CATEGORIES[str(value)])
    if excluded:
        return "".join(one for one in _ANY if one not in found)
    return "".join(found)
