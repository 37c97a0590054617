"""What is fetched or compiled once for all runs and all clones: outside of the repository."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["cached"]


def cached(name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder of this name in the cache; where there is none yet, ``make`` fills it.

    The folder is there in full or not at all, however the process that makes it ends, and of two processes that want it
    one makes it while the other waits. What ``make`` raises is raised, and nothing is kept.
    """
    cache = _folder()
    folder = cache / name
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():
            return folder
        # Beside its place: a rename is atomic within one file system only.
        unfinished = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=cache))
        try:
            make(unfinished)
            unfinished.rename(folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    return folder


def _folder() -> Path:
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if home else Path.home() / ".cache") / "streamkit"
