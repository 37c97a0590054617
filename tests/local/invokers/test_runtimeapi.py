from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local.invokers.functionerror import FunctionError
from streamkit.local.invokers.httprequests import Request
from streamkit.local.invokers.runtimeapi import Reply, RuntimeApi, Task

if TYPE_CHECKING:
    from collections.abc import Mapping

API = "/2018-06-01/runtime/"
TASK = Task(
    b"{}", "8476a536-e9f4-11e8-9739-2dfe598c3fcd", "arn:aws:lambda:eu-west-1:1:function:orders", 1_542_409_706_888
)
RESPONSE = f"invocation/{TASK.request_id}/response"
ERROR = f"invocation/{TASK.request_id}/error"
ACCEPTED = (202, b'{"status":"OK"}\n')


def asked(api: RuntimeApi, path: str, body: bytes = b"", method: str = "POST", **headers: str) -> Reply | None:
    named: Mapping[str, str] = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.handle(Request(method, API + path, dict(named), body=bytearray(body), size=len(body)))


def reply(api: RuntimeApi, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    answer = asked(api, path, body, **headers)
    assert answer is not None
    return answer.status, answer.body


def ready() -> RuntimeApi:
    api = RuntimeApi()
    assert asked(api, "invocation/next", method="GET") is None
    return api


def running() -> RuntimeApi:
    api = ready()
    api.begin(TASK)
    return api


def error_of(api: RuntimeApi) -> FunctionError:
    assert api.answer is not None
    assert isinstance(api.answer.error, FunctionError)
    return api.answer.error


def test_a_task_is_told_with_lambdas_headers() -> None:
    assert TASK.reply() == Reply(
        200,
        b"{}",
        {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": TASK.request_id,
            "Lambda-Runtime-Deadline-Ms": "1542409706888",
            "Lambda-Runtime-Invoked-Function-Arn": TASK.function_arn,
            "Lambda-Runtime-Trace-Id": "Root=1-00000000-e9f411e897392dfe598c3fcd;Sampled=0",
        },
    )


def is_ready(api: RuntimeApi) -> bool:
    return api.ready


def test_a_runtime_is_ready_once_it_asks_and_the_question_waits() -> None:
    api = RuntimeApi()
    assert not is_ready(api)
    assert asked(api, "invocation/next", method="GET") is None
    assert asked(api, "invocation/next", method="GET") is None
    assert is_ready(api)
    api.begin(TASK)
    assert not is_ready(api)


@pytest.mark.parametrize(
    ("body", "response"), [(b'{"a":1}', {"a": 1}), (b"null", None), (b"", None), (b'"text"', "text"), (b"[1]", [1])]
)
def test_a_response_is_accepted_and_is_the_answer(body: bytes, response: Any) -> None:
    api = running()
    assert reply(api, RESPONSE, body) == ACCEPTED
    assert api.answer is not None
    assert (api.answer.response, api.answer.error) == (response, None)
    assert not api.ready
    assert asked(api, "invocation/next", method="GET") is None
    assert api.ready


def test_an_error_is_accepted_and_is_the_answer() -> None:
    api = running()
    body = {"errorMessage": "bad", "errorType": "ValueError", "stackTrace": ["  line 1\n"], "requestId": "r"}
    assert reply(api, ERROR, json.dumps(body).encode()) == ACCEPTED
    error = error_of(api)
    assert (error.error_type, error.message, error.stack_trace) == ("ValueError", "bad", ("  line 1\n",))


def test_the_header_names_the_type_of_an_error_that_does_not() -> None:
    api = running()
    reply(api, ERROR, b'{"errorMessage":"bad"}', lambda_runtime_function_error_type="Runtime.Odd")
    assert (error_of(api).error_type, error_of(api).message) == ("Runtime.Odd", "bad")


def test_a_streamed_response_that_fails_on_the_way_says_so_in_a_header_after_it() -> None:
    api = running()
    reply(api, RESPONSE, b'{"half":', lambda_runtime_function_error_type="Runtime.StreamError")
    assert error_of(api).error_type == "Runtime.StreamError"


def test_a_response_over_lambdas_limit_is_answered_413_and_fails_the_invocation() -> None:
    api = running()
    request = Request("POST", API + RESPONSE, {}, size=6_291_557)
    answer = api.handle(request)
    assert answer is not None
    assert answer.status == 413
    assert json.loads(answer.body) == {
        "errorMessage": "Exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "RequestEntityTooLarge",
    }
    assert error_of(api).error_type == "Function.ResponseSizeTooLarge"
    assert str(error_of(api)) == (
        "Response payload size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes)."
    )


def test_a_response_that_is_no_json_fails_the_invocation() -> None:
    api = running()
    assert reply(api, RESPONSE, b"<html>") == ACCEPTED
    assert error_of(api).error_type == "Runtime.InvalidResponse"
    assert "b'<html>'" in error_of(api).message


def test_an_init_that_failed_is_the_answer_and_there_is_no_invocation_after_it() -> None:
    api = RuntimeApi()
    body = b'{"errorMessage":"No module named x","errorType":"Runtime.ImportModuleError","stackTrace":[]}'
    assert reply(api, "init/error", body) == ACCEPTED
    assert api.init_failed
    assert error_of(api).error_type == "Runtime.ImportModuleError"
    assert not_now(api, "invocation/next", "GET") == ("InitError", "Ready")


def not_now(api: RuntimeApi, path: str, method: str = "POST") -> tuple[str, str]:
    """Return from which state to which there is no way."""
    answer = asked(api, path, method=method)
    assert answer is not None
    told = json.loads(answer.body)
    assert (answer.status, told["errorType"]) == (403, "InvalidStateTransition")
    words = told["errorMessage"].split()
    assert told["errorMessage"] == (
        f"State transition from {words[3]} to {words[5]} failed for runtime. Error: State transition is not allowed"
    )
    return words[3], words[5]


def test_what_does_not_fit_the_state_is_forbidden_and_changes_nothing() -> None:
    api = RuntimeApi()
    assert not_now(api, RESPONSE) == ("Started", "InvocationResponse")
    assert not_now(api, ERROR) == ("Started", "InvocationErrorResponse")
    asked(api, "invocation/next", method="GET")
    assert not_now(api, RESPONSE) == ("Ready", "InvocationResponse")
    assert not_now(api, "init/error") == ("Ready", "InitError")
    api.begin(TASK)
    assert not_now(api, "invocation/next", "GET") == ("Running", "Ready")
    reply(api, RESPONSE, b"1")
    assert not_now(api, RESPONSE) == ("ResponseSent", "InvocationResponse")
    assert api.answer is not None
    assert api.answer.response == 1


def test_an_answer_under_another_request_id_is_refused() -> None:
    api = running()
    status, body = reply(api, "invocation/another/response", b"1")
    assert (status, json.loads(body)) == (400, {"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"})
    assert api.answer is None


@pytest.mark.parametrize("path", ["", "invocation", "invocation/next/", "invocation/a/b/response", "restore/next"])
def test_an_unknown_path_is_not_found(path: str) -> None:
    assert reply(running(), path) == (404, b"404 page not found\n")


@pytest.mark.parametrize(("method", "path"), [("POST", "invocation/next"), ("GET", RESPONSE), ("GET", "init/error")])
def test_another_method_is_not_allowed(method: str, path: str) -> None:
    answer = asked(running(), path, method=method)
    assert answer is not None
    assert answer.status == 405
