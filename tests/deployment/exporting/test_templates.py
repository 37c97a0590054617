"""SAM's and CloudFormation's templates: what they say is the mapping, and AWS's own tools take them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings

from streamkit.deployment.exporting import ExportError, export
from streamkit.deployment.found import Unknown
from streamkit.deployment.permissions import allows, statements_for
from streamkit.deployment.reading import mapping_of
from tests.deployment.exporting.mappings import (
    DESTINATIONS,
    EVERY_SETTING,
    FUNCTIONS,
    MAPPINGS,
    STREAM,
    TEXTS,
    made,
    mappings,
)
from tests.deployment.exporting.reading import alike, found_in, read_back

if TYPE_CHECKING:
    from streamkit import EventSourceMapping
    from streamkit.deployment.exporting import Syntax, Tool

LATEST = {"starting_position": "LATEST"}
TEMPLATES: list[Tool] = ["sam", "cloudformation"]
SYNTAXES: list[Syntax] = ["yaml", "json"]
PLAIN = mappings(TEXTS.filter(lambda text: "{{resolve:" not in text), FUNCTIONS)


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("tool", TEMPLATES)
@settings(max_examples=30)
@given(mapping=PLAIN)
def test_what_is_read_back_is_the_mapping(tool: Tool, syntax: Syntax, mapping: EventSourceMapping) -> None:
    text = export(tool, mapping, syntax=syntax)
    assert alike(read_back(text), mapping)
    assert "{{resolve:" not in text


@pytest.mark.parametrize("tool", TEMPLATES)
@settings(max_examples=15)
@given(mapping=PLAIN)
def test_with_every_setting_it_is_still_the_same_mapping(tool: Tool, mapping: EventSourceMapping) -> None:
    found = found_in(export(tool, mapping, everything=True))
    assert alike(mapping_of(found), mapping)
    assert {"BatchSize", "Enabled", "MaximumRetryAttempts", "TumblingWindowInSeconds"} <= found.settings.keys()


def test_a_setting_that_is_as_lambdas_default_is_not_said() -> None:
    mapping = made({"function_name": "orders", "event_source_arn": STREAM, **LATEST})
    resources = json.loads(export("cloudformation", mapping, syntax="json"))["Resources"]
    said = resources["OrdersMapping"]["Properties"]
    assert said == {"FunctionName": "orders", "EventSourceArn": STREAM, "StartingPosition": "LATEST"}


def test_both_syntaxes_say_the_same() -> None:
    mapping = made(EVERY_SETTING)
    as_json = json.loads(export("cloudformation", mapping, syntax="json"))
    # Both parameters of CloudFormation's are references: the loader has to know them.
    assert as_json == yaml.load(export("cloudformation", mapping), Loader=_loader())  # noqa: S506  # a safe one


def test_without_pyyaml_there_is_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "streamkit.deployment.exporting.yamltext", None)
    with pytest.raises(
        ExportError, match=r"written with PyYAML, and that is not installed: .* have the template as JSON"
    ):
        export("sam", made({}))
    assert json.loads(export("sam", made({}), syntax="json"))


def test_a_template_reads_like_one_that_somebody_wrote() -> None:
    mapping = made({**LATEST, "filter_criteria": {"Filters": [{"Pattern": '{"a": ["it\'s", "x: y #"]}'}]}})
    text = export("sam", mapping, handler="shop.app.handler", runtime="python3.13")
    assert text == SAM


SAM = """\
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Description: The event source mapping of shop.app.handler, as streamkit export sam writes it
Parameters:
  StreamArn:
    Type: String
    Description: The stream to read. aws dynamodb describe-table --table-name NAME --query Table.LatestStreamArn
    AllowedPattern: 'arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[a-zA-Z0-9_.-]{3,255}/stream/.+'
    ConstraintDescription: a stream's ARN, arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL
Resources:
  HandlerFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: shop.app.handler
      Runtime: python3.13
      CodeUri: bundle/
      Timeout: 30
      Role: !GetAtt HandlerRole.Arn
      Events:
        Stream:
          Type: DynamoDB
          Properties:
            Stream: !Ref StreamArn
            StartingPosition: LATEST
            FilterCriteria:
              Filters:
                - Pattern: '{"a": ["it''s", "x: y #"]}'
  HandlerRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal:
              Service:
                - lambda.amazonaws.com
            Action:
              - sts:AssumeRole
      ManagedPolicyArns:
        - !Sub arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
      Policies:
        - PolicyName: Stream
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action:
                  - dynamodb:DescribeStream
                  - dynamodb:GetRecords
                  - dynamodb:GetShardIterator
                Resource:
                  - !Ref StreamArn
              - Effect: Allow
                Action:
                  - dynamodb:ListStreams
                Resource:
                  - !Sub
                    - '${Table}/stream/*'
                    - Table: !Select [0, !Split ['/stream/', !Ref StreamArn]]
"""


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("tool", TEMPLATES)
def test_what_nobody_said_is_asked_for(tool: Tool, syntax: Syntax) -> None:
    text = export(tool, made({}), syntax=syntax)
    found = found_in(text)
    assert isinstance(found.settings["EventSourceArn"], Unknown)
    assert isinstance(found.settings["StartingPosition"], Unknown)
    given = {"StreamArn": STREAM, "FunctionName": "orders", "StartingPosition": "LATEST", "RoleName": "r"}
    asked = set(yaml.load(text, Loader=_loader())["Parameters"])  # noqa: S506  # a safe one
    assert asked == (set(given) if tool == "cloudformation" else {"StreamArn", "StartingPosition"})
    mapping = read_back(text, **{name: value for name, value in given.items() if name in asked})
    assert mapping.event_source_arn == STREAM
    assert mapping.starting_position == "LATEST"


@pytest.mark.parametrize("tool", TEMPLATES)
def test_a_table_narrows_what_may_be_given(tool: Tool) -> None:
    template = yaml.load(export(tool, made({}), table_name="shop.orders"), Loader=_loader())  # noqa: S506  # as above
    parameter = template["Parameters"]["StreamArn"]
    assert "--table-name shop.orders " in parameter["Description"]
    assert r":table/shop\.orders/stream/" in parameter["AllowedPattern"]
    assert "${AWS::AccountId}:table/shop.orders/stream/*" in json.dumps(template)


@pytest.mark.parametrize("tool", TEMPLATES)
@pytest.mark.parametrize("destination", DESTINATIONS.values())
def test_the_policy_is_the_least_that_is_needed(tool: Tool, destination: str) -> None:
    mapping = made({**EVERY_SETTING, "destination_config": {"OnFailure": {"Destination": destination}}})
    if tool == "sam":
        function = found_in(export(tool, mapping)).function
        assert function is not None
        assert function.statements == statements_for(mapping)
        return
    document = _policy(json.loads(export(tool, mapping, syntax="json")))
    assert [(one["Action"], one["Resource"]) for one in document["Statement"]] == [
        ([*one.actions], [*one.resources]) for one in statements_for(mapping)
    ]


def test_a_sam_role_may_read_the_stream_that_is_given_and_no_other() -> None:
    function = found_in(export("sam", made({})), StreamArn=STREAM, StartingPosition="LATEST").function
    assert function is not None
    assert function.statements is not None
    assert allows(function.statements, "dynamodb:GetRecords", STREAM) is True
    assert allows(function.statements, "dynamodb:GetRecords", STREAM.replace("orders", "others")) is False
    assert allows(function.statements, "dynamodb:ListStreams", f"{STREAM.rpartition('/')[0]}/other") is True


def _policy(template: dict[str, Any]) -> dict[str, Any]:
    (policy,) = (one for one in template["Resources"].values() if one["Type"] == "AWS::IAM::Policy")
    document: dict[str, Any] = policy["Properties"]["PolicyDocument"]
    return document


def test_the_mapping_waits_for_the_policy() -> None:
    resources = json.loads(export("cloudformation", made({}), syntax="json"))["Resources"]
    assert resources["HandlerMapping"]["DependsOn"] == "HandlerStreamPolicy"
    assert resources["HandlerStreamPolicy"]["Properties"]["Roles"] == [{"Ref": "RoleName"}]


@pytest.mark.parametrize(("kind", "destination"), DESTINATIONS.items())
def test_sam_is_told_of_which_type_the_destination_is(kind: str, destination: str) -> None:
    mapping = made({**LATEST, "destination_config": {"OnFailure": {"Destination": destination}}})
    template = json.loads(export("sam", mapping, syntax="json"))
    event = template["Resources"]["HandlerFunction"]["Properties"]["Events"]["Stream"]["Properties"]
    assert event["DestinationConfig"] == {"OnFailure": {"Type": kind, "Destination": destination}}


def test_an_alias_is_published_by_sam() -> None:
    function = json.loads(export("sam", made({"function_name": "orders:live"}), syntax="json"))["Resources"]
    assert function["OrdersFunction"]["Properties"]["FunctionName"] == "orders"
    assert function["OrdersFunction"]["Properties"]["AutoPublishAlias"] == "live"


@pytest.mark.parametrize("qualifier", ["7", "$LATEST"])
def test_a_version_is_nothing_that_sam_could_make(qualifier: str) -> None:
    with pytest.raises(ExportError, match=r"names the version .*name the function, or an alias of it \(orders:live\)"):
        export("sam", made({"function_name": f"orders:{qualifier}"}))


@pytest.mark.parametrize("tool", [*TEMPLATES, "cdk"])
def test_a_tag_that_cloudformation_would_replace_is_refused(tool: Tool) -> None:
    for tags in ({"a": "{{resolve:ssm:x}}"}, {"{{resolve:ssm:x}}": "a"}):
        with pytest.raises(ExportError, match="which CloudFormation would put a value for"):
            export(tool, made({"tags": tags}))


@pytest.mark.parametrize("tool", TEMPLATES)
def test_a_pattern_that_cloudformation_would_replace_is_escaped(tool: Tool) -> None:
    pattern = '{"dynamodb": {"NewImage": {"a": {"S": ["{{resolve:ssm:x}}"]}}}}'
    mapping = made({**LATEST, "filter_criteria": {"Filters": [{"Pattern": pattern}]}})
    text = export(tool, mapping)
    assert r"{\u007bresolve:ssm:x}}" in text
    assert alike(read_back(text), mapping)


def test_a_pattern_that_grows_too_long_is_refused() -> None:
    long = json.dumps({"a": ["{{resolve:" * 400]})
    assert len(long) <= 4096
    with pytest.raises(ExportError, match=r"has \d+ characters: at most 4096 are allowed"):
        export("cloudformation", made({"filter_criteria": {"Filters": [{"Pattern": long}]}}))


@settings(max_examples=20)
@given(mapping=MAPPINGS)
def test_no_text_is_refused_but_in_tags(mapping: EventSourceMapping) -> None:
    export("sam", mapping.model_copy(update={"tags": None}))


def _loader() -> type[yaml.SafeLoader]:
    class Loader(yaml.SafeLoader):
        pass

    def construct(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
        value = (
            loader.construct_scalar(node)
            if isinstance(node, yaml.ScalarNode)
            else loader.construct_sequence(node, deep=True)
            if isinstance(node, yaml.SequenceNode)
            else None
        )
        if suffix == "GetAtt":
            value = str(value).split(".", 1)
        return {suffix if suffix == "Ref" else f"Fn::{suffix}": value}

    yaml.add_multi_constructor("!", construct, Loader=Loader)
    return Loader
