"""A function behind Lambda's API: boto3 as it is, a server that answers as AWS and others do."""

from __future__ import annotations

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local import Invoker
from streamkit.local.aws import AwsAccess, AwsAccessError
from streamkit.local.invokers.functionerror import FunctionError
from streamkit.local.invokers.invoker import ConcurrentInvoker, FunctionTimeoutError
from streamkit.local.invokers.remote import RemoteFunction
from tests.local.invokers.lambdaserver import Call, LambdaServer, Told
from tests.local.invokers.runtimeclient import ARN, EVENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[Call], Told | None]], LambdaServer]]:
    """Return what starts a server that answers so."""
    servers: list[LambdaServer] = []

    def start(answer: Callable[[Call], Told | None]) -> LambdaServer:
        servers.append(LambdaServer(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__()


def remote(server: LambdaServer, function: str = "orders", **settings: Any) -> RemoteFunction:
    return RemoteFunction(function, access=AwsAccess(endpoint_url=server.url), **settings)


def call(function: RemoteFunction, event: bytes = EVENT) -> Any:
    answer = function.invoke(event, "request-1", ARN)
    function.close()
    return answer


def failure(answer: Any) -> tuple[str, str, tuple[str, ...]]:
    assert isinstance(answer.error, FunctionError)
    return answer.error.error_type, answer.error.message, answer.error.stack_trace


def test_it_is_an_invoker_of_several_at_once(serve: Callable[..., LambdaServer]) -> None:
    function = remote(serve(lambda call: Told()))
    assert isinstance(function, Invoker)
    assert isinstance(function, ConcurrentInvoker)
    function.close()


def test_an_event_goes_out_as_it_is_and_a_response_and_the_log_come_back(serve: Callable[..., LambdaServer]) -> None:
    log = base64.b64encode("START\nprinted é\nEND\n".encode() + b"\xff").decode()
    server = serve(lambda call: Told({"batchItemFailures": []}, headers={"X-Amz-Log-Result": log}))
    answer = call(remote(server, "orders:live"), b'{"Records":[1]}')
    assert (answer.response, answer.error, answer.throttled) == ({"batchItemFailures": []}, None, None)
    assert answer.log == "START\nprinted é\nEND\n\\xff"
    assert answer.seconds is None
    (asked,) = server.calls
    assert asked.path == "/2015-03-31/functions/orders%3Alive/invocations"
    assert asked.payload == b'{"Records":[1]}'
    assert asked.headers["x-amz-log-type"] == "Tail"
    assert "/eu-west-1/lambda/aws4_request" in asked.headers["authorization"]


def test_an_arn_names_the_function_and_its_region(
    serve: Callable[..., LambdaServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    server = serve(lambda call: Told(b""))
    function = remote(server, "arn:aws:lambda:ap-south-1:123456789012:function:orders")
    assert function.function_name == "arn:aws:lambda:ap-south-1:123456789012:function:orders"
    assert call(function).response is None
    assert "/ap-south-1/lambda/aws4_request" in server.calls[0].headers["authorization"]


def test_without_a_region_it_says_how_to_give_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(AwsAccessError, match="no region is known for lambda"):
        RemoteFunction("orders")


@pytest.mark.parametrize(
    ("function", "settings", "why"),
    [
        ("", {}, "function takes the name or the ARN of a function; it is empty"),
        ("orders", {"timeout": 0}, "timeout takes seconds above 0, up to Lambda's 900, not 0"),
        ("orders", {"timeout": 901.0}, "timeout takes seconds above 0, up to Lambda's 900, not 901.0"),
    ],
)
def test_a_setting_that_no_function_has_is_refused(function: str, settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the text is compared in full
        RemoteFunction(function, **settings)
    assert str(caught.value) == why


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (
            {"errorMessage": "no table", "errorType": "ValueError", "stackTrace": ["line 1"], "requestId": "x"},
            ("ValueError", "no table", ("line 1",)),
        ),
        ({"errorMessage": "Task timed out after 3.00 seconds"}, ("Unhandled", "Task timed out after 3.00 seconds", ())),
        (b"oops", ("Unhandled", "oops", ())),
    ],
)
def test_an_error_of_the_function_is_a_failed_attempt(
    serve: Callable[..., LambdaServer], payload: Any, error: tuple[str, str, tuple[str, ...]]
) -> None:
    server = serve(lambda call: Told(payload, headers={"X-Amz-Function-Error": "Unhandled"}))
    assert failure(call(remote(server))) == error


def test_a_response_that_is_no_json_is_a_failed_attempt(serve: Callable[..., LambdaServer]) -> None:
    assert failure(call(remote(serve(lambda call: Told(b"<html>")))))[0] == "Runtime.InvalidResponse"


@pytest.mark.parametrize(
    ("status", "error", "text"),
    [
        (429, "TooManyRequestsException", "Rate Exceeded."),
        (500, "ServiceException", "An error occurred"),
        (404, "ResourceNotFoundException", "Function not found: orders"),
        (403, "AccessDeniedException", "not authorized to perform: lambda:InvokeFunction"),
    ],
)
def test_what_keeps_the_function_from_being_run_is_a_throttle_that_says_why(
    serve: Callable[..., LambdaServer], status: int, error: str, text: str
) -> None:
    server = serve(lambda call: Told({"Type": "User", "message": text}, status, {"x-amzn-ErrorType": error}))
    answer = call(remote(server))
    assert answer.error is None
    assert error in answer.throttled
    assert text in answer.throttled
    assert len(server.calls) == 1


def test_a_server_that_hangs_up_or_is_not_there_is_a_throttle(serve: Callable[..., LambdaServer]) -> None:
    server = serve(lambda call: None)
    assert call(remote(server)).throttled.startswith("orders cannot be called: ")
    with LambdaServer(lambda call: Told()) as gone:
        function = remote(gone)
    assert "Could not connect to the endpoint" in call(function).throttled


def test_missing_credentials_are_told(serve: Callable[..., LambdaServer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    server = serve(lambda call: Told())
    assert call(remote(server)).throttled == "orders cannot be called: Unable to locate credentials"


def test_a_function_that_does_not_answer_in_its_time_has_timed_out(
    serve: Callable[..., LambdaServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamkit.local.invokers.remote._MARGIN", 0.1)
    done = threading.Event()

    def never(call: Call) -> None:
        done.wait()

    server = serve(never)
    answer = call(remote(server, timeout=0.2))
    done.set()
    assert isinstance(answer.error, FunctionTimeoutError)
    assert str(answer.error) == "Task timed out after 0.20 seconds (orders has not answered)"


@pytest.mark.parametrize(
    "refusal",
    [
        Told({"Type": "LocalService", "Message": "log-type: Tail is not supported. None is only supported"}, 501),
        Told({"message": "LogType is not known"}, 400, {"x-amzn-ErrorType": "InvalidParameterValueException"}),
    ],
)
def test_an_endpoint_that_has_no_logs_is_asked_without_from_then_on(
    serve: Callable[..., LambdaServer], refusal: Told
) -> None:
    server = serve(lambda call: refusal if call.headers["x-amz-log-type"] == "Tail" else Told(7))
    function = remote(server)
    answers = [function.invoke(EVENT, f"request-{number}", ARN) for number in (1, 2)]
    function.close()
    assert [(answer.response, answer.log) for answer in answers] == [(7, ""), (7, "")]
    assert [asked.headers["x-amz-log-type"] for asked in server.calls] == ["Tail", "None", "None"]


def test_another_refusal_of_one_without_logs_is_a_throttle(serve: Callable[..., LambdaServer]) -> None:
    server = serve(lambda call: Told({"message": "nothing works"}, 501))
    assert "nothing works" in call(remote(server)).throttled
    assert len(server.calls) == 2


def test_several_threads_call_it_at_once(serve: Callable[..., LambdaServer]) -> None:
    # No answer before both calls are there.
    both = threading.Barrier(2, timeout=30)

    def together(call: Call) -> Told:
        both.wait()
        return Told(call.payload)

    function = remote(serve(together))
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda n: function.invoke(b"%d" % n, f"request-{n}", ARN), [1, 2]))
    function.close()
    assert [answer.response for answer in answers] == [1, 2]
