"""What is wrong with a state, in its own terms: path, expected, found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from streamkit.states.losslessjson import LosslessError, clipped

if TYPE_CHECKING:
    from pydantic import ValidationError

__all__ = ["problem_of"]

_SHOWN_PROBLEMS = 5


def problem_of(error: Exception, state: Any) -> str:
    """Say what an error about ``state`` means, with the path to where it is."""
    if isinstance(error, LosslessError):
        return str(error)
    from pydantic import ValidationError  # noqa: PLC0415  # only where something failed

    if not isinstance(error, ValidationError):
        return f"{type(error).__name__}: {error}"
    return _validation_problem(error, state)


def _validation_problem(error: ValidationError, state: Any) -> str:
    problems = error.errors(include_url=False, include_context=False)
    said = []
    for one in problems[:_SHOWN_PROBLEMS]:
        path = _path_in(state, one)
        said.append(f"{path + ': ' if path else ''}{one['msg']}, got {clipped(one['input'])}")
    if len(problems) > _SHOWN_PROBLEMS:
        said.append(f"and {len(problems) - _SHOWN_PROBLEMS} more")
    return "; ".join(said)


def _path_in(state: Any, problem: Mapping[str, Any]) -> str:
    """Return the place of a problem as a path in the state: without the names of a union's members in it."""
    location = problem["loc"]
    steps = []
    for index, step in enumerate(location):
        if isinstance(state, Mapping):
            known, inner = step in state, state.get(step)
        elif isinstance(state, list | tuple):
            known = isinstance(step, int) and step < len(state)
            inner = state[step] if known else None
        else:
            known = isinstance(step, str) and hasattr(state, step)
            inner = getattr(state, str(step), None)
        if known:
            state = inner
        elif index < len(location) - 1 or problem["type"] != "missing":
            continue
        steps.append(str(step))
    return ".".join(steps)
