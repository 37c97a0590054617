from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.parts import install
from tests.parts.needs import MissingPartError

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAMS = ("java", "javac", "npm", "node", "cmake", "make", "g++")


class Machine:
    """A machine with these programs only; apt-get and sudo write down what they were asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = folder / "log"

    def add(self, *programs: str, script: str = "exit 0") -> None:
        for program in programs:
            (self.folder / program).write_text(f"#!/bin/sh\n{script}\n")
            (self.folder / program).chmod(0o755)

    def add_apt(self, brings: str) -> None:
        """``brings``: the one package that there is."""
        script = (
            f'echo "apt-get $*" >> {self._log}\n'
            f'case "$*" in *"recommends {brings}") for p in java javac npm; do /bin/cp $0 {self.folder}/$p; done;; esac'
        )
        self.add("apt-get", script=script)

    @property
    def asked(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for name in ("jars", "java", "launcher", "aws_lambda_ric", "aws_command", "cdk_python"):
        monkeypatch.setattr(install, name, lambda *_: "/there")
    return Machine(tmp_path)


def test_what_is_there_is_left_alone(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.add(*PROGRAMS)
    machine.add_apt("anything")
    assert install.main() == 0
    assert machine.asked == []
    assert "DynamoDB Local 2.2.1: /there" in capsys.readouterr().out


def test_the_first_package_that_there_is_brings_a_program(machine: Machine) -> None:
    machine.add("node", "cmake", "make", "g++")
    machine.add_apt("default-jdk-headless")
    assert install.main() == 0
    ask = "apt-get install --yes --no-install-recommends"
    assert machine.asked == [
        "apt-get update --quiet",
        f"{ask} openjdk-17-jdk-headless",
        f"{ask} default-jdk-headless",
    ]


def test_others_than_root_ask_sudo(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    machine.add(*PROGRAMS[1:])
    machine.add_apt("openjdk-17-jdk-headless")
    machine.add("sudo", script=f'echo "sudo $*" >> {machine.folder}/log')
    assert install.main() == 0
    assert machine.asked[0] == "sudo -n --preserve-env=DEBIAN_FRONTEND true"
    assert machine.asked[1] == "sudo -n --preserve-env=DEBIAN_FRONTEND apt-get update --quiet"


@pytest.mark.parametrize(
    "prepare",
    [
        lambda machine: None,
        lambda machine: machine.add_apt("npm"),
        lambda machine: (machine.add_apt("npm"), machine.add("sudo", script="exit 1")),
    ],
)
def test_whoever_may_not_install_is_told_what_to(
    prepare: Callable[[Machine], object],
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    machine.add(*PROGRAMS[2:])
    prepare(machine)
    install.main()
    assert "missing are java, javac; only root" in capsys.readouterr().out
    assert machine.asked == []


def test_what_cannot_be_had_is_told_and_the_others_are_fetched(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(version: str) -> Path:
        if version == "3.3.1":
            raise MissingPartError("DynamoDB Local 3.3.1", "no network")
        return Path("/there")

    machine.add(*PROGRAMS)
    monkeypatch.setattr(install, "jars", fail)
    assert install.main() == 1
    out = capsys.readouterr().out
    assert "DynamoDB Local 2.2.1: /there" in out
    assert "DynamoDB Local 3.3.1 is missing: needs DynamoDB Local 3.3.1: no network" in out
