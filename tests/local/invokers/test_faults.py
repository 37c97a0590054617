"""Faults as data: what each of them does to a run."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from streamkit import Change, stream_handler
from streamkit.local import Answer, FunctionTimeoutError, InvocationFailedError, LocalRunner
from streamkit.local.invokers.faults import Fault, FaultRates, FunctionCrashedError
from streamkit.local.journal import Checkpointed, InvocationFinished, RecordsExpired, RetryScheduled
from tests.local.builders import (
    QUEUE,
    REPORTING,
    START,
    Answering,
    Failing,
    Heard,
    batches,
    first_seen,
    full,
    outcomes,
    seconds,
    spans,
    table_of,
)

ONE_RETRY = {"MaximumRetryAttempts": 1}


def run(handler: Any, faults: Any, settings: dict[str, Any] | None = None, *, records: int = 2, **more: Any) -> Any:
    runner = LocalRunner(handler, table_of(records), settings or {}, faults=faults, **more)
    runner.run()
    return runner


def attempts(runner: LocalRunner) -> list[int]:
    return [invocation.attempt for invocation in runner.invocations]


@pytest.mark.parametrize(
    ("fault", "calls", "ends", "tries", "failed"),
    [
        ("throttle", 1, ["throttled", "success"], [1, 1], 0),
        ("service_error", 1, ["throttled", "success"], [1, 1], 0),
        ("timeout", 1, ["failure", "success"], [1, 2], 2),
        ("crash", 2, ["failure", "success"], [1, 2], 2),
        ("duplicate", 2, ["success", "success"], [1, 1], 0),
    ],
)
def test_each_fault_happens_once_and_is_overcome(
    fault: Fault, calls: int, ends: list[str], tries: list[int], failed: int
) -> None:
    handler = Failing({})
    runner = run(handler, {1: fault}, ONE_RETRY)
    assert handler.calls == [[1, 2]] * calls
    assert batches(runner) == [[1, 2]] * 2
    assert (outcomes(runner), attempts(runner)) == (ends, tries)
    assert first_seen([invocation.request_id for invocation in runner.invocations]) == [0, 0]
    assert runner.metrics["FailedInvokeEventCount"] == failed
    assert runner.metrics["InvokedEventCount"] == 4
    assert runner.discarded == []
    assert [fact.sequence_number for fact in runner.journal if isinstance(fact, Checkpointed)] == [full(2)]


@pytest.mark.parametrize(
    ("fault", "discarded"),
    [("throttle", 0), ("service_error", 0), ("timeout", 1), ("crash", 1), ("duplicate", 0)],
)
def test_only_what_ran_and_failed_uses_up_attempts(fault: Fault, discarded: int) -> None:
    runner = run(Failing({}), dict.fromkeys((1, 2), fault), ONE_RETRY | {"DestinationConfig": QUEUE})
    assert spans(runner.discarded) == [(1, 2)] * discarded
    for record in runner.discarded:
        assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
        assert record["requestContext"]["approximateInvokeCount"] == 2
        assert record["requestContext"]["requestId"] == runner.invocations[0].request_id
        assert record["responseContext"]["functionError"] == "Unhandled"
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 2 * discarded
    assert list(runner.checkpoints.values()) == [full(2)]


@pytest.mark.parametrize("fault", ["throttle", "service_error"])
def test_a_function_that_never_ran_is_waited_for_until_its_records_are_too_old(fault: Fault) -> None:
    handler = Failing({})
    rates = FaultRates(**{fault: 1.0})
    runner = run(handler, rates, {"MaximumRetryAttempts": 0, "MaximumRecordAgeInSeconds": 60})
    assert handler.calls == []
    assert set(outcomes(runner)) == {"throttled"}
    assert set(attempts(runner)) == {1}
    (record,) = runner.discarded
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert "responseContext" not in record
    assert runner.metrics["FailedInvokeEventCount"] == 0


def test_a_function_that_never_runs_loses_its_records_after_24_hours_without_a_word() -> None:
    runner = run(Failing({}), FaultRates(throttle=0.5, service_error=0.5), {"MaximumRetryAttempts": 0})
    assert runner.discarded == []
    assert [len(fact.sequence_numbers) for fact in runner.journal if isinstance(fact, RecordsExpired)] == [2]
    assert timedelta(hours=24) < runner.clock.now() - START < timedelta(hours=24, minutes=2)


def test_throttles_wait_longer_and_longer() -> None:
    runner = run(Failing({}), dict.fromkeys(range(1, 5), "throttle"))
    times = seconds(runner)
    waits = [later - earlier for earlier, later in pairwise(times)]
    for wait, usual in zip(waits, [0.25, 0.5, 1, 2], strict=True):
        assert 0.75 * usual <= wait <= 1.25 * usual


def test_a_crash_loses_the_answer_and_not_the_work() -> None:
    done = []

    @stream_handler(maximum_retry_attempts=1)
    def handler(change: Change) -> None:
        done.append(change.keys["id"])
        if change.keys["id"] == 2 and done.count(2) == 1:
            raise ValueError("a report that nobody will read")

    runner = LocalRunner(handler, table_of(3), faults={1: "crash"})
    runner.run()
    assert done == [1, 2, 1, 2, 3]
    assert outcomes(runner) == ["failure", "success"]
    first = runner.invocations[0]
    assert first.response is None
    assert isinstance(first.error, FunctionCrashedError)
    (lost, _) = (fact for fact in runner.journal if isinstance(fact, InvocationFinished))
    assert list(lost.failures) == []


def test_a_crash_with_bisect_on_halves_the_batch_whatever_was_reported() -> None:
    settings = REPORTING | {"BisectBatchOnFunctionError": True}
    runner = run(Failing({4: 1}, report=True), {1: "crash"}, settings, records=4)
    assert batches(runner) == [[1, 2, 3, 4], [1, 2], [3, 4]]
    assert first_seen([invocation.request_id for invocation in runner.invocations]) == [0, 1, 2]


def test_a_crash_takes_the_time_that_its_work_took() -> None:
    runner = run(Failing({}), {1: "crash"}, duration=10)
    assert seconds(runner)[0] == 0
    assert 10.1 < seconds(runner)[1] < 10.4


def test_a_timeout_takes_the_functions_timeout_and_runs_nothing() -> None:
    handler = Failing({})
    runner = run(handler, {1: "timeout"}, timeout=30, duration=1)
    assert 30.1 < seconds(runner)[1] < 30.4
    assert handler.calls == [[1, 2]]
    assert isinstance(runner.invocations[0].error, FunctionTimeoutError)


def test_a_duplicate_comes_at_once_with_the_same_event_and_request_id() -> None:
    invoker = Answering()
    runner = run(invoker, {1: "duplicate"}, duration=3)
    assert invoker.requests[0] == invoker.requests[1]
    assert seconds(runner) == [0, 3]
    assert [fact for fact in runner.journal if isinstance(fact, RetryScheduled)] == []
    assert "delivered again: duplicate injected at call 1 (seed 0)" in runner.invocations[1].why


def test_of_a_duplicates_two_answers_the_second_counts() -> None:
    runner = run(Failing({2: 1}, report=True), {1: "duplicate"}, REPORTING, records=3)
    assert batches(runner) == [[1, 2, 3], [1, 2, 3]]
    assert outcomes(runner) == ["partial", "success"]
    assert [fact.handled for fact in runner.journal if isinstance(fact, InvocationFinished)] == [0, 3]


def test_a_record_whose_duplicate_fails_is_not_taken_for_handled() -> None:
    answers = [Answer(), Answer(error=ValueError("second time"))]
    runner = run(Answering(*answers), {1: "duplicate"}, {"MaximumRetryAttempts": 0})
    assert outcomes(runner) == ["success", "failure"]
    assert spans(runner.discarded) == [(1, 2)]


def test_a_duplicate_delivers_all_of_a_batch_before_the_next_one() -> None:
    runner = run(Failing({}), {2: "duplicate"}, {"BatchSize": 1}, records=3)
    assert batches(runner) == [[1], [2], [2], [3]]


def test_the_calls_of_a_plan_are_those_of_the_run_whatever_the_shard() -> None:
    table = table_of(6, shards=2, shard_of=lambda key: int(key["id"]) % 2)
    runner = LocalRunner(Failing({}), table, {"BatchSize": 1}, faults={2: "crash", 5: "throttle"})
    runner.run()
    ends = outcomes(runner)
    assert [call for call, end in enumerate(ends, 1) if end != "success"] == [2, 5]
    assert len({invocation.shard_id for invocation in runner.invocations}) == 2


def test_a_plan_for_calls_that_are_never_made_changes_nothing() -> None:
    assert outcomes(run(Failing({}), {99: "crash"})) == ["success"]
    assert outcomes(run(Failing({}), {})) == ["success"]
    assert outcomes(run(Failing({}), FaultRates())) == ["success"]


def test_a_plan_can_be_changed_afterwards_without_changing_the_run() -> None:
    plan: dict[int, Fault] = {1: "throttle"}
    runner = LocalRunner(Failing({}), table_of(1), faults=plan)
    plan[2] = "crash"
    runner.run()
    assert outcomes(runner) == ["throttled", "success"]


def test_faults_happen_around_any_invoker_and_leave_its_name() -> None:
    runner = run(invoker := Answering(), {1: "throttle", 2: "crash"}, ONE_RETRY)
    assert len(invoker.requests) == 2
    assert outcomes(runner) == ["throttled", "failure", "success"]
    assert invoker.requests[0][2].endswith(":function:remote")
    assert repr(runner).startswith("LocalRunner(remote, ")


def test_a_call_that_was_throttled_anyway_does_not_crash() -> None:
    runner = run(Answering(Answer(throttled="busy")), {1: "crash"}, {"MaximumRetryAttempts": 0})
    assert outcomes(runner) == ["throttled", "success"]


@pytest.mark.parametrize(("fault", "kind"), [("timeout", FunctionTimeoutError), ("crash", FunctionCrashedError)])
def test_fail_fast_raises_an_injected_failure_with_its_seed_and_call(fault: Fault, kind: type[Exception]) -> None:
    runner = LocalRunner(Failing({}), table_of(1), seed=7, faults={1: fault})
    with pytest.raises(kind, match=rf"{fault} injected at call 1 \(seed 7\)") as caught:
        runner.run(fail_fast=True)
    assert caught.value.__notes__ == ["in a run with seed 7: the same seed gives the same run"]
    runner.run(fail_fast=True)
    assert outcomes(runner) == ["failure", "success"]


@pytest.mark.parametrize("fault", ["throttle", "service_error", "duplicate"])
def test_fail_fast_does_not_stop_for_what_is_no_failure(fault: Fault) -> None:
    runner = LocalRunner(Failing({}), table_of(1), faults={1: fault})
    runner.run(fail_fast=True)
    assert len(runner.invocations) == 2


def test_the_seed_is_in_the_note_of_a_handlers_own_exception_and_of_a_failure_without_one() -> None:
    with pytest.raises(ValueError, match="record 1 is bad") as caught:
        LocalRunner(Failing({1: None}), table_of(1), seed=41).run(fail_fast=True)
    assert "seed 41" in caught.value.__notes__[0]
    runner = LocalRunner(Failing({1: None}, report=True), table_of(1), REPORTING, seed=42)
    with pytest.raises(InvocationFailedError) as without:
        runner.run(fail_fast=True)
    assert "seed 42" in without.value.__notes__[0]


def test_what_was_injected_is_said_where_it_is_seen() -> None:
    runner = run(Failing({}), {1: "throttle", 2: "service_error", 3: "crash", 4: "timeout"}, seed=9)
    whys = [invocation.why for invocation in runner.invocations]
    assert "throttle injected at call 1 (seed 9)" in whys[1]
    assert "service_error injected at call 2 (seed 9)" in whys[2]
    assert str(runner.invocations[2].error) == (
        "Runtime exited without providing a reason (crash injected at call 3 (seed 9))"
    )
    assert str(runner.invocations[3].error) == (
        "Task timed out after 900.00 seconds (timeout injected at call 4 (seed 9))"
    )


class Stopping(Heard):
    """Stops a run that has no end."""

    def note(self, fact: Any) -> None:
        super().note(fact)
        if len(self.facts) > 1000:
            raise AssertionError("1000 facts, and no end")


def test_a_run_in_which_every_call_is_duplicated_ends() -> None:
    runner = LocalRunner(Failing({}), table_of(1), faults=FaultRates(duplicate=1.0))
    runner.journal.subscribe(Stopping())
    runner.run()
    assert outcomes(runner) == ["success", "success"]


def test_a_run_of_several_shards_in_which_every_call_is_duplicated_ends() -> None:
    table = table_of(2, shards=2, shard_of=lambda key: int(key["id"]) % 2)
    runner = LocalRunner(Failing({}), table, faults=FaultRates(duplicate=1.0), duration=1)
    runner.journal.subscribe(Stopping())
    runner.run()
    assert outcomes(runner) == ["success"] * 4


def test_a_throttled_call_does_not_time_out() -> None:
    runner = LocalRunner(Failing({}), table_of(1), ONE_RETRY, duration=10, timeout=5, faults={1: "throttle"})
    runner.run()
    assert outcomes(runner) == ["throttled", "failure", "failure"]
    assert attempts(runner) == [1, 1, 2]


def test_a_throttled_call_takes_none_of_the_functions_time() -> None:
    runner = run(Failing({}), {1: "throttle"}, duration=10)
    assert seconds(runner)[1] < 1


def test_a_call_that_was_throttled_has_no_duplicate() -> None:
    runner = run(Answering(Answer(throttled="busy")), {1: "duplicate"})
    assert outcomes(runner) == ["throttled", "success"]
    assert seconds(runner)[1] > 0
