"""How much memory a function's processes hold."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["can_watch_memory", "resident_bytes"]

_PROC = Path("/proc")


def can_watch_memory() -> bool:
    """Whether this system tells what memory a process holds: Linux does."""
    return (_PROC / "self/statm").exists()


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process and of what it started, and that in turn; 0 of one that is not there.

    What several of them share counts once, where the kernel tells (PSS), else in each.
    """
    pids = [pid]
    for one in pids:
        pids += _children(one)
    return sum(map(_resident if len(pids) == 1 else _proportional, pids))


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in _PROC.glob(f"{pid}/task/*/children"):
        try:
            found += map(int, task.read_text(encoding="ascii").split())
        except OSError:  # it ended while it was looked at
            continue
    return found


def _resident(pid: int) -> int:
    try:
        return int((_PROC / f"{pid}/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _proportional(pid: int) -> int:
    try:
        lines = (_PROC / f"{pid}/smaps_rollup").read_bytes().splitlines()
    except OSError:
        return _resident(pid)
    return sum(int(line.split()[1]) for line in lines if line.startswith(b"Pss:")) * 1024
