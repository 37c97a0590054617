"""Plain values as Python's text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

__all__ = ["literal"]


def literal(value: Any) -> str:
    """Return a value as Python's text, its strings in double quotes, as formatters have them."""
    match value:
        case str() if '"' not in value and repr(value)[0] == "'":
            return f'"{repr(value)[1:-1]}"'.replace("\\'", "'")
        case dict():
            return "{" + ", ".join(f"{literal(name)}: {literal(part)}" for name, part in value.items()) + "}"
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case tuple():
            return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
        case set() if value:
            return "{" + ", ".join(sorted(map(literal, value))) + "}"
        case Decimal():
            return f'Decimal("{value}")'
        case _:
            return repr(value)
