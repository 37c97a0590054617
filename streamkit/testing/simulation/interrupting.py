"""Stopping a handler in the middle of its work: at one of the lines that it runs."""

from __future__ import annotations

import ast
import builtins
import sys
from functools import cache
from linecache import getline, getlines
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Self

from streamkit.testing.simulation.faults import Killed, Raises
from streamkit.testing.simulation.variables import is_users

if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType

__all__ = ["Interruption", "SimulatedError", "SimulatedKill", "calling_lines", "entering_lines"]


class SimulatedError(Exception):
    """What a call in the handler raises in a simulation, as if the service behind it were down."""


class SimulatedKill(BaseException):
    """The end of the function's process: no Exception, so that the handler does not take it for a failure of its own.

    Only ``finally`` and a bare ``except`` can go on from it, which in a process that is killed they could not.
    """


class Interruption:
    """While it is entered, the user's code is stopped at the line that a fault says.

    ``file``: the handler's; other modules of the user's count as well. ``services``: code that stands for a service
    outside: what it does, with all that it calls, is one request, and is done or not.

    ``where``: the line at which it happened, with its text; None while it has not, and where so many lines are not run.
    """

    def __init__(self, file: str, fault: Killed | Raises, services: frozenset[CodeType] = frozenset()) -> None:
        self.where: str | None = None
        self._file = file
        self._services = services
        self._left = fault.line
        self._kills = isinstance(fault, Killed)
        self._before: Any = None

    def __enter__(self) -> Self:
        # A debugger and coverage are back when it is left.
        self._before = sys.gettrace()
        sys.settrace(self.on_call)
        return self

    def __exit__(  # pragma: no cover  # coverage sees nothing of a function that is called while another tracer is set
        self, _kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        sys.settrace(self._before)
        # A group: tasks of asyncio were killed, and all others cancelled.
        return isinstance(error, SimulatedKill) or (
            isinstance(error, BaseExceptionGroup) and error.split(SimulatedKill)[1] is None
        )

    def on_call(self, frame: FrameType, _event: str, _argument: object) -> Any:
        """Take in that a function is called: Python's trace function."""
        own = frame.f_code.co_filename == self._file or is_users(frame.f_globals.get("__name__"))
        return self.on_line if own and not self._in_service(frame) else None

    def on_line(self, frame: FrameType, event: str, _argument: object) -> Any:
        """Take in that a line is run next: Python's trace function within a call. Raises where it is the one."""
        file, line = frame.f_code.co_filename, frame.f_lineno
        if event != "line" or self.where is not None or line in entering_lines(file):
            return self.on_line
        if self._kills or line in calling_lines(file):
            self._left -= 1
            if not self._left:
                self.where = _described(frame)
                raise (SimulatedKill if self._kills else SimulatedError)(f"simulated at {self.where}")
        return self.on_line

    def _in_service(self, frame: FrameType | None) -> bool:
        while frame is not None and self._services:
            if frame.f_code in self._services:
                return True
            frame = frame.f_back
        return False


@cache
def calling_lines(file: str) -> frozenset[int]:
    """Return the lines on which something is called that is none of Python's own functions.

    Where else would the error of a service come from.
    """
    calls = (node for node in ast.walk(_parsed(file)) if isinstance(node, ast.Call))
    return frozenset(
        call.lineno for call in calls if not (isinstance(call.func, ast.Name) and hasattr(builtins, call.func.id))
    )


@cache
def entering_lines(file: str) -> frozenset[int]:
    """Return the lines of ``with``: Python comes by there again before it leaves what was entered."""
    blocks = (node for node in ast.walk(_parsed(file)) if isinstance(node, ast.With | ast.AsyncWith))
    return frozenset(
        line
        for block in blocks
        for item in block.items
        for line in range(block.lineno, (item.context_expr.end_lineno or block.lineno) + 1)
    )


def _parsed(file: str) -> ast.AST:
    try:
        return ast.parse("".join(getlines(file)))
    except SyntaxError:  # it is not what the code was made from
        return ast.Module([], [])


def _described(frame: FrameType) -> str:
    file, line = frame.f_code.co_filename, frame.f_lineno
    return f"{PurePath(file).name}:{line}: {getline(file, line, frame.f_globals).strip()}"
