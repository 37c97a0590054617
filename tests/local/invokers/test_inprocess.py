from __future__ import annotations

import asyncio
import functools
from decimal import Decimal
from typing import Any

import pytest

from streamkit import Change, Insert, stream_handler
from streamkit.local import Answer, InProcessInvoker, Invoker, ResponseError
from streamkit.local.batching import event_json
from tests.local.builders import Answering, full, lambda_record, succeed

EVENT = b'{"Records":[]}'


def answer_of(handler: Any, event: bytes = EVENT) -> Answer:
    return InProcessInvoker(handler).invoke(event, "request-1", "arn:aws:lambda:us-east-1:1:function:orders:live")


def returning(response: Any) -> Any:
    return lambda event, context: response


def test_both_kinds_are_invokers() -> None:
    assert isinstance(InProcessInvoker(succeed), Invoker)
    assert isinstance(Answering(), Invoker)
    assert not isinstance(succeed, Invoker)


def test_a_handler_gets_event_and_context() -> None:
    def handler(event: Any, context: Any) -> Any:
        return [event, context.aws_request_id, context.invoked_function_arn, context.function_name]

    assert answer_of(handler).response == [
        {"Records": []},
        "request-1",
        "arn:aws:lambda:us-east-1:1:function:orders:live",
        "handler",
    ]


def test_every_call_gets_an_event_of_its_own() -> None:
    seen = []

    def handler(event: Any, context: Any) -> None:
        seen.append(list(event["Records"]))
        event["Records"].clear()

    invoker = InProcessInvoker(handler)
    for _ in range(2):
        invoker.invoke(b'{"Records":[1,2]}', "r", "f")
    assert seen == [[1, 2], [1, 2]]


def test_a_function_has_its_name_and_another_callable_its_types() -> None:
    class Handler:
        def __call__(self, event: Any, context: Any) -> None: ...

    assert InProcessInvoker(succeed).function_name == "succeed"
    assert InProcessInvoker(Handler()).function_name == "Handler"
    assert InProcessInvoker(functools.partial(succeed)).function_name == "partial"


@pytest.mark.parametrize(
    ("returned", "arrives"),
    [
        (None, None),
        ({"a": (1, 2.5, "x", None, True)}, {"a": [1, 2.5, "x", None, True]}),
        ({1: "a"}, {"1": "a"}),
        (Decimal("1.50"), 1.5),
        ({"total": [Decimal(3)]}, {"total": [3.0]}),
        ("", ""),
    ],
)
def test_a_response_arrives_as_lambdas_json(returned: Any, arrives: Any) -> None:
    answer = answer_of(returning(returned))
    assert answer.response == arrives
    assert answer.error is None


def test_a_response_is_not_the_handlers_own_object() -> None:
    kept: dict[str, list[int]] = {"batchItemFailures": []}
    answer = answer_of(returning(kept))
    kept["batchItemFailures"].append(1)
    assert answer.response == {"batchItemFailures": []}


CIRCULAR: list[Any] = []
CIRCULAR.append(CIRCULAR)


@pytest.mark.parametrize("returned", [{1, 2}, object(), {"b": b"x"}, {(1, 2): "x"}, CIRCULAR])
def test_a_response_that_is_no_json_fails_the_invocation_with_what_was_returned(returned: Any) -> None:
    answer = answer_of(returning(returned))
    assert isinstance(answer.error, ResponseError)
    assert "handler() returned what Lambda cannot turn into JSON" in str(answer.error)
    assert repr(returned)[:50] in str(answer.error)
    assert answer.response is None


def test_an_async_handler_that_nobody_awaits_is_an_error_with_the_fix() -> None:
    async def handler(event: Any, context: Any) -> None: ...

    error = answer_of(handler).error
    assert isinstance(error, ResponseError)
    assert "handler() is async def" in str(error)
    assert "@stream_handler" in str(error)


def test_another_awaitable_is_no_response_either() -> None:
    loop = asyncio.new_event_loop()
    future = loop.create_future()
    error = answer_of(returning(future)).error
    future.cancel()
    loop.close()
    assert isinstance(error, ResponseError)


@pytest.mark.parametrize("error", [ValueError("bad"), SystemExit(3)])
def test_what_a_handler_raises_is_the_answer(error: BaseException) -> None:
    def handler(event: Any, context: Any) -> None:
        raise error

    answer = answer_of(handler)
    assert answer.error is error
    assert answer.response is None
    assert answer.throttled is None


def test_ctrl_c_is_no_answer() -> None:
    def handler(event: Any, context: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answer_of(handler)


def test_the_exceptions_behind_a_report_are_known() -> None:
    @stream_handler(on_failure="continue")
    def handler(change: Change) -> None:
        if change.keys["id"] != "b":
            raise ValueError(change.keys["id"])

    records = [lambda_record(n, item=item, eventName="REMOVE") for n, item in enumerate("abc", 1)]
    for record in records:
        record["dynamodb"] |= {"OldImage": record["dynamodb"]["Keys"], "StreamViewType": "NEW_AND_OLD_IMAGES"}
    answer = answer_of(handler, b'{"Records":[' + b",".join(_json(record) for record in records) + b"]}")
    assert answer.response == {"batchItemFailures": [{"itemIdentifier": full(1)}]}
    assert [(failure.sequence_number, str(failure.error)) for failure in answer.failures] == [
        (full(1), "a"),
        (full(3), "c"),
    ]


def test_failures_of_one_call_are_not_those_of_the_next() -> None:
    @stream_handler
    def handler(change: Insert) -> None:
        raise ValueError

    record = lambda_record(1)
    record["dynamodb"] |= {"NewImage": record["dynamodb"]["Keys"], "StreamViewType": "NEW_AND_OLD_IMAGES"}
    invoker = InProcessInvoker(handler)
    event = b'{"Records":[' + _json(record) + b"]}"
    assert [len(invoker.invoke(event, "r", "f").failures) for _ in range(2)] == [1, 1]
    assert event_json([]) == EVENT
    assert invoker.invoke(EVENT, "r", "f").failures == []


def test_what_a_handler_prints_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    answer_of(lambda event, context: print(len(event["Records"]), "records"))  # noqa: T201  # it is what is tested
    assert capsys.readouterr().out == "0 records\n"


def _json(value: Any) -> bytes:
    import orjson  # noqa: PLC0415  # only here

    return orjson.dumps(value)
