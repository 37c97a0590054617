from __future__ import annotations

import os

import pytest

from streamkit.local.invokers.functionenvironment import function_environment
from tests.local.invokers.runtimeclient import ARN


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name != "PYTEST_CURRENT_TEST":
            monkeypatch.delenv(name)


def environment(arn: str = ARN, **given: str) -> dict[str, str]:
    told = function_environment(
        given, handler="app.handler", name="handler", function_arn=arn, cwd="/task", memory_mb=256
    )
    told.pop("PYTEST_CURRENT_TEST", None)
    return told


def test_lambdas_variables_are_there() -> None:
    assert environment() == {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_NAME": "orders",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/orders",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_REGION": "eu-west-1",
        "LAMBDA_TASK_ROOT": "/task",
        "PYTHONPATH": "/task",
        "TZ": ":UTC",
        "_HANDLER": "app.handler",
    }


def test_an_alias_is_not_part_of_the_name() -> None:
    assert environment(f"{ARN}:live")["AWS_LAMBDA_FUNCTION_NAME"] == "orders"


def test_without_an_arn_the_name_is_the_handlers_and_the_region_some() -> None:
    told = environment("orders")
    assert (told["AWS_LAMBDA_FUNCTION_NAME"], told["AWS_REGION"]) == ("handler", "us-east-1")


@pytest.mark.parametrize(
    ("own", "region", "default"),
    [
        ({"AWS_REGION": "a"}, "a", "a"),
        ({"AWS_DEFAULT_REGION": "b"}, "b", "b"),
        ({"AWS_REGION": "a", "AWS_DEFAULT_REGION": "b"}, "a", "b"),
        ({"AWS_REGION": ""}, "eu-west-1", "eu-west-1"),
    ],
)
def test_a_region_that_is_set_is_kept(
    own: dict[str, str], region: str, default: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    told = environment()
    assert (told["AWS_REGION"], told["AWS_DEFAULT_REGION"]) == (region, default)


def test_what_is_given_is_there_but_does_not_take_lambdas_place() -> None:
    told = environment(TABLE="orders", TZ="CET", _HANDLER="other.handler", PYTHONPATH="/layer")
    assert (told["TABLE"], told["TZ"], told["_HANDLER"], told["PYTHONPATH"]) == (
        "orders",
        "CET",
        "app.handler",
        "/task:/layer",
    )


def test_this_process_variables_are_there_but_for_those_that_do_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home")
    monkeypatch.setenv("PYTHONPATH", "/own")
    for name in ("AWS_LAMBDA_MAX_CONCURRENCY", "_LAMBDA_TELEMETRY_LOG_FD", "PYTHONINSPECT", "COVERAGE_PROCESS_START"):
        monkeypatch.setenv(name, "1")
    told = environment(COVERAGE_PROCESS_START="wanted")
    assert (told["HOME"], told["PYTHONPATH"], told["COVERAGE_PROCESS_START"]) == ("/home", "/task:/own", "wanted")
    assert not {"AWS_LAMBDA_MAX_CONCURRENCY", "_LAMBDA_TELEMETRY_LOG_FD", "PYTHONINSPECT"} & told.keys()
