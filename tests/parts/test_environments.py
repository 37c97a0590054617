from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from tests.parts.awscli import aws_command
from tests.parts.environments import environment
from tests.parts.needs import MissingPartError, missing

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/streamkit"


@pytest.fixture
def project(tmp_path: Path) -> str:
    """A package without anything to build or to fetch."""
    folder = tmp_path / "thing-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    (folder / "WHEEL").write_text("Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    (folder / "RECORD").write_text("")
    (tmp_path / "thing.py").write_text("print('it runs')\n")
    wheel = tmp_path / "thing-1.0-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        archive.write(tmp_path / "thing.py", "thing.py")
        for path in folder.iterdir():
            archive.write(path, f"{folder.name}/{path.name}")
    return str(wheel)


def test_what_is_installed_runs_from_where_the_environment_was_moved_to(cache: Path, project: str) -> None:
    python = environment("thing", project, part="a thing")
    said = subprocess.run([python, "-I", "-m", "thing"], capture_output=True, text=True, check=True)  # noqa: S603  # ours
    assert said.stdout == "it runs\n"
    assert python.is_relative_to(cache)
    # Where the Python that it leads to is no more, the environment is made anew.
    python.unlink()
    assert environment("thing", project, part="a thing") == python
    assert python.exists()


def test_what_pip_cannot_bring_is_told_and_nothing_is_kept(cache: Path, tmp_path: Path) -> None:
    wheel = str(tmp_path / "gone-1.0-py3-none-any.whl")
    with pytest.raises(MissingPartError, match=r"needs a thing: `pip install .*gone-1\.0-py3-none-any\.whl` failed"):
        environment("thing", wheel, part="a thing")
    assert [path.suffix for path in cache.iterdir()] == [".lock"]


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(MissingPartError, match=r"needs a thing: .*Not a directory"):
        environment("thing", part="a thing")


def test_the_aws_cli_is_awss_own_whatever_lies_where_it_is_started(tmp_path: Path) -> None:
    try:
        command = aws_command()
    except MissingPartError as error:
        missing(error)
    (tmp_path / "awscli.py").write_text("raise SystemExit('not this one')")
    said = subprocess.run([*command, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603
    assert said.stdout.startswith("aws-cli/1.46.3 ")
