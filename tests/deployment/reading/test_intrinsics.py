"""CloudFormation's intrinsic functions: evaluated where the template tells, and otherwise kept as written."""

from pathlib import Path
from typing import Any

import pytest

from streamkit.deployment.found import Unknown
from tests.deployment.reading.templates import evaluated, here, mapping, read, stack, the

RESOURCES: dict[str, Any] = {
    "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "orders"}},
    "Unnamed": {"Type": "AWS::DynamoDB::GlobalTable"},
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "${AWS::StackName}-failed"}}},
    "Topic": {"Type": "AWS::SNS::Topic"},
    "Bucket": {"Type": "AWS::S3::Bucket"},
    "Key": {"Type": "AWS::KMS::Key"},
    "Function": {"Type": "AWS::Lambda::Function"},
    "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Fn::GetAtt": ["Function", "Arn"]}}},
    "Alias": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Function"}, "Name": "live"}},
    "Policy": {"Type": "AWS::IAM::ManagedPolicy"},
    "Cluster": {"Type": "AWS::MSK::Cluster"},
    "Odd": {"Type": 7},
    "Itself": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::GetAtt": "Itself.TopicName"}}},
}
SECTIONS: dict[str, Any] = {
    "Parameters": {
        "Stage": {"Type": "String", "Default": "test"},
        "Size": {"Type": "Number", "Default": 10},
        "Names": {"Type": "CommaDelimitedList", "Default": "a, b"},
        "Numbers": {"Type": "List<Number>", "Default": "1,2"},
        "Listed": {"Type": "CommaDelimitedList", "Default": ["a"]},
        "Open": {"Type": "String"},
        "Secret": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/key"},
    },
    "Mappings": {"Sizes": {"test": {"Small": 5, "Names": ["a", "b"]}}},
    "Conditions": {
        "Yes": {"Fn::Equals": [{"Ref": "Stage"}, "test"]},
        "No": {"Fn::Not": [{"Condition": "Yes"}]},
        "Maybe": {"Fn::Equals": [{"Ref": "Open"}, "x"]},
        "Same": {"Fn::Equals": [{"Ref": "Open"}, {"Fn::Sub": "${Open}"}]},
        "All": {"Fn::And": [{"Condition": "Yes"}, {"Condition": "Same"}]},
        "AllButOne": {"Fn::And": [{"Condition": "Maybe"}, {"Condition": "No"}]},
        "AllOrNot": {"Fn::And": [{"Condition": "Yes"}, {"Condition": "Maybe"}]},
        "Any": {"Fn::Or": [{"Condition": "Maybe"}, {"Condition": "Yes"}]},
        "AnyOrNot": {"Fn::Or": [{"Condition": "Maybe"}, {"Condition": "No"}]},
        "None": {"Fn::Or": [{"Condition": "No"}, {"Condition": "No"}]},
        "NotMaybe": {"Fn::Not": [{"Condition": "Maybe"}]},
        "Truth": {"Fn::Equals": [True, "true"]},
        "Itself": {"Fn::Not": [{"Condition": "Itself"}]},
        "Broken": {"Fn::Equals": ["one"]},
        "Wrong": "yes",
        "Absent": {"Condition": "Nowhere"},
        "Else": {"Fn::Contains": [["a"], "a"]},
    },
}


def value(folder: Path, node: Any) -> Any:
    return evaluated(folder, node, RESOURCES, **SECTIONS)


@pytest.mark.parametrize(
    ("node", "known"),
    [
        ({"Ref": "Stage"}, "test"),
        ({"Ref": "Size"}, "10"),
        ({"Ref": "Names"}, ["a", "b"]),
        ({"Ref": "Numbers"}, ["1", "2"]),
        ({"Ref": "Listed"}, ["a"]),
        ({"Ref": "AWS::NoValue"}, None),
        ({"Ref": "Table"}, "orders"),
        ({"Fn::Sub": "${Stage}-${!Stage}-${ Size }"}, "test-${Stage}-10"),
        ({"Fn::Sub": ["${a}-${Stage}", {"a": {"Ref": "Size"}}]}, "10-test"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Stage"}, 1, True]]}, "a-test-1-true"),
        ({"Fn::Join": [",", {"Ref": "Names"}]}, "a,b"),
        ({"Fn::Split": ["-", "a-b"]}, ["a", "b"]),
        ({"Fn::Select": [1, {"Fn::Split": [",", "a,b"]}]}, "b"),
        ({"Fn::Select": ["0", ["a", "b"]]}, "a"),
        ({"Fn::Length": {"Ref": "Names"}}, 2),
        ({"Fn::ToJsonString": {"a": ["b", {"Ref": "AWS::NoValue"}]}}, '{"a":["b"]}'),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Small"]}, 5),
        ({"Fn::FindInMap": ["Sizes", "prod", "Small", {"DefaultValue": {"Ref": "Size"}}]}, "10"),
        ({"Fn::If": ["Yes", "a", "b"]}, "a"),
        ({"Fn::If": ["No", "a", "b"]}, "b"),
        ({"Fn::If": ["No", "a", {"Ref": "AWS::NoValue"}]}, None),
        ({"Fn::If": ["Maybe", "a", "a"]}, "a"),
        ({"Fn::If": ["Same", "a", "b"]}, "a"),
        ({"Fn::If": ["All", "a", "b"]}, "a"),
        ({"Fn::If": ["AllButOne", "a", "b"]}, "b"),
        ({"Fn::If": ["Any", "a", "b"]}, "a"),
        ({"Fn::If": ["None", "a", "b"]}, "b"),
        ({"Fn::If": ["Truth", "a", "b"]}, "a"),
        ({"two": 1, "members": {"Ref": "Stage"}}, {"two": 1, "members": "test"}),
    ],
    ids=str,
)
def test_what_a_template_tells_is_known(tmp_path: Path, node: Any, known: Any) -> None:
    assert value(tmp_path, node) == known


@pytest.mark.parametrize(
    ("node", "form"),
    [
        ({"Ref": "Open"}, "${Open}"),
        ({"Ref": "Secret"}, "${Secret}"),
        ({"Ref": "AWS::Region"}, "${AWS::Region}"),
        ({"Ref": "Nothing"}, "${Nothing}"),
        ({"Ref": "Unnamed"}, "${Unnamed}"),
        ({"Ref": "Cluster"}, "${Cluster}"),
        ({"Ref": "Queue"}, "${Queue.QueueUrl}"),
        ({"Ref": "Topic"}, here("sns", "${Topic}")),
        ({"Ref": "Key"}, "${Key}"),
        ({"Ref": "Policy"}, "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${Policy}"),
        ({"Ref": "Alias"}, here("lambda", "function:${Function}:live")),
        ({"Ref": "Version"}, here("lambda", "function:${Function}:${Version.Version}")),
        ({"Fn::GetAtt": ["Table", "StreamArn"]}, here("dynamodb", "table/orders/stream/${Table.StreamLabel}")),
        ({"Fn::GetAtt": "Unnamed.Arn"}, here("dynamodb", "table/${Unnamed}")),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, here("sqs", "${AWS::StackName}-failed")),
        ({"Fn::GetAtt": ["Queue", "QueueName"]}, "${AWS::StackName}-failed"),
        ({"Fn::GetAtt": ["Topic", "TopicName"]}, "${Topic}"),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, "arn:${AWS::Partition}:s3:::${Bucket}"),
        ({"Fn::GetAtt": ["Bucket", "DomainName"]}, "${Bucket.DomainName}"),
        ({"Fn::GetAtt": ["Key", "Arn"]}, here("kms", "key/${Key}")),
        ({"Fn::GetAtt": ["Cluster", "Arn"]}, "${Cluster.Arn}"),
        ({"Fn::GetAtt": ["Odd", "Arn"]}, "${Odd.Arn}"),
        ({"Fn::GetAtt": ["Stack", "Outputs.Stream"]}, "${Stack.Outputs.Stream}"),
        ({"Fn::GetAtt": ["Itself", "TopicName"]}, "${Itself}"),
        ({"Fn::Sub": "${Open}/${Stage}"}, "${Open}/test"),
        ({"Fn::Sub": "${Unnamed.Arn}/stream/*"}, here("dynamodb", "table/${Unnamed}/stream/*")),
        ({"Fn::Join": ["/", [{"Ref": "Open"}, "a"]]}, "${Open}/a"),
        ({"Fn::Select": [1, {"Fn::Split": ["/", {"Fn::GetAtt": ["Unnamed", "StreamArn"]}]}]}, "${Unnamed}"),
        ({"Fn::Select": [3, {"Fn::Split": ["/", {"Fn::GetAtt": ["Table", "StreamArn"]}]}]}, "${Table.StreamLabel}"),
    ],
    ids=str,
)
def test_what_is_unknown_has_a_form_with_what_is_known(tmp_path: Path, node: Any, form: str) -> None:
    found = value(tmp_path, node)
    assert isinstance(found, Unknown)
    assert found.form == form


@pytest.mark.parametrize(
    "node",
    [
        {"Fn::ImportValue": "orders-stream"},
        {"Fn::GetAZs": ""},
        {"Fn::Transform": {"Name": "AWS::Include"}},
        {"Fn::Nonsense": 1},
        {"Ref": ["a"]},
        {"Fn::GetAtt": "Table"},
        {"Fn::GetAtt": ["Table", {"Ref": "Open"}]},
        {"Fn::GetAtt": [1, 2]},
        {"Fn::Sub": 7},
        {"Fn::Sub": ["a", "b"]},
        {"Fn::Sub": ["{{resolve:ssm:${Stage}}}", {}]},
        {"Fn::Join": [",", {"Ref": "Open"}]},
        {"Fn::Join": "a"},
        {"Fn::Split": [",", {"Ref": "Open"}]},
        {"Fn::Split": ["", "a"]},
        {"Fn::Split": [",", ["a"]]},
        {"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "Open"}]}]},
        {"Fn::Select": [5, ["a"]]},
        {"Fn::Select": [{"Ref": "Open"}, ["a"]]},
        {"Fn::Select": [0]},
        {"Fn::Length": {"Ref": "Open"}},
        {"Fn::ToJsonString": {"a": {"Ref": "Open"}}},
        {"Fn::FindInMap": ["Sizes", {"Ref": "Open"}, "Small"]},
        {"Fn::FindInMap": ["Sizes", "prod", "Small"]},
        {"Fn::FindInMap": "Sizes"},
        {"Fn::If": ["Maybe", "a", "b"]},
        {"Fn::If": ["AllOrNot", "a", "b"]},
        {"Fn::If": ["AnyOrNot", "a", "b"]},
        {"Fn::If": ["NotMaybe", "a", "b"]},
        {"Fn::If": ["Itself", "a", "b"]},
        {"Fn::If": ["Broken", "a", "b"]},
        {"Fn::If": ["Wrong", "a", "b"]},
        {"Fn::If": ["Absent", "a", "b"]},
        {"Fn::If": ["Else", "a", "b"]},
        {"Fn::If": [["a"], "a", "b"]},
        {"Fn::If": ["Yes"]},
        "{{resolve:ssm:/orders/size}}",
    ],
    ids=str,
)
def test_what_a_template_does_not_tell_is_unknown_with_its_text(tmp_path: Path, node: Any) -> None:
    found = value(tmp_path, node)
    assert isinstance(found, Unknown)
    (function,) = node if isinstance(node, dict) else (node,)
    assert function in found.text
    assert found.form == f"${{{found.text.replace('{', '(').replace('}', ')')}}}"


def test_a_text_keeps_no_more_than_a_line_of_what_is_written(tmp_path: Path) -> None:
    for node in ({"Fn::Cidr": ["1234567890"] * 100}, {"Fn::Cidr": [["deep", [["deeper"] * 40]]] * 9}):
        assert len(value(tmp_path, node).text) <= 120


def test_the_short_form_of_yaml_is_kept_short(tmp_path: Path) -> None:
    template = """
Resources:
  M:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !ImportValue stream
      FunctionName: !Sub ["${A}", {A: !Ref B}]
      StartingPosition: !Ref Position
      BatchSize: !GetAtt [A, B]
      Tags: !GetAtt [A, !Ref B]
"""
    settings = the(read(tmp_path, template)).settings
    assert {name: str(value) for name, value in settings.items()} == {
        "EventSourceArn": "!ImportValue stream",
        "FunctionName": '!Sub ["${A}", {"A": !Ref B}]',
        "StartingPosition": "!Ref Position",
        "BatchSize": "!GetAtt A.B",
        "Tags": '!GetAtt ["A", !Ref B]',
    }


def test_names_that_double_each_other_do_not_grow_without_end(tmp_path: Path) -> None:
    topics: dict[str, Any] = {"T0": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "x" * 100}}}
    for number in range(1, 60):
        name = {"Fn::Sub": f"${{T{number - 1}.TopicName}}${{T{number - 1}.TopicName}}"}
        topics[f"T{number}"] = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}
    found = evaluated(tmp_path, {"Fn::GetAtt": "T59.TopicName"}, topics)
    assert isinstance(found, Unknown)
    assert len(found.form) < 100_001


def test_conditions_that_double_each_other_are_decided_once_each(tmp_path: Path) -> None:
    conditions: dict[str, Any] = {"C0": {"Fn::Equals": ["a", "a"]}}
    for number in range(1, 60):
        conditions[f"C{number}"] = {"Fn::And": [{"Condition": f"C{number - 1}"}] * 2}
    assert evaluated(tmp_path, {"Fn::If": ["C59", "a", "b"]}, Conditions=conditions) == "a"


def test_notes_name_the_parameters_whose_defaults_a_mapping_has(tmp_path: Path) -> None:
    resources = {"M": mapping(BatchSize={"Ref": "Size"}, Tags={"a": {"Ref": "Stage"}, "b": {"Ref": "Size"}})}
    found = the(read(tmp_path, stack(resources, **SECTIONS), Stage="prod"))
    assert found.notes == [
        "BatchSize is the default of the parameter Size",
        "Tags is the default of the parameter Size",
    ]
    assert found.settings["BatchSize"] == 10
    assert found.settings["Tags"] == {"a": "prod", "b": "10"}
