"""Any mapping that is written to a template is the same when it is read."""

import json
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from streamkit import EventSourceMapping
from streamkit.deployment.reading import mapping_of, read_template
from tests.deployment.reading.plans import STREAM, PlanFile
from tests.deployment.reading.templates import the

TEXTS = st.text(st.characters(exclude_categories=["C"], exclude_characters="$"), min_size=1, max_size=20)
PATTERNS = st.sampled_from(['{"eventName":["INSERT"]}', '{"eventName": [{"anything-but": ["REMOVE"]}]}'])
DESTINATIONS = st.sampled_from(["arn:aws:sqs:eu-west-1:1:q", "arn:aws:sns:eu-west-1:1:t", "arn:aws:s3:::b"])
SETTINGS = st.fixed_dictionaries(
    {
        "EventSourceArn": st.just(STREAM),
        "FunctionName": st.sampled_from(["orders", "orders:live", "arn:aws:lambda:eu-west-1:1:function:orders"]),
        "StartingPosition": st.sampled_from(["TRIM_HORIZON", "LATEST"]),
    },
    optional={
        "BatchSize": st.integers(1, 10_000),
        "BisectBatchOnFunctionError": st.booleans(),
        "DestinationConfig": DESTINATIONS.map(lambda arn: {"OnFailure": {"Destination": arn}}),
        "Enabled": st.booleans(),
        "FilterCriteria": st.lists(PATTERNS, min_size=1, max_size=3).map(
            lambda patterns: {"Filters": [{"Pattern": pattern} for pattern in patterns]}
        ),
        "FunctionResponseTypes": st.sampled_from([[], ["ReportBatchItemFailures"]]),
        "KMSKeyArn": st.just("arn:aws:kms:eu-west-1:1:key/1"),
        "MaximumBatchingWindowInSeconds": st.integers(0, 300),
        "MaximumRecordAgeInSeconds": st.just(-1) | st.integers(60, 604_800),
        "MaximumRetryAttempts": st.integers(-1, 10_000),
        "MetricsConfig": st.just({"Metrics": ["EventCount"]}),
        "ParallelizationFactor": st.integers(1, 10),
        "Tags": st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=3),
    },
)


def as_cloudformation(settings: dict[str, Any]) -> dict[str, Any]:
    properties = {"KmsKeyArn" if name == "KMSKeyArn" else name: value for name, value in settings.items()}
    if "Tags" in properties:
        properties["Tags"] = [{"Key": key, "Value": value} for key, value in properties["Tags"].items()]
    return {"Resources": {"M": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties}}}


def as_sam(settings: dict[str, Any]) -> dict[str, Any]:
    names = {"EventSourceArn": "Stream", "KMSKeyArn": "KmsKeyArn"}
    event = {names.get(name, name): value for name, value in settings.items() if name != "FunctionName"}
    properties = {"Handler": "app.handler", "Events": {"E": {"Type": "DynamoDB", "Properties": event}}}
    return {"Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": properties}}}


def as_plan(settings: dict[str, Any]) -> dict[str, Any]:
    snake = {setting.alias: name for name, setting in EventSourceMapping.model_fields.items()}
    values = {snake[name]: value for name, value in settings.items()}
    if "destination_config" in values:
        on_failure = [{"destination_arn": values["destination_config"]["OnFailure"]["Destination"]}]
        values["destination_config"] = [{"on_failure": on_failure}]
    if "filter_criteria" in values:
        filters = [{"pattern": one["Pattern"]} for one in values["filter_criteria"]["Filters"]]
        values["filter_criteria"] = [{"filter": filters}]
    if "metrics_config" in values:
        values["metrics_config"] = [{"metrics": values["metrics_config"]["Metrics"]}]
    return PlanFile().mapping(**values).plan()


def read(text: str) -> EventSourceMapping:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "template"
        file.write_text(text, encoding="utf-8")
        return mapping_of(the(read_template(file)))


@hypothesis_settings(max_examples=40)  # PyYAML's writer is slow
@given(SETTINGS)
def test_cloudformation_says_the_same_as_json_and_as_yaml(settings: dict[str, Any]) -> None:
    expected = EventSourceMapping.model_validate(settings)
    template = as_cloudformation(settings)
    assert read(json.dumps(template, indent=1)) == expected
    assert read(yaml.safe_dump(template, allow_unicode=True)) == expected


@hypothesis_settings(max_examples=40)  # PyYAML's writer is slow
@given(SETTINGS)
def test_sam_says_the_same_but_for_the_function_that_the_event_is_of(settings: dict[str, Any]) -> None:
    expected = EventSourceMapping.model_validate(settings)
    assert read(yaml.safe_dump(as_sam(settings))) == expected.model_copy(update={"function_name": None})


@given(SETTINGS)
def test_a_plan_says_the_same(settings: dict[str, Any]) -> None:
    assert read(json.dumps(as_plan(settings))) == EventSourceMapping.model_validate(settings)


@given(SETTINGS)
def test_the_input_of_the_command_line_says_the_same(settings: dict[str, Any]) -> None:
    assert read(json.dumps(settings)) == EventSourceMapping.model_validate(settings)
