"""What is said while a live stream is followed."""

from __future__ import annotations

import io
import os
import sys

import pytest

from streamkit.cli.followed import live_view
from streamkit.cli.liveview import LiveTable, StatusLines
from streamkit.local.journal import SourceNoted
from tests.cli.test_progress import NOW, failed, terminal_as_stderr

STOPPING = "stopping: what is in flight is finished; once more stops at once"


def test_without_a_terminal_there_are_lines_and_with_one_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal_as_stderr(monkeypatch)
    assert isinstance(live_view(terminal=False), StatusLines)
    assert isinstance(live_view(terminal=True), LiveTable)


def test_what_went_wrong_has_a_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    with StatusLines() as view:
        view.note(failed(error=ValueError("price")))
        view.note(failed(error=ValueError("price")))
        view.note(SourceNoted(NOW, "", "the server is away"))
    assert capsys.readouterr() == (
        "",
        "3 records (7 to 9) failed: ValueError: price\nstream: the server is away\n",
    )


def test_now_and_then_there_is_a_line_about_all(capsys: pytest.CaptureFixture[str]) -> None:
    with StatusLines(every=0) as view:
        view.note(failed(error=ValueError("price")))
    assert capsys.readouterr().err.splitlines()[-1] == "0 records handled, 0/s, 1 failure, iterator age -"


def test_that_it_stops_is_said_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    StatusLines().stopping()
    assert capfd.readouterr().err == f"{STOPPING}\n"


def test_a_closed_stderr_does_not_keep_it_from_stopping(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object) -> int:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(os, "write", closed)
    StatusLines().stopping()


def test_on_a_terminal_a_table_stays_and_what_went_wrong_stands_above_it(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_as_stderr(monkeypatch)
    with LiveTable() as view:
        view.note(failed(error=ValueError("[bold]:id:[/bold]")))
        view.note(failed(error=ValueError("[bold]:id:[/bold]")))
    text = terminal.getvalue()
    assert text.count("3 records (7 to 9) failed: ValueError: [bold]:id:[/bold]") == 1
    assert text.index("failed: ValueError") < text.index("checkpoint") < text.index("0 records handled")
    assert STOPPING not in text


def test_on_a_terminal_what_is_said_stands_above_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_as_stderr(monkeypatch)
    with LiveTable() as view:
        view.say("stream: [bold]following")
    assert terminal.getvalue().rindex("stream: [bold]following") < terminal.getvalue().rindex("waiting for records")


def test_on_a_terminal_the_table_says_that_it_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_as_stderr(monkeypatch)
    with LiveTable() as view:
        view.stopping()
    assert STOPPING in terminal.getvalue()


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("screen", [True, False])
def test_what_the_handler_prints_goes_above_the_table_unless_it_goes_elsewhere(
    monkeypatch: pytest.MonkeyPatch, screen: bool
) -> None:
    terminal = terminal_as_stderr(monkeypatch)
    stdout = Screen() if screen else io.StringIO()
    monkeypatch.setattr(sys, "stdout", stdout)
    with LiveTable():
        print("handled 1")  # noqa: T201  # what a handler does
    assert ("handled 1" in terminal.getvalue()) == screen
    assert ("handled 1" in stdout.getvalue()) != screen
