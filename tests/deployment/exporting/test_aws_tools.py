"""SAM's and CloudFormation's templates before AWS's own tools: cfn-lint, SAM's translator."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.deployment.exporting import export
from tests.deployment.exporting.mappings import EVERY_SETTING, STREAM, made
from tests.deployment.exporting.reading import alike, read_back

if TYPE_CHECKING:
    from streamkit import EventSourceMapping
    from streamkit.deployment.exporting import ExportOptions, Tool

TEMPLATES: list[Tool] = ["sam", "cloudformation"]
EXAMPLES: dict[str, tuple[EventSourceMapping, ExportOptions]] = {
    "nothing": (made({}), {}),
    "nothing, of a table": (made({}), {"table_name": "orders"}),
    "everything": (made(EVERY_SETTING), {}),
    "a window, and the defaults said": (
        made({"starting_position": "LATEST", "tumbling_window_in_seconds": 60, "event_source_arn": STREAM}),
        {"everything": True},
    ),
}


def _faults(text: str) -> list[str]:
    api = import_module("cfnlint.api")  # it takes a second
    everything = api.ManualArgs(include_checks=["I"], regions=["eu-west-1"])
    return [str(match) for match in api.lint(text, regions=["eu-west-1"], config=everything)]


@pytest.mark.parametrize("tool", TEMPLATES)
@pytest.mark.parametrize("example", EXAMPLES)
def test_cfn_lint_finds_nothing_not_even_to_advise(tool: Tool, example: str) -> None:
    mapping, options = EXAMPLES[example]
    assert _faults(export(tool, mapping, **options)) == []


@pytest.mark.parametrize("tool", TEMPLATES)
def test_cfn_lint_looks(tool: Tool) -> None:
    faults = _faults(export(tool, made(EVERY_SETTING)).replace("MaximumRetryAttempts", "MaxRetries"))
    assert any("MaxRetries" in fault for fault in faults)


@pytest.mark.parametrize("example", EXAMPLES)
def test_sams_own_translator_makes_the_mapping_of_it(example: str, aws_environment: pytest.MonkeyPatch) -> None:
    mapping, options = EXAMPLES[example]
    template = _transformed(export("sam", mapping, **options))
    (resource,) = (one for one in template["Resources"].values() if one["Type"] == "AWS::Lambda::EventSourceMapping")
    properties = resource["Properties"]
    if isinstance(properties["StartingPosition"], dict):
        assert properties["StartingPosition"] == {"Ref": "StartingPosition"}
        assert properties["EventSourceArn"] == {"Ref": "StreamArn"}
        return
    text = json.dumps(template)
    assert _faults(text) == []
    back = read_back(text)
    assert alike(made({**back.settings(), "function_name": mapping.function_name}), mapping)
    (role,) = (one for one in template["Resources"].values() if one["Type"] == "AWS::IAM::Role")
    # Nothing that SAM would have added of its own: leave to read any stream.
    assert "AWSLambdaDynamoDBExecutionRole" not in json.dumps(role)


def _transformed(text: str) -> dict[str, Any]:
    # They take a second.
    parser, translator = import_module("samtranslator.parser.parser"), "samtranslator.translator.translator"
    template = import_module("samtranslator.yaml_helper").yaml_parse(text)
    for one in template["Resources"].values():
        if "CodeUri" in one["Properties"]:
            # As `sam package` does: the translator knows no folders.
            one["Properties"]["CodeUri"] = "s3://bucket/bundle.zip"
    translated: dict[str, Any] = import_module(translator).Translator({}, parser.Parser()).translate(template, {})
    return translated
