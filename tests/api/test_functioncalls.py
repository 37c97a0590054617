from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.api.functioncalls import FunctionCalls
from streamkit.api.functiondefinitions import AliasDefinition, FunctionDefinition
from streamkit.api.functionnames import FunctionName
from streamkit.api.refusals import Refusal
from tests.api.functionbuild import REGION, Project, project

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["project"]

ARN = f"arn:aws:lambda:{REGION}:123456789012:function:orders"
FULL = FunctionDefinition(
    FunctionName("orders"),
    "app:handler",
    "here",
    timeout=30,
    memory_size=256,
    concurrency=5,
    description="Takes orders",
    tags={"team": "shop"},
    aliases={"live": AliasDefinition("app:other", "what customers see")},
)


def fits(operation: str, answer: dict[str, Any]) -> None:
    """Hold an answer against AWS's own model of the call: every member known, and of its type."""
    model = pytest.importorskip("botocore.session").get_session().get_service_model("lambda")
    _fits(model.operation_model(operation).output_shape, json.loads(json.dumps(answer)), operation)


def _fits(shape: Any, value: Any, path: str) -> None:
    match shape.type_name:
        case "structure":
            for name, member in value.items():
                assert name in shape.members, f"{path} has no {name}"
                _fits(shape.members[name], member, f"{path}.{name}")
        case "list":
            for index, member in enumerate(value):
                _fits(shape.member, member, f"{path}[{index}]")
        case "map":
            for name, member in value.items():
                _fits(shape.value, member, f"{path}.{name}")
        case "string":
            assert isinstance(value, str), path
            assert not shape.enum or value in shape.enum, path
            pattern = shape.metadata.get("pattern", "")
            # Some are Java's, and none that Python knows.
            assert not pattern or "\\p{" in pattern or re.fullmatch(pattern, value), path
        case "integer" | "long":
            assert type(value) is int, path
            assert shape.metadata.get("min", value) <= value <= shape.metadata.get("max", value), path
        case other:  # pragma: no cover  # none of the answers has it
            pytest.fail(f"{path} is a {other}")


@pytest.fixture
def calls(project: Project) -> FunctionCalls:
    return FunctionCalls(project.functions(FULL, "bare=app:handler"))


def refusal(call: Callable[..., Any], *given: Any, **named: Any) -> tuple[str, str]:
    with pytest.raises(Refusal) as refused:
        call(*given, **named)
    return refused.value.kind, refused.value.message


def test_a_function_is_described_as_aws_describes_it(project: Project, calls: FunctionCalls) -> None:
    answer = calls.get_function(REGION, "orders")
    fits("GetFunction", answer)
    code = (project.folder / "app.py").read_bytes()
    told = answer["Configuration"]
    assert {name: told[name] for name in told if name not in ("LastModified", "RevisionId", "Architectures")} == {
        "FunctionName": "orders",
        "FunctionArn": ARN,
        "Runtime": f"python3.{sys.version_info.minor}",
        "Role": "arn:aws:iam::123456789012:role/streamkit",
        "Handler": "app.handler",
        "CodeSize": len(code),
        "Description": "Takes orders",
        "Timeout": 30,
        "MemorySize": 256,
        "CodeSha256": base64.b64encode(hashlib.sha256(code).digest()).decode(),
        "Version": "$LATEST",
        "TracingConfig": {"Mode": "PassThrough"},
        "PackageType": "Zip",
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/orders"},
        "State": "Active",
        "LastUpdateStatus": "Successful",
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", told["LastModified"])
    del answer["Configuration"]
    assert answer == {
        "Code": {"RepositoryType": "streamkit"},
        "Tags": {"team": "shop"},
        "Concurrency": {"ReservedConcurrentExecutions": 5},
    }


def test_a_function_has_lambdas_defaults(calls: FunctionCalls) -> None:
    answer = calls.get_function(REGION, "bare")
    fits("GetFunction", answer)
    told = answer["Configuration"]
    assert (told["Timeout"], told["MemorySize"], told["Description"]) == (3, 128, "")
    assert set(answer) == {"Configuration", "Code"}
    assert "Environment" not in told


def test_variables_are_told(project: Project) -> None:
    pytest.importorskip("awslambdaric")
    functions = project.functions(replace(FULL, variables={"TABLE": "orders"}), in_process=False)
    answer = FunctionCalls(functions).get_function_configuration(REGION, "orders")
    fits("GetFunctionConfiguration", answer)
    assert answer["Environment"] == {"Variables": {"TABLE": "orders"}}


def test_what_an_alias_leads_to_goes_by_its_arn(calls: FunctionCalls) -> None:
    alias = calls.get_function_configuration(REGION, "orders:live")
    assert alias == calls.get_function_configuration(REGION, "orders", "live")
    assert (alias["FunctionArn"], alias["Version"], alias["Handler"]) == (f"{ARN}:live", "1", "app.other")
    version = calls.get_function_configuration(REGION, "orders", "1")
    assert {**version, "FunctionArn": f"{ARN}:live"} == alias
    latest = calls.get_function_configuration(REGION, "orders:$LATEST")
    assert (latest["FunctionArn"], latest["Version"]) == (f"{ARN}:$LATEST", "$LATEST")
    assert latest["RevisionId"] != version["RevisionId"]
    for answer in (alias, version, latest):
        fits("GetFunctionConfiguration", answer)


def test_who_asks_for_what_is_not_there_is_told_its_arn(calls: FunctionCalls) -> None:
    for call in (calls.get_function, calls.get_function_configuration):
        assert refusal(call, REGION, "orders:next") == (
            "ResourceNotFoundException",
            f"Function not found: {ARN}:next",
        )
        assert refusal(call, REGION, "orders:live", "1")[0] == "InvalidParameterValueException"
        assert refusal(call, REGION, "a b")[0] == "ValidationException"
    for unqualified in (calls.list_aliases, calls.list_versions_by_function, calls.get_function_concurrency):
        assert refusal(unqualified, REGION, "nobody")[0] == "ResourceNotFoundException"


def test_a_gov_functions_role_is_of_its_partition(calls: FunctionCalls) -> None:
    told = calls.get_function_configuration("us-gov-west-1", "orders")
    assert told["Role"] == "arn:aws-us-gov:iam::123456789012:role/streamkit"
    assert told["FunctionArn"].startswith("arn:aws-us-gov:lambda:us-gov-west-1:")


@pytest.mark.parametrize("machine", ["aarch64", "arm64", "x86_64", "AMD64"])
def test_the_architecture_is_this_machines(calls: FunctionCalls, monkeypatch: pytest.MonkeyPatch, machine: str) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    (told,) = calls.get_function_configuration(REGION, "orders")["Architectures"]
    assert told == ("arm64" if machine in ("aarch64", "arm64") else "x86_64")


def test_functions_are_listed_by_name_without_their_state(calls: FunctionCalls) -> None:
    answer = calls.list_functions(REGION)
    fits("ListFunctions", answer)
    assert [one["FunctionArn"] for one in answer["Functions"]] == [ARN.replace("orders", "bare"), ARN]
    assert {"State", "LastUpdateStatus"}.isdisjoint(answer["Functions"][0])
    assert set(answer) == {"Functions"}


def test_functions_are_listed_with_all_their_versions(calls: FunctionCalls) -> None:
    answer = calls.list_functions(REGION, function_version="ALL")
    fits("ListFunctions", answer)
    bare = ARN.replace("orders", "bare")
    assert [one["FunctionArn"] for one in answer["Functions"]] == [f"{bare}:$LATEST", f"{ARN}:$LATEST", f"{ARN}:1"]
    problem = "Value 'SOME' at 'functionVersion' failed to satisfy constraint"
    assert refusal(calls.list_functions, REGION, function_version="SOME") == (
        "ValidationException",
        f"1 validation error detected: {problem}: Member must satisfy enum value set: [ALL]",
    )


def test_versions_are_listed_under_their_arns(calls: FunctionCalls) -> None:
    answer = calls.list_versions_by_function(REGION, "orders")
    fits("ListVersionsByFunction", answer)
    assert [(one["FunctionArn"], one["Version"]) for one in answer["Versions"]] == [
        (f"{ARN}:$LATEST", "$LATEST"),
        (f"{ARN}:1", "1"),
    ]


def test_aliases_are_listed_and_told(calls: FunctionCalls) -> None:
    answer = calls.list_aliases(REGION, "orders")
    fits("ListAliases", answer)
    (alias,) = answer["Aliases"]
    assert {name: alias[name] for name in alias if name != "RevisionId"} == {
        "AliasArn": f"{ARN}:live",
        "Name": "live",
        "FunctionVersion": "1",
        "Description": "what customers see",
    }
    assert calls.get_alias(REGION, "orders", "live") == alias
    fits("GetAlias", alias)
    assert calls.list_aliases(REGION, "orders", function_version="1") == answer
    assert calls.list_aliases(REGION, "orders", function_version="$LATEST") == {"Aliases": []}
    assert refusal(calls.get_alias, REGION, "orders", "next") == (
        "ResourceNotFoundException",
        f"Cannot find alias arn: {ARN}:next",
    )


def test_concurrency_and_tags_are_told_where_there_are_any(calls: FunctionCalls) -> None:
    answer = calls.get_function_concurrency(REGION, "orders")
    fits("GetFunctionConcurrency", answer)
    assert answer == {"ReservedConcurrentExecutions": 5}
    assert calls.get_function_concurrency(REGION, "bare") == {}
    tags = calls.list_tags(REGION, ARN)
    fits("ListTags", tags)
    assert tags == {"Tags": {"team": "shop"}}
    assert calls.list_tags(REGION, ARN.replace("orders", "bare")) == {"Tags": {}}
    assert refusal(calls.list_tags, REGION, ARN.replace("orders", "nobody")) == (
        "ResourceNotFoundException",
        "The resource you requested does not exist.",
    )
