"""AWS's runtime client for Node, compiled once into the cache."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import partial
from pathlib import Path

from tests.parts.cache import cached
from tests.parts.needs import MissingPartError

__all__ = ["aws_lambda_ric"]

_VERSION = "4.0.2"
_PROGRAMS = ("node", "npm", "cmake", "make", "g++")
_PATIENCE = 900


def aws_lambda_ric() -> Path:
    """Return its program. Raises MissingPartError where it is not there and cannot be compiled."""
    part = f"Node's aws-lambda-ric {_VERSION}"
    lacking = [program for program in _PROGRAMS if shutil.which(program) is None]
    if "node" in lacking:
        raise MissingPartError(part, "there is no node")
    try:
        folder = cached(f"aws-lambda-ric-{_VERSION}", partial(_install, part, lacking))
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingPartError(part, str(error)) from None
    return folder / "node_modules/.bin/aws-lambda-ric"


def _install(part: str, lacking: list[str], folder: Path) -> None:
    if lacking:
        raise MissingPartError(part, f"there is no {' and no '.join(lacking)} to compile it with")
    (folder / "package.json").write_text("{}", encoding="utf-8")
    # Its scripts are run by the second command: a newer npm runs none when it installs.
    for command in (("install", "--ignore-scripts", f"aws-lambda-ric@{_VERSION}"), ("rebuild", "aws-lambda-ric")):
        done = subprocess.run(  # noqa: S603  # ours
            ["npm", *command, "--no-audit", "--no-fund"],  # noqa: S607  # as the machine has it
            cwd=folder,
            env=_with_headers(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            raise MissingPartError(part, f"npm {command[0]} ended with {done.returncode}: {' '.join(last)}")
    if not (folder / "node_modules/aws-lambda-ric/rapid-client.node").exists():
        raise MissingPartError(part, "npm rebuild made no rapid-client.node")


def _with_headers() -> dict[str, str]:
    """Return this process' variables, and where Node's own headers are: node-gyp would fetch them."""
    node = Path(os.path.realpath(shutil.which("node") or "")).parents[1]
    return {**os.environ, **({"npm_config_nodedir": str(node)} if (node / "include/node/node_api.h").exists() else {})}
