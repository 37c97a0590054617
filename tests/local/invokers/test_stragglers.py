from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING
from uuid import uuid4

from streamkit.local.invokers import stragglers
from streamkit.local.invokers.stragglers import kill_stragglers

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SLEEPS = [sys.executable, "-S", "-E", "-c", "import time; print(flush=True); time.sleep(1000)"]


def sleeper(**env: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(SLEEPS, stdout=subprocess.PIPE, env=env, start_new_session=True)  # noqa: S603  # ours
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_processes_are_killed_by_a_variable_that_they_were_started_with_and_no_others() -> None:
    mark = uuid4().hex
    with sleeper(MARK=mark) as one, sleeper(MARK=mark, A="b") as two, sleeper(MARK=mark + "x") as another:
        kill_stragglers("MARK", mark)
        assert one.wait() == two.wait() == -signal.SIGKILL
        assert another.poll() is None
        another.kill()


def test_where_none_is_left_nothing_happens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kill_stragglers("MARK", uuid4().hex)
    monkeypatch.setattr(stragglers, "_PROC", tmp_path / "no proc")
    kill_stragglers("PATH", os.environ["PATH"])


def test_who_ended_meanwhile_or_cannot_be_read_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "4194305").mkdir()
    (tmp_path / "4194305/environ").write_bytes(b"MARK=x\0")
    (tmp_path / "4194306").mkdir()
    monkeypatch.setattr(stragglers, "_PROC", tmp_path)
    kill_stragglers("MARK", "x")
