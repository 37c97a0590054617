"""A new user's machine: a fresh virtual environment, which gets nothing but the built wheel, and an empty folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.docs.pages import ROOT, alike, blocks_of
from tests.parts.needs import MissingPartError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NewUser", "NoIndexError"]

_AWAY = re.compile(
    "Max retries exceeded|NewConnectionError|NameResolutionError|ConnectTimeoutError|ProxyError|No route"
)


class NoIndexError(MissingPartError):
    """There is no package index: where there is one, a command that fails is a failure."""

    def __init__(self) -> None:
        Exception.__init__(self, "needs a package index, and pip reaches none: `pip config set global.index-url URL`")


@dataclass(frozen=True)
class NewUser:
    """``wheel``: what an index would give for ``streamkit-dynamodb``."""

    folder: Path
    wheel: Path

    @property
    def project(self) -> Path:
        """The folder that the user works in."""
        return self.folder / "project"

    @property
    def programs(self) -> Path:
        """Where the environment has its commands."""
        return self.folder / "venv" / "bin"

    def begin(self) -> None:
        """Make the folder and the environment."""
        self.project.mkdir()
        run = [sys.executable, "-m", "venv", str(self.folder / "venv")]
        subprocess.run(run, check=True)  # noqa: S603  # ours
        pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
        ours = f"streamkit-dynamodb=={self.wheel.name.split('-')[1]}\n"
        (self.folder / "constraints.txt").write_text(pins + ours, encoding="utf-8")

    def follow(self, page: Path) -> list[str]:
        """Do what a page says, block by block, and return the commands.

        AssertionError for a command that does not put out what the page says, or fails in a block of plain commands;
        NoIndexError where nothing can be installed.
        """
        done = []
        for block in blocks_of(page):
            if block.title:
                (self.project / block.title).write_text(block.code, encoding="utf-8")
            elif block.language == "sh":
                done += block.code.splitlines()
                self._install(block.code)
            elif block.language == "console":
                commands = [line.removeprefix("$ ") for line in block.code.splitlines() if line.startswith("$ ")]
                done += commands
                output = "".join(f"$ {command}\n{self.output(command)}" for command in commands)
                assert alike(block.code, output), output
        return done

    def output(self, command: str) -> str:
        """Run a command in the project's folder, as a shell would; return what it puts out, in any case."""
        return self._run(command).stdout

    def _install(self, command: str) -> None:
        ran = self._run(command)
        if ran.returncode and _AWAY.search(ran.stdout):
            raise NoIndexError
        assert ran.returncode == 0, ran.stdout

    def _run(self, command: str) -> subprocess.CompletedProcess[str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "COVERAGE", "COV_", "STREAMKIT", "AWS", "PYTEST"))
            and name != "VIRTUAL_ENV"
        }
        environment = {
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            # The command stands as on the page: it finds this wheel, and of all else the versions that we develop with.
            "PIP_FIND_LINKS": f"{os.environ.get('PIP_FIND_LINKS', '')} {self.wheel.parent}".strip(),
            "PIP_CONSTRAINT": str(self.folder / "constraints.txt"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_COMPILE": "1",
        }
        shell = shutil.which("sh") or "sh"
        return subprocess.run(  # noqa: S603  # our own pages
            [shell, "-c", command],
            cwd=self.project,
            env=kept | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
