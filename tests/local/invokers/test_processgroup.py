from __future__ import annotations

import os
import select
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from streamkit.local.invokers.processgroup import ProcessGroup

if TYPE_CHECKING:
    from collections.abc import Iterator


class Output:
    """The reading end of what processes write."""

    def __init__(self) -> None:
        self.reads, self.writes = os.pipe()

    def line(self) -> str:
        told = b""
        while not told.endswith(b"\n"):
            told += os.read(self.reads, 1)
        return told.decode().strip()

    def ends(self) -> bool:
        """Whether nobody is left who could write: wait for it."""
        os.close(self.writes)
        self.writes = -1
        return os.read(self.reads, 1) == b""


@pytest.fixture
def output() -> Iterator[Output]:
    made = Output()
    yield made
    for fd in {made.reads, made.writes} - {-1}:
        os.close(fd)


def started(code: str, output: Output) -> ProcessGroup:
    return ProcessGroup([sys.executable, "-S", "-E", "-c", code], str(Path.cwd()), dict(os.environ), output.writes)


def test_it_ends_as_the_process_does(output: Output) -> None:
    group = started("raise SystemExit(3)", output)
    fd = group.exit_fd()
    assert fd is not None
    assert select.select([fd], [], [], 30)[0]
    os.close(fd)
    assert group.ended
    assert group.end() == 3
    assert group.ended
    assert group.end() == 3
    group.kill()


def test_what_it_started_is_killed_with_it(output: Output) -> None:
    code = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
print("up", flush=True)
time.sleep(1000)
"""
    group = started(code, output)
    assert [output.line(), output.line()] == ["up", "up"]
    assert not group.ended
    assert group.end() == -signal.SIGKILL
    assert output.ends()


def test_what_it_left_behind_is_killed_too(output: Output) -> None:
    group = started("import os, time\nif not os.fork():\n  print('up', flush=True)\n  time.sleep(1000)", output)
    assert output.line() == "up"
    assert group.end() in (0, -signal.SIGKILL)
    assert output.ends()


def test_it_is_in_a_session_of_its_own(output: Output) -> None:
    group = started("import os; print(os.getsid(0))", output)
    assert int(output.line()) == group.pid != os.getsid(0)
    group.end()


def test_a_system_that_does_not_tell_of_an_end_is_asked(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    group = started("", output)

    def refuse(pid: int) -> int:
        raise OSError

    monkeypatch.setattr(os, "pidfd_open", refuse)
    assert group.exit_fd() is None
    monkeypatch.delattr(os, "pidfd_open")
    assert group.exit_fd() is None
    group.end()


def test_a_command_that_is_not_there_is_an_error(output: Output) -> None:
    with pytest.raises(FileNotFoundError):
        ProcessGroup(["/no/such/program"], "/", {}, output.writes)
