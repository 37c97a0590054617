"""Which mappings of a CloudFormation template are found, with which function and table."""

from pathlib import Path
from typing import Any

import pytest

from streamkit.deployment.found import Place, Unknown
from tests.deployment.reading.templates import STREAM, mapping, read, stack, the

TABLE = {"Type": "AWS::DynamoDB::Table", "Properties": {"StreamSpecification": {"StreamViewType": "KEYS_ONLY"}}}
FUNCTION = {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "app.handler"}}
STREAMS = {"Type": "AWS::Kinesis::Stream"}
CONDITIONS = {
    "Maybe": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
    "Never": {"Fn::Equals": ["a", "b"]},
}


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:eu-west-1:123456789012:{resource}"


@pytest.mark.parametrize(
    "source",
    [
        arn("kinesis", "stream/orders"),
        arn("sqs", "orders"),
        {"Fn::GetAtt": ["Streams", "Arn"]},
        {"Fn::GetAtt": ["Cluster", "Arn"]},
        {"Ref": "QueueArn"},
        {"Fn::ImportValue": "orders-kinesis-stream"},
    ],
    ids=str,
)
def test_mappings_on_other_sources_are_left_out(tmp_path: Path, source: Any) -> None:
    resources = {"Streams": STREAMS, "Cluster": {"Type": "AWS::MSK::Cluster"}, "M": mapping(EventSourceArn=source)}
    assert read(tmp_path, stack(resources)) == []


@pytest.mark.parametrize(
    "settings", [{"StartingPosition": "AT_TIMESTAMP"}, {"StartingPosition": None}, {"Topics": ["a"]}]
)
def test_a_source_of_which_nothing_is_known_is_left_out_where_the_settings_fit_no_stream(
    tmp_path: Path, settings: Any
) -> None:
    assert read(tmp_path, stack({"M": mapping(EventSourceArn={"Ref": "Source"}, **settings)})) == []


@pytest.mark.parametrize("position", ["LATEST", {"Ref": "Position"}])
def test_a_source_of_which_nothing_is_known_is_taken_for_a_stream_with_a_note(tmp_path: Path, position: Any) -> None:
    found = the(read(tmp_path, stack({"M": mapping(EventSourceArn={"Ref": "Source"}, StartingPosition=position)})))
    assert found.notes == [
        'what it reads, {"Ref": "Source"}, is known only once it is deployed: it is taken for a DynamoDB stream'
    ]
    assert found.table is None


@pytest.mark.parametrize(
    "source",
    [STREAM, {"Fn::GetAtt": ["Tables", "Outputs.Stream"]}, {"Fn::GetAtt": ["T", "StreamArn"]}, {"Fn::GetAtt": "T.Arn"}],
    ids=str,
)
def test_streams_of_this_and_of_other_stacks_are_kept(tmp_path: Path, source: Any) -> None:
    resources = {"Tables": {"Type": "AWS::CloudFormation::Stack"}, "T": TABLE, "M": mapping(EventSourceArn=source)}
    assert the(read(tmp_path, stack(resources))).name == "M"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ({"Fn::GetAtt": ["T", "StreamArn"]}, None),
        ({"Fn::GetAtt": ["T", "StreamArn"]}, "orders"),
        (STREAM, "orders"),
        ({"Fn::Sub": "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${T}/stream/2026"}, None),
        ({"Fn::Sub": "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${T}/stream/2026"}, {"Ref": "Name"}),
    ],
    ids=str,
)
def test_the_table_is_found_however_its_stream_is_named(tmp_path: Path, source: Any, name: Any) -> None:
    table = {**TABLE, "Properties": {**TABLE["Properties"], "TableName": name}}  # type: ignore[dict-item]  # a dict
    found = the(read(tmp_path, stack({"Other": TABLE, "T": table, "M": mapping(EventSourceArn=source)})))
    assert found.table is not None
    assert (found.table.name, found.table.view_type) == ("T", "KEYS_ONLY")


@pytest.mark.parametrize(
    ("specification", "view_type"),
    [
        ({"StreamViewType": "NEW_IMAGE"}, "NEW_IMAGE"),
        ({"StreamViewType": {"Ref": "View"}}, Unknown('{"Ref": "View"}', "${View}")),
        ({"Ref": "Specification"}, Unknown('{"Ref": "Specification"}', "${Specification}")),
        (None, None),
        ({}, None),
        ({"StreamViewType": 5}, None),
    ],
    ids=str,
)
def test_a_table_has_the_view_type_that_it_says(tmp_path: Path, specification: Any, view_type: Any) -> None:
    table = {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"StreamSpecification": specification}}
    found = the(read(tmp_path, stack({"T": table, "M": mapping(EventSourceArn={"Fn::GetAtt": "T.StreamArn"})})))
    assert found.table is not None
    assert found.table.view_type == view_type


@pytest.mark.parametrize(
    ("named", "function_name"),
    [
        ({"Ref": "F"}, None),
        ({"Fn::GetAtt": ["F", "Arn"]}, None),
        ({"Fn::Sub": "${F}:live"}, None),
        ({"Ref": "A"}, None),
        ({"Ref": "V"}, None),
        ("orders", "orders"),
        ("orders:live", "orders"),
        (arn("lambda", "function:orders"), "orders"),
        (arn("lambda", "function:orders:live"), "orders"),
        ("123456789012:function:orders", "orders"),
        ({"Fn::Sub": "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:orders"}, "orders"),
        ({"Ref": "F"}, {"Fn::Sub": "${AWS::StackName}-orders"}),
        ({"Fn::Sub": "${AWS::StackName}-orders"}, {"Fn::Sub": "${AWS::StackName}-orders"}),
    ],
    ids=str,
)
def test_the_function_is_found_however_it_is_named(tmp_path: Path, named: Any, function_name: Any) -> None:
    function = {**FUNCTION, "Properties": {"Handler": "app.handler", "FunctionName": function_name, "Timeout": "20"}}
    resources = {
        "Other": FUNCTION,
        "F": function,
        "A": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "F"}, "Name": "live"}},
        "V": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "F"}}},
        "M": mapping(FunctionName=named),
    }
    found = the(read(tmp_path, stack(resources)))
    assert found.function is not None
    assert (found.function.name, found.function.timeout) == ("F", 20)
    assert found.function.place == Place(str(tmp_path / "template"), "Resources.F", 1)


@pytest.mark.parametrize("named", ["payments", {"Ref": "FunctionName"}, {"Fn::ImportValue": "function"}, 5])
def test_a_function_that_is_made_elsewhere_is_not_there(tmp_path: Path, named: Any) -> None:
    assert the(read(tmp_path, stack({"F": FUNCTION, "M": mapping(FunctionName=named)}))).function is None


@pytest.mark.parametrize(
    ("kind", "code", "handler", "expected"),
    [
        ("AWS::Lambda::Function", "build", "app.handler", "build/app.handler"),
        ("AWS::Lambda::Function", {"ZipFile": "…"}, "index.handler", "index.handler"),
        ("AWS::Serverless::Function", "./src/orders/", "app.handler", "src/orders/app.handler"),
        ("AWS::Serverless::Function", ".", "app.handler", "app.handler"),
        ("AWS::Serverless::Function", "s3://bucket/code.zip", "app.handler", "app.handler"),
        ("AWS::Serverless::Function", "dist/code.zip", "app.handler", "app.handler"),
        ("AWS::Serverless::Function", None, None, None),
        ("AWS::Serverless::Function", "src", {"Ref": "H"}, Unknown('{"Ref": "H"}', "${H}")),
        ("AWS::Serverless::Function", "src", {"Ref": "AWS::NoValue"}, None),
        ("AWS::Serverless::Function", "src", 7, None),
    ],
)
def test_the_handler_has_the_folder_of_its_code_in_front(
    tmp_path: Path, kind: str, code: Any, handler: Any, expected: Any
) -> None:
    function = {"Type": kind, "Properties": {"Handler": handler, "Code": code, "CodeUri": code, "Timeout": "long"}}
    found = the(read(tmp_path, stack({"F": function, "M": mapping(FunctionName={"Ref": "F"})})))
    assert found.function is not None
    assert found.function.handler == expected
    assert found.function.timeout is None


def test_of_resources_that_exclude_each_other_the_one_that_is_there_is_found(tmp_path: Path) -> None:
    tables = {
        name: {
            "Type": "AWS::DynamoDB::Table",
            "Condition": condition,
            "Properties": {"TableName": "orders", "StreamSpecification": {"StreamViewType": name}},
        }
        for name, condition in (("Old", "Never"), ("New", "Always"))
    }
    conditions = {"Never": {"Fn::Equals": ["a", "b"]}, "Always": {"Fn::Not": [{"Condition": "Never"}]}}
    found = the(read(tmp_path, stack(tables, Conditions=conditions)))
    assert found.table is not None
    assert found.table.name == "New"


def test_a_mapping_whose_condition_does_not_hold_is_left_out_and_one_that_may_hold_is_noted(tmp_path: Path) -> None:
    never = {**mapping(), "Condition": "Never"}
    maybe = {**mapping(), "Condition": "Maybe"}
    found = the(read(tmp_path, {"Resources": {"A": never, "B": maybe}, "Conditions": CONDITIONS}))
    assert found.name == "B"
    assert found.notes == ["whether B is there is up to the condition Maybe"]


def test_settings_that_are_text_are_what_they_say_and_others_stay(tmp_path: Path) -> None:
    given = {
        "BatchSize": "10",
        "MaximumRetryAttempts": 3.0,
        "ParallelizationFactor": "many",
        "Enabled": "False",
        "BisectBatchOnFunctionError": "perhaps",
        "KmsKeyArn": None,
        "Tags": [{"Key": "a", "Value": {"Ref": "B"}}],
        "Nonsense": {"a": [1]},
    }
    settings = the(read(tmp_path, stack({"M": mapping(**given)}))).settings
    assert {name: settings.get(name) for name in given} == {
        "BatchSize": 10,
        "MaximumRetryAttempts": 3,
        "ParallelizationFactor": "many",
        "Enabled": False,
        "BisectBatchOnFunctionError": "perhaps",
        "KmsKeyArn": None,
        "Tags": {"a": Unknown('{"Ref": "B"}', "${B}")},
        "Nonsense": {"a": [1]},
    }


@pytest.mark.parametrize("tags", [[{"Key": "a"}], ["a"], [{"Key": 1, "Value": 2}]], ids=str)
def test_tags_of_no_form_stay_as_they_are(tmp_path: Path, tags: Any) -> None:
    assert the(read(tmp_path, stack({"M": mapping(Tags=tags)}))).settings["Tags"] == tags
