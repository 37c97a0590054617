from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from streamkit.local.invokers.guard import Guard
from streamkit.local.invokers.processgroup import ProcessGroup

if TYPE_CHECKING:
    from collections.abc import Iterator

SLEEPS = [sys.executable, "-S", "-E", "-c", "import time; time.sleep(1000)"]


@pytest.fixture
def groups() -> Iterator[list[ProcessGroup]]:
    made = [ProcessGroup(SLEEPS, "/", {}, 2) for _ in range(3)]
    yield made
    for group in made:
        group.end()


def killed(group: ProcessGroup) -> bool:
    """Wait for a group's process to end; return whether it was killed."""
    return os.waitid(os.P_PID, group.pid, os.WEXITED | os.WNOWAIT) is not None


def test_it_kills_what_it_watches_when_its_pipe_closes_and_leaves_alone_what_it_forgot(
    groups: list[ProcessGroup],
) -> None:
    guard = Guard()
    for group in groups:
        guard.watch(group.pid)
    guard.forget(groups[1].pid)
    guard.forget(123_456_789)
    guard.close()
    assert killed(groups[0])
    assert killed(groups[2])
    assert not groups[1].ended


def test_it_may_be_closed_again_and_takes_nothing_then() -> None:
    guard = Guard()
    guard.close()
    guard.watch(os.getpid())
    guard.close()


def test_a_guard_that_was_killed_is_no_error() -> None:
    guard = Guard()
    os.kill(guard.pid, signal.SIGKILL)
    os.waitid(os.P_PID, guard.pid, os.WEXITED | os.WNOWAIT)
    guard.watch(123_456_789)
    guard.close()


def test_what_is_watched_is_killed_even_if_this_process_is() -> None:
    code = """
import os, signal, subprocess, sys
from streamkit.local.invokers.guard import Guard
sleeper = subprocess.Popen([sys.executable, "-S", "-E", "-c", "import time; time.sleep(1000)"], start_new_session=True)
guard = Guard()
guard.watch(sleeper.pid)
os.kill(os.getpid(), signal.SIGKILL)
"""
    # The sleeper holds the pipe too: it is at its end when both are gone.
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=False, timeout=60)  # noqa: S603  # ours
    assert done.returncode == -signal.SIGKILL
    assert done.stdout == b""
