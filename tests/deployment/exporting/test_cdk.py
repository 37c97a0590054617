"""CDK's construct: Python that says the mapping, and that the real CDK makes the mapping of."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamkit.deployment.exporting import export
from streamkit.deployment.found import Unknown
from streamkit.deployment.permissions import statements_for
from tests.deployment.exporting.mappings import DESTINATIONS, FUNCTIONS, HOSTILE, KEY, STREAM, TEXTS, made, mappings
from tests.deployment.exporting.reading import alike, read_back
from tests.parts.cdk import cdk_python
from tests.parts.needs import MissingPartError, missing

if TYPE_CHECKING:
    from pathlib import Path

    from streamkit import EventSourceMapping

MAPPINGS = mappings(TEXTS.filter(lambda text: "{{resolve:" not in text), FUNCTIONS)
SYNTHESISE = """
import importlib, json, sys
from pathlib import Path
from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam

folder, out = sys.argv[1:]
sys.path.insert(0, folder)
app = App(outdir=out, analytics_reporting=False)
for name, arguments in json.loads(Path(folder, "arguments.json").read_text(encoding="utf-8")).items():
    module = importlib.import_module(name)
    (construct,) = (one for one in vars(module) if one.endswith("Mapping"))
    stack = Stack(app, name)
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    getattr(module, construct)(stack, "Orders", role=role, **arguments)
app.synth()
"""
"""What the CDK's Python runs: a stack for each module of a folder, with the arguments that its construct takes."""
EVERYTHING = {
    "starting_position": "LATEST",
    "event_source_arn": STREAM,
    "function_name": "orders:live",
    "enabled": False,
    "bisect_batch_on_function_error": True,
    "function_response_types": ["ReportBatchItemFailures"],
    "destination_config": {"OnFailure": {"Destination": DESTINATIONS["S3"]}},
    "kms_key_arn": KEY,
    "metrics_config": {"Metrics": ["EventCount"]},
}


def _made_by(text: str, arguments: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Run a construct with constructs that only note what they are given; return that, by class."""
    noted: dict[str, dict[str, Any]] = {}

    def noting(name: str) -> Any:
        def make(*_: Any, **given: Any) -> Any:
            noted[name] = given
            return SimpleNamespace(node=mock.Mock())

        return make

    values = {
        f"{name}Property": dict
        for name in ("DestinationConfig", "OnFailure", "FilterCriteria", "Filter", "MetricsConfig")
    }
    make_mapping = noting("mapping")
    for name, value in values.items():
        setattr(make_mapping, name, value)
    functions = SimpleNamespace(
        select=lambda index, parts: f"select({index}, {parts})",
        split=lambda separator, text: f"split({separator}, {text})",
        join=lambda between, parts: between.join(parts),
    )
    modules = {
        "aws_cdk": _module(Fn=functions, CfnTag=dict),
        "aws_cdk.aws_iam": _module(Policy=noting("policy"), PolicyStatement=dict, IRole=object),
        "aws_cdk.aws_lambda": _module(CfnEventSourceMapping=make_mapping),
        "constructs": _module(Construct=type("Construct", (), {"__init__": lambda *_: None})),
    }
    vars(modules["aws_cdk"]).update(aws_iam=modules["aws_cdk.aws_iam"], aws_lambda=modules["aws_cdk.aws_lambda"])
    with mock.patch.dict(sys.modules, modules):
        module = ModuleType("exported")
        exec(compile(text, "exported.py", "exec"), vars(module))  # noqa: S102  # what we wrote
        (construct,) = (one for name, one in vars(module).items() if name.endswith("Mapping"))
        construct(None, "Id", **arguments)
    return noted


def _module(**members: Any) -> ModuleType:
    module = ModuleType("double")
    vars(module).update(members)
    return module


def _read_back(text: str, arguments: dict[str, Any]) -> EventSourceMapping:
    given = dict(_made_by(text, arguments)["mapping"])
    if "destination_config" in given:
        given["destination_config"] = {
            "OnFailure": {"Destination": given["destination_config"]["on_failure"]["destination"]}
        }
    if "filter_criteria" in given:
        given["filter_criteria"] = {
            "Filters": [{"Pattern": one["pattern"]} for one in given["filter_criteria"]["filters"]]
        }
    if "metrics_config" in given:
        given["metrics_config"] = {"Metrics": given["metrics_config"]["metrics"]}
    if "tags" in given:
        given["tags"] = {one["key"]: one["value"] for one in given["tags"]}
    return made({name: value for name, value in given.items() if value is not None})


def _unsaid(mapping: EventSourceMapping) -> dict[str, Any]:
    """Return the arguments that a construct asks for, with nothing in them."""
    asked = {
        "stream_arn": mapping.event_source_arn,
        "function_name": mapping.function_name,
        "starting_position": mapping.starting_position,
    }
    return {"role": None, **{name: None for name, value in asked.items() if value is None}}


@settings(max_examples=60)
@given(mapping=MAPPINGS, everything=st.booleans())
def test_what_is_read_back_is_the_mapping(mapping: EventSourceMapping, everything: bool) -> None:
    text = export("cdk", mapping, everything=everything)
    assert alike(_read_back(text, _unsaid(mapping)), mapping)


@pytest.mark.parametrize("mapping", [made({}), made(EVERYTHING), made({"event_source_arn": STREAM})])
def test_the_policy_is_the_least_that_is_needed(mapping: EventSourceMapping) -> None:
    policy = _made_by(export("cdk", mapping), {**_unsaid(mapping), "role": "the role"} | _asked(mapping))["policy"]
    assert policy["roles"] == ["the role"]
    listed = "select(0, split(/stream/, S))/stream/*"
    assert [(one["actions"], one["resources"]) for one in policy["statements"]] == [
        (
            [*one.actions],
            [
                ("S" if "GetRecords" in str(one.actions) else listed) if isinstance(each, Unknown) else each
                for each in one.resources
            ],
        )
        for one in statements_for(mapping)
    ]


def _asked(mapping: EventSourceMapping) -> dict[str, Any]:
    return {} if mapping.event_source_arn else {"stream_arn": "S"}


def test_a_function_of_any_name_has_a_class_of_a_name_that_python_takes() -> None:
    assert "class ShopOrders2Mapping(Construct):" in export("cdk", made({"function_name": "shop-orders_2"}))
    assert "class Function2ordersMapping(Construct):" in export("cdk", made({"function_name": "2orders"}))
    assert "class FunctionMapping(Construct):" in export("cdk", made({"function_name": "_"}))
    assert "class OrdersMapping(Construct):" in export("cdk", made({"function_name": "OrdersMapping"}))


def test_a_module_is_formatted_as_people_format_theirs() -> None:
    several = [{"Pattern": '{"eventName": ["INSERT"]}'}, {"Pattern": json.dumps({"a": ["x" * 60]})}]
    texts = [
        export("cdk", made({})),
        export("cdk", made({**EVERYTHING, "filter_criteria": {"Filters": several}, "tags": {"a": "b", "c": "d" * 80}})),
        *(export("cdk", made({"tags": {f"t{one}": one}})) for one in HOSTILE if "{{resolve:" not in one),
    ]
    assert importlib.util.find_spec("ruff") is not None
    for text in texts:
        done = subprocess.run(
            [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", "-"],
            input=text.encode(),
            capture_output=True,
            check=False,
        )
        assert done.stdout.decode() == ""
        assert done.returncode == 0, done.stderr


# --- with the CDK itself -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cdk() -> Path:
    try:
        return cdk_python()
    except MissingPartError as error:
        missing(error)


def test_the_cdk_makes_a_template_that_is_the_mapping(cdk: Path, tmp_path: Path) -> None:
    hostile = [one for one in HOSTILE if "{{resolve:" not in one]
    patterns = [
        {"Pattern": json.dumps({"dynamodb": {"NewImage": {"a": {"S": hostile}}}}, ensure_ascii=ascii_only)}
        for ascii_only in (False, True)
    ]
    tags = {f"t{number}": one for number, one in enumerate(hostile)}
    window = {"tumbling_window_in_seconds": 60, "event_source_arn": STREAM, "starting_position": "TRIM_HORIZON"}
    cases = {
        "nothing": (made({}), {"stream_arn": STREAM, "function_name": "orders", "starting_position": "LATEST"}),
        "everything": (made({**EVERYTHING, "filter_criteria": {"Filters": patterns}, "tags": tags}), {}),
        "window": (made(window), {"function_name": "orders"}),
    }
    for name, (mapping, _) in cases.items():
        (tmp_path / f"{name}.py").write_text(export("cdk", mapping, everything=name == "window"), encoding="utf-8")
    given_to = {name: arguments for name, (_, arguments) in cases.items()}
    (tmp_path / "arguments.json").write_text(json.dumps(given_to), encoding="utf-8")
    done = subprocess.run(  # noqa: S603  # a Python of the cache, and our own program
        [str(cdk), "-I", "-c", SYNTHESISE, str(tmp_path), str(tmp_path / "out")],
        env={**os.environ, "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for name, (mapping, arguments) in cases.items():
        text = (tmp_path / "out" / f"{name}.template.json").read_text(encoding="utf-8")
        given = {"event_source_arn" if one == "stream_arn" else one: value for one, value in arguments.items()}
        wanted = made({**mapping.settings(), **given})
        assert alike(read_back(text), wanted), name
        assert _allowed(json.loads(text)) == {action for one in statements_for(wanted) for action in one.actions}


def _allowed(template: dict[str, Any]) -> set[str]:
    (policy,) = (one for one in template["Resources"].values() if one["Type"] == "AWS::IAM::Policy")
    listed = [one["Action"] for one in policy["Properties"]["PolicyDocument"]["Statement"]]
    return {action for one in listed for action in ([one] if isinstance(one, str) else one)}
