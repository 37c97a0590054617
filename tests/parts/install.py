"""`make parts`: installs what the tests against real parts need and the machine lacks, and says what it does.

Debian's packages where this is root or sudo asks no password; what npm brings goes into the cache (see cache.py). What
is there already is left alone. Ends with 1 where a part cannot be had: the tests that need it would be skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache

from tests.parts.jars import PACKAGES, jars, java, launcher
from tests.parts.needs import MissingPartError

__all__ = ["main"]

_DEBIAN = {
    "javac": ("openjdk-17-jdk-headless", "default-jdk-headless"),
    "java": ("openjdk-17-jdk-headless", "default-jdk-headless"),
    "npm": ("npm",),
}
"""Which of Debian's packages bring a program: the first that this release has."""


def main() -> int:
    """Install everything and return the exit code."""
    for program, packages in _DEBIAN.items():
        if shutil.which(program) is None:
            _install(program, packages)
    problems = []
    for version in PACKAGES:
        try:
            _say(f"DynamoDB Local {version}: {jars(version)}")
        except MissingPartError as error:
            problems.append(error)
    try:
        _say(f"its launcher: {launcher()}, run by {java()}")
    except MissingPartError as error:
        problems.append(error)
    for problem in problems:
        _say(f"missing: {problem}")
    return 1 if problems else 0


def _install(program: str, packages: tuple[str, ...]) -> None:
    prefix = _as_root()
    if prefix is None:
        _say(f"{program} is missing, and only root may install it: apt-get install {packages[0]}")
        return
    for package in packages:
        _say(f"{program} is missing: apt-get install {package}")
        command = [*prefix, "apt-get", "install", "--yes", "--no-install-recommends", package]
        if subprocess.run(command, env=_quiet(), stdin=subprocess.DEVNULL, check=False).returncode == 0:  # noqa: S603  # ours
            return


@cache
def _as_root() -> tuple[str, ...] | None:
    """Return what goes in front of a command for root, with apt's lists brought up to date; None where it cannot be."""
    if shutil.which("apt-get") is None:
        return None
    prefix = () if os.geteuid() == 0 else ("sudo", "-n", "-E")
    if prefix and (shutil.which("sudo") is None or subprocess.run([*prefix, "true"], check=False).returncode):  # noqa: S603  # ours
        return None
    subprocess.run([*prefix, "apt-get", "update", "--quiet"], env=_quiet(), stdin=subprocess.DEVNULL, check=False)  # noqa: S603  # ours
    return prefix


def _quiet() -> dict[str, str]:
    return os.environ | {"DEBIAN_FRONTEND": "noninteractive"}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
