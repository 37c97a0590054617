"""A Node function under AWS's own runtime client for Node: the Runtime API is the same for every language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local import LocalRunner, LocalTable
from streamkit.local.invokers.functionerror import FunctionError
from streamkit.local.invokers.lambdaruntime import LambdaRuntime
from tests.local.invokers.noderuntime import aws_lambda_ric
from tests.local.invokers.runtimeclient import invoke
from tests.parts.needs import MissingPartError, missing

if TYPE_CHECKING:
    from pathlib import Path

INDEX = """
exports.handler = async (event, context) => {
    console.log("got", event.Records.length, "records in", context.functionName, context.memoryLimitInMB);
    const bad = event.Records.find((record) => record.dynamodb.NewImage.id.N === "2");
    return {batchItemFailures: bad ? [{itemIdentifier: bad.dynamodb.SequenceNumber}] : []};
};
exports.throwing = async () => { throw new TypeError("no table"); };
exports.exiting = async () => process.exit(3);
exports.looping = async () => { for (;;); };
"""


@pytest.fixture(scope="module")
def program() -> str:
    try:
        return str(aws_lambda_ric())
    except MissingPartError as error:
        missing(error)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "index.js").write_text(INDEX, encoding="utf-8")
    return tmp_path


def test_a_node_handler_is_run_with_partial_failures_and_retries(program: str, folder: Path) -> None:
    table = LocalTable("orders", key="id")
    for number in (1, 2, 3):
        table.put({"id": number})
    mapping = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "MaximumRetryAttempts": 1, "BatchSize": 2}
    with LambdaRuntime("index.handler", command=[program], cwd=folder, memory_mb=1024) as runtime:
        runner = LocalRunner(runtime, table, mapping)
        runner.run()
    assert [(call.outcome, len(call.sequence_numbers)) for call in runner.invocations] == [
        ("partial", 2),
        ("partial", 1),
        ("partial", 1),
        ("success", 1),
    ]
    assert [record["DDBStreamBatchInfo"]["batchSize"] for record in runner.discarded] == [1]
    assert "got 2 records in handler 1024" in runner.invocations[0].log


@pytest.mark.parametrize(
    ("handler", "error", "message"),
    [
        ("index.throwing", "TypeError", "no table"),
        ("index.exiting", "Runtime.ExitError", "RequestId: request-1 Error: Runtime exited with error: exit status 3"),
        ("index.nothing", "Runtime.HandlerNotFound", "index.nothing is undefined or not exported"),
        ("nothing.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'nothing'"),
    ],
)
def test_its_errors_are_told_as_pythons_are(program: str, folder: Path, handler: str, error: str, message: str) -> None:
    with LambdaRuntime(handler, command=[program], cwd=folder) as runtime:
        raised: Any = invoke(runtime).error
    assert isinstance(raised, FunctionError)
    assert raised.error_type == error
    assert raised.message.startswith(message)


def test_a_node_handler_that_loops_is_killed(program: str, folder: Path) -> None:
    with LambdaRuntime("index.looping", command=[program], cwd=folder, timeout=0.5) as runtime:
        assert str(invoke(runtime).error) == "Task timed out after 0.50 seconds"
