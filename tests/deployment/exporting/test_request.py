"""What is refused before anything is written, and what is said of what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamkit.deployment.exporting import SYNTAXES, TOOLS, ExportError, export, notes
from tests.deployment.exporting.mappings import KEY, STREAM, made

if TYPE_CHECKING:
    from streamkit.deployment.exporting import Tool

ASKS_THE_KEY = "the key's own policy decides too who may decrypt: see that it lets Lambda (lambda.amazonaws.com) use"
FORMS = "table/orders/stream/2026-01-01T00:00:00.000"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"event_source_arn": "orders"},
            r"EventSourceArn 'orders' cannot be deployed: expected is a stream's ARN, as arn",
        ),
        ({"event_source_arn": f"{STREAM}\n"}, "EventSourceArn"),
        ({"event_source_arn": f'{STREAM}"'}, "EventSourceArn"),
        ({"function_name": "my function"}, r"FunctionName 'my function' .*with or without qualifier"),
        ({"function_name": "f'; rm -r /"}, "FunctionName"),
        ({"function_name": "f:a:b"}, "FunctionName"),
        ({"kms_key_arn": "alias/mine"}, r"KMSKeyArn 'alias/mine' .*a key's ARN"),
        ({"destination_config": {"OnFailure": {"Destination": "arn:aws:sqs:q"}}}, "OnFailure.Destination"),
        ({"destination_config": {"OnFailure": {"Destination": "arn:aws:s3:::b/prefix"}}}, "OnFailure.Destination"),
        ({"filter_criteria": {"Filters": [{"Pattern": '{"a": ["\ud800"]}'}]}}, r"half a character .*which no file can"),
        ({"tags": {"a": "\udc00"}}, "half a character"),
        ({"tags": {"\udc00": "a"}}, "half a character"),
    ],
)
@pytest.mark.parametrize("tool", TOOLS)
def test_what_no_tool_could_deploy_is_refused(tool: Tool, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ExportError, match=message):
        export(tool, made(settings | ({} if "event_source_arn" in settings else {"event_source_arn": STREAM})))


@pytest.mark.parametrize(
    "settings",
    [
        {"event_source_arn": f"arn:aws-cn:dynamodb:cn-north-1:123456789012:{FORMS}"},
        {"event_source_arn": f"arn:aws-us-gov:dynamodb:us-gov-west-1:123456789012:{FORMS}"},
        {"event_source_arn": f"arn:aws:dynamodb:ddblocal:000000000000:{FORMS}"},
        {"function_name": "123456789012:function:orders"},
        {"function_name": "function:orders:live"},
        {"function_name": "arn:aws:lambda:eu-west-1:123456789012:function:orders:live"},
        {"kms_key_arn": KEY.replace("key/", "alias/")},
    ],
)
@pytest.mark.parametrize("tool", TOOLS)
def test_whatever_aws_names_its_things_is_taken(tool: Tool, settings: dict[str, Any]) -> None:
    assert export(tool, made({"event_source_arn": STREAM} | settings))


@pytest.mark.parametrize(
    ("tool", "options", "message"),
    [
        ("helm", {}, "there is no export 'helm': there are sam, cloudformation, terraform, cdk, iam, cli"),
        ("sam", {"region": "x"}, "an export has no option 'region': it has code_uri, everything, handler, runtime"),
        ("terraform", {"syntax": "json"}, "syntax is for sam and cloudformation, not for terraform: leave it out"),
        (
            "cdk",
            {"table_name": "orders"},
            "table_name is for sam and cloudformation and terraform and iam and cli, not",
        ),
        ("cloudformation", {"runtime": "python3.13"}, "runtime is for sam, not for cloudformation"),
        ("iam", {"update": True}, "update is for cli, not for iam"),
        ("sam", {"syntax": "toml"}, "a template is written as yaml or json, not as 'toml'"),
        ("sam", {"timeout": 0}, "timeout takes seconds from 1 to 900, not 0"),
        ("sam", {"timeout": 901}, "timeout takes seconds from 1 to 900, not 901"),
        ("sam", {"runtime": "Python 3"}, "runtime 'Python 3' cannot be deployed: expected is one of Lambda's runtimes"),
        ("sam", {"handler": "handler"}, "handler 'handler' cannot be deployed: expected is .*app.handler"),
        ("terraform", {"handler": "a.b\n}"}, "handler"),
        ("iam", {"table_name": "or ders"}, "table_name 'or ders' cannot be deployed: expected is a table's name"),
        ("sam", {"code_uri": "\ud800"}, "half a character"),
    ],
)
def test_an_option_that_the_tool_does_not_take_is_refused(tool: Any, options: Any, message: str) -> None:
    for function in (export, notes):
        with pytest.raises(ExportError, match=message):
            function(tool, made({}), **options)


def test_a_stream_of_another_table_is_refused() -> None:
    with pytest.raises(
        ExportError, match=r"the table is others, and the stream one of orders .*leave one of the two out"
    ):
        export("terraform", made({"event_source_arn": STREAM}), table_name="others")
    assert export("terraform", made({"event_source_arn": STREAM}), table_name="orders")


def test_options_that_are_nothing_are_as_if_they_were_not_given() -> None:
    options: Any = {"table_name": None, "syntax": None, "timeout": None, "update": False}
    assert export("terraform", made({}), **options) == export("terraform", made({}))
    assert SYNTAXES == ("yaml", "json")


@pytest.mark.parametrize("tool", TOOLS)
def test_of_most_mappings_nothing_is_said(tool: Tool) -> None:
    mapping = made({"event_source_arn": STREAM, "starting_position": "LATEST", "function_name": "orders"})
    assert notes(tool, mapping) == []


@pytest.mark.parametrize(
    ("tool", "settings", "options", "said"),
    [
        (
            "sam",
            {},
            {},
            ["the mapping has no StartingPosition, which Lambda wants: it is asked for when this is deployed"],
        ),
        ("iam", {"enabled": False, "kms_key_arn": KEY}, {}, []),
        (
            "cli",
            {},
            {"update": True},
            ["an update cannot change EventSourceArn, StartingPosition or Tags, nor take a KMSKeyArn away"],
        ),
        (
            "cdk",
            {"enabled": False, "starting_position": "LATEST"},
            {},
            ["the mapping is disabled (Enabled false): what is deployed delivers nothing until it is enabled"],
        ),
        (
            "terraform",
            {"kms_key_arn": KEY, "starting_position": "LATEST"},
            {},
            [f"{ASKS_THE_KEY} {KEY}"],
        ),
    ],
)
def test_what_one_should_know_is_said(tool: Tool, settings: Any, options: Any, said: list[str]) -> None:
    assert notes(tool, made(settings), **options) == said


@pytest.mark.parametrize("tool", TOOLS)
def test_a_filter_that_never_matches_is_told_of_and_exported(tool: Tool) -> None:
    criteria = {"Filters": [{"Pattern": '{"eventName": ["CREATE"]}'}]}
    mapping = made({"event_source_arn": STREAM, "starting_position": "LATEST", "filter_criteria": criteria})
    (said,) = notes(tool, mapping)
    assert "never matches" in said
    assert ("CREATE" in export(tool, mapping)) is (tool != "iam")
