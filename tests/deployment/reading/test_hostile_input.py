"""Whatever a file holds, it is read or refused with a TemplateError: nothing else, and in bounded time."""

import json
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from streamkit.deployment.found import FoundMapping, TemplateError
from streamkit.deployment.reading import mapping_of, read_template
from streamkit.deployment.reading.texts.yamltext import yaml_value
from tests.deployment.reading.templates import DATA, evaluated

NAMES = st.sampled_from(
    """
    Resources Type Properties Condition Conditions Parameters Default Mappings Globals Function Events Transform
    EventSourceArn FunctionName StartingPosition Stream BatchSize Tags Key Value DestinationConfig OnFailure
    Destination FilterCriteria Filters Pattern Policies PolicyDocument Statement Action Resource Effect Role
    Roles ManagedPolicyArns Ref Fn::GetAtt Fn::Sub Fn::Join Fn::If Fn::Select Fn::Split Fn::FindInMap Fn::Equals
    Fn::Not Fn::And Fn::ForEach::X Fn::ToJsonString Fn::Length A B M StreamSpecification TableName CodeUri Code
    Handler Timeout AutoPublishAlias format_version planned_values values root_module resources child_modules
    address type mode resource_changes change after_unknown configuration expressions references module_calls
    outputs statement policy event_source_arn function_name starting_position destination_config on_failure role
    EventSourceMappings UUID State FunctionArn
    """.split()  # noqa: SIM905  # a line a word would hide the rest
)
WORDS = st.sampled_from(
    """
    A B M A.Arn ${A} ${A.StreamArn} LATEST DynamoDB AWS::Lambda::EventSourceMapping AWS::Serverless::Function
    AWS::Lambda::Function AWS::DynamoDB::Table AWS::IAM::Role AWS::IAM::Policy AWS::Lambda::Alias AWS::NoValue
    AWS::Region aws_lambda_event_source_mapping.a aws_lambda_event_source_mapping aws_lambda_function
    aws_dynamodb_table aws_iam_role aws_dynamodb_table.t.stream_arn var.x module.m.out each.key 1.2 data managed
    arn:aws:dynamodb:eu-west-1:1:table/t/stream/s arn:aws:lambda:eu-west-1:1:function:f
    """.split()  # noqa: SIM905  # a line a word would hide the rest
) | st.text(max_size=5)
SCALARS = st.none() | st.booleans() | st.integers(-5, 20_000) | st.floats() | WORDS
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(NAMES | WORDS, inside, max_size=4),
    max_leaves=25,
)
EXAMPLES = [
    json.loads((DATA / "orders.cdk.template.json").read_text(encoding="utf-8")),
    json.loads((DATA / "orders.plan.json").read_text(encoding="utf-8")),
    yaml_value((DATA / "orders.sam.yaml").read_text(encoding="utf-8"), "orders.sam.yaml"),
    yaml_value((DATA / "orders.cfn.yaml").read_text(encoding="utf-8"), "orders.cfn.yaml"),
]


def attempt(data: bytes) -> list[FoundMapping]:
    """Read a file: nothing may be raised but a TemplateError."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "template"
        file.write_bytes(data)
        try:
            found = read_template(file)
        except TemplateError as error:
            assert str(file) in str(error)  # noqa: PT017  # it may be raised, and need not
            return []
        for one in found:
            try:
                mapping_of(one)
            except TemplateError as error:
                assert str(file) in str(error)  # noqa: PT017  # the same
        return found


@given(st.dictionaries(NAMES, VALUES, max_size=5) | VALUES)
def test_any_json_is_read_or_refused(value: Any) -> None:
    attempt(json.dumps(value).encode())


@given(VALUES)
def test_any_yaml_is_read_or_refused(value: Any) -> None:
    attempt(yaml.safe_dump({"Resources": value}).encode())


@given(st.binary(max_size=200) | st.text("{}[]:,-&*!|>'\"\\ \n\tab<?#%@").map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    attempt(data)


@given(st.data())
def test_an_example_with_something_else_in_one_place_is_read_or_refused(data: st.DataObject) -> None:
    whole = json.loads(json.dumps(data.draw(st.sampled_from(EXAMPLES))))
    at: Any = whole
    while True:
        step = data.draw(st.sampled_from(list(at) if isinstance(at, dict) else range(len(at))))
        if not isinstance(at[step], dict | list) or not at[step] or data.draw(st.integers(0, 7)) == 0:
            at[step] = data.draw(VALUES)
            break
        at = at[step]
    attempt(json.dumps(whole).encode())


def test_functions_as_deep_as_a_file_may_be_are_evaluated(tmp_path: Path) -> None:
    node: Any = "x"
    for _ in range(30):
        node = {"Fn::Join": ["", [node]]}
    assert evaluated(tmp_path, node) == "x"
    tags = f"{'!Join [a, ' * 90}b{']' * 90}"
    head = "{Resources: {M: {Type: AWS::Lambda::EventSourceMapping, Properties: {Tags: "
    assert len(attempt(f"# a comment, so that it is YAML\n{head}{tags}}}}}}}}}".encode())) == 1
