"""`make parts`: installs what the tests against real parts need and the machine lacks, and says what it does.

Debian's packages where this is root or sudo asks no password; what npm and pip bring goes into the cache (see
cache.py). What is there already is left alone. Ends with 1 where a part cannot be had: the tests that need it would be
skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

from tests.local.invokers.noderuntime import aws_lambda_ric
from tests.parts.awscli import aws_command
from tests.parts.cdk import cdk_python
from tests.parts.jars import PACKAGES, jars, java, launcher
from tests.parts.needs import MissingPartError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["main"]

_JDK = ("openjdk-17-jdk-headless", "default-jdk-headless")
_DEBIAN = {
    "java": _JDK,
    "javac": _JDK,
    "npm": ("npm",),
    "node": ("nodejs",),
    "cmake": ("cmake",),
    "make": ("make",),
    "g++": ("g++",),
}
"""Which of Debian's packages bring a program: the first that this release has. cmake, make and g++ are for Node's
runtime client, which is compiled where it runs."""


def main() -> int:
    """Install everything and return the exit code."""
    lacking = [program for program in _DEBIAN if shutil.which(program) is None]
    if lacking:
        _install(lacking)
    parts: dict[str, Callable[[], object]] = {
        "Java": java,
        **{f"DynamoDB Local {version}": partial(jars, version) for version in PACKAGES},
        "its launcher": launcher,
        "Node's runtime client": aws_lambda_ric,
        "the AWS CLI": lambda: " ".join(aws_command()),
        "the CDK": cdk_python,
    }
    code = 0
    for name, part in parts.items():
        try:
            _say(f"{name}: {part()}")
        except MissingPartError as error:
            _say(f"{name} is missing: {error}")
            code = 1
    return code


def _install(programs: Iterable[str]) -> None:
    """Install what Debian has of these programs; whether that worked, the parts will tell."""
    first = " ".join(dict.fromkeys(_DEBIAN[program][0] for program in programs))
    as_root = _as_root()
    if as_root is None:
        _say(f"missing are {', '.join(programs)}; only root on a Debian may install them: apt-get install {first}")
        return
    apt = partial(subprocess.run, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, stdin=subprocess.DEVNULL)
    apt([*as_root, "apt-get", "update", "--quiet"], check=False)
    for program in programs:
        for package in _DEBIAN[program]:
            if shutil.which(program) is None:
                _say(f"{program} is missing: apt-get install {package}")
                apt([*as_root, "apt-get", "install", "--yes", "--no-install-recommends", package], check=False)


def _as_root() -> list[str] | None:
    """Return what goes in front of a command for root; None where that or apt is not to be had."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n", "--preserve-env=DEBIAN_FRONTEND"]
    allowed = shutil.which("sudo") is not None and subprocess.run([*sudo, "true"], check=False).returncode == 0  # noqa: S603  # ours
    return sudo if allowed else None


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
