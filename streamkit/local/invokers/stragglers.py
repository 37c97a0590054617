"""Processes that left the process group of the function that started them, as daemons do."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

__all__ = ["kill_stragglers"]

_PROC = Path("/proc")

_ROUNDS = 3
"""How often is looked: who starts others faster than they are killed gets away."""


def kill_stragglers(variable: str, value: str) -> None:
    """Kill every process that was started with this environment variable, where the system shows it: on Linux.

    The value has to be one that no other process has.
    """
    wanted = f"{variable}={value}".encode()
    for _ in range(_ROUNDS):
        found = [pid for pid in _all() if wanted in _environment(pid)]
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not found:
            return


def _all() -> list[int]:
    return [int(folder.name) for folder in _PROC.glob("[0-9]*")]


def _environment(pid: int) -> list[bytes]:
    try:
        return (_PROC / f"{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # it ended, or is another user's
        return []
