"""``streamkit export``: what is written, where, and what is said beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from streamkit.deployment.exporting import TOOLS
from streamkit.deployment.reading import mapping_of, read_template
from tests.cli.project import Project

if TYPE_CHECKING:
    from pathlib import Path

STREAM = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"
APP = """
from typing import Any
from streamkit import Change, Insert, Modify, Remove, stream_handler, tumbling_window

print("the module is imported")

@stream_handler(batch_size=7, starting_position="LATEST")
def handler(change: Change) -> None: ...

@stream_handler(starting_position="LATEST")
def inserts(change: Insert[dict[str, Any]]) -> None: ...

PAID = '{"dynamodb": {"NewImage": {"status": {"S": ["PAID"]}}}}'

@stream_handler(starting_position="LATEST", filter_criteria={"Filters": [{"Pattern": PAID}]})
def paid(change: Insert[dict[str, Any]] | Modify[dict[str, Any]]) -> None: ...

@stream_handler(starting_position="LATEST", filter_criteria={"Filters": [{"Pattern": '{"eventName": ["REMOVE"]}'}]})
def other(change: Insert[dict[str, Any]]) -> None: ...

@stream_handler(starting_position="LATEST", filter_criteria={"Filters": [{"Pattern": '{"eventName": ["CREATE"]}'}]})
def never(change: Change) -> None: ...

@tumbling_window(seconds=60, starting_position="LATEST")
def window(change: Insert[dict[str, Any]], state: dict[str, Any]) -> dict[str, Any]:
    return state

def plain(event, context): ...

class Handlers:
    handler = handler
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project(tmp_path, monkeypatch)
    project.app(APP)
    return project


def exported(project: Project, tool: str, handler: str, *options: str) -> tuple[str, list[str]]:
    """Return what is written to standard output, and the notes."""
    result = project.call("export", tool, f"{project.module}:{handler}", *options)
    assert result.exit_code == 0, result.stderr
    lines = [line for line in result.stderr.splitlines() if line != "the module is imported"]
    assert all(line.startswith("note: ") for line in lines)
    return result.stdout, [line.removeprefix("note: ") for line in lines]


def refused(project: Project, tool: str, handler: str, *options: str) -> str:
    return project.refusal("export", tool, f"{project.module}:{handler}", *options)


def patterns(text: str) -> list[object]:
    resources = json.loads(text)["Resources"].values()
    (mapping,) = (one["Properties"] for one in resources if one["Type"] == "AWS::Lambda::EventSourceMapping")
    return [json.loads(one["Pattern"]) for one in mapping["FilterCriteria"]["Filters"]]


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool_gets_its_text_and_nothing_of_what_the_module_prints(project: Project, tool: str) -> None:
    text, notes = exported(project, tool, "handler", "--event-source-arn", STREAM)
    assert "imported" not in text
    assert text.endswith("\n")
    assert STREAM in text
    assert notes == []


def test_the_handlers_own_mapping_is_exported_with_the_options_before_it(project: Project, tmp_path: Path) -> None:
    project.write("mapping.json", {"BatchSize": 9, "MaximumRetryAttempts": 3})
    options = ("--event-source-arn", STREAM, "--function-name", "orders", "--starting-position", "LATEST")
    for given, size, retries in (
        ((), 7, -1),
        (("--batch-size", "8"), 8, -1),
        (("--mapping", "mapping.json"), 9, 3),
        (("--mapping", "mapping.json", "--batch-size", "8"), 8, 3),
    ):
        text, _ = exported(project, "sam", "handler", *options, *given)
        (found,) = read_template(project.folder / project.write("template.yaml", text))
        mapping = mapping_of(found)
        assert (mapping.batch_size, mapping.maximum_retry_attempts) == (size, retries)
        assert (mapping.event_source_arn, mapping.function_name) == (STREAM, "orders")


def test_a_function_of_sam_is_described_by_options(project: Project) -> None:
    text, _ = exported(
        project,
        "sam",
        "handler",
        "--runtime",
        "python3.12",
        "--timeout",
        "5",
        "--code-uri",
        "dist/",
        "--format",
        "json",
    )
    function = json.loads(text)["Resources"]["HandlerFunction"]["Properties"]
    assert function["Handler"] == f"{project.module}.handler"
    assert (function["Runtime"], function["Timeout"], function["CodeUri"]) == ("python3.12", 5, "dist/")


def test_all_says_the_defaults_too(project: Project) -> None:
    few, _ = exported(project, "terraform", "handler")
    every, _ = exported(project, "terraform", "handler", "--all")
    assert "maximum_retry_attempts" not in few
    assert "maximum_retry_attempts             = -1\n" in every


def test_the_table_is_named_by_an_option(project: Project) -> None:
    text, _ = exported(project, "terraform", "handler", "--table-name", "orders")
    assert 'data "aws_dynamodb_table" "handler"' in text


def test_an_update_is_written_in_place_of_the_creation(project: Project) -> None:
    text, notes = exported(project, "cli", "handler", "--update")
    assert "aws lambda update-event-source-mapping" in text
    assert "create-event-source-mapping" not in text
    assert notes == ["an update cannot change EventSourceArn, StartingPosition or Tags, nor take a KMSKeyArn away"]


# --- filters -------------------------------------------------------------------------------------------------------


def test_filters_of_the_types_are_added_when_they_are_asked_for(project: Project) -> None:
    text, _ = exported(project, "cloudformation", "inserts", "--format", "json")
    assert "FilterCriteria" not in text
    text, notes = exported(project, "cloudformation", "inserts", "--format", "json", "--filters")
    assert patterns(text) == [{"eventName": ["INSERT"]}]
    assert notes == []


def test_filters_of_both_are_joined_and_that_is_said(project: Project) -> None:
    text, notes = exported(project, "cloudformation", "paid", "--format", "json", "--filters")
    image = {"NewImage": {"status": {"S": ["PAID"]}}}
    assert patterns(text) == [{"dynamodb": image, "eventName": ["INSERT", "MODIFY"]}]
    assert notes == [
        "the filters of the mapping and those of the handler's types are joined: a record has to pass both"
    ]


def test_filters_that_say_what_the_types_say_are_left_as_they_are(project: Project) -> None:
    own = '{"Filters": [{"Pattern": "{\\"eventName\\": [\\"INSERT\\"]}"}]}'
    text, notes = exported(
        project, "cloudformation", "inserts", "--format", "json", "--filters", "--filter-criteria", own
    )
    assert patterns(text) == [{"eventName": ["INSERT"]}]
    assert notes == []


@pytest.mark.parametrize(
    ("handler", "why"), [("handler", "its types take every kind of event"), ("window", "Lambda refuses filters beside")]
)
def test_where_the_types_have_no_filters_that_is_said(project: Project, handler: str, why: str) -> None:
    text, (note,) = exported(project, "cloudformation", handler, "--filters")
    assert note.startswith(f"--filters adds nothing to the handler's mapping: {why}")
    assert "FilterCriteria" not in text


def test_filters_that_cannot_be_joined_are_refused(project: Project) -> None:
    assert "no record is taken by the mapping's own filters" in refused(project, "sam", "other", "--filters")


def test_filters_of_a_function_without_types_are_refused(project: Project) -> None:
    assert "--filters reads the types of a handler that is decorated" in refused(project, "sam", "plain", "--filters")


def test_filters_and_a_tumbling_window_that_an_option_sets_are_refused(project: Project) -> None:
    message = refused(project, "sam", "inserts", "--filters", "--tumbling-window-in-seconds", "60")
    assert "--filters does not go with a tumbling window, where Lambda refuses FilterCriteria: leave it out" in message


def test_a_filter_that_never_matches_is_told_of_once_and_exported(project: Project) -> None:
    text, (note,) = exported(project, "cloudformation", "never")
    assert "never matches" in note
    assert "CREATE" in text


# --- what is told and refused --------------------------------------------------------------------------------------


def test_a_plain_function_has_lambdas_defaults_and_that_is_said(project: Project) -> None:
    text, notes = exported(project, "terraform", "plain", "--starting-position", "LATEST")
    (note,) = notes
    assert note == (
        f"{project.module}:plain is not decorated with streamkit, and there is no --mapping FILE: what no option says "
        f"is Lambda's default"
    )
    project.write("mapping.json", {"BatchSize": 9, "StartingPosition": "LATEST"})
    text, notes = exported(project, "terraform", "plain", "--mapping", "mapping.json")
    assert notes == []
    assert "batch_size        = 9\n" in text


def test_a_method_has_no_handler_in_sam_and_a_mapping_elsewhere(project: Project) -> None:
    message = refused(project, "sam", "Handlers.handler")
    assert "Lambda's Handler is MODULE.FUNCTION, and Handlers.handler is in an object of the module" in message
    assert "handler = Handlers.handler" in message
    text, _ = exported(project, "terraform", "Handlers.handler")
    assert "batch_size" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("sam", "--event-source-arn", "orders"), "Error: EventSourceArn 'orders' cannot be deployed"),
        (("iam",), "nothing says which: give --event-source-arn, or --table-name"),
        (("cdk", "--format", "json"), "--format is for sam and cloudformation, not for cdk: leave it out"),
        (("cdk", "--table-name", "orders"), "--table-name is for sam and cloudformation"),
        (("cdk", "--update"), "--update is for cli, not for cdk"),
        (("cdk", "--code-uri", "x"), "--code-uri is for sam, not for cdk"),
        (("sam", "--timeout", "0"), "--timeout takes seconds from 1 to 900, not 0"),
        (("sam", "--runtime", "Python 3"), "--runtime 'Python 3' cannot be deployed"),
        (("sam", "--force"), "--force is for --output FILE: add that, or leave it out"),
        (("sam", "--batch-size", "0"), "--batch-size: BatchSize takes 1 to 10000"),
        (("helm",), "'helm' is not one of 'sam', 'cloudformation', 'terraform', 'cdk', 'iam', 'cli'"),
    ],
)
def test_what_cannot_be_exported_is_refused_by_its_option(
    project: Project, options: tuple[str, ...], message: str
) -> None:
    tool, *rest = options
    assert message in refused(project, tool, "handler", *rest)


def test_a_path_is_refused_with_the_module_that_is_meant(project: Project) -> None:
    assert "'src/app.py' is a path; name the module: src.app:handler" in project.refusal(
        "export", "sam", "src/app.py:handler"
    )


# --- the file ------------------------------------------------------------------------------------------------------


def written(project: Project, *options: str) -> str:
    result = project.call("export", "sam", f"{project.module}:handler", "--output", "template.yaml", *options)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    return result.stderr.splitlines()[-1]


def test_a_file_is_written_and_is_what_standard_output_would_be(project: Project) -> None:
    assert written(project) == "wrote template.yaml"
    text, _ = exported(project, "sam", "handler")
    assert (project.folder / "template.yaml").read_text(encoding="utf-8") == text
    assert sorted(path.name for path in project.folder.glob("*template*")) == ["template.yaml"]


def test_a_file_that_is_there_is_kept_unless_it_is_to_be_replaced(project: Project) -> None:
    project.write("template.yaml", "mine")
    message = refused(project, "sam", "handler", "--output", "template.yaml")
    assert "--output template.yaml is there and differs: --force replaces it, or name another file" in message
    assert (project.folder / "template.yaml").read_bytes() == b"mine"
    assert written(project, "--force") == "wrote template.yaml"
    assert written(project) == "template.yaml is as it would be written: nothing to do"
    assert "differs" in refused(project, "sam", "handler", "--output", "template.yaml", "--batch-size", "9")


def test_a_link_stays_one(project: Project) -> None:
    project.write("real.yaml", "mine")
    (project.folder / "template.yaml").symlink_to("real.yaml")
    assert written(project, "--force") == "wrote template.yaml"
    assert (project.folder / "template.yaml").is_symlink()
    assert yaml.compose((project.folder / "real.yaml").read_text(encoding="utf-8")) is not None


@pytest.mark.parametrize("name", ["missing/template.yaml", "."])
def test_a_file_that_cannot_be_written_is_told_and_nothing_is_left(project: Project, name: str) -> None:
    message = refused(project, "sam", "handler", "--output", name)
    assert f"--output {name} cannot be written: " in message
    assert not [one for one in os.listdir(project.folder.parent) if one.startswith(f".{project.folder.name}")]  # noqa: PTH208  # names


def test_the_command_imports_no_server_and_no_client_of_aws() -> None:
    code = (
        "import sys, streamkit, streamkit.cli.app; from streamkit.deployment.exporting import export; "
        "export('sam', streamkit.EventSourceMapping()); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603  # ours
    imported = set(done.stdout.split())
    assert "yaml" in imported
    assert not imported & {"starlette", "uvicorn", "moto", "boto3", "botocore", "hypothesis"}


# --- and back ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tool", ["sam", "cloudformation"])
@pytest.mark.parametrize(
    ("handler", "more"),
    [
        ("handler", ["--filters"]),
        ("inserts", ["--filters"]),
        ("paid", []),
        ("paid", ["--filters"]),
        ("window", ["--all"]),
    ],
)
def test_a_check_of_what_was_exported_finds_that_it_fits(
    project: Project, tool: str, handler: str, more: list[str]
) -> None:
    settings = (
        *("--event-source-arn", STREAM, "--function-name", "orders", "--maximum-retry-attempts", "3"),
        *("--destination-config", '{"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:123456789012:given-up"}}'),
    )
    text, _ = exported(project, tool, handler, *settings, "--bisect-batch-on-function-error", *more)
    template = project.write("template.yaml", text)
    result = project.call("check", f"{project.module}:{handler}", "--template", template, "--strict")
    assert result.exit_code == 0, result.stdout
