"""Python as Black and Ruff leave it: lines of at most 88 letters, one argument a line where they do not fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Call", "Expression", "written"]

_LINE = 88


@dataclass(frozen=True, slots=True)
class Expression:
    """Python that is to stand as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """``name(*positional, **named)``."""

    name: str
    positional: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)


def written(value: Any, indent: int, before: int = 0, after: int = 1) -> str:
    """Return a value as Python: on one line where that fits, else broken after each bracket.

    ``indent``: of the line that it begins on; ``before``: how many letters of that line are there already;
    ``after``: how many follow the value on its last line.
    """
    line = _on_one_line(value)
    if before + len(line) + after <= _LINE:
        return line
    parts, opening, closing = _parts(value)
    if not parts:
        return line
    inner = indent + 4
    lines = [
        f"{' ' * inner}{prefix}{written(part, inner, inner + len(prefix), len(suffix))}{suffix}"
        for prefix, part, suffix in parts
    ]
    return "\n".join([opening, *lines, " " * indent + closing])


def _parts(value: Any) -> tuple[list[tuple[str, Any, str]], str, str]:
    """Return what is inside of a value's brackets, with what stands before and after each, and the brackets."""
    if isinstance(value, Call):
        named = [(f"{name}=", one, ",") for name, one in value.named.items()]
        return [*(("", one, ",") for one in value.positional), *named], f"{value.name}(", ")"
    if isinstance(value, list):
        return [("", one, ",") for one in value], "[", "]"
    return [], "", ""


def _on_one_line(value: Any) -> str:
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, str):
        return _text(value)
    parts, opening, closing = _parts(value)
    if not opening:
        return repr(value)
    return f"{opening}{', '.join(f'{prefix}{_on_one_line(one)}' for prefix, one, _ in parts)}{closing}"


def _text(text: str) -> str:
    """Return a text in the quotes that need the fewest escapes, double ones if that is all the same."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    escapes = {"\\": "\\\\", quote: f"\\{quote}"}
    # Python writes what is not printable with escapes of its own.
    return quote + "".join(escapes.get(one) or (one if one.isprintable() else repr(one)[1:-1]) for one in text) + quote
