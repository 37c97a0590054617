"""What is said of a run at its end."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from streamkit.cli.app import cli
from streamkit.cli.report import plain_report, table_report
from streamkit.local.journal import (
    InvocationFinished,
    RecordsExpired,
    RecordsRead,
    SourceNoted,
    Warned,
    WindowOpened,
)
from streamkit.local.summary import RunSummary
from tests.build import STREAM_ARN, record
from tests.cli.project import Project

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SHARD = "shardId-00000000000000000000-00000000"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, monkeypatch)


def summary_of(*facts: Any) -> RunSummary:
    """Return the summary of a run of the records that these facts say were read."""
    summary = RunSummary(sum(len(fact.sequence_numbers) for fact in facts if isinstance(fact, RecordsRead)))
    for fact in facts:
        summary.note(fact)
    return summary


def lost(*numbers: str, shard: str = "one") -> tuple[RecordsRead, RecordsExpired]:
    return RecordsRead(NOW, shard, numbers), RecordsExpired(NOW, shard, numbers, "too old")


def rendered(summary: RunSummary, target: str = "app:handler") -> str:
    console = Console(file=io.StringIO(), width=160)
    with console.capture() as capture:
        console.print(table_report(summary, target))
    return capture.get()


def rows_of(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.splitlines() if line.startswith("│")]


def test_plain_lines_have_the_handler_the_shard_and_the_verdict(project: Project) -> None:
    project.app("def handler(event, context): ...")
    assert project.run("handler", "--batch-size", "2").stdout.splitlines() == [
        f"{project.module}:handler",
        f"{SHARD}: 3 read, 3 handled, 2 invocations, 0 failed, 0 retries, 0 discarded, 0 expired; checkpoint 3",
        "all 3 records were handled, in 2 invocations with 0 retries",
    ]


def test_plain_lines_count_what_was_lost_and_say_why(project: Project) -> None:
    # 1 | 2 fails, is tried again and given up | 3
    result = project.run("poison", "--batch-size", "1", "--maximum-retry-attempts", "1")
    assert result.stdout.splitlines()[-4:] == [
        f"{project.module}:poison",
        f"{SHARD}: 3 read, 2 handled, 4 invocations, 2 failed, 1 retries, 1 discarded, 0 expired; checkpoint 3",
        "lost: 1 record (2), discarded after 2 attempts; last cause: ValueError: order 2 is bad",
        "2 of 3 records were handled: 1 discarded (seed 0)",
    ]


def test_the_report_in_json_has_the_same_numbers_and_awss_names(project: Project) -> None:
    report = project.report("poison", "--batch-size", "1", "--maximum-retry-attempts", "1")
    counts = {
        "read": 3,
        "filtered": 0,
        "handled": 2,
        "invocations": 4,
        "failed_invocations": 2,
        "retries": 1,
        "discarded": 1,
        "expired": 0,
    }
    assert report["handler"] == f"{project.module}:poison"
    assert report["ok"] is False
    assert report["total"] == counts
    assert report["shards"] == {SHARD: {**counts, "checkpoint": "3"}}
    assert 187 <= report["metrics"].pop("IteratorAge") <= 313
    assert report["metrics"] == {
        "PolledEventCount": 3,
        "FilteredOutEventCount": 0,
        "InvokedEventCount": 4,
        "FailedInvokeEventCount": 2,
        "DroppedEventCount": 1,
        "OnFailureDestinationDeliveredEventCount": 0,
        "DestinationDeliveryFailures": 0,
    }
    assert report["losses"] == [
        {
            "shard_id": SHARD,
            "sequence_numbers": ["2"],
            "what": "discarded after 2 attempts",
            "cause": "ValueError: order 2 is bad",
        }
    ]
    assert report["warnings"] == []


def test_the_report_in_json_has_the_on_failure_records_as_aws_sends_them(project: Project) -> None:
    report = project.report("poison", "--batch-size", "1", "--maximum-retry-attempts", "1")
    (discarded,) = report["discarded"]
    assert discarded["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert discarded["DDBStreamBatchInfo"] == {
        "shardId": SHARD,
        "startSequenceNumber": "2",
        "endSequenceNumber": "2",
        "approximateArrivalOfFirstRecord": "2026-01-01T00:00:00Z",
        "approximateArrivalOfLastRecord": "2026-01-01T00:00:00Z",
        "batchSize": 1,
        "streamArn": STREAM_ARN,
    }


def test_records_that_expire_are_losses_without_an_on_failure_record(project: Project) -> None:
    report = project.report("failing")
    assert report["discarded"] == []
    assert [loss["sequence_numbers"] for loss in report["losses"]] == [["1", "2", "3"]]
    assert "24 hours" in report["losses"][0]["what"]


@pytest.mark.parametrize("option", [["--json"], ["--journal", "journal"]])
def test_a_text_that_is_not_unicode_does_not_cost_the_result(project: Project, option: list[str]) -> None:
    # As of a file name that is not UTF-8, which Python reads with surrogateescape.
    project.app(r"def handler(event, context): raise OSError('no file caf\udce9')")
    result = project.run("handler", "--maximum-retry-attempts", "0", *option)
    assert result.exit_code == 1
    assert "no file caf" in result.stdout


def test_a_setting_that_is_not_unicode_does_not_cost_the_result(project: Project) -> None:
    result = project.run("plain", "--tags", r'{"team": "\ud800"}', "--json")
    assert result.exit_code == 0


def test_a_response_with_a_large_number_is_written_to_the_journal(project: Project) -> None:
    project.app("def handler(event, context): return {'count': 2 ** 70}")
    facts = project.journal("handler")
    assert [fact["response"] for fact in facts if fact["fact"] == "InvocationFinished"] == [{"count": 2**70}]


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux'")
def test_a_disk_that_is_full_is_told_in_a_sentence(project: Project) -> None:
    result = project.run("handler", "--journal", "/dev/full")
    assert "--journal /dev/full cannot be written: No space left on device" in result.stderr


def test_a_loss_of_many_records_names_the_first_three_and_the_last() -> None:
    lines = plain_report(summary_of(*lost("1", "2", "3", "4", "5")), "t").splitlines()
    assert "lost: 5 records (1, 2, 3 … 5), expired: too old; last cause: never delivered" in lines


def test_a_loss_of_three_records_names_them_all() -> None:
    assert "lost: 3 records (1, 2, 3), expired" in plain_report(summary_of(*lost("1", "2", "3")), "t")


@pytest.mark.parametrize(
    ("count", "shown", "more"), [(10, 10, []), (11, 10, ["… and 1 more"]), (40, 10, ["… and 30 more"])]
)
def test_of_many_losses_ten_are_shown(count: int, shown: int, more: list[str]) -> None:
    facts = [fact for number in range(count) for fact in lost(str(number))]
    lines = plain_report(summary_of(*facts), "t").splitlines()
    assert sum(line.startswith("lost: ") for line in lines) == 10
    assert [line for line in lines if line.startswith("…")] == more
    assert lines[-1] == f"0 of {count} records were handled: {count} expired (seed 0)"


def test_several_shards_have_a_line_each_and_one_verdict() -> None:
    summary = summary_of(*lost("1", shard="one"), *lost("2", "3", shard="two"))
    lines = plain_report(summary, "t").splitlines()
    assert [line.partition(" read")[0] for line in lines[1:3]] == ["one: 1", "two: 2"]
    assert lines[-1] == "0 of 3 records were handled: 3 expired (seed 0)"


def test_a_shard_without_a_checkpoint_has_a_dash() -> None:
    read = RecordsRead(NOW, "one", ("1",))
    assert "; checkpoint -" in plain_report(summary_of(read), "t")
    assert rows_of(rendered(summary_of(read)))[-1] == ["checkpoint", "-"]


def test_a_warning_is_shown_with_how_often_it_was_given() -> None:
    summary = summary_of(Warned(NOW, "one", "careful"), Warned(NOW, "one", "careful"))
    assert "warning (2 times): careful" in plain_report(summary, "t").splitlines()


def test_the_table_has_the_numbers_of_each_shard_and_the_troubles_below() -> None:
    table = rendered(summary_of(*lost("1", shard="one"), *lost("2", "3", shard="two"), Warned(NOW, "one", "careful")))
    assert rows_of(table) == [
        ["read", "1", "2"],
        ["handled", "0", "0"],
        ["invocations", "0", "0"],
        ["failed", "0", "0"],
        ["retries", "0", "0"],
        ["discarded", "0", "0"],
        ["expired", "1", "2"],
        ["checkpoint", "-", "-"],
    ]
    head = next(line for line in table.splitlines() if line.startswith("┃"))
    assert [cell.strip() for cell in head.split("┃")[1:-1]] == ["", "one", "two"]
    assert table.splitlines()[0].strip() == "app:handler"
    assert "lost: 2 records (2, 3), expired: too old; last cause: never delivered" in table
    assert "warning (1 time): careful" in table
    assert table.splitlines()[-1].strip() == "0 of 3 records were handled: 3 expired (seed 0)"


def test_the_table_shows_a_users_text_as_it_is() -> None:
    error = ValueError("[bold]user:id:42[/bold]")
    failed = InvocationFinished(NOW, "one", "r", 1, "failure", "why", None, error, (), 0, ("1",))
    assert "last cause: ValueError: [bold]user:id:42[/bold]" in rendered(summary_of(failed, *lost("1")))


@pytest.mark.parametrize(("handler", "colour"), [("handler", "\x1b[1;32m"), ("poison", "\x1b[1;31m")])
def test_on_a_terminal_the_verdict_is_green_or_red(
    project: Project, monkeypatch: pytest.MonkeyPatch, handler: str, colour: str
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stdout = Terminal()
    monkeypatch.setattr(sys, "stdout", stdout)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.delenv("NO_COLOR", raising=False)
    arguments = ("--events", "events.jsonl", "--maximum-retry-attempts", "0")
    with pytest.raises(SystemExit):
        cli(("run", f"{project.module}:{handler}", *arguments))
    assert "┃" in stdout.getvalue()
    assert f"{colour}{'all 3' if handler == 'handler' else '1 of 3'} records were handled" in stdout.getvalue()


def test_one_is_counted_in_the_singular(project: Project) -> None:
    project.recording(record(1))
    verdict = project.run("handler").stdout.splitlines()[-1]
    assert "all 1 records" not in verdict
    assert "1 invocations" not in verdict
    assert verdict.endswith("1 record was handled, in 1 invocation with 0 retries")
    assert project.run("failing", "--maximum-retry-attempts", "0").stdout.endswith(
        "\n0 of 1 record was handled: 1 discarded (seed 0)\n"
    )


def test_a_run_that_needed_a_retry_says_so(project: Project) -> None:
    project.app(
        """
        tries = []

        def handler(event, context):
            tries.append(1)
            if len(tries) == 1:
                raise ValueError("once")
        """
    )
    result = project.run("handler")
    assert result.exit_code == 0
    assert result.stdout.endswith("\nall 3 records were handled, in 2 invocations with 1 retry\n")


def test_a_retry_that_was_only_planned_is_not_counted(project: Project) -> None:
    result = project.run("failing", "--fail-fast")
    assert ", 1 invocations, 1 failed, 0 retries, " in result.stdout


def test_what_was_lost_and_what_was_not_reached_are_told_apart() -> None:
    summary = RunSummary(3)
    read, expired = lost("1")
    summary.note(read)
    summary.note(expired)
    assert plain_report(summary, "t").endswith("\n0 of 3 records were handled: 1 expired, 2 not reached (seed 0)")


def test_the_verdict_of_a_run_with_a_warning_does_not_say_that_all_were_handled(project: Project) -> None:
    verdict = project.run("poison", "--function-response-types", "").stdout.splitlines()[-1]
    assert "3 of 3 records were handled" not in verdict
    assert verdict == "Lambda takes all 3 records for handled, although not every one succeeded: see the warning"


def test_the_verdict_of_a_run_that_was_stopped_counts_all_of_the_recording(project: Project) -> None:
    verdict = project.run("poison", "--fail-fast", "--batch-size", "1").stdout.splitlines()[-1]
    assert "1 of 3 records" in verdict
    assert verdict == "1 of 3 records were handled: 2 not reached (seed 0)"


def test_the_json_is_indented_for_people_too(project: Project) -> None:
    text = project.run("handler", "--json").stdout
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


def handled(*numbers: str) -> InvocationFinished:
    return InvocationFinished(NOW, "one", "r", 1, "success", "why", None, None, (), len(numbers), numbers)


def verdict(*facts: Any) -> str:
    """Return the last line about a live run."""
    summary = RunSummary(0, live=True)
    for fact in facts:
        summary.note(fact)
    return plain_report(summary, "t").splitlines()[-1]


def test_what_a_live_run_read_and_did_not_come_to_is_left_for_the_next_time() -> None:
    read = RecordsRead(NOW, "one", ("1", "2", "3"))
    assert verdict(read, handled("1", "2")) == (
        "all 2 records were handled, in 0 invocations with 0 retries; 1 record read and left for the next time"
    )
    assert verdict(read, handled("1", "2", "3")) == "all 3 records were handled, in 0 invocations with 0 retries"
    expired = RecordsExpired(NOW, "one", ("1",), "too old")
    assert verdict(read, expired, handled("2")) == (
        "1 of 2 records were handled: 1 expired; 1 record read and left for the next time (seed 0)"
    )


def test_an_open_window_of_a_live_run_is_not_unfinished() -> None:
    opened = WindowOpened(NOW, "one", NOW, NOW, NOW)
    expired = RecordsExpired(NOW, "one", ("1",), "too old")
    read = RecordsRead(NOW, "one", ("1",))
    assert verdict(read, opened, expired) == "0 of 1 record was handled: 1 expired (seed 0)"


def test_records_that_nobody_could_read_are_told_at_the_end_of_a_live_run() -> None:
    read = RecordsRead(NOW, "one", ("1",))
    gone = SourceNoted(NOW, "one", "records behind 7 are gone unread", loses_records=True)
    summary = RunSummary(0, live=True)
    for fact in (read, handled("1"), gone):
        summary.note(fact)
    assert plain_report(summary, "t").splitlines()[-2:] == [
        "lost unread: one: records behind 7 are gone unread",
        "1 of 1 record was handled: others were lost unread (seed 0)",
    ]
