"""``streamkit run`` as a whole."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.build import STREAM_ARN, record
from tests.cli.project import THREE, Project

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, monkeypatch)


def test_a_recording_whose_records_are_all_handled_exits_with_0(project: Project) -> None:
    result = project.run("handler")
    assert result.exit_code == 0
    assert "all 3 records were handled" in result.stdout
    assert result.stderr == ""


def test_a_record_that_is_given_up_exits_with_1(project: Project) -> None:
    result = project.run("poison", "--maximum-retry-attempts", "0")
    assert result.exit_code == 1
    assert "1 of 3 records were handled: 2 discarded" in result.stdout


def test_a_plain_lambda_handler_is_called_with_lambdas_event(project: Project) -> None:
    result = project.run("plain", "--batch-size", "2")
    assert result.exit_code == 0
    assert [line for line in result.stdout.splitlines() if "batch" in line] == ["batch of 2", "batch of 1"]


def test_a_plain_async_def_is_told_that_lambda_does_not_await_it(project: Project) -> None:
    project.app("async def handler(event, context): ...")
    result = project.run("handler", "--maximum-retry-attempts", "0")
    assert result.exit_code == 1
    assert "Lambda does not await a handler: decorate it with @stream_handler" in result.stderr


def test_a_handler_that_ends_its_process_fails_its_invocation_alone(project: Project) -> None:
    project.app("import sys\ndef handler(event, context): sys.exit(0)")
    result = project.run("handler", "--maximum-retry-attempts", "0")
    assert result.exit_code == 1
    assert "SystemExit: 0" in result.stderr
    assert "0 of 3 records were handled: 3 discarded" in result.stdout


@pytest.mark.parametrize("options", [(), ("--fail-fast",)])
def test_control_c_ends_the_run_with_1_and_no_summary(project: Project, options: tuple[str, ...]) -> None:
    project.app("def handler(event, context): raise KeyboardInterrupt")
    result = project.run("handler", *options)
    assert result.exit_code == 1
    assert "Aborted!" in result.stderr
    assert result.stdout == ""


def test_json_is_one_document_on_stdout_whatever_the_handler_prints(project: Project) -> None:
    result = project.run("handler", "--json")
    report = json.loads(result.stdout)
    assert (report["ok"], report["total"]["handled"]) == (True, 3)
    assert result.stderr.splitlines() == ["the module is imported", "handled 1", "handled 2", "handled 3"]


def test_json_says_what_was_lost_and_exits_with_1(project: Project) -> None:
    result = project.run("poison", "--json", "--maximum-retry-attempts", "0")
    report = json.loads(result.stdout)
    assert result.exit_code == 1
    assert not report["ok"]
    assert [loss["sequence_numbers"] for loss in report["losses"]] == [["2", "3"]]


def test_the_journal_is_one_fact_a_line_from_reading_to_checkpointing(project: Project) -> None:
    facts = project.journal("handler")
    names = ["RecordsRead", "InvocationStarted", "InvocationFinished", "Checkpointed"]
    assert [fact["fact"] for fact in facts] == names
    assert facts[0]["sequence_numbers"] == ["1", "2", "3"]
    assert facts[1]["event"] == {"Records": list(THREE)}


def test_the_journal_holds_the_exceptions_behind_failures(project: Project) -> None:
    facts = project.journal("poison", "--maximum-retry-attempts", "0")
    finished = [fact for fact in facts if fact["fact"] == "InvocationFinished"]
    assert finished[0]["failures"][0]["error"] == "ValueError: order 2 is bad"


def test_the_same_seed_writes_the_same_journal_to_the_byte(project: Project) -> None:
    options = ("--maximum-retry-attempts", "4", "--seed", "7")
    for name in ("first", "second"):
        project.run("poison", *options, "--journal", name)
    first = (project.folder / "first").read_bytes()
    assert first.count(b"RetryScheduled") == 4
    assert first == (project.folder / "second").read_bytes()


def test_another_seed_means_other_request_ids_and_other_waits(project: Project) -> None:
    runs = [project.journal("poison", "--maximum-retry-attempts", "1", "--seed", seed) for seed in ("0", "1")]
    for name in ("request_id", "retry_at"):
        of_runs = [{fact[name] for fact in facts if name in fact} for facts in runs]
        assert of_runs[0]
        assert not of_runs[0] & of_runs[1]


def test_the_seed_is_0_unless_it_is_given(project: Project) -> None:
    options = ("poison", "--maximum-retry-attempts", "0")
    assert project.report(*options) == project.report(*options, "--seed", "0")


def test_a_journal_that_cannot_be_written_is_refused_before_anything_runs(project: Project) -> None:
    message = project.refusal("run", f"{project.module}:handler", "--events", "events.jsonl", "--journal", "no/journal")
    assert message == "Error: --journal no/journal cannot be written: No such file or directory\n"


def test_a_refused_run_leaves_an_older_journal_alone(project: Project) -> None:
    project.write("journal", "of yesterday")
    project.refusal("run", f"{project.module}:handler", "--events", "nowhere", "--journal", "journal")
    assert (project.folder / "journal").read_text() == "of yesterday"


def test_a_journal_is_not_written_over_the_recording(project: Project) -> None:
    before = (project.folder / "events.jsonl").read_bytes()
    result = project.run("handler", "--journal", "events.jsonl")
    assert (project.folder / "events.jsonl").read_bytes() == before
    assert result.exit_code == 2


def test_fail_fast_shows_the_traceback_of_the_users_function_and_stops(project: Project) -> None:
    result = project.run("poison", "--fail-fast")
    assert result.exit_code == 1
    assert f'{project.module}.py", line 14, in poison' in result.stderr
    assert "\nValueError: order 2 is bad\nin a run with seed 0: " in result.stderr
    assert "1 of 3 records were handled" in result.stdout


def test_fail_fast_of_a_plain_handler_stops_at_its_first_invocation(project: Project) -> None:
    result = project.run("failing", "--fail-fast", "--batch-size", "1")
    assert result.exit_code == 1
    assert "1 invocations" in result.stdout
    assert "Traceback" in result.stderr
    assert "in failing" in result.stderr


def test_fail_fast_says_why_where_there_is_no_exception_to_show(project: Project) -> None:
    project.app('def handler(event, context): return {"batchItemFailures": [{"itemIdentifier": "nobody"}]}')
    result = project.run("handler", "--fail-fast", "--function-response-types", "ReportBatchItemFailures")
    assert result.exit_code == 1
    assert "{'itemIdentifier': 'nobody'} names no record of the batch" in result.stderr


def test_fail_fast_changes_nothing_where_nothing_fails(project: Project) -> None:
    plain, fast = project.run("handler"), project.run("handler", "--fail-fast")
    assert (fast.exit_code, fast.stdout.splitlines()[-3:]) == (0, plain.stdout.splitlines()[-3:])


def spread(days: float) -> list[dict[str, Any]]:
    start = THREE[0]["dynamodb"]["ApproximateCreationDateTime"]
    return [record(n + 1, ApproximateCreationDateTime=start + n * days * 86_400 / 2) for n in range(3)]


def test_a_recording_replays_at_its_own_times(project: Project) -> None:
    project.recording(*spread(days=2))
    starts = [fact for fact in project.journal("handler") if fact["fact"] == "InvocationStarted"]
    assert [fact["sequence_numbers"] for fact in starts] == [["1"], ["2"], ["3"]]
    assert [fact["at"][:10] for fact in starts] == ["2026-01-01", "2026-01-02", "2026-01-03"]


def test_backlog_starts_the_clock_after_the_last_record(project: Project) -> None:
    project.recording(*spread(days=0.5))
    facts = project.journal("handler", "--backlog")
    starts = [fact for fact in facts if fact["fact"] == "InvocationStarted"]
    assert [fact["sequence_numbers"] for fact in starts] == [["1", "2", "3"]]
    assert starts[0]["at"].startswith("2026-01-01T12:00:00")


def test_a_backlog_of_more_than_a_day_has_lost_its_oldest_records(project: Project) -> None:
    project.recording(*spread(days=3))
    result = project.run("handler", "--backlog")
    assert result.exit_code == 1
    assert "1 of 3 records were handled: 2 expired" in result.stdout
    assert "never delivered" in result.stdout


def test_a_backlog_of_undated_records_is_just_read(project: Project) -> None:
    project.recording(record(1, ApproximateCreationDateTime=None))
    assert project.run("handler", "--backlog").exit_code == 0


def test_a_record_that_always_fails_is_retried_until_the_stream_drops_it_after_24_hours(project: Project) -> None:
    facts = project.journal("poison")
    times = {fact["fact"]: datetime.fromisoformat(fact["at"]) for fact in facts}
    created = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    assert timedelta(hours=24) < times["RecordsExpired"] - created < timedelta(hours=24, minutes=2)
    assert not [fact for fact in facts if fact["fact"] == "RecordsDiscarded"]


def test_streamkits_own_log_is_quiet_during_a_run_and_as_before_after_it(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("streamkit")
    before = logger.propagate, logger.handlers[:]
    project.run("poison", "--maximum-retry-attempts", "3")
    assert not caplog.records
    assert (logger.propagate, logger.handlers) == before


OTHER_ARN = STREAM_ARN.replace("table/orders", "table/customers")
OF_ANOTHER = f"note: the mapping is for {OTHER_ARN}, the recording is of {STREAM_ARN}\n"


def test_a_mapping_of_another_stream_is_noted_and_the_run_goes_on(project: Project) -> None:
    result = project.run("handler", "--event-source-arn", OTHER_ARN)
    assert (result.exit_code, result.stderr) == (0, OF_ANOTHER)
    project.write("mapping.json", {"EventSourceArn": OTHER_ARN})
    assert project.run("plain", "--mapping", "mapping.json").stderr == OF_ANOTHER


def test_a_mapping_of_the_recordings_stream_needs_no_note(project: Project) -> None:
    assert project.run("handler", "--event-source-arn", STREAM_ARN).stderr == ""


def test_notes_stay_out_of_the_json_and_each_has_its_line(project: Project) -> None:
    project.recording(record(2), record(1))
    result = project.run("plain", "--json", "--event-source-arn", OTHER_ARN)
    assert json.loads(result.stdout)["ok"]
    assert f"note: 2 records were not in the order of their numbers; they are sorted\n{OF_ANOTHER}" in result.stderr


def test_a_recording_that_does_not_name_its_stream_is_not_said_to_be_of_another(project: Project) -> None:
    nameless = record(1)
    del nameless["eventSourceARN"]
    project.recording(nameless)
    assert "table/recording" not in project.run("plain", "--event-source-arn", STREAM_ARN).stderr
