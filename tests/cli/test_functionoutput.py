from __future__ import annotations

from datetime import UTC, datetime

from streamkit.cli.functionoutput import FunctionOutput
from streamkit.local.journal import InvocationFinished, Journal, RecordsRead

AT = datetime(2026, 1, 1, tzinfo=UTC)


def shown(*logs: str) -> list[str]:
    lines: list[str] = []
    journal = Journal()
    journal.subscribe(FunctionOutput(lines.append))
    journal.write(RecordsRead(AT, "s", ("1",)))
    for log in logs:
        journal.write(InvocationFinished(AT, "s", "r", 1, "success", "", None, None, (), 1, ("1",), log=log))
    return lines


def test_the_log_of_each_invocation_is_shown_and_nothing_where_there_is_none() -> None:
    assert shown("one\ntwo\n", "", "three") == ["one\ntwo", "three"]


def test_a_traceback_of_awslambdaric_gets_its_lines_back() -> None:
    assert shown("[ERROR] ValueError: x\rTraceback:\r\xa0\xa0File\r\n") == ["[ERROR] ValueError: x\nTraceback:\n  File"]


def test_what_no_terminal_takes_is_escaped() -> None:
    assert shown("\ud800\n") == ["\\ud800"]
