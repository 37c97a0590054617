"""On-failure records in files, as they are found there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from streamkit.local.redrive.places.folder import Folder
from streamkit.local.redrive.places.place import MAX_DOCUMENT_BYTES, Entry, PlaceError

if TYPE_CHECKING:
    from pathlib import Path


def found(folder: Path) -> list[Entry]:
    return [entry for group in Folder(str(folder)).entries() for entry in group]


def test_files_come_one_by_one_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.json", "a.json", "c"):
        (tmp_path / name).write_text(name)
    groups = list(Folder(str(tmp_path)).entries())
    assert [[entry.content for entry in group] for group in groups] == [[b"a.json"], [b"b.json"], [b"c"]]


def test_a_bucket_that_was_copied_is_read_with_its_folders(tmp_path: Path) -> None:
    deep = tmp_path / "aws" / "lambda" / "uuid" / "shard" / "2026"
    deep.mkdir(parents=True)
    (deep / "object").write_text("x")
    assert [entry.name for entry in found(tmp_path)] == [str(deep / "object")]


def test_what_is_hidden_or_unfinished_is_none_of_it(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    (tmp_path / ".a.json.17.unfinished").write_text("x")
    assert found(tmp_path) == []


def test_a_single_file_will_do(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text("x")
    assert [entry.content for entry in found(tmp_path / "one.json")] == [b"x"]


@pytest.mark.parametrize("name", ["", "nowhere"])
def test_what_is_not_there_is_told(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PlaceError, match=f"there is no file or folder '{name}': give the folder of --on-failure"):
        Folder(name)


def test_a_file_that_is_none_is_said_to_be_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert [(entry.content, entry.problem) for entry in found(tmp_path)] == [(b"", "it is no regular file")] * 2


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "disk.img").open("wb") as file:
        file.truncate(MAX_DOCUMENT_BYTES + 1)
    (entry,) = found(tmp_path)
    assert (entry.content, entry.problem) == (
        b"",
        "it has more than 33,554,432 bytes: no on-failure record is so large",
    )


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("x")

    def denied(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "read_bytes", denied)
    assert found(tmp_path)[0].problem == "it cannot be read: Permission denied"


def test_a_file_that_is_gone_meanwhile_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("x")

    def gone(path: Path) -> bytes:
        raise FileNotFoundError(path)

    monkeypatch.setattr(type(tmp_path), "read_bytes", gone)
    assert found(tmp_path) == []


def test_a_folder_that_cannot_be_read_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_path: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr(os, "scandir", denied)
    with pytest.raises(PlaceError, match=f"{tmp_path} cannot be read: Permission denied"):
        found(tmp_path)


def test_a_file_is_held_as_long_as_it_is_there_and_gone_when_it_is_removed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    folder = Folder(str(tmp_path))
    ((entry,),) = folder.entries()
    assert folder.hold(entry)
    folder.remove(entry)
    assert not (tmp_path / "a").exists()
    assert not folder.hold(entry)
    folder.remove(entry)
    folder.close()


def test_a_file_that_cannot_be_removed_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("x")
    folder = Folder(str(tmp_path))
    ((entry,),) = folder.entries()

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(type(tmp_path), "unlink", denied)
    with pytest.raises(PlaceError, match="a cannot be removed: Operation not permitted"):
        folder.remove(entry)
