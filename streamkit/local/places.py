"""Where an exception was raised, in a few characters: ``app.py:14``."""

from __future__ import annotations

import os
import re
import sysconfig
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING

from streamkit.local.invokers.functionerror import FunctionError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["place_of"]

_OWN = str(Path(__file__).resolve().parents[1]) + os.sep
_LIBRARIES = tuple(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib"))
_TRACE_LINE = re.compile(r'File "([^"]+)", line (\d+)')


def place_of(error: BaseException) -> str:
    """Return the file and line of the user's code that raised it, or called what did; nothing where none is known.

    Of an exception from another process, as the function sent them.
    """
    frames = [(file, line) for file, line in _frames(error) if not file.startswith((_OWN, "<"))]
    # A project that is installed is among the libraries: then all that can be said is which of them it was.
    users = [frame for frame in frames if not frame[0].startswith(_LIBRARIES)] or frames
    return f"{Path(users[-1][0]).name}:{users[-1][1]}" if users else ""


def _frames(error: BaseException) -> Iterator[tuple[str, int]]:
    """Yield files and lines from the outermost call to the innermost."""
    if isinstance(error, FunctionError):
        for line in error.stack_trace:
            yield from ((file, int(number)) for file, number in _TRACE_LINE.findall(line))
    else:
        yield from ((frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__))
