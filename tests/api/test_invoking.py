from __future__ import annotations

import json
import sys
import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from streamkit.api.functiondefinitions import function_option
from streamkit.api.functionnames import FunctionName
from streamkit.api.invoking import MAX_EVENT_BYTES, MAX_PAYLOAD_BYTES, InvokeAnswer
from streamkit.api.refusals import Refusal
from streamkit.local.invokers.invoker import Answer
from tests.api.functionbuild import REGION, Project, project
from tests.api.invokebuild import ECHO, ID, Lambda, function, made

__all__ = ["made", "project"]


def test_a_function_is_invoked_and_its_response_answered(made: list[Lambda], project: Project) -> None:
    answer = function(made, project, ECHO)('{"name": "Zoë", "n": 1.5}'.encode())
    assert answer == InvokeAnswer(
        200,
        {"Content-Type": "application/json", "X-Amz-Executed-Version": "$LATEST"},
        '{"name": "Zoë", "n": 1.5}'.encode(),
    )


@pytest.mark.parametrize(
    ("payload", "body"),
    [
        (b"", b"{}"),
        (b"null", b"null"),
        (b"[1, 2]", b"[1, 2]"),
        (b" 12 ", b"12"),
    ],
)
def test_every_json_is_an_event_and_nothing_at_all_is_an_empty_object(
    made: list[Lambda], project: Project, payload: bytes, body: bytes
) -> None:
    assert function(made, project, ECHO)(payload).body == body


@pytest.mark.parametrize("payload", [b"{", b"hello", b"\xff\xfe", b"NaN", b"[" * 100_000, b"{} {}", b"\xef\xbb\xbf{}"])
def test_what_is_no_json_is_refused(made: list[Lambda], project: Project, payload: bytes) -> None:
    refused = function(made, project, ECHO).refusal(payload)
    assert (refused.kind, refused.status) == ("InvalidRequestContentException", 400)
    assert refused.message.startswith("Could not parse request body into json: Could not parse payload into json: ")


def test_half_a_character_is_answered_as_json_has_it(made: list[Lambda], project: Project) -> None:
    assert function(made, project, "def handler(event, context): return chr(0xD800)")().body == b'"\\ud800"'


def test_integers_of_thousands_of_digits_are_json(made: list[Lambda], project: Project) -> None:
    assert function(made, project, ECHO)(b"1" * 5000, invocation_type="DryRun").status == 204


@pytest.mark.parametrize(("kind", "most"), [(None, MAX_PAYLOAD_BYTES), ("DryRun", MAX_PAYLOAD_BYTES), ("Event", 2**20)])
def test_a_payload_has_a_size_that_lambda_takes(
    made: list[Lambda], project: Project, kind: str | None, most: int
) -> None:
    invoke = function(made, project, "def handler(event, context): return len(event)")
    refused = invoke.refusal(b'"' + b"x" * (most - 1) + b'"', invocation_type=kind)
    assert (refused.kind, refused.status) == ("RequestEntityTooLargeException", 413)
    assert refused.message == f"Request must be smaller than {most} bytes for the InvokeFunction operation"
    assert invoke(b'"' + b"x" * (most - 2) + b'"', invocation_type=kind).status in (200, 202, 204)
    assert MAX_EVENT_BYTES == 2**20


def test_a_dry_run_looks_the_function_up_and_runs_nothing(made: list[Lambda], project: Project) -> None:
    invoke = function(made, project, "def handler(event, context): print(1 / 0)")
    assert invoke(invocation_type="DryRun") == InvokeAnswer(204)
    assert invoke.refusal(name="nobody", invocation_type="DryRun").kind == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"invocation_type": "Sync"},
            "Value 'Sync' at 'invocationType' failed to satisfy constraint: Member must satisfy",
        ),
        (
            {"log_type": "tail"},
            "Value 'tail' at 'logType' failed to satisfy constraint: Member must satisfy enum value ",
        ),
        ({"invocation_type": "x", "log_type": "x"}, "^ValidationException: 2 validation errors detected: "),
        (
            {"client_context": "e30="},
            "^InvalidParameterValueException: ClientContext is not passed on by streamkit serve",
        ),
        ({"tenant_id": "blue"}, "^InvalidParameterValueException: TenantId is not passed on"),
        ({"durable_execution_name": "x"}, "^InvalidParameterValueException: DurableExecutionName is not passed on"),
        ({"name": "a b"}, "^ValidationException: .* at 'functionName'"),
        ({"name": "orders:live", "qualifier": "1"}, "derived qualifier from the function name does not match"),
        ({"qualifier": "next"}, "^ResourceNotFoundException: Function not found: .*:function:orders:next$"),
    ],
)
def test_what_lambda_does_not_run_is_refused(
    made: list[Lambda], project: Project, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(Refusal, match=told):
        function(made, project, ECHO)(**options)


def test_an_alias_is_invoked_under_its_arn(made: list[Lambda], project: Project) -> None:
    project.write("later", "def handler(event, context): return context.invoked_function_arn\n")
    invoke = Lambda(project.functions("orders=app:handler", "orders:live=later:handler"))
    made.append(invoke)
    for answer in (invoke(qualifier="live"), invoke(name="orders:live")):
        assert answer.headers["X-Amz-Executed-Version"] == "1"
        assert json.loads(answer.body) == f"arn:aws:lambda:{REGION}:123456789012:function:orders:live"


def test_a_function_without_free_capacity_is_throttled(made: list[Lambda], project: Project) -> None:
    stopped = replace(function_option("orders=app:handler"), concurrency=0)
    functions = project.functions(stopped)
    invoke = Lambda(functions)
    made.append(invoke)
    refused = invoke.refusal()
    assert (refused.kind, refused.status, refused.message) == ("TooManyRequestsException", 429, "Rate Exceeded.")
    assert refused.members == {"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"}


def test_a_server_that_ends_says_so(made: list[Lambda], project: Project) -> None:
    functions = project.functions("orders=app:handler")
    invoke = Lambda(functions)
    made.append(invoke)
    functions.close()
    refused = invoke.refusal()
    assert (refused.status, refused.message) == (429, "the server is being shut down")
    assert refused.members == {"Reason": "ConcurrentInvocationLimitExceeded"}


def test_an_asynchronous_invocation_runs_after_the_answer(made: list[Lambda], project: Project) -> None:
    invoke = function(made, project, "import queue\nSEEN = queue.Queue()\ndef handler(event, context): SEEN.put(event)")
    assert invoke(b'{"a": 1}', invocation_type="Event") == InvokeAnswer(202)
    assert sys.modules["app"].SEEN.get(timeout=10) == {"a": 1}


def test_an_asynchronous_invocation_that_fails_is_tried_twice_more(made: list[Lambda], project: Project) -> None:
    invoke = function(made, project, "def handler(event, context): raise ValueError('no')")
    assert invoke(invocation_type="Event").status == 202
    for _ in range(3):
        line = invoke.told.get(timeout=10)
        assert line.startswith(
            f'the asynchronous invocation {ID} of orders failed: {{"errorMessage": "no", "errorType"'
        )
    assert invoke.told.get(timeout=10) == f"the asynchronous invocation {ID} of orders is given up: it failed 3 times"


def test_an_asynchronous_invocation_that_is_throttled_waits(made: list[Lambda], project: Project) -> None:
    tried = threading.Event()

    class Busy:
        def invoke(self, *_: object) -> Answer:
            tried.set()
            return Answer(throttled="busy")

    functions = project.functions("orders=app:handler")
    function = functions.resolve(FunctionName("orders"), REGION)
    busy = replace(function, version=replace(function.version, invoker=cast("Any", Busy())))
    invoke = Lambda(cast("Any", SimpleNamespace(resolve=lambda *_: busy)))
    made.append(invoke)
    assert invoke(invocation_type="Event").status == 202
    assert tried.wait(10)
    invoke.invocations.close()
    assert invoke.told.get(timeout=10) == f"the asynchronous invocation {ID} of orders is dropped: the server ends"
