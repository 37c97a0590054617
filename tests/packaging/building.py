"""What is published, built from the sources as they are: the sdist, and the wheel that is made of that sdist."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Built", "build", "modules"]

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Built:
    """The two files that are published."""

    wheel: Path
    sdist: Path


def build(folder: Path) -> Built:
    """Build both into ``folder``, with the installed hatchling: nothing is fetched."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # ours
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    return Built(wheel, sdist)


def modules() -> set[str]:
    """Return the files of the package, as paths from its parent."""
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / "streamkit").rglob("*.py")} | {"streamkit/py.typed"}
