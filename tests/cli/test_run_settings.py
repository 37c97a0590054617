"""``streamkit run``: what the settings of a mapping do to a run, given as options."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.build import record
from tests.cli.project import Project

if TYPE_CHECKING:
    from pathlib import Path

START = 1767225600.0
QUEUE = json.dumps({"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:123456789012:failed"}})
BUCKET = json.dumps({"OnFailure": {"Destination": "arn:aws:s3:::failed"}})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, monkeypatch)


def spaced(project: Project, *seconds: float) -> None:
    """Record one item after the other, so many seconds after the start."""
    project.recording(*(record(n, ApproximateCreationDateTime=START + at) for n, at in enumerate(seconds, 1)))


def batches(facts: list[dict[str, Any]]) -> list[list[str]]:
    return [fact["sequence_numbers"] for fact in facts if fact["fact"] == "InvocationStarted"]


def times(facts: list[dict[str, Any]]) -> list[str]:
    return [fact["at"][11:19] for fact in facts if fact["fact"] == "InvocationStarted"]


def filtering(pattern: dict[str, Any]) -> tuple[str, str]:
    return "--filter-criteria", json.dumps({"Filters": [{"Pattern": json.dumps(pattern)}]})


def test_bisecting_halves_a_failed_batch(project: Project) -> None:
    options = ("--maximum-retry-attempts", "0", "--function-response-types", "")
    whole = project.journal("failing", *options)
    halved = project.journal("failing", *options, "--bisect-batch-on-function-error")
    not_halved = project.journal("failing", *options, "--no-bisect-batch-on-function-error")
    assert batches(whole) == batches(not_halved) == [["1", "2", "3"]]
    assert batches(halved) == [["1", "2", "3"], ["1"], ["2", "3"], ["2"], ["3"]]


def test_records_that_no_filter_takes_are_left_out_and_counted(project: Project) -> None:
    project.recording(record(1), record(2, "MODIFY"), record(3, "REMOVE"), record(4))
    options = filtering({"eventName": ["INSERT"]})
    result = project.run("plain", *options)
    assert result.exit_code == 0
    assert "batch of 2\n" in result.stdout
    assert "4 read, 2 filtered, 2 handled" in result.stdout
    assert result.stdout.endswith("all 2 records were handled, in 1 invocation with 0 retries; 2 filtered out\n")
    report = project.report("plain", *options)
    assert report["ok"]
    assert report["metrics"]["FilteredOutEventCount"] == report["total"]["filtered"] == 2
    assert next(iter(report["shards"].values()))["checkpoint"] == "4"


def test_a_filter_that_takes_nothing_leaves_nothing_to_do(project: Project) -> None:
    result = project.run("plain", *filtering({"eventName": ["REMOVE"]}))
    assert result.exit_code == 0
    assert "0 records were handled, in 0 invocations with 0 retries; 3 filtered out" in result.stdout


def test_a_filter_that_lambda_would_refuse_is_refused(project: Project) -> None:
    criteria = '{"Filters": [{"Pattern": "{"}]}'
    message = project.refusal(
        "run", f"{project.module}:plain", "--events", "events.jsonl", "--filter-criteria", criteria
    )
    assert "--filter-criteria: " in message


def test_a_batching_window_gathers_records(project: Project) -> None:
    spaced(project, 0, 1, 2, 9, 30)
    facts = project.journal("plain", "--maximum-batching-window-in-seconds", "10")
    assert batches(facts) == [["1", "2", "3", "4"], ["5"]]
    assert times(facts) == ["00:00:10", "00:00:30"]


def test_a_full_batch_does_not_wait_for_its_window(project: Project) -> None:
    spaced(project, 0, 1, 2)
    facts = project.journal("plain", "--maximum-batching-window-in-seconds", "100", "--batch-size", "2")
    assert batches(facts) == [["1", "2"], ["3"]]
    assert times(facts) == ["00:00:01", "00:01:41"]


def test_records_that_are_too_old_are_given_up(project: Project) -> None:
    spaced(project, 0, 100, 200)
    options = ("--backlog", "--maximum-record-age-in-seconds", "150", "--destination-config", QUEUE)
    result = project.run("plain", *options)
    assert result.exit_code == 1
    assert "2 of 3 records were handled: 1 discarded" in result.stdout
    assert "discarded: older than MaximumRecordAgeInSeconds; last cause: never delivered" in result.stdout
    (discarded,) = project.report("plain", *options)["discarded"]
    assert "responseContext" not in discarded


def test_the_event_is_in_the_record_for_a_bucket_and_its_object_is_named_in_the_journal(project: Project) -> None:
    options = ("--maximum-retry-attempts", "0", "--destination-config", BUCKET, "--batch-size", "3")
    (discarded,) = project.report("failing", *options)["discarded"]
    assert len(json.loads(discarded["payload"])["Records"]) == 3
    (fact,) = (fact for fact in project.journal("failing", *options) if fact["fact"] == "RecordsDiscarded")
    assert fact["delivered"] is True
    assert fact["object_key"].startswith("aws/lambda/")
    assert "/2026/01/01/2026-01-01T00.00.00-" in fact["object_key"]


def test_a_mappings_own_uuid_names_the_object(project: Project) -> None:
    uuid = "14e0db71-5d35-4eb5-b481-8945cf9d10c2"
    project.write("mapping.json", {"UUID": uuid, "MaximumRetryAttempts": 0, "DestinationConfig": json.loads(BUCKET)})
    facts = project.journal("failing", "--mapping", "mapping.json")
    (fact,) = (fact for fact in facts if fact["fact"] == "RecordsDiscarded")
    assert fact["object_key"].startswith(f"aws/lambda/{uuid}/shardId-")


def test_several_lanes_keep_each_item_in_order(project: Project) -> None:
    project.recording(*(record(n, key=n % 4) for n in range(1, 25)))
    facts = project.journal("plain", "--parallelization-factor", "4", "--batch-size", "1", "--duration", "1")
    lanes = {fact["lane"] for fact in facts if fact["fact"] == "InvocationStarted"}
    assert 1 < len(lanes) <= 4
    delivered = [int(number) for batch in batches(facts) for number in batch]
    assert sorted(delivered) == list(range(1, 25))
    for item in range(4):
        mine = [number for number in delivered if number % 4 == item]
        assert mine == sorted(mine)
    assert times(facts)[1] == times(facts)[0]


def test_a_lane_that_is_held_up_lets_the_others_go_on(project: Project) -> None:
    report = project.report("poison", "--parallelization-factor", "10", "--maximum-retry-attempts", "1")
    assert (report["total"]["handled"], report["total"]["discarded"]) == (2, 1)


@pytest.mark.parametrize("options", [("--no-enabled",), ("--mapping", "mapping.json")])
def test_a_disabled_mapping_delivers_nothing_and_says_so(project: Project, options: tuple[str, ...]) -> None:
    project.write("mapping.json", {"State": "Disabled"})
    result = project.run("plain", *options)
    assert result.exit_code == 1
    assert "note: the mapping is disabled (Enabled false): nothing is delivered; --enabled changes that" in (
        result.stderr
    )
    assert "batch of" not in result.stdout
    assert "0 of 3 records were handled: 3 not reached" in result.stdout


def test_a_mapping_that_is_disabled_on_aws_can_be_tried_out(project: Project) -> None:
    project.write("mapping.json", {"State": "Disabled", "BatchSize": 2})
    result = project.run("plain", "--mapping", "mapping.json", "--enabled")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert "all 3 records were handled, in 2 invocations" in result.stdout


def test_a_response_with_wrong_keys_is_warned_of(project: Project) -> None:
    project.app('def handler(event, context): return {"BatchItemFailures": []}')
    options = ("--function-response-types", "ReportBatchItemFailures", "--maximum-retry-attempts", "1")
    result = project.run("handler", *options)
    assert result.exit_code == 1
    assert result.stderr.count("warning: the response has a wrong key: the key is 'batchItemFailures', not") == 1
    assert "warning (2 times): the response has a wrong key" in result.stdout
    assert len(project.report("handler", *options)["warnings"]) == 1


def test_a_wrong_key_that_only_cost_a_retry_is_not_said_to_have_lost_records(project: Project) -> None:
    project.app("""
        answers = [{"BatchItemFailures": []}]
        def handler(event, context): return answers.pop() if answers else None
    """)
    result = project.run("handler", "--function-response-types", "ReportBatchItemFailures")
    assert "3 handled, 2 invocations, 1 failed" in result.stdout
    assert "not every one succeeded" not in result.stdout


def test_what_is_given_up_goes_where_on_failure_says(project: Project) -> None:
    result = project.run("failing", "--maximum-retry-attempts", "0", "--on-failure", "failures")
    assert result.exit_code == 1
    (file,) = (project.folder / "failures").iterdir()
    document = json.loads(file.read_text())
    assert document["DDBStreamBatchInfo"]["batchSize"] == 3
    assert len(json.loads(document["payload"])["Records"]) == 3


def test_a_destination_that_is_none_is_told_before_anything_runs(project: Project) -> None:
    result = project.run("failing", "--on-failure", "s3://failed")
    assert (result.exit_code, "--on-failure" in result.stderr) == (2, True)
