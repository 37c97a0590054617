"""What is said while a run goes on."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from streamkit.cli.app import cli
from streamkit.cli.progress import LiveProgress, PlainProgress, event_line
from streamkit.local.journal import Checkpointed, InvocationFinished, RecordsDiscarded, RecordsRead, SourceNoted, Warned
from streamkit.local.summary import RunSummary
from streamkit.observing import RecordFailure
from tests.build import record
from tests.cli.project import Project

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from streamkit.local.journal import Fact

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, monkeypatch)


class Terminal(io.StringIO):
    """A text stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def terminal_as_stderr(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Make stderr a terminal, 200 columns wide; stdout stays what it is.

    No fixture, since pytest puts its own stderr in place again between a fixture and its test.
    """
    stream = Terminal()
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def failed(*failures: RecordFailure, error: Exception | None = None, numbers: str = "789") -> InvocationFinished:
    return InvocationFinished(
        at=NOW,
        shard_id="s",
        request_id="r1",
        attempt=1,
        outcome="failure",
        why="the response names no record",
        response=None,
        error=error,
        failures=failures,
        handled=0,
        sequence_numbers=tuple(numbers),
    )


def lines(*facts: Fact) -> list[str | None]:
    shown: set[tuple[str, str]] = set()
    return [event_line(fact, shown) for fact in facts]


def test_a_run_without_trouble_says_nothing(project: Project) -> None:
    assert project.run("handler").stderr == ""


def test_a_failing_record_has_one_line_however_often_it_is_retried(project: Project) -> None:
    result = project.run("poison", "--maximum-retry-attempts", "50")
    assert result.stderr.splitlines() == [
        "record 2 failed: ValueError: order 2 is bad",
        "discarded 2 records (2 to 3) after 51 attempts",
    ]


def test_a_failing_invocation_has_one_line_however_often_it_is_retried(project: Project) -> None:
    result = project.run("failing", "--maximum-retry-attempts", "50")
    first, second = result.stderr.splitlines()
    assert first.startswith("3 records (1 to 3) failed: ")
    assert first.endswith(" failed: ValueError: no table")
    assert second == "discarded 3 records (1 to 3) after 51 attempts"


def test_a_day_of_retries_ends_with_one_line_about_the_loss(project: Project) -> None:
    assert project.run("poison").stderr.splitlines() == [
        "record 2 failed: ValueError: order 2 is bad",
        "expired 2 records (2 to 3): a stream holds records for 24 hours (SEMANTICS §3)",
    ]


def test_every_distinct_failure_has_its_line(project: Project) -> None:
    project.app(
        """
        from streamkit import Change, stream_handler
        tries = []

        @stream_handler(on_failure="continue")
        def handler(change: Change) -> None:
            tries.append(change)
            if len(tries) > 2:
                raise KeyError("stock")
            raise ValueError("price")
        """
    )
    project.recording(record(1), record(2))
    result = project.run("handler", "--maximum-retry-attempts", "3")
    assert [line for line in result.stderr.splitlines() if "failed" in line] == [
        "record 1 failed: ValueError: price",
        "record 2 failed: ValueError: price",
        "record 1 failed: KeyError: 'stock'",
        "record 2 failed: KeyError: 'stock'",
    ]


def test_a_single_lost_record_is_named_in_the_singular(project: Project) -> None:
    result = project.run("poison", "--maximum-retry-attempts", "0", "--batch-size", "1")
    assert "discarded record 2 after 1 attempt\n" in result.stderr


def test_a_single_expired_record_is_named(project: Project) -> None:
    project.recording(record(2))
    assert "expired record 2: a stream holds records for 24 hours" in project.run("poison").stderr


def test_an_invocation_that_fails_without_an_exception_says_by_which_rule() -> None:
    assert lines(failed()) == ["3 records (7 to 9) failed: the response names no record"]


def test_an_exception_is_named_with_its_type_whichever_it_is() -> None:
    assert lines(failed(error=RuntimeError("boom"))) == ["3 records (7 to 9) failed: RuntimeError: boom"]
    assert lines(failed(RecordFailure("7", RuntimeError("boom")))) == ["record 7 failed: RuntimeError: boom"]


def test_an_exception_without_a_text_is_named_by_its_type_alone() -> None:
    assert lines(failed(error=NotImplementedError())) == ["3 records (7 to 9) failed: NotImplementedError"]


def test_an_exception_that_cannot_say_its_text_is_named_by_its_type(project: Project) -> None:
    project.app(
        """
        class Mute(Exception):
            def __str__(self):
                raise RuntimeError("no text")

        def handler(event, context):
            raise Mute
        """
    )
    assert "failed: Mute" in project.run("handler", "--maximum-retry-attempts", "0").stderr


def test_records_that_fail_before_their_whole_invocation_does_have_lines_of_their_own() -> None:
    fact = failed(RecordFailure("7", ValueError("price")), error=OSError("no network"))
    assert lines(fact) == ["record 7 failed: ValueError: price\n3 records (7 to 9) failed: OSError: no network"]


def test_the_same_exception_of_other_records_has_a_line_again() -> None:
    same = ValueError("price")
    assert lines(failed(error=same), failed(error=same), failed(error=same, numbers="8")) == [
        "3 records (7 to 9) failed: ValueError: price",
        None,
        "record 8 failed: ValueError: price",
    ]


def test_a_warning_has_its_line_once() -> None:
    assert lines(Warned(NOW, "s", "careful"), Warned(NOW, "s", "careful"), Warned(NOW, "s", "again")) == [
        "warning: careful",
        None,
        "warning: again",
    ]


@pytest.mark.parametrize(
    ("shard", "loses", "line"),
    [
        ("shard-1", False, "stream: shard-1: an iterator expired"),
        ("shard-1", True, "lost: shard-1: an iterator expired"),
        ("", False, "stream: an iterator expired"),
    ],
)
def test_what_happens_to_the_reading_of_a_stream_has_its_line_each_time(shard: str, loses: bool, line: str) -> None:
    noted = SourceNoted(NOW, shard, "an iterator expired", loses)
    assert lines(noted, noted) == [line, line]


def test_plain_progress_writes_to_stderr_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with PlainProgress() as progress:
        progress.note(RecordsRead(NOW, "s", ("1",)))
        progress.note(failed(error=ValueError("price")))
    assert capsys.readouterr() == ("", "3 records (7 to 9) failed: ValueError: price\n")


def run_on_terminal(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int | str | None, str]:
    """Return the exit code, and what the terminal got."""
    terminal = terminal_as_stderr(monkeypatch)
    with pytest.raises(SystemExit) as exited:
        cli(arguments)
    assert terminal.getvalue().endswith("\x1b[2K"), "the moving line is gone at the end"
    return exited.value.code, terminal.getvalue()


def target(project: Project, handler: str, *options: str) -> Sequence[str]:
    return ("run", f"{project.module}:{handler}", "--events", "events.jsonl", *options)


def test_on_a_terminal_a_line_counts_along(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--maximum-retry-attempts", "1", "--batch-size", "1")
    code, seen = run_on_terminal(monkeypatch, *target(project, "poison", *options))
    assert code == 1
    assert "3/3 records" in seen
    assert "4 invocations, 1 retries, 1 lost" in seen
    assert "2 of 3 records were handled: 1 discarded" in capsys.readouterr().out


def test_on_a_terminal_too_a_failure_has_one_line_however_often_it_is_retried(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, seen = run_on_terminal(monkeypatch, *target(project, "poison", "--maximum-retry-attempts", "50"))
    assert seen.count("record 2 failed: ValueError: order 2 is bad") == 1


@pytest.mark.parametrize("text", ["[bold]no markup[/bold]", "user:id:42"])
def test_on_a_terminal_a_users_text_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    terminal = terminal_as_stderr(monkeypatch)
    with LiveProgress(RunSummary(3)) as progress:
        progress.note(Checkpointed(NOW, "s", "1"))
        progress.note(failed(error=ValueError(text)))
    assert f"3 records (7 to 9) failed: ValueError: {text}" in terminal.getvalue()


def test_on_a_terminal_the_json_is_still_alone_on_stdout(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, seen = run_on_terminal(monkeypatch, *target(project, "handler", "--json"))
    assert code == 0
    assert "handled 3" in seen
    assert json.loads(capsys.readouterr().out)["total"]["handled"] == 3


def discarded(error: Exception | None, condition: str = "RetryAttemptsExhausted") -> RecordsDiscarded:
    record = {"requestContext": {"condition": condition, "approximateInvokeCount": 2}}
    return RecordsDiscarded(NOW, "s", ("7", "8"), record, error is None, error)


def test_a_delivery_that_failed_is_told_with_its_cause() -> None:
    told = "; its on-failure record was not delivered: OSError: no queue"
    exhausted, expired = discarded(OSError("no\nqueue")), discarded(OSError("no queue"), "RecordAgeExceeded")
    assert lines(exhausted) == [f"discarded 2 records (7 to 8) after 2 attempts{told}"]
    assert lines(expired) == [f"discarded 2 records (7 to 8): older than MaximumRecordAgeInSeconds{told}"]


def test_a_delivery_that_succeeded_needs_no_words() -> None:
    assert lines(discarded(None)) == ["discarded 2 records (7 to 8) after 2 attempts"]
