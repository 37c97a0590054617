"""Virtual environments in the cache, for programs whose pins do not go together with those of the project."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from functools import partial
from typing import TYPE_CHECKING

from tests.parts.cache import cached
from tests.parts.needs import MissingPartError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["environment"]

_PATIENCE = 900
"""How long pip may take, in seconds."""


def environment(name: str, *requirements: str, part: str) -> Path:
    """Return the Python of the environment ``name`` in the cache, in which pip has installed these requirements.

    Programs in it are started as ``python -m MODULE``: the environment was moved to its place when it was complete, and
    the scripts in its ``bin`` still name the place where it was made. ``part`` is what a MissingPartError calls it,
    which is raised where the environment is not there and cannot be made.
    """
    version = f"py{sys.version_info.major}.{sys.version_info.minor}"
    try:
        folder = cached(f"{name}-{version}", partial(_make, part, requirements))
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingPartError(part, str(error)) from None
    python = folder / "bin/python"
    if not python.exists():
        # A link to a Python that was there when the environment was made.
        shutil.rmtree(folder)
        return environment(name, *requirements, part=part)
    return python


def _make(part: str, requirements: tuple[str, ...], folder: Path) -> None:
    venv.create(folder, symlinks=True)
    done = subprocess.run(  # noqa: S603  # our own pip, and pinned packages
        [
            *(sys.executable, "-m", "pip", "--python", str(folder / "bin/python")),
            *("--disable-pip-version-check", "install", "--quiet", *requirements),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "without a word").splitlines()[-1]
        raise MissingPartError(part, f"`pip install {' '.join(requirements)}` failed ({last})")
