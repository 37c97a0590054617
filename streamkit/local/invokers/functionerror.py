"""What a function outside of this process raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FunctionError"]


class FunctionError(Exception):
    """An error that a function reported, or that its runtime had, as Lambda names it.

    ``error_type``: what the function raised (``ValueError``), or AWS's name for what went wrong around it
    (``Runtime.ImportModuleError``, ``Sandbox.Timedout``); ``stack_trace``: its lines, as the function sent them.
    """

    def __init__(self, error_type: str, message: str, stack_trace: Sequence[str] = ()) -> None:
        self.error_type = error_type
        self.message = message
        self.stack_trace = tuple(stack_trace)
        super().__init__(message)
        if stack_trace:
            self.add_note("In the function:\n" + "".join(f"{line.rstrip()}\n" for line in stack_trace).rstrip())

    def __str__(self) -> str:
        return self.message
