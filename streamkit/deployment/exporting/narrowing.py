"""Filters that hold where two sets of filters do: the mapping's own, and those of the handler's types."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from streamkit.deployment.exporting.errors import ExportError
from streamkit.filters import OR, compile_pattern, parse_pattern, path_text

if TYPE_CHECKING:
    from streamkit.settings import FilterCriteria

__all__ = ["narrowed"]

_MAX_FILTERS = 5
_MAX_PATTERN = 4096
_ONE_VALUE = ("S", "N", "B", "BOOL", "NULL", "eventName")
"""The last step of a path to what is one value, and no array."""


def narrowed(own: FilterCriteria, types: FilterCriteria) -> FilterCriteria:
    """Return the filters that take what both take: each of the one with each of the other.

    Raises ExportError where Lambda's patterns cannot say that, or where nothing is taken by both.
    """
    firsts, seconds = ([parse_pattern(one["Pattern"]) for one in some.get("Filters", [])] for some in (own, types))
    found: list[dict[str, Any]] = []
    for first in firsts:
        for second in seconds:
            pattern = _both(first, second, ())
            if pattern is not None and pattern not in found:
                found.append(pattern)
    if not found:
        raise ExportError(
            "no record is taken by the mapping's own filters and by those of the handler's types: leave --filters out, "
            "and look at FilterCriteria, which lets nothing through that the handler takes"
        )
    texts = [json.dumps(one, ensure_ascii=False) for one in found]
    if len(texts) > _MAX_FILTERS or max(map(len, texts)) > _MAX_PATTERN:
        raise ExportError(
            f"the mapping's own filters and those of the handler's types make {len(texts)} filters of up to "
            f"{max(map(len, texts))} characters together: {_MAX_FILTERS} of {_MAX_PATTERN} are allowed. Leave "
            f"--filters out, or write what the types say into FilterCriteria"
        )
    return {"Filters": [{"Pattern": text} for text in texts]}


def _both(first: dict[str, Any], second: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the pattern that matches where two do; None where none can."""
    made = dict(first)
    for key, value in second.items():
        here = (*path, key)
        if key not in made or made[key] == value:
            made[key] = value
        elif isinstance(value, dict) and isinstance(made[key], dict) and key != "L":
            inner = _both(made[key], value, here)
            if inner is None:
                return None
            made[key] = inner
        elif isinstance(value, list) and isinstance(made[key], list) and key in _ONE_VALUE and OR not in here:
            values = _common(made[key], value, here)
            if not values:
                return None
            made[key] = values
        else:
            raise _cannot(here)
    return made


def _common(one: list[Any], other: list[Any], path: tuple[str, ...]) -> list[Any]:
    """Return the values of a list that the other takes as well; one of the two has to be of plain values."""
    for values, test in ((one, other), (other, one)):
        if not any(isinstance(value, dict) for value in values):
            verdict = compile_pattern(test).test
            return [value for value in values if verdict(value)]
    raise _cannot(path)


def _cannot(path: tuple[str, ...]) -> ExportError:
    return ExportError(
        f"the mapping's own filters and those of the handler's types both say something of {path_text(path)}, and no "
        f"pattern of Lambda's says both: leave --filters out, or write what the types say into FilterCriteria"
    )
