"""`timeout`, the function's Timeout, and `duration`, how long its invocations take on the clock (SEMANTICS §3)."""

from __future__ import annotations

from typing import Any

import pytest

from streamkit import Change, stream_handler
from streamkit.local import Answer, FunctionTimeoutError, InProcessInvoker, LocalRunner, LocalTable
from streamkit.local.journal import InvocationFinished, InvocationStarted, RecordsDiscarded
from tests.local.builders import (
    REPORTING,
    Answering,
    Failing,
    Heard,
    after,
    batches,
    outcomes,
    seconds,
    spans,
    succeed,
    table_of,
)

NO_RETRY = {"MaximumRetryAttempts": 0}


def ends(runner: LocalRunner) -> list[float]:
    """Return how many seconds after the start each invocation ended."""
    return [(fact.at - after(0)).total_seconds() for fact in runner.journal if isinstance(fact, InvocationFinished)]


def test_an_invocation_that_takes_too_long_fails_when_its_time_is_up() -> None:
    handler = Failing({})
    runner = LocalRunner(handler, table_of(2), NO_RETRY, timeout=3, duration=10)
    runner.run()
    (invocation,) = runner.invocations
    assert handler.calls == [[1, 2]]
    assert isinstance(invocation.error, FunctionTimeoutError)
    assert str(invocation.error) == "Task timed out after 3.00 seconds"
    assert (invocation.outcome, invocation.response) == ("failure", None)
    assert ends(runner) == [3]
    assert spans(runner.discarded) == [(1, 2)]
    assert runner.discarded[0]["responseContext"]["functionError"] == "Unhandled"
    assert runner.discarded[0]["timestamp"] == "2026-01-01T00:00:03.000Z"
    assert runner.metrics["FailedInvokeEventCount"] == 2


@pytest.mark.parametrize(
    ("duration", "ended", "outcome"),
    [(2.999999, 2.999999, "success"), (3, 3, "success"), (3.000001, 3, "failure"), (1000, 3, "failure")],
)
def test_exactly_the_timeout_is_in_time(duration: float, ended: float, outcome: str) -> None:
    runner = LocalRunner(succeed, table_of(1), NO_RETRY, timeout=3, duration=duration)
    runner.run()
    assert (outcomes(runner), ends(runner)) == ([outcome], [ended])


def test_without_a_timeout_it_is_lambdas_15_minutes() -> None:
    for duration, outcome in [(900, "success"), (900.1, "failure")]:
        runner = LocalRunner(succeed, table_of(1), NO_RETRY, duration=duration)
        runner.run()
        assert (outcomes(runner), ends(runner)) == ([outcome], [900])


def test_a_duration_may_depend_on_the_event() -> None:
    seen: list[Any] = []

    def duration(event: dict[str, Any]) -> float:
        seen.append(event)
        return float(2 * len(event["Records"]))

    runner = LocalRunner(succeed, table_of(5), {"BatchSize": 2} | NO_RETRY, timeout=3, duration=duration)
    runner.run()
    assert batches(runner) == [[1, 2], [3, 4], [5]]
    assert outcomes(runner) == ["failure", "failure", "success"]
    assert ends(runner) == [3, 6, 8]
    assert seen == [invocation.event for invocation in runner.invocations]


def test_a_batch_that_is_too_large_for_its_time_is_halved_until_it_is_not() -> None:
    settings = NO_RETRY | {"BisectBatchOnFunctionError": True}
    runner = LocalRunner(succeed, table_of(4), settings, timeout=3, duration=lambda event: len(event["Records"]))
    runner.run()
    assert batches(runner) == [[1, 2, 3, 4], [1, 2], [3, 4]]
    assert seconds(runner) == [0, 3, 5]
    assert runner.discarded == []


def test_a_timeout_is_a_failed_attempt_that_is_retried_with_the_same_request_id() -> None:
    runner = LocalRunner(succeed, table_of(1), {"MaximumRetryAttempts": 1}, timeout=3, duration=4)
    runner.run()
    assert [invocation.attempt for invocation in runner.invocations] == [1, 2]
    assert len({invocation.request_id for invocation in runner.invocations}) == 1
    assert 3.18 < seconds(runner)[1] < 3.32
    assert runner.discarded[0]["requestContext"]["approximateInvokeCount"] == 2


def test_what_was_answered_too_late_is_dropped_reports_and_exceptions_included() -> None:
    @stream_handler
    def handler(change: Change) -> None:
        if change.keys["id"] == 2:
            raise KeyError("too late to be told")

    runner = LocalRunner(handler, table_of(2), REPORTING | NO_RETRY, timeout=1, duration=2)
    runner.run()
    (finished,) = (fact for fact in runner.journal if isinstance(fact, InvocationFinished))
    assert finished.response is None
    assert list(finished.failures) == []
    assert isinstance(finished.error, FunctionTimeoutError)
    assert spans(runner.discarded) == [(1, 2)]


def test_a_timeout_holds_up_its_shard_and_no_other() -> None:
    table = LocalTable("orders", shards=2, shard_of=lambda key: int(key["id"]) % 2)
    for number in (1, 2, 4):
        table.put({"id": number})
    runner = LocalRunner(
        succeed,
        table,
        {"BatchSize": 1} | NO_RETRY,
        timeout=30,
        duration=lambda event: 60 if event["Records"][0]["dynamodb"]["Keys"]["id"]["N"] == "2" else 1,
    )
    runner.run()
    times = {tuple(batch): when for batch, when in zip(batches(runner), seconds(runner), strict=True)}
    assert times == {(1,): 0, (2,): 0, (3,): 30}


def test_fail_fast_raises_a_timeout() -> None:
    runner = LocalRunner(succeed, table_of(1), timeout=3, duration=4, seed=5)
    with pytest.raises(FunctionTimeoutError, match=r"timed out after 3\.00 seconds") as caught:
        runner.run(fail_fast=True)
    assert "seed 5" in caught.value.__notes__[0]


def test_an_invoker_that_knows_how_long_it_took_is_believed() -> None:
    answers = [Answer(seconds=5), Answer(seconds=5.5), Answer(error=ValueError("late"), seconds=6)]
    runner = LocalRunner(
        Answering(*answers), table_of(3), {"BatchSize": 1} | NO_RETRY, timeout=5, duration=lambda _event: 1 / 0
    )
    runner.run()
    assert outcomes(runner) == ["success", "failure", "failure"]
    assert ends(runner) == [5, 10, 15]
    assert [type(invocation.error) for invocation in runner.invocations[1:]] == [FunctionTimeoutError] * 2


def test_records_expire_while_an_invocation_hangs() -> None:
    settings = {"BatchSize": 1, "MaximumRecordAgeInSeconds": 60} | NO_RETRY
    runner = LocalRunner(succeed, table_of(2), settings, timeout=100, duration=200)
    runner.run()
    assert batches(runner) == [[1]]
    assert [record["requestContext"]["condition"] for record in runner.discarded] == [
        "RetryAttemptsExhausted",
        "RecordAgeExceeded",
    ]
    discards = [fact.at for fact in runner.journal if isinstance(fact, RecordsDiscarded)]
    assert discards == [after(100), after(100)]


def test_the_answer_is_waited_for_while_time_is_stepped_through() -> None:
    runner = LocalRunner(succeed, table_of(1), NO_RETRY, timeout=30, duration=60)
    runner.advance(seconds=29)
    assert outcomes(runner) == [None]
    assert [type(fact) for fact in runner.journal][-1] is InvocationStarted
    runner.advance(seconds=1)
    assert outcomes(runner) == ["failure"]


def test_the_context_counts_down_from_the_timeout_at_every_call() -> None:
    left: list[int] = []

    def handler(event: Any, context: Any) -> None:
        left.append(context.get_remaining_time_in_millis())
        if len(left) < 3:
            raise ValueError

    LocalRunner(handler, table_of(1), timeout=30).run()
    assert len(left) == 3
    assert all(20_000 < one <= 30_000 for one in left)


def test_the_context_has_15_minutes_unless_it_is_told_otherwise() -> None:
    left: list[int] = []
    LocalRunner(lambda event, context: left.append(context.get_remaining_time_in_millis()), table_of(1)).run()
    InProcessInvoker(lambda event, context: left.append(context.get_remaining_time_in_millis()), 2.5).invoke(
        b"{}", "request", "arn"
    )
    assert 890_000 < left[0] <= 900_000
    assert 2_000 < left[1] <= 2_500


def test_the_deadline_guard_sees_the_timeout() -> None:
    @stream_handler(deadline_margin_ms=10_000)
    def handler(change: Change) -> None: ...

    hurried = LocalRunner(handler, table_of(3), timeout=5)
    hurried.run()
    assert batches(hurried) == [[1, 2, 3], [2, 3], [3]]
    assert outcomes(hurried) == ["partial", "partial", "success"]
    calm = LocalRunner(handler, table_of(3), timeout=300)
    calm.run()
    assert outcomes(calm) == ["success"]


@pytest.mark.parametrize("timeout", [0, -1, 900.001, 1000, float("nan"), float("inf")])
def test_a_timeout_that_no_function_has_is_refused(timeout: float) -> None:
    with pytest.raises(ValueError, match="timeout takes seconds above 0, up to Lambda's 900, not ") as caught:
        LocalRunner(succeed, table_of(1), timeout=timeout)
    assert repr(timeout) in str(caught.value)


@pytest.mark.parametrize("timeout", [0.001, 1, 900])
def test_a_timeout_may_be_short_or_lambdas_longest(timeout: float) -> None:
    runner = LocalRunner(succeed, table_of(1), timeout=timeout)
    runner.run()
    assert outcomes(runner) == ["success"]


def test_a_duration_below_0_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"duration takes seconds from 0 to 86400, or is a function of the event, not -0\.5"
    ):
        LocalRunner(succeed, table_of(1), duration=-0.5)


def test_timeouts_without_end_stop_when_the_stream_drops_the_record() -> None:
    heard = Heard()
    runner = LocalRunner(succeed, table_of(1), timeout=900, duration=901)
    runner.journal.subscribe(heard)
    runner.run()
    assert 90 < len(runner.invocations) < 97
    assert runner.discarded == []
    assert runner.metrics["DroppedEventCount"] == 1
    assert heard.facts == list(runner.journal)


@pytest.mark.parametrize("duration", [float("nan"), float("inf"), 1e15, "1", None])
def test_what_is_no_duration_is_refused_when_the_runner_is_made(duration: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="duration takes seconds"):
        LocalRunner(succeed, table_of(1), duration=duration)


@pytest.mark.parametrize("returned", [-5, float("nan"), None])
def test_a_function_that_returns_no_duration_is_told_so(returned: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="duration"):
        LocalRunner(succeed, table_of(1), duration=lambda _event: returned).run()


@pytest.mark.parametrize("timeout", ["5", None, True])
def test_a_timeout_that_is_no_number_is_refused_by_name(timeout: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="timeout takes seconds"):
        LocalRunner(succeed, table_of(1), timeout=timeout)


def test_a_throttle_that_took_long_to_arrive_is_still_a_throttle() -> None:
    runner = LocalRunner(Answering(Answer(throttled="busy", seconds=5)), table_of(1), NO_RETRY, timeout=3)
    runner.run()
    assert outcomes(runner) == ["throttled", "success"]
