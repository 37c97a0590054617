"""What a function in this process prints: shown as ever, and kept for the log of its own invocation."""

from __future__ import annotations

import contextlib
import sys
from contextvars import ContextVar
from typing import IO, TYPE_CHECKING, Any, cast

from streamkit.local.invokers.functionlog import FunctionLog

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["output_kept", "output_watched"]

_kept: ContextVar[FunctionLog | None] = ContextVar("_kept", default=None)


@contextlib.contextmanager
def output_watched() -> Iterator[None]:
    """Let `output_kept` see what is written to sys.stdout and sys.stderr; to be entered before functions are imported.

    Nothing is held back, so that a debugger's prompt is there when it waits.
    """
    # A logging handler that was made meanwhile keeps its stream for ever; that goes on writing through.
    before = sys.stdout, sys.stderr
    watched = [cast("IO[str]", _Watched(stream)) for stream in before]
    sys.stdout, sys.stderr = watched
    try:
        yield
    finally:
        # Whoever has replaced them since keeps his own.
        if sys.stdout is watched[0]:
            sys.stdout = before[0]
        if sys.stderr is watched[1]:
            sys.stderr = before[1]


@contextlib.contextmanager
def output_kept() -> Iterator[FunctionLog]:
    """Give a log of what is written by this thread, and by what runs in copies of its context, as asyncio does.

    Other threads' output is not in it.
    """
    log = FunctionLog()
    token = _kept.set(log)
    try:
        yield log
    finally:
        _kept.reset(token)


class _Watched:
    """A stream that tells a log what is written to it; in everything else it is the stream itself."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        log = _kept.get()
        if log is not None:
            log.write(text.encode(errors="backslashreplace"))
        return self._stream.write(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)
