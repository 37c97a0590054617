"""What is wrong with a state, in its own terms: path, expected, found."""

from __future__ import annotations

from typing import Any

from streamkit.states.losslessjson import LosslessError
from streamkit.validations import validation_problem

__all__ = ["problem_of"]


def problem_of(error: Exception, state: Any) -> str:
    """Say what an error about ``state`` means, with the path to where it is."""
    if isinstance(error, LosslessError):
        return str(error)
    from pydantic import ValidationError  # noqa: PLC0415  # only where something failed

    if not isinstance(error, ValidationError):
        return f"{type(error).__name__}: {error}"
    return validation_problem(error, state)
