from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.parts.cache import cached

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "streamkit"


def test_what_is_made_is_made_once(cache: Path) -> None:
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "jar").write_text("x")

    assert cached("thing", make) == cached("thing", make) == cache / "thing"
    assert (cache / "thing" / "jar").read_text() == "x"
    assert len(made) == 1


def test_what_fails_half_way_leaves_nothing_and_is_tried_again(cache: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise ValueError("no network")

    with pytest.raises(ValueError, match="no network"):
        cached("thing", fail)
    assert [path.name for path in cache.iterdir()] == ["thing.lock"]
    assert list(cached("thing", lambda _folder: None).iterdir()) == []


def test_of_two_that_want_it_one_makes_it(cache: Path) -> None:
    made: list[Path] = []
    both = Barrier(2)

    def want() -> Path:
        both.wait(10)
        return cached("thing", made.append)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(want), pool.submit(want)
        assert first.result(10) == second.result(10) == cache / "thing"
    assert len(made) == 1


def test_a_process_that_is_killed_while_it_makes_something_leaves_no_half_of_it(cache: Path) -> None:
    code = """
import os, signal
from tests.parts.cache import cached

def make(folder):
    (folder / "half").write_text("x")
    os.kill(os.getpid(), signal.SIGKILL)

cached("thing", make)
"""
    killed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)  # noqa: S603  # our own text
    assert killed.returncode < 0
    assert not (cache / "thing").exists()
    assert list(cached("thing", lambda _folder: None).iterdir()) == []
