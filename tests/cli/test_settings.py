"""The settings of a mapping as options: every one is there, takes effect or is refused."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.cli.run import run as run_command
from streamkit.mapping import EventSourceMapping
from streamkit.settings import INTEGERS, READ_ONLY, MappingOptions
from tests.build import STREAM_ARN, record
from tests.cli.project import Project

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = sorted({*MappingOptions.__annotations__, *INTEGERS, "function_response_types"})
"""Under Python's names, from the settings themselves: a new one makes these tests ask for its option."""

QUEUE = {"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:123456789012:failed"}}
FILTERS = {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]}

HONOURED: dict[str, tuple[list[str], Any]] = {
    "batch_size": (["7"], 7),
    "bisect_batch_on_function_error": ([], True),
    "destination_config": ([json.dumps(QUEUE)], QUEUE),
    "enabled": ([], True),
    "event_source_arn": ([STREAM_ARN], STREAM_ARN),
    "filter_criteria": ([json.dumps(FILTERS)], FILTERS),
    "function_name": (["orders"], "orders"),
    "function_response_types": (["ReportBatchItemFailures"], ["ReportBatchItemFailures"]),
    "kms_key_arn": (["arn:aws:kms:eu-west-1:123456789012:key/1"], "arn:aws:kms:eu-west-1:123456789012:key/1"),
    "maximum_batching_window_in_seconds": (["1"], 1),
    "maximum_record_age_in_seconds": (["60"], 60),
    "maximum_retry_attempts": (["3"], 3),
    "metrics_config": (['{"Metrics": ["EventCount"]}'], {"Metrics": ["EventCount"]}),
    "parallelization_factor": (["2"], 2),
    "starting_position": (["TRIM_HORIZON"], "TRIM_HORIZON"),
    "tags": (['{"team": "orders"}'], {"team": "orders"}),
    "tumbling_window_in_seconds": (["0"], 0),
}
"""What is written behind the option, and what the mapping then holds."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, monkeypatch)


def refusal(project: Project, *options: str) -> str:
    return project.refusal("run", f"{project.module}:handler", "--events", "events.jsonl", *options)


def aws_name(setting: str) -> str:
    return str(EventSourceMapping.model_fields[setting].alias)


def kebab(name: str) -> str:
    """Return AWS's name in kebab case: ``KMSKeyArn`` is ``--kms-key-arn``."""
    return "--" + re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def test_the_tables_of_these_tests_cover_every_setting() -> None:
    assert sorted(HONOURED) == SETTINGS
    assert sorted(set(EventSourceMapping.model_fields) - set(READ_ONLY.values())) == SETTINGS


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_is_an_option_under_awss_name_in_kebab_case(setting: str) -> None:
    options = [option for parameter in run_command.params for option in parameter.opts]
    assert kebab(aws_name(setting)) in options


@pytest.mark.parametrize("setting", READ_ONLY.values())
def test_what_aws_only_answers_is_no_option(setting: str) -> None:
    assert setting not in {parameter.name for parameter in run_command.params}


@pytest.mark.parametrize("setting", INTEGERS)
def test_the_help_of_a_number_says_its_range_and_default(project: Project, setting: str) -> None:
    words = " ".join(project.call("run", "--help").stdout.split())
    one = INTEGERS[setting]
    assert f"{kebab(one.aws_name)} N {one.means}: {one.low} to {one.high}, Lambda's default {one.default}" in words


@pytest.mark.parametrize("setting", HONOURED)
def test_an_option_arrives_in_the_mapping(project: Project, setting: str) -> None:
    given, held = HONOURED[setting]
    assert project.report("plain", kebab(aws_name(setting)), *given)["mapping"][aws_name(setting)] == held


@pytest.mark.parametrize("flag", ["--enabled", "--no-bisect-batch-on-function-error"])
def test_a_flag_may_be_given_at_its_default(project: Project, flag: str) -> None:
    assert project.run("handler", flag).exit_code == 0


def test_without_options_a_plain_handler_runs_with_lambdas_defaults(project: Project) -> None:
    assert project.report("plain")["mapping"] == EventSourceMapping().to_aws()


def test_a_tumbling_window_is_honoured(project: Project) -> None:
    project.app('def windowed(event, context): return {"state": {"seen": len(event["Records"])}}')
    report = project.report("windowed", "--tumbling-window-in-seconds", "30")
    assert report["mapping"]["TumblingWindowInSeconds"] == 30
    assert report["windows"]["open"] == []
    assert sum(report["windows"]["closed"].values()) > 0


def test_an_option_can_turn_off_what_the_file_turns_on(project: Project) -> None:
    project.write("mapping.json", {"TumblingWindowInSeconds": 30})
    options = ("--tumbling-window-in-seconds", "0")
    assert project.report("plain", "--mapping", "mapping.json", *options)["windows"] == {"closed": {}, "open": []}


@pytest.mark.parametrize("size", [1, 2, 3])
def test_batch_size_is_how_many_records_an_invocation_gets(project: Project, size: int) -> None:
    facts = project.journal("handler", "--batch-size", str(size))
    started = [len(fact["sequence_numbers"]) for fact in facts if fact["fact"] == "InvocationStarted"]
    assert started == {1: [1, 1, 1], 2: [2, 1], 3: [3]}[size]


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_maximum_retry_attempts_is_how_often_a_failure_is_tried_again(project: Project, retries: int) -> None:
    report = project.report("failing", "--maximum-retry-attempts", str(retries))
    assert report["total"] | {"invocations": retries + 1, "retries": retries, "discarded": 3} == report["total"]
    assert report["discarded"][0]["requestContext"]["approximateInvokeCount"] == retries + 1


def test_maximum_retry_attempts_of_minus_1_is_without_end(project: Project) -> None:
    project.write("mapping.json", {"MaximumRetryAttempts": 0})
    report = project.report("failing", "--mapping", "mapping.json", "--maximum-retry-attempts", "-1")
    assert (report["total"]["discarded"], report["total"]["expired"]) == (0, 3)


def test_function_response_types_makes_a_plain_handlers_report_count(project: Project) -> None:
    project.app('def handler(event, context): return {"batchItemFailures": [{"itemIdentifier": "3"}]}')
    options = ("handler", "--maximum-retry-attempts", "0")
    assert project.run(*options).exit_code == 1, "the report is not read, which is warned of"
    report = project.report(*options, "--function-response-types", "ReportBatchItemFailures")
    assert (report["total"]["handled"], report["total"]["discarded"], report["warnings"]) == (2, 1, [])


def test_function_response_types_can_be_taken_from_a_streamkit_handler(project: Project) -> None:
    result = project.run("poison", "--function-response-types", "")
    assert result.exit_code == 1
    assert result.stderr.count("the mapping lacks ReportBatchItemFailures") == 1


@pytest.mark.parametrize(
    ("name", "arn"),
    [
        ("orders", "arn:aws:lambda:eu-west-1:123456789012:function:orders"),
        ("arn:aws:lambda:us-east-1:1:function:orders:7", "arn:aws:lambda:us-east-1:1:function:orders:7"),
    ],
)
def test_function_name_is_in_the_on_failure_record(project: Project, name: str, arn: str) -> None:
    report = project.report("failing", "--maximum-retry-attempts", "0", "--function-name", name)
    assert [one["requestContext"]["functionArn"] for one in report["discarded"]] == [arn]


def test_a_destination_makes_discarded_records_delivered_and_not_dropped(project: Project) -> None:
    options = ("failing", "--maximum-retry-attempts", "0")
    names = ("DroppedEventCount", "OnFailureDestinationDeliveredEventCount")
    without = project.report(*options)["metrics"]
    with_one = project.report(*options, "--destination-config", json.dumps(QUEUE))["metrics"]
    assert [[metrics[name] for name in names] for metrics in (without, with_one)] == [[3, 0], [0, 3]]


def test_an_s3_destinations_record_carries_the_payload(project: Project) -> None:
    bucket = '{"OnFailure": {"Destination": "arn:aws:s3:::failed"}}'
    report = project.report("failing", "--maximum-retry-attempts", "0", "--destination-config", bucket)
    payload = json.loads(report["discarded"][0]["payload"])
    assert [one["dynamodb"]["SequenceNumber"] for one in payload["Records"]] == ["1", "2", "3"]


def test_an_option_beats_the_file_and_the_file_beats_the_handlers_own(project: Project) -> None:
    project.app(
        """
        from streamkit import Change, stream_handler

        @stream_handler(batch_size=1, maximum_retry_attempts=5)
        def handler(change: Change) -> None: ...
        """
    )
    project.recording(*(record(number) for number in range(1, 7)))
    project.write("mapping.json", {"BatchSize": 2, "FunctionResponseTypes": ["ReportBatchItemFailures"]})
    file = ("--mapping", "mapping.json")
    reports = [
        project.report("handler"),
        project.report("handler", *file),
        project.report("handler", *file, "--batch-size", "3"),
        project.report("handler", "--batch-size", "6"),
    ]
    assert [report["total"]["invocations"] for report in reports] == [6, 3, 2, 1]
    # The file is the mapping as deployed: what it does not say is AWS's default, not the handler's wish.
    assert [report["mapping"]["MaximumRetryAttempts"] for report in reports] == [5, -1, -1, 5]


def test_a_mapping_without_report_batch_item_failures_makes_reported_failures_a_warning(project: Project) -> None:
    project.write("mapping.json", {"BatchSize": 1})
    result = project.run("poison", "--mapping", "mapping.json")
    assert result.exit_code == 1
    for stream in (result.stdout, result.stderr):
        assert stream.count("lacks ReportBatchItemFailures: Lambda does not read the report") == 1
    assert project.report("poison", "--mapping", "mapping.json")["warnings"]


def test_without_a_reported_failure_there_is_no_such_warning(project: Project) -> None:
    project.write("mapping.json", {"BatchSize": 1})
    result = project.run("handler", "--mapping", "mapping.json")
    assert (result.exit_code, result.stderr) == (0, "")


def test_backlog_and_latest_together_are_refused(project: Project) -> None:
    message = refusal(project, "--backlog", "--starting-position", "LATEST")
    assert message.endswith(
        "Error: --backlog with a mapping that starts at LATEST would read nothing: leave --backlog out, "
        "or add --starting-position TRIM_HORIZON\n"
    )


def test_backlog_and_a_latest_from_the_file_are_refused_and_an_option_helps(project: Project) -> None:
    project.write("mapping.json", {"StartingPosition": "LATEST"})
    options = ("--backlog", "--mapping", "mapping.json")
    assert "LATEST would read nothing" in refusal(project, *options)
    assert project.run("plain", *options, "--starting-position", "TRIM_HORIZON").exit_code == 0
