"""What pydantic says is wrong with a value, in the value's own terms: path, expected, found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError

__all__ = ["clipped", "validation_problem"]

_SHOWN_PROBLEMS = 5
_SHOWN_INPUT = 80


def validation_problem(error: ValidationError, value: Any, whole: str = "") -> str:
    """Say what an error about ``value`` means; ``whole`` is what the value itself is called."""
    problems = error.errors(include_url=False, include_context=False)
    said = []
    for one in problems[:_SHOWN_PROBLEMS]:
        where = _path_in(value, one) or whole
        said.append(f"{where + ': ' if where else ''}{one['msg']}, got {clipped(one['input'])}")
    if len(problems) > _SHOWN_PROBLEMS:
        said.append(f"and {len(problems) - _SHOWN_PROBLEMS} more")
    return "; ".join(said)


def _path_in(value: Any, problem: Mapping[str, Any]) -> str:
    """Return the place of a problem as a path in the value: without the names of a union's members in it."""
    location = problem["loc"]
    steps = []
    for index, step in enumerate(location):
        if isinstance(value, Mapping):
            known, inner = step in value, value.get(step)
        elif isinstance(value, list | tuple):
            known = isinstance(step, int) and step < len(value)
            inner = value[step] if known else None
        else:
            known = isinstance(step, str) and type(value).__module__ != "builtins" and hasattr(value, step)
            inner = getattr(value, str(step), None)
        if known:
            value = inner
        elif index < len(location) - 1 or problem["type"] != "missing":
            continue
        steps.append(str(step))
    return ".".join(steps)


def clipped(value: Any) -> str:
    """Return what a value looks like, cut where it gets long."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  # an error is being told of: a value that cannot be shown must not hide it
        return f"a {type(value).__qualname__}"
    return text if len(text) <= _SHOWN_INPUT else f"{text[:_SHOWN_INPUT]}…"
