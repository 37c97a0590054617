"""How a page is followed: what stands on it has to happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.packaging.newuser import NewUser, NoIndexError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def user(tmp_path: Path) -> NewUser:
    user = NewUser(tmp_path, tmp_path / "streamkit_dynamodb-0.1.0-py3-none-any.whl")
    user.project.mkdir()
    return user


def page(folder: Path, *blocks: str) -> Path:
    path = folder / "page.md"
    path.write_text("# A page\n\n" + "\n\n".join(f"```{block}\n```" for block in blocks) + "\n", encoding="utf-8")
    return path


def test_files_are_written_and_commands_run_in_their_order(user: NewUser, tmp_path: Path) -> None:
    blocks = ['python title="a.txt"\none', "sh\ncp a.txt b.txt", "console\n$ cat b.txt\none\n$ echo 5.1 s\n… s"]
    assert user.follow(page(tmp_path, *blocks)) == ["cp a.txt b.txt", "cat b.txt", "echo 5.1 s"]


def test_a_command_that_says_something_else_is_told(user: NewUser, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"\$ echo two\ntwo"):
        user.follow(page(tmp_path, "console\n$ echo two\none"))


def test_a_command_that_fails_is_told_with_what_it_said(user: NewUser, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no such package"):
        user.follow(page(tmp_path, "sh\necho no such package; exit 1"))


def test_where_there_is_no_index_nothing_can_be_said(user: NewUser, tmp_path: Path) -> None:
    with pytest.raises(NoIndexError, match="needs a package index"):
        user.follow(page(tmp_path, "sh\necho NewConnectionError: Max retries exceeded with url; exit 1"))


def test_nothing_of_this_environment_is_seen(user: NewUser, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONPATH", "VIRTUAL_ENV", "AWS_PROFILE", "STREAMKIT_REQUIRE_PARTS", "PYTEST_ADDOPTS"):
        monkeypatch.setenv(name, "ours")
    assert "ours" not in user.output("env")
