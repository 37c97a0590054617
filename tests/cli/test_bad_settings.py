"""Settings that Lambda would refuse, on the command line and in a ``--mapping`` file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.settings import INTEGERS, NOT_FOR_DYNAMODB
from tests.cli.project import Project

if TYPE_CHECKING:
    from pathlib import Path

OUTSIDE = [(name, value) for name, one in INTEGERS.items() for value in (one.low - 1, one.high + 1)]
JSON_OPTIONS = ("--destination-config", "--filter-criteria", "--metrics-config", "--tags")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, monkeypatch)


def refusal(project: Project, *options: str) -> str:
    return project.refusal("run", f"{project.module}:handler", "--events", "events.jsonl", *options)


def of_file(project: Project, content: object) -> str:
    """Return what is said of a ``--mapping`` file with this content."""
    project.write("mapping.json", content)
    return refusal(project, "--mapping", "mapping.json").removeprefix("Error: --mapping mapping.json")


@pytest.mark.parametrize(("name", "value"), OUTSIDE)
def test_a_number_out_of_range_is_refused_by_its_option_with_the_range(project: Project, name: str, value: int) -> None:
    one, option = INTEGERS[name], f"--{name.replace('_', '-')}"
    message = refusal(project, option, str(value))
    assert message == f"Error: {option}: {one.aws_name} takes {one.allowed()} (default {one.default}), not {value}\n"


@pytest.mark.parametrize(("name", "value"), OUTSIDE)
def test_a_number_out_of_range_is_refused_in_the_file_with_the_range(project: Project, name: str, value: int) -> None:
    one = INTEGERS[name]
    message = of_file(project, {one.aws_name: value})
    assert message.startswith(f": {one.aws_name}: ")
    assert f"{one.aws_name} takes {one.allowed()} (default {one.default}), not {value}\n" in message


def test_a_record_age_between_never_and_a_minute_is_refused(project: Project) -> None:
    message = refusal(project, "--maximum-record-age-in-seconds", "59")
    assert message.startswith("Error: --maximum-record-age-in-seconds: ")
    assert "either -1 (forever) or between 60 and 604800 (inclusive), not 59" in message


@pytest.mark.parametrize("option", [f"--{name.replace('_', '-')}" for name in INTEGERS])
def test_a_number_that_is_none_is_refused(project: Project, option: str) -> None:
    assert f"Invalid value for '{option}': 'many' is not a valid integer" in refusal(project, option, "many")


@pytest.mark.parametrize("option", JSON_OPTIONS)
def test_an_option_that_takes_json_shows_what_it_expects(project: Project, option: str) -> None:
    message = refusal(project, option, "{oops")
    assert message.startswith(f"Error: {option} '{{oops' is not JSON (")
    assert ": expected AWS JSON, " in message


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--destination-config", '{"OnFailure": {"Destination": "queue"}}', "the ARN of a standard SQS queue"),
        ("--destination-config", '{"OnSuccess": {"Destination": "arn:aws:sqs:x"}}', "use OnFailure"),
        ("--destination-config", '{"onFailure": {}}', "no member 'onFailure': it takes OnFailure"),
        ("--destination-config", "[1]", "takes an object with OnFailure"),
        ("--filter-criteria", '{"Filters": [{"Pattern": "nope"}]}', "'nope' is not JSON"),
        ("--metrics-config", '{"Metrics": ["All"]}', '{"Metrics": ["EventCount"]}'),
        ("--tags", '{"team": 1}', "Tags takes an object of texts, not {'team': 1}"),
        ("--function-name", "", "FunctionName takes 1 to 256 characters"),
        ("--event-source-arn", "", "takes text, not ''"),
        ("--kms-key-arn", "", "takes text, not ''"),
    ],
)
def test_an_option_of_the_wrong_form_is_refused_by_its_name(
    project: Project, option: str, value: str, words: str
) -> None:
    message = refusal(project, option, value)
    assert message.startswith(f"Error: {option}: ")
    assert words in message


@pytest.mark.parametrize(("option", "value"), [("--starting-position", "AT_TIMESTAMP"), ("--seed", "x")])
def test_an_option_with_a_value_that_it_does_not_take_is_refused_by_name(
    project: Project, option: str, value: str
) -> None:
    assert f"Invalid value for '{option}': '{value}' is not " in refusal(project, option, value)


def test_several_flaws_are_told_at_once(project: Project) -> None:
    message = refusal(project, "--batch-size", "0", "--tags", "[]")
    assert "--batch-size: " in message
    assert "--tags: " in message
    both = of_file(project, {"BatchSize": 0, "Tags": []})
    assert "BatchSize takes 1 to 10000" in both
    assert "Tags takes an object of texts" in both


def test_settings_that_do_not_go_together_are_refused(project: Project) -> None:
    options = ("--tumbling-window-in-seconds", "60", "--parallelization-factor", "2")
    words = "Parallelization factor must be equal to 1 when tumbling window period is configured"
    assert refusal(project, *options) == (
        f"Error: {words} (with --tumbling-window-in-seconds, --parallelization-factor)\n"
    )
    assert of_file(project, {"TumblingWindowInSeconds": 60, "ParallelizationFactor": 2}) == f": {words}\n"


def test_an_option_that_does_not_go_with_the_file_is_named(project: Project) -> None:
    project.write("mapping.json", {"TumblingWindowInSeconds": 60})
    message = refusal(project, "--mapping", "mapping.json", "--parallelization-factor", "2")
    assert message.endswith(" is configured (with --parallelization-factor)\n")


def test_a_missing_mapping_file_is_named(project: Project) -> None:
    message = refusal(project, "--mapping", "nowhere.json")
    assert message == "Error: --mapping nowhere.json cannot be read: No such file or directory\n"
    assert refusal(project, "--mapping", ".") == "Error: --mapping . cannot be read: Is a directory\n"


@pytest.mark.parametrize("content", ["", "{", "BatchSize: 3", b"\xff\xfe"])
def test_a_mapping_file_that_is_not_json_is_refused(project: Project, content: str | bytes) -> None:
    assert of_file(project, content).startswith(" is not JSON: ")


@pytest.mark.parametrize("content", ["[1]", "3", '"BatchSize"'])
def test_a_mapping_file_without_an_object_is_told_where_one_comes_from(project: Project, content: str) -> None:
    message = of_file(project, content)
    assert message.startswith(f" holds {json.loads(content)!r}: ")
    assert "expected an object, as aws lambda get-event-source-mapping answers" in message


@pytest.mark.parametrize("name", NOT_FOR_DYNAMODB)
def test_a_setting_of_another_event_source_is_refused_with_its_owner(project: Project, name: str) -> None:
    value: Any = {"MaximumConcurrency": 2} if name == "ScalingConfig" else "something"
    message = of_file(project, {name: value, "BatchSize": 2})
    assert message == (
        f": {name} belongs to mappings on {NOT_FOR_DYNAMODB[name]}: "
        f"a mapping on a DynamoDB stream has no such setting\n"
    )


def test_a_setting_that_nobody_has_is_refused_by_name(project: Project) -> None:
    assert of_file(project, {"batchSize": 2}) == ": batchSize: not a setting of a mapping on a DynamoDB stream\n"


def test_a_flaw_of_the_file_is_not_blamed_on_an_option(project: Project) -> None:
    project.write("mapping.json", {"BatchSize": 0})
    message = refusal(project, "--mapping", "mapping.json", "--batch-size", "5")
    assert message.startswith("Error: --mapping mapping.json: BatchSize: ")


def test_a_mapping_file_may_begin_with_a_bom(project: Project) -> None:
    project.write("mapping.json", '\ufeff{"BatchSize": 2}')
    assert project.run("plain", "--mapping", "mapping.json").exit_code == 0


def test_the_answer_of_get_event_source_mapping_is_taken_as_it_stands(project: Project) -> None:
    answer = {
        "UUID": "14e0db71-5d35-4eb5-b481-8945cf9d10c2",
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 2,
        "MaximumBatchingWindowInSeconds": 0,
        "ParallelizationFactor": 1,
        "EventSourceArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000",
        "FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:deployed",
        "LastModified": 1767225600.0,
        "LastProcessingResult": "OK",
        "State": "Enabled",
        "StateTransitionReason": "User action",
        "DestinationConfig": {"OnFailure": {}},
        "MaximumRecordAgeInSeconds": -1,
        "BisectBatchOnFunctionError": False,
        "MaximumRetryAttempts": 0,
        "TumblingWindowInSeconds": 0,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }
    project.write("mapping.json", answer)
    report = project.report("failing", "--mapping", "mapping.json")
    assert report["total"]["invocations"] == 2
    assert report["discarded"][0]["requestContext"]["functionArn"] == answer["FunctionArn"]
    assert report["mapping"]["UUID"] == answer["UUID"]
