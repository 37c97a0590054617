"""`streamkit run` with tumbling windows: what is shown of them, and when their loss fails the run."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from streamkit.cli.report import plain_report, table_report
from streamkit.local.journal import InvocationFinished, InvocationStarted, RecordsRead, WindowClosed, WindowOpened
from streamkit.local.summary import RunSummary
from streamkit.local.window import CAUSES
from tests.build import record
from tests.cli.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from streamkit.local import Fact
    from streamkit.local.journal import OutcomeName

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SHARD = "shardId-00000000000000000000-00000000"
WINDOW = ("--tumbling-window-in-seconds", "10")

APP = """
def tally(event, context):
    if event["isFinalInvokeForWindow"]:
        print("result", event["state"], event["window"]["start"])
    return {"state": {"n": event["state"].get("n", 0) + len(event["Records"])}}

def failing_final(event, context):
    if event["isFinalInvokeForWindow"]:
        raise ValueError("no table for results")
    return tally(event, context)

def stateless(event, context):
    return None
"""


def at(number: int, seconds: float) -> dict[str, object]:
    return record(number, ApproximateCreationDateTime=1767225600.0 + seconds)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project(tmp_path, monkeypatch)
    project.app(APP)
    project.recording(at(1, 0), at(2, 4), at(3, 12))
    return project


def test_each_window_has_its_result_and_the_summary_counts_why_they_closed(project: Project) -> None:
    result = project.run("tally", *WINDOW)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "result {'n': 2} 2026-01-01T00:00:00Z",
        "result {'n': 1} 2026-01-01T00:00:10Z",
        f"{project.module}:tally",
        f"{SHARD}: 3 read, 3 handled, 5 invocations, 0 failed, 0 retries, 0 discarded, 0 expired; checkpoint 3",
        f"2 windows: 2 closed (1 since {CAUSES['later record']}, 1 since {CAUSES['no later record']}), 0 open",
        "all 3 records were handled, in 5 invocations with 0 retries",
    ]


def test_a_run_without_windows_says_nothing_of_them(project: Project) -> None:
    project.app("def handler(event, context): ...")
    assert "window" not in project.run("handler").stdout
    assert project.report("handler")["windows"] == {"closed": {}, "open": []}


def test_the_report_in_json_counts_windows_by_cause(project: Project) -> None:
    report = project.report("tally", *WINDOW)
    assert report["windows"] == {"closed": {"later record": 1, "no later record": 1}, "open": []}
    assert report["mapping"]["TumblingWindowInSeconds"] == 10


def test_a_final_invocation_that_is_discarded_is_a_loss(project: Project) -> None:
    result = project.run("failing_final", *WINDOW, "--maximum-retry-attempts", "1")
    assert result.exit_code == 1
    loss = "discarded after 2 attempts; last cause: ValueError: no table for results"
    assert result.stdout.splitlines()[-3:] == [
        f"lost: the result of window 2026-01-01T00:00:00Z to 2026-01-01T00:00:10Z, {loss}",
        f"lost: the result of window 2026-01-01T00:00:10Z to 2026-01-01T00:00:20Z, {loss}",
        "3 of 3 records were handled: the result of 2 windows lost (seed 0)",
    ]
    assert result.stderr.splitlines() == [
        "the final invocation of a window failed: ValueError: no table for results",
        "discarded the final invocation of a window after 2 attempts",
        "discarded the final invocation of a window after 2 attempts",
    ]


def test_a_lost_result_is_in_the_json_with_its_on_failure_record(project: Project) -> None:
    report = project.report("failing_final", *WINDOW, "--maximum-retry-attempts", "0")
    assert report["ok"] is False
    assert [loss["sequence_numbers"] for loss in report["losses"]] == [[], []]
    assert report["total"]["discarded"] == 0
    assert [one["timeWindowInfo"]["window"]["start"] for one in report["discarded"]] == [
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:10Z",
    ]


def test_a_final_invocation_that_was_too_old_to_be_tried_again_is_a_loss_too(project: Project) -> None:
    options = (*WINDOW, "--maximum-record-age-in-seconds", "60")
    result = project.run("failing_final", *options)
    assert result.exit_code == 1
    assert (
        "lost: the result of window 2026-01-01T00:00:00Z to 2026-01-01T00:00:10Z, discarded: older than "
        "MaximumRecordAgeInSeconds; last cause: ValueError: no table for results"
    ) in result.stdout.splitlines()
    assert "discarded the final invocation of a window: older than MaximumRecordAgeInSeconds" in result.stderr


def test_a_final_invocation_that_failed_for_24_hours_is_a_loss_without_an_on_failure_record(project: Project) -> None:
    project.recording(at(1, 0))
    report = project.report("failing_final", *WINDOW)
    assert report["discarded"] == []
    assert report["losses"] == [
        {
            "shard_id": SHARD,
            "sequence_numbers": [],
            "what": "the result of window 2026-01-01T00:00:00Z to 2026-01-01T00:00:10Z, tried for 24 hours",
            "cause": "ValueError: no table for results",
        }
    ]
    assert report["ok"] is False


def test_a_run_that_stops_at_a_failing_final_invocation_says_which_window_is_not_finished(project: Project) -> None:
    result = project.run("failing_final", *WINDOW, "--fail-fast")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[2] == "1 window: 0 closed, 1 open"
    assert lines[3].startswith(f"window 2026-01-01T00:00:00Z to 2026-01-01T00:00:10Z of {SHARD}: 2 records in 3 invoc")
    assert "open, waits for: its final invocation failed and is tried again at 2026-01-01T00:00:12Z" in lines[3]
    assert lines[-1] == "2 of 3 records were handled: 1 not reached, 1 window not finished (seed 0)"
    report = project.report("failing_final", *WINDOW, "--fail-fast")
    (window,) = report["windows"]["open"]
    assert window.pop("waits_for").startswith("its final invocation failed and is tried again at")
    assert window == {
        "shard_id": SHARD,
        "start": "2026-01-01T00:00:00Z",
        "end": "2026-01-01T00:00:10Z",
        "records": 2,
        "invocations": 3,
    }


def test_a_function_that_returns_no_state_is_told_the_rule(project: Project) -> None:
    result = project.run("stateless", *WINDOW, "--maximum-retry-attempts", "0")
    assert result.exit_code == 1
    assert "has no state, and a window's function must return one" in result.stderr


def test_the_delay_after_which_a_window_closes_is_an_option(project: Project) -> None:
    def closings(*options: str) -> list[str]:
        facts = project.journal("tally", *WINDOW, *options)
        return [fact["at"][11:19] for fact in facts if fact["fact"] == "WindowClosed"]

    assert closings() == ["00:00:12", "00:02:20"]
    assert closings("--window-close-delay", "0") == ["00:00:10", "00:00:20"]
    assert closings("--window-close-delay", "1.5") == ["00:00:11", "00:00:21"]


@pytest.mark.parametrize("delay", ["-1", "86401", "nan"])
def test_a_delay_that_makes_no_sense_is_refused_with_the_options_name(project: Project, delay: str) -> None:
    refusal = project.refusal(
        "run", f"{project.module}:tally", "--events", "events.jsonl", *WINDOW, f"--window-close-delay={delay}"
    )
    assert "--window-close-delay takes seconds from 0 to 86400, not" in refusal


def test_a_backlog_has_the_same_windows(project: Project) -> None:
    result = project.run("tally", *WINDOW, "--backlog")
    assert result.stdout.splitlines()[:2] == [
        "result {'n': 2} 2026-01-01T00:00:00Z",
        "result {'n': 1} 2026-01-01T00:00:10Z",
    ]


def test_a_run_with_a_checkpoint_goes_on_with_its_open_window_and_counts_it(project: Project) -> None:
    project.app(
        """
        import pathlib

        def tally(event, context):
            if event["Records"] and event["Records"][0]["dynamodb"]["SequenceNumber"] == "2":
                if not pathlib.Path("there").exists():
                    pathlib.Path("there").touch()
                    raise KeyboardInterrupt
            if event["isFinalInvokeForWindow"]:
                print("result", event["state"])
            return {"state": {"n": event["state"].get("n", 0) + len(event["Records"])}}
        """
    )
    options = (*WINDOW, "--batch-size", "1", "--checkpoint", "c.db")
    assert project.run("tally", *options).exit_code != 0
    result = project.run("tally", *options)
    assert result.stdout.splitlines()[:2] == ["result {'n': 2}", "result {'n': 1}"]
    assert "2 windows: 2 closed" in result.stdout
    assert result.exit_code == 0


# The report by itself


def opened(shard: str = "one", start: int = 0) -> WindowOpened:
    bounds = NOW + timedelta(seconds=start), NOW + timedelta(seconds=start + 10)
    return WindowOpened(NOW, shard, *bounds, NOW + timedelta(seconds=130))


def closed(shard: str = "one", start: int = 0) -> WindowClosed:
    bounds = NOW + timedelta(seconds=start), NOW + timedelta(seconds=start + 10)
    return WindowClosed(NOW, shard, *bounds, "shard end", "processed")


def summary_of(*facts: Fact) -> RunSummary:
    summary = RunSummary(sum(len(fact.sequence_numbers) for fact in facts if isinstance(fact, RecordsRead)))
    for fact in facts:
        summary.note(fact)
    return summary


def test_the_table_has_the_windows_below_it() -> None:
    console = Console(file=io.StringIO(), width=400)
    with console.capture() as capture:
        console.print(table_report(summary_of(opened(), closed(), opened("two")), "app:handler"))
    lines = [line.strip() for line in capture.get().splitlines()]
    assert "2 windows: 1 closed (1 since its shard ended), 1 open" in lines
    assert any(
        line.startswith("window 2026-01-01T00:00:00Z to 2026-01-01T00:00:10Z of two: 0 records") for line in lines
    )
    assert lines[-1] == "0 of 0 records were handled: 1 window not finished (seed 0)"


def test_only_open_windows_are_counted_without_causes() -> None:
    assert "1 window: 0 closed, 1 open" in plain_report(summary_of(opened()), "t").splitlines()


def test_a_run_with_an_open_window_is_not_ok_until_it_is_closed() -> None:
    assert not summary_of(opened()).ok
    assert summary_of(opened(), closed()).ok


def test_a_failure_that_a_final_invocation_overcame_is_no_cause_of_a_later_loss() -> None:
    def finished(error: Exception | None) -> InvocationFinished:
        outcome: OutcomeName = "success" if error is None else "failure"
        return InvocationFinished(NOW, "one", "r", 1, outcome, "why", None, error, (), 0, ())

    def expired(start: int) -> WindowClosed:
        bounds = NOW + timedelta(seconds=start), NOW + timedelta(seconds=start + 10)
        return WindowClosed(NOW, "one", *bounds, "later record", "expired")

    started = InvocationStarted(NOW, "one", "r", 1, (), "why", b"{}", final="later record")
    once = finished(ValueError("once"))
    first: list[Fact] = [opened(), started, once, started, finished(None), closed()]
    summary = summary_of(*first, opened(start=10), expired(10))
    assert [loss.cause for loss in summary.losses] == ["never delivered"]
    again = summary_of(opened(), started, once, expired(0))
    assert [loss.cause for loss in again.losses] == ["ValueError: once"]


def test_the_journal_file_has_the_windows(project: Project) -> None:
    facts = project.journal("tally", *WINDOW)
    assert [fact["fact"] for fact in facts if fact["fact"].startswith("Window")] == [
        "WindowOpened",
        "WindowClosed",
        "WindowOpened",
        "WindowClosed",
    ]
    assert json.dumps([fact["final"] for fact in facts if fact["fact"] == "InvocationStarted"]) == json.dumps(
        [None, None, "later record", None, "no later record"]
    )
