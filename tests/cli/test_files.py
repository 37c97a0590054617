"""The files that a run reads and writes; what may stand in a recording is in test_bad_input and test_input_forms."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from streamkit.cli.errors import BadInput
from streamkit.cli.files import journal_written, read_recording
from streamkit.local.journal import Checkpointed, Journal
from tests.build import event, record
from tests.cli.project import THREE, Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DONE = Checkpointed(NOW, "s", "1")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, monkeypatch)


@pytest.fixture
def stdin(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put a recording of the current folder in the place of standard input, as ``< piped`` does; return its path."""
    path = project.folder / project.write("piped", list(THREE))
    with path.open(encoding="utf-8") as file:
        monkeypatch.setattr(sys, "stdin", file)
        yield path


def test_a_recording_is_read_from_a_file(project: Project) -> None:
    recording = read_recording("events.jsonl")
    assert len(recording) == 3
    assert recording.reordered == 0


def test_a_recording_is_read_from_standard_input(stdin: Path) -> None:
    assert len(read_recording("-")) == 3
    assert not sys.stdin.closed


@pytest.mark.skipif(sys.platform != "linux", reason="Linux' /proc/self/mem opens, and cannot be read at 0")
def test_a_file_that_opens_and_then_cannot_be_read_is_told_in_a_sentence() -> None:
    with pytest.raises(BadInput, match="--events /proc/self/mem cannot be read: Input/output error"):
        read_recording("/proc/self/mem")


def test_a_closed_standard_input_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(BadInput):
        read_recording("-")


NOTHING = ("[]", "[\n]\n", '{"Records": []}', json.dumps(event(), indent=2), '{"Records": []}\n[]\n')


@pytest.mark.parametrize("content", NOTHING)
def test_a_recording_without_records_is_refused(project: Project, content: str) -> None:
    project.write("rec.json", content)
    message = project.refusal("run", f"{project.module}:handler", "--events", "rec.json")
    assert message == "Error: --events rec.json holds no records: there is nothing to run\n"


def test_a_standard_input_without_records_is_refused(project: Project) -> None:
    message = project.refusal("run", f"{project.module}:handler", "--events", "-", stdin="[]")
    assert message == "Error: --events - holds no records: there is nothing to run\n"


def test_without_a_name_no_journal_is_written(project: Project) -> None:
    before = sorted(project.folder.iterdir())
    journal = Journal()
    with journal_written(None, journal, "events.jsonl"):
        journal.write(DONE)
    assert sorted(project.folder.iterdir()) == before


def test_every_fact_of_the_block_is_a_line(project: Project) -> None:
    journal = Journal(keep=False)
    with journal_written("journal", journal, "events.jsonl"):
        journal.write(DONE)
        journal.write(Checkpointed(NOW, "s", "2"))
    lines = (project.folder / "journal").read_bytes().splitlines(keepends=True)
    assert [json.loads(line)["sequence_number"] for line in lines] == ["1", "2"]
    assert all(line.endswith(b"}\n") for line in lines)


def test_a_journal_takes_the_place_of_an_older_one(project: Project) -> None:
    new = project.journal("handler")
    project.write("journal.jsonl", "of yesterday\n" * 1_000)
    assert project.journal("handler") == new


def test_a_run_that_is_interrupted_leaves_the_journal_up_to_there(project: Project) -> None:
    project.app("def handler(event, context): raise KeyboardInterrupt")
    assert [fact["fact"] for fact in project.journal("handler")] == ["RecordsRead", "InvocationStarted"]


def test_the_records_may_come_from_standard_input_beside_a_journal(project: Project, stdin: Path) -> None:
    with journal_written("journal", Journal(), "-"):
        pass
    assert (project.folder / "journal").read_bytes() == b""


def same(folder: Path) -> str:
    return "events.jsonl"


def in_other_words(folder: Path) -> str:
    return f"../{folder.name}/./events.jsonl"


def in_full(folder: Path) -> str:
    return str(folder / "events.jsonl")


def symbolic_link(folder: Path) -> str:
    (folder / "link").symlink_to("events.jsonl")
    return "link"


def hard_link(folder: Path) -> str:
    (folder / "link").hardlink_to(folder / "events.jsonl")
    return "link"


@pytest.mark.parametrize("name", [same, in_other_words, in_full, symbolic_link, hard_link])
def test_the_recording_is_not_overwritten_under_any_name(project: Project, name: Callable[[Path], str]) -> None:
    journal = name(project.folder)
    before = (project.folder / "events.jsonl").read_bytes()
    message = project.refusal("run", f"{project.module}:handler", "--events", "events.jsonl", "--journal", journal)
    assert message == (
        f"Error: --journal {journal} is the file of --events, and would overwrite it: name another one\n"
    )
    assert (project.folder / "events.jsonl").read_bytes() == before


def test_the_recording_is_not_overwritten_where_it_is_standard_input(stdin: Path) -> None:
    before = stdin.read_bytes()
    with pytest.raises(BadInput), journal_written(stdin.name, Journal(), "-"):
        pass
    assert stdin.read_bytes() == before


def test_a_file_named_with_a_dash_is_not_standard_input(project: Project, stdin: Path) -> None:
    project.write("-", "an older journal")
    with journal_written("-", Journal(), "-"):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux'")
def test_a_disk_that_is_full_in_the_middle_of_a_run_stops_it(project: Project) -> None:
    # More than the file's buffer holds, so that the error comes with a fact and not with the end.
    project.recording(*(record(number, new={"text": {"S": "x" * 1_000}}) for number in range(1, 101)))
    for options in ((), ("--fail-fast",)):
        result = project.run("plain", "--journal", "/dev/full", "--batch-size", "1", *options)
        assert result.exit_code == 2
        assert result.stderr == "Error: --journal /dev/full cannot be written: No space left on device\n"
        assert 0 < result.stdout.count("batch of 1") < 100


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux'")
def test_a_disk_that_is_full_at_the_end_of_a_run_is_told(project: Project) -> None:
    result = project.run("plain", "--journal", "/dev/full")
    assert result.exit_code == 2
    assert result.stderr == "Error: --journal /dev/full cannot be written: No space left on device\n"
