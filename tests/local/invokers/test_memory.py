from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from streamkit.local.invokers import memory
from streamkit.local.invokers.memory import can_watch_memory, resident_bytes

MB = 1_048_576


def holding(code: str) -> subprocess.Popen[bytes]:
    """Start a process that holds memory, and that ends with its stdin; it says when it is ready."""
    command = [sys.executable, "-S", "-E", "-c", f"import os, sys\n{code}\nprint('up', flush=True)\nsys.stdin.read()"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  # ours
    piped(process.stdout).readline()
    return process


def piped(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def held_by(process: subprocess.Popen[bytes]) -> int:
    with process:
        held = resident_bytes(process.pid) // MB
        process.communicate()
    return held


def test_linux_tells_what_memory_a_process_holds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert can_watch_memory()
    monkeypatch.setattr(memory, "_PROC", tmp_path)
    assert not can_watch_memory()


def test_what_a_process_holds_is_counted() -> None:
    assert 94 < held_by(holding("held = b'x' * 100_000_000")) < 150


@pytest.mark.parametrize("tells", [True, False])
def test_what_its_children_hold_is_counted_and_what_they_share_once(
    tells: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A child of a child, both with what they inherited and the last with as much again.
    process = holding(
        "held = b'x' * 50_000_000\nif os.fork(): os.wait()\nelif os.fork(): os.wait()\nelse: more = b'y' * 50_000_000"
    )
    if not tells:
        monkeypatch.setattr(Path, "read_bytes", _refusing("smaps_rollup", Path.read_bytes))
    held = held_by(process)
    assert 94 < held < 130 if tells else held > 130


def _refusing(name: str, read: object) -> object:
    def reading(path: Path) -> bytes:
        if path.name == name:
            raise PermissionError
        assert callable(read)
        data: bytes = read(path)
        return data

    return reading


def test_a_process_that_is_not_there_holds_nothing() -> None:
    assert resident_bytes(2**22 + 1) == 0


def test_one_that_ends_while_it_is_looked_at_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(path: Path, encoding: str = "") -> str:
        raise ProcessLookupError

    monkeypatch.setattr(Path, "read_text", gone)
    assert resident_bytes(os.getpid()) > 0
