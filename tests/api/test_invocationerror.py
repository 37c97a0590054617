from __future__ import annotations

import json
import re

import pytest

from tests.api.functionbuild import Project, project
from tests.api.invokebuild import ID, Lambda, function, made

__all__ = ["made", "project"]


FAILING = """
class OddError(Exception):
    def __str__(self):
        raise ValueError("even more so")

def handler(event, context):
    if event == "odd":
        raise OddError
    if event == "exit":
        raise SystemExit(3)
    if event == "set":
        return {1}
    if event == "large":
        return "x" * 6_291_557
    return helper(event)

def helper(event):
    return event["id"]
"""


def test_a_function_that_raises_is_answered_with_its_traceback(made: list[Lambda], project: Project) -> None:
    invoke = function(made, project, FAILING)
    answer = invoke()
    assert (answer.status, answer.headers["X-Amz-Function-Error"]) == (200, "Unhandled")
    body = json.loads(answer.body)
    (outer, inner) = body.pop("stackTrace")
    assert body == {"errorMessage": "'id'", "errorType": "KeyError", "requestId": ID}
    assert re.fullmatch(r'  File ".*app\.py", line 15, in handler\n    return helper\(event\)\n[ ^]*\n', outer)
    assert re.match(r'  File ".*app\.py", line 18, in helper\n    return event\["id"\]\n', inner)
    assert invoke.shown == [f"[ERROR] KeyError: 'id'\nTraceback (most recent call last):\n{outer}{inner}"]


@pytest.mark.parametrize(
    ("event", "kind", "message"),
    [
        ("odd", "OddError", "(its text cannot be shown: its __str__ raises)"),
        ("exit", "SystemExit", "3"),
        (
            "set",
            "Runtime.MarshalError",
            "handler() returned what Lambda cannot turn into JSON: {1} (set has no JSON form)",
        ),
        (
            "large",
            "Function.ResponseSizeTooLarge",
            "Response payload size (6291559 bytes) exceeded maximum allowed payload size (6291556 bytes).",
        ),
    ],
)
def test_what_else_goes_wrong_goes_by_lambdas_names(
    made: list[Lambda], project: Project, event: str, kind: str, message: str
) -> None:
    invoke = function(made, project, FAILING)
    body = json.loads(invoke(json.dumps(event).encode()).body)
    assert (body["errorType"], body["errorMessage"]) == (kind, message.replace("handler()", "orders()"))
    assert ("requestId" in body) == (kind != "Function.ResponseSizeTooLarge")
    assert invoke.shown[0].startswith(f"[ERROR] {kind}: ")
