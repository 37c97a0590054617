"""``--invoker``, and what belongs to it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

from streamkit.cli.errors import BadInput
from streamkit.cli.invoking import Invoking, OpenedInvoker, invoker_options, opened_invoker
from streamkit.local.aws import AwsAccess
from streamkit.local.invokers.lambdaruntime import LambdaRuntime
from streamkit.local.invokers.remote import RemoteFunction
from tests.cli.project import Project
from tests.local.invokers.lambdaserver import LambdaServer, Told

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    # The function's process finds streamkit as this one does.
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    return Project(tmp_path, monkeypatch)


@pytest.fixture
def runtime(project: Project) -> str:
    """Return the command of a runtime client of the user's own."""
    project.write(
        "client.py",
        """
import json, os, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next") as told:
        id, event = told.headers["Lambda-Runtime-Aws-Request-Id"], json.load(told)
    memory = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
    print(os.environ["_HANDLER"], "of", memory, "MB got", len(event["Records"]), flush=True)
    urllib.request.urlopen(api + id + "/response", b"null").close()
""",
    )
    return f"'{sys.executable}' client.py"


def refusal(project: Project, *options: str, target: str = "") -> str:
    return project.refusal("run", target or f"{project.module}:handler", "--events", "events.jsonl", *options)


def test_by_default_the_function_runs_here(project: Project) -> None:
    for options in ((), ("--invoker", "in-process")):
        assert project.run("plain", *options).stdout.count("batch of 3\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="awslambdaric is for Linux")
def test_awslambdaric_runs_it_in_a_process_of_its_own_and_shows_what_it_prints(project: Project) -> None:
    result = project.run("handler", "--invoker", "awslambdaric", "--timeout", "60")
    assert result.exit_code == 0
    # Once here, for its mapping, and once there.
    assert result.stdout.count("the module is imported\n") == 2
    assert "handled 1\nhandled 2\nhandled 3\n" in result.stdout
    assert "all 3 records were handled" in result.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="awslambdaric is for Linux")
def test_with_awslambdaric_the_handlers_own_mapping_counts(project: Project) -> None:
    project.app("""
        from streamkit import Change, stream_handler
        @stream_handler(batch_size=1, maximum_retry_attempts=1)
        def handler(change: Change) -> None:
            if change.meta.sequence_number == "2":
                raise ValueError("bad")
    """)
    report = project.report("handler", "--invoker", "awslambdaric")
    assert report["mapping"]["BatchSize"] == 1
    assert [loss["sequence_numbers"] for loss in report["losses"]] == [["2"]]
    assert report["total"]["invocations"] == 4


def test_what_it_prints_does_not_get_into_the_json(project: Project, runtime: str) -> None:
    result = project.run("whatever", "--runtime-command", runtime, "--json")
    assert json.loads(result.stdout)["ok"]
    assert f"{project.module}:whatever of 128 MB got 3\n" in result.stderr


def test_a_runtime_command_gets_the_target_as_it_stands_and_imports_nothing(project: Project, runtime: str) -> None:
    result = project.call("run", "index.handler", "--events", "events.jsonl", "--runtime-command", runtime)
    assert result.exit_code == 0
    assert "index.handler of 128 MB got 3\n" in result.stdout
    assert "the module is imported" not in result.stdout


def test_memory_and_concurrency_are_the_functions(project: Project, runtime: str) -> None:
    options = ("--runtime-command", runtime, "--memory", "512", "--concurrency", "1")
    assert "of 512 MB" in project.run("handler", *options).stdout


def test_what_a_function_is_refused_for_is_told_by_its_options(project: Project, runtime: str) -> None:
    own = ("--runtime-command", runtime)
    assert refusal(project, *own, "--memory", "64") == (
        "Error: --memory takes 128 to 10240 MB, as Lambda's MemorySize, not 64\n"
    )
    assert refusal(project, *own, "--concurrency", "0") == (
        "Error: --concurrency takes a whole number from 1 on, or None for no limit, not 0\n"
    )
    assert refusal(project, *own, "--timeout", "901") == (
        "Error: --timeout takes seconds above 0, up to Lambda's 900, not 901.0\n"
    )


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("no-such-program x", "the command 'no-such-program' is not there, or cannot be run, as seen from "),
        ("'open", "--runtime-command 'open: No closing quotation\n"),
        (" ", "--runtime-command takes a program and its arguments, as in a shell; it is empty\n"),
    ],
)
def test_a_runtime_command_that_cannot_be_run_is_refused(project: Project, command: str, why: str) -> None:
    assert refusal(project, "--runtime-command", command).startswith(f"Error: {why}")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (
            ("--memory", "128"),
            "--memory is for functions in processes of their own: add --invoker awslambdaric, or leave it out",
        ),
        (
            ("--concurrency", "1", "--invoker", "remote"),
            "--concurrency is for functions in processes of their own: add --invoker awslambdaric, or leave it out",
        ),
        (
            ("--runtime-command", "x", "--invoker", "in-process"),
            "--runtime-command is for functions in processes of their own: add --invoker awslambdaric, or leave it out",
        ),
        (
            ("--lambda-endpoint-url", "http://127.0.0.1:1", "--invoker", "awslambdaric"),
            "--lambda-endpoint-url is for --invoker remote: add that, or leave it out",
        ),
    ],
)
def test_an_option_that_the_invoker_does_not_have_is_refused(
    project: Project, options: tuple[str, ...], why: str
) -> None:
    assert f"Error: {why}\n" in refusal(project, *options)


@pytest.mark.skipif(sys.platform != "linux", reason="awslambdaric is for Linux")
def test_a_handler_that_awslambdaric_does_not_find_is_refused(project: Project) -> None:
    project.app("class shop:\n    def handler(event, context): pass")
    assert "leads to an attribute of an attribute" in refusal(
        project, "--invoker", "awslambdaric", target=f"{project.module}:shop.handler"
    )


def test_a_remote_function_is_called_by_its_name(project: Project) -> None:
    with LambdaServer(lambda call: Told({"batchItemFailures": []})) as server:
        options = ("--invoker", "remote", "--lambda-endpoint-url", server.url, "--batch-size", "2")
        result = project.call("run", "orders:live", "--events", "events.jsonl", *options)
    assert result.exit_code == 0
    assert [call.path for call in server.calls] == ["/2015-03-31/functions/orders%3Alive/invocations"] * 2
    assert [len(json.loads(call.payload)["Records"]) for call in server.calls] == [2, 1]


def test_a_remote_function_that_cannot_be_asked_is_bad_input(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    assert "no region is known for lambda" in refusal(project, "--invoker", "remote")
    assert refusal(project, "--invoker", "remote", "--timeout", "0").startswith(
        "Error: --timeout takes seconds above 0"
    )


def test_what_is_opened_is_closed(project: Project, runtime: str) -> None:
    with opened_invoker("index.handler", Invoking(runtime_command=runtime), 30.0) as opened:
        assert isinstance(opened.runs, LambdaRuntime)
        assert opened.handler is None
        runs = opened.runs
    with pytest.raises(RuntimeError, match="closed"):
        runs.invoke(b"{}", "r", "f")


def test_region_and_profile_of_a_remote_function_are_those_of_the_caller_and_the_endpoint_is_its_own(
    project: Project,
) -> None:
    access = AwsAccess(endpoint_url="http://127.0.0.1:1", region="eu-north-1")
    with LambdaServer(lambda call: Told()) as server:
        invoking = Invoking(invoker="remote", lambda_endpoint_url=server.url)
        with opened_invoker("orders", invoking, 30.0, access) as opened:
            assert isinstance(opened.runs, RemoteFunction)
            assert opened.runs.invoke(b"{}", "r", "f").throttled is None
    assert "/eu-north-1/lambda/" in server.calls[0].headers["authorization"]


def test_an_error_of_the_run_is_not_taken_for_one_of_the_options(project: Project, runtime: str) -> None:
    with pytest.raises(ValueError, match="timeout of the run itself"):
        _fail_within(opened_invoker("index.handler", Invoking(runtime_command=runtime), 30.0))


def _fail_within(opened: Any) -> None:
    with opened:
        raise ValueError("timeout of the run itself")


def test_a_command_gets_its_options_as_one() -> None:
    got: list[Any] = []

    @click.command()
    @invoker_options
    @click.option("--other")
    def command(invoking: Invoking, other: str) -> None:
        got.append((invoking, invoking.kind, other))

    run: Callable[..., Any] = CliRunner().invoke
    run(command, ["--other", "x"], catch_exceptions=False)
    run(command, ["--runtime-command", "x", "--memory", "128"], catch_exceptions=False)
    assert got == [
        (Invoking(), "in-process", "x"),
        (Invoking(runtime_command="x", memory=128), "awslambdaric", None),
    ]


def test_a_bad_module_is_bad_input(project: Project) -> None:
    with pytest.raises(BadInput, match="there is no module"), opened_invoker("nothere:handler", Invoking(), 1.0) as one:
        assert isinstance(one, OpenedInvoker)
