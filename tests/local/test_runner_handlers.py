"""`LocalRunner`: the handlers that it takes, and what they get."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from streamkit import BatchItemFailure, Change, Insert, stream_handler
from streamkit.local import (
    Answer,
    LocalRunner,
    ResponseError,
)
from tests.local.builders import (
    START,
    Answering,
    Failing,
    batches,
    full,
    numbers_in,
    outcomes,
    seconds,
    short,
    table_of,
)


def test_a_stream_of_seven_whose_third_record_fails_once() -> None:
    calls: list[Any] = []
    failed: list[Any] = []

    @stream_handler
    def handler(change: Change) -> None:
        calls.append(short(change.meta.sequence_number))
        if calls[-1] == 3 and not failed:
            failed.append(change)
            raise ValueError("once")

    runner = LocalRunner(handler, table_of(7))
    runner.run()
    assert calls == [1, 2, 3, 3, 4, 5, 6, 7]
    assert batches(runner) == [[1, 2, 3, 4, 5, 6, 7], [3, 4, 5, 6, 7]]
    assert outcomes(runner) == ["partial", "success"]
    assert runner.discarded == []
    assert list(runner.checkpoints.values()) == [full(7)]


def test_a_plain_lambda_handler_runs() -> None:
    handler = Failing({})
    runner = LocalRunner(handler, table_of(3))
    runner.run()
    assert handler.calls == [[1, 2, 3]]
    (invocation,) = runner.invocations
    assert invocation.sequence_numbers == [full(1), full(2), full(3)]
    assert invocation.shard_id == next(iter(runner.checkpoints))
    assert invocation.attempt == 1
    assert invocation.at == START
    assert numbers_in(invocation.event) == [1, 2, 3]
    assert invocation.response == {"batchItemFailures": []}
    assert invocation.error is None
    assert invocation.outcome == "success"
    assert "SEMANTICS §2" in invocation.why


def test_a_handler_may_be_any_callable_of_two() -> None:
    class Handler:
        def __call__(self, *arguments: Any) -> None:
            assert len(arguments) == 2

    for handler in (Handler(), lambda event, context: None, lambda event, context=None, *, debug=False: None):
        runner = LocalRunner(handler, table_of(1))
        runner.run()
        assert outcomes(runner) == ["success"]


def test_a_handler_without_a_signature_is_taken_and_fails_when_it_is_called() -> None:
    runner = LocalRunner(max, table_of(1), {"MaximumRetryAttempts": 0})
    runner.run()
    assert isinstance(runner.invocations[0].error, TypeError)


def test_throttles_are_waited_for_and_never_count_as_attempts() -> None:
    busy = Answer(throttled="TooManyRequestsException: Rate Exceeded.")
    invoker = Answering(busy, busy, Answer(error=ValueError("bad")), busy, Answer(error=ValueError("bad")))
    runner = LocalRunner(invoker, table_of(2), {"MaximumRetryAttempts": 1})
    runner.run()
    assert outcomes(runner) == ["throttled", "throttled", "failure", "throttled", "failure"]
    assert [invocation.attempt for invocation in runner.invocations] == [1, 1, 1, 2, 2]
    assert len({invocation.request_id for invocation in runner.invocations}) == 1
    assert runner.discarded[0]["requestContext"]["approximateInvokeCount"] == 2
    assert sorted(set(seconds(runner))) == seconds(runner)
    assert "TooManyRequests" in runner.invocations[1].why


def test_an_invoker_is_called_with_event_request_id_and_arn() -> None:
    invoker = Answering()
    runner = LocalRunner(invoker, table_of(1))
    runner.run()
    ((event, request_id, arn),) = invoker.requests
    assert event == runner.invocations[0].event
    assert request_id == runner.invocations[0].request_id
    assert arn == "arn:aws:lambda:us-east-1:123456789012:function:remote"


def test_an_async_plain_handler_fails_with_a_clear_error() -> None:
    async def handler(event: Any, context: Any) -> None: ...

    runner = LocalRunner(handler, table_of(1))
    with pytest.raises(ResponseError, match="@stream_handler"):
        runner.run(fail_fast=True)


def test_an_async_stream_handler_runs() -> None:
    seen = []

    @stream_handler
    async def handler(change: Change) -> None:
        seen.append(change.keys["id"])

    LocalRunner(handler, table_of(3)).run()
    assert sorted(seen) == [1, 2, 3]


def test_a_function_that_nobody_decorated_is_refused_with_the_fix() -> None:
    def on_change(change: Any) -> None: ...

    with pytest.raises(TypeError, match="@stream_handler") as caught:
        LocalRunner(on_change, table_of(1))
    assert "on_change cannot be called" in str(caught.value)
    assert "(event, context)" in str(caught.value)


@pytest.mark.parametrize("handler", [None, "app.handler", 5])
def test_what_cannot_be_called_is_no_handler(handler: Any) -> None:
    with pytest.raises(TypeError, match=", not a handler: it takes") as caught:
        LocalRunner(handler, table_of(1))
    assert repr(handler) in str(caught.value)


def test_a_handler_that_changes_its_event_harms_no_later_delivery() -> None:
    table = table_of(2)
    seen = []

    def handler(event: Any, context: Any) -> None:
        seen.append(numbers_in(event))
        event["Records"][0]["dynamodb"].clear()
        event["Records"].pop()
        if len(seen) < 3:
            raise ValueError("again")

    runner = LocalRunner(handler, table)
    runner.run()
    assert seen == [[1, 2], [1, 2], [1, 2]]
    assert [invocation.event["Records"] for invocation in runner.invocations] == [table.records] * 3


def test_a_stream_handlers_event_is_fresh_on_a_retry_too() -> None:
    seen = []

    @stream_handler
    def handler(change: Insert) -> None:
        seen.append(dict(change.new))
        change.new["id"] = "changed"
        if len(seen) == 1:
            raise ValueError("again")

    LocalRunner(handler, table_of(1)).run()
    assert seen == [{"id": 1}, {"id": 1}]


def test_a_handler_may_print_and_return_decimals(capsys: pytest.CaptureFixture[str]) -> None:
    def handler(event: Any, context: Any) -> Any:
        print("handling", len(event["Records"]))  # noqa: T201  # it is what is tested
        return {"total": Decimal("1.5")}

    runner = LocalRunner(handler, table_of(2))
    runner.run()
    assert capsys.readouterr().out == "handling 2\n"
    assert runner.invocations[0].response == {"total": 1.5}
    assert outcomes(runner) == ["success"]


def test_a_response_that_is_no_json_is_a_failure_even_if_nobody_reads_it() -> None:
    runner = LocalRunner(lambda event, context: {1, 2}, table_of(1), {"MaximumRetryAttempts": 0})
    runner.run()
    assert outcomes(runner) == ["failure"]
    assert isinstance(runner.invocations[0].error, ResponseError)
    assert runner.discarded[0]["responseContext"]["functionError"] == "Unhandled"


def test_an_exit_in_a_handler_is_a_failed_invocation() -> None:
    def handler(event: Any, context: Any) -> None:
        raise SystemExit(0)

    runner = LocalRunner(handler, table_of(1), {"MaximumRetryAttempts": 1})
    runner.run()
    assert outcomes(runner) == ["failure", "failure"]
    assert isinstance(runner.invocations[0].error, SystemExit)


def test_a_handler_that_writes_to_the_table_gets_those_records_too() -> None:
    table = table_of(1)

    @stream_handler
    def handler(change: Insert) -> None:
        if change.new["id"] < 4:
            table.put({"id": change.new["id"] + 1})

    runner = LocalRunner(handler, table)
    runner.run()
    assert batches(runner) == [[1], [2], [3], [4]]


def test_a_whole_batch_handler_says_where_it_failed() -> None:
    @stream_handler(maximum_retry_attempts=0)
    def handler(changes: list[Change]) -> None:
        for change in changes:
            if change.keys["id"] == 2:
                raise BatchItemFailure(change) from KeyError("sku")

    runner = LocalRunner(handler, table_of(3))
    runner.run()
    assert batches(runner) == [[1, 2, 3], [2, 3]]
    assert isinstance(runner.invocations[0].error, KeyError)


def test_an_invocation_that_is_under_way_can_be_seen_from_inside() -> None:
    seen = []

    def handler(event: Any, context: Any) -> None:
        seen.append([(i.outcome, i.request_id == context.aws_request_id) for i in runner.invocations])

    runner = LocalRunner(handler, table_of(2), {"BatchSize": 1})
    runner.run()
    assert seen == [[(None, True)], [("success", False), (None, True)]]
    assert outcomes(runner) == ["success", "success"]
