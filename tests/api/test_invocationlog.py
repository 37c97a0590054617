from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

import pytest

from streamkit.api.functionoutput import output_watched
from tests.api.functionbuild import Project, project
from tests.api.invokebuild import ECHO, ID, Lambda, function, made

if TYPE_CHECKING:
    from streamkit.api.invoking import InvokeAnswer

__all__ = ["made", "project"]


def tail(answer: InvokeAnswer) -> str:
    return base64.b64decode(answer.headers["X-Amz-Log-Result"]).decode(errors="replace")


def test_the_log_tail_is_what_the_function_printed_between_lambdas_lines(
    made: list[Lambda], project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    with output_watched():
        invoke = function(made, project, "def handler(event, context): print('héllo', end=event)")
        answer, other = invoke(b'"\\n"', log_type="Tail"), invoke(b'""', log_type="Tail")
    for one in (answer, other):
        assert re.fullmatch(
            rf"START RequestId: {ID} Version: \$LATEST\n"
            r"héllo\n"
            rf"END RequestId: {ID}\n"
            rf"REPORT RequestId: {ID}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t\n",
            tail(one),
        )
    assert invoke.shown == []
    assert capsys.readouterr().out == "héllo\nhéllo"
    assert "X-Amz-Log-Result" not in invoke(b'""', log_type="None").headers


def test_the_log_tail_is_its_last_four_kilobytes(made: list[Lambda], project: Project) -> None:
    with output_watched():
        invoke = function(made, project, "def handler(event, context): print('x' * 10_000)")
        log = base64.b64decode(invoke(log_type="Tail").headers["X-Amz-Log-Result"])
    assert len(log) == 4096
    assert log.startswith(b"xxxx")
    assert log.endswith(b"MB\t\n")


def test_a_function_that_prints_nothing_has_lambdas_lines_alone(made: list[Lambda], project: Project) -> None:
    assert tail(function(made, project, ECHO)(log_type="Tail")).count("\n") == 3


def test_with_lambdas_own_runtime_client_answers_and_logs_are_the_real_ones(
    made: list[Lambda], project: Project
) -> None:
    pytest.importorskip("awslambdaric", reason="needs awslambdaric, which is for Linux: pip install awslambdaric")
    code = """
    import os, time
    def handler(event, context):
        print("got", event, flush=True)
        if event == "slow":
            time.sleep(60)
        if event == "exit":
            os._exit(3)
        return event["id"]
    """
    invoke = function(made, project, code, in_process=False, timeout=1)
    answer = invoke(b'{"id": [1, null, "\\u00e9"]}', log_type="Tail")
    assert (answer.status, answer.body.decode()) == (200, '[1, null, "é"]')
    assert "\ngot {'id': [1, None, 'é']}\nEND RequestId" in tail(answer)
    assert "got" in invoke.shown[0]

    failed = invoke(b'{"no": 1}', log_type="Tail")
    body = json.loads(failed.body)
    assert (body["errorMessage"], body["errorType"], body["requestId"]) == ("'id'", "KeyError", ID)
    assert 'in handler\n    return event["id"]\n' in body["stackTrace"][-1]
    assert "[ERROR] KeyError: 'id'\nTraceback (most recent call last):\n  File" in tail(failed)

    slow = invoke(b'"slow"', log_type="Tail")
    assert json.loads(slow.body) == {
        "errorMessage": f"RequestId: {ID} Error: Task timed out after 1.00 seconds",
        "errorType": "Sandbox.Timedout",
    }
    assert tail(slow).endswith(
        "\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\tMemory Size: 128 MB\tStatus: timeout\t\n"
    )
    assert re.search(rf"got slow\n\d{{4}}-\S+Z {ID} Task timed out after 1.00 seconds\nEND RequestId", tail(slow))

    gone = invoke(b'"exit"', log_type="Tail")
    assert f"\nRequestId: {ID} Error: Runtime exited with error: exit status 3\nRuntime.ExitError\nEND" in tail(gone)
    assert gone.headers["X-Amz-Function-Error"] == "Unhandled"
    assert json.loads(gone.body) == {
        "errorMessage": f"RequestId: {ID} Error: Runtime exited with error: exit status 3",
        "errorType": "Runtime.ExitError",
    }
