from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from streamkit import BatchItemFailure, Change, EventSourceMapping, Insert, Remove, stream_handler
from streamkit.local import (
    Answer,
    InvocationFailedError,
    Journal,
    LocalRunner,
    LocalTable,
    MemoryDestination,
    RecordError,
    ResponseError,
    SystemClock,
    VirtualClock,
)
from streamkit.local.journal import InvocationFinished, RecordsExpired, Warned, fact_json
from tests.local.builders import (
    ARN,
    BUCKET,
    QUEUE,
    REPORTING,
    START,
    Answering,
    Failing,
    Heard,
    after,
    batches,
    first_seen,
    full,
    lambda_record,
    numbers_in,
    seconds,
    short,
    spans,
    succeed,
    table_of,
)

UNIX = datetime(1970, 1, 1, tzinfo=UTC)


def outcomes(runner: LocalRunner) -> list[str | None]:
    return [invocation.outcome for invocation in runner.invocations]


# Handlers


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
    assert "'on_change'" in str(caught.value)
    assert "(event, context)" in str(caught.value)


@pytest.mark.parametrize("handler", [None, "app.handler", 5])
def test_what_cannot_be_called_is_no_handler(handler: Any) -> None:
    with pytest.raises(TypeError, match="is not a handler") as caught:
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


# Sources


def test_records_in_lambdas_form_replay_as_they_happened() -> None:
    runner = LocalRunner(succeed, [lambda_record(2, at=60), lambda_record(1), lambda_record(3, at=60)])
    runner.run()
    assert batches(runner) == [[1], [2, 3]]
    assert seconds(runner) == [0, 60]
    assert runner.clock.now() == after(60)


def test_records_without_times_are_there_at_once() -> None:
    runner = LocalRunner(succeed, [lambda_record(1, at=None), lambda_record(2, at=None)])
    runner.run()
    assert batches(runner) == [[1, 2]]
    assert seconds(runner) == [0]


def test_records_may_be_any_iterable() -> None:
    for source in ((lambda_record(1),), iter([lambda_record(1)])):
        records: Any = source
        runner = LocalRunner(succeed, records)
        runner.run()
        assert batches(runner) == [[1]]


def test_a_recording_of_a_table_runs_as_the_table_does() -> None:
    table = table_of(6)
    table.put({"id": 7}, at=after(90))
    runners = [LocalRunner(Failing({3: 2}), source, {"BatchSize": 2}) for source in (table, table.records)]
    for runner in runners:
        runner.run()
    assert batches(runners[0]) == batches(runners[1])
    assert [invocation.event for invocation in runners[0].invocations] == [i.event for i in runners[1].invocations]


def test_no_records_are_no_invocations() -> None:
    sources: list[Any] = [[], LocalTable("orders")]
    for source in sources:
        runner = LocalRunner(succeed, source)
        runner.run()
        assert (runner.invocations, runner.discarded, runner.checkpoints) == ([], [], {})
        assert set(runner.metrics.values()) == {0}


def test_an_event_passed_by_mistake_is_refused_with_the_fix() -> None:
    event: Any = {"Records": [lambda_record(1)]}
    with pytest.raises(TypeError, match=r"event\['Records'\]"):
        LocalRunner(succeed, event)


@pytest.mark.parametrize("source", [None, 5, "events.json", b"[]"])
def test_what_holds_no_records_is_no_source(source: Any) -> None:
    with pytest.raises(TypeError, match="a LocalTable or a sequence of records") as caught:
        LocalRunner(succeed, source)
    assert repr(source) in str(caught.value)


def test_a_bad_record_is_refused_before_anything_runs() -> None:
    with pytest.raises(RecordError, match=r"^record 2 .*SequenceNumber"):
        LocalRunner(succeed, [lambda_record(1), {"dynamodb": {"Keys": {"id": {"S": "a"}}}}])


def test_a_source_of_ones_own_runs() -> None:
    class Wrapped:
        """A source without a clock."""

        def __init__(self, table: LocalTable) -> None:
            self.stream_arn = table.stream_arn
            self.shard_ids = table.shard_ids
            self.read = table.read
            self.next_arrival = table.next_arrival
            self.latest = table.latest

    runner = LocalRunner(succeed, Wrapped(table_of(2)))
    runner.run()
    assert batches(runner) == [[1, 2]]
    assert isinstance(runner.clock, VirtualClock)


# Where reading starts, and when a record is there


def test_latest_passes_over_what_is_there_when_the_runner_is_made() -> None:
    table = table_of(2)
    table.put({"id": 3}, at=after(10))
    runner = LocalRunner(succeed, table, {"StartingPosition": "LATEST"})
    table.put({"id": 4}, at=after(10))
    runner.run()
    assert batches(runner) == [[3, 4]]
    assert runner.metrics["PolledEventCount"] == 2


@pytest.mark.parametrize("mapping", [{}, {"StartingPosition": "TRIM_HORIZON"}])
def test_reading_starts_at_the_oldest_record_otherwise(mapping: dict[str, Any]) -> None:
    runner = LocalRunner(succeed, table_of(2), mapping)
    runner.run()
    assert batches(runner) == [[1, 2]]


def test_records_are_read_from_the_first_whatever_the_starting_position() -> None:
    runner = LocalRunner(succeed, table_of(2).records, {"StartingPosition": "LATEST"})
    runner.run()
    assert batches(runner) == [[1, 2]]


def test_records_dated_ahead_arrive_as_time_passes() -> None:
    table = LocalTable("orders")
    for number, at in enumerate([0, 30, 30, 3600], 1):
        table.put({"id": number}, at=after(at))
    runner = LocalRunner(succeed, table)
    runner.run()
    assert batches(runner) == [[1], [2, 3], [4]]
    assert seconds(runner) == [0, 30, 3600]


def test_a_shard_keeps_its_order_whatever_its_records_dates() -> None:
    table = LocalTable("orders")
    table.put({"id": 1}, at=after(60))
    table.put({"id": 2})
    runner = LocalRunner(succeed, table)
    runner.run()
    assert batches(runner) == [[1, 2]]
    assert seconds(runner) == [60]


def test_records_dated_behind_are_a_backlog_as_far_as_the_stream_reaches() -> None:
    table = LocalTable("orders")
    for number, hours in enumerate([-25, -24, -1], 1):
        table.put({"id": number}, at=START + timedelta(hours=hours))
    runner = LocalRunner(succeed, table)
    runner.run()
    assert batches(runner) == [[2, 3]]
    assert seconds(runner) == [0]
    (expired,) = [fact for fact in runner.journal if isinstance(fact, RecordsExpired)]
    assert expired.sequence_numbers == (full(1),)
    assert runner.discarded == []
    assert runner.metrics["DroppedEventCount"] == 1


def test_more_records_can_be_written_between_runs() -> None:
    table = table_of(1)
    runner = LocalRunner(succeed, table)
    runner.run()
    table.put({"id": 2})
    runner.run()
    assert batches(runner) == [[1], [2]]


def test_nothing_happens_before_it_is_run() -> None:
    runner = LocalRunner(succeed, table_of(1))
    assert runner.invocations == []
    assert runner.metrics["PolledEventCount"] == 0


# Time


def test_a_runner_shares_its_tables_clock() -> None:
    clock = VirtualClock(datetime(2026, 5, 1, tzinfo=UTC))
    table = LocalTable("orders", clock=clock)
    runner = LocalRunner(succeed, table)
    assert runner.clock is clock
    runner.advance(hours=1)
    table.put({"id": 1})
    assert table.records[0]["dynamodb"]["ApproximateCreationDateTime"] == (clock.now() - UNIX).total_seconds()
    assert clock.now() == datetime(2026, 5, 1, 1, tzinfo=UTC)


def test_a_runner_may_have_a_clock_of_its_own() -> None:
    table = table_of(1)
    clock = VirtualClock(after(3600))
    runner = LocalRunner(succeed, table, clock=clock)
    runner.run()
    assert runner.clock is clock
    assert seconds(runner) == [3600]
    assert table.clock.now() == START


def test_a_recordings_clock_starts_with_its_first_record() -> None:
    assert LocalRunner(succeed, [lambda_record(1, at=100)]).clock.now() == after(100)
    assert LocalRunner(succeed, [lambda_record(1, at=None), lambda_record(2, at=50)]).clock.now() == after(50)
    assert LocalRunner(succeed, [lambda_record(1, at=None)]).clock.now() == START
    assert LocalRunner(succeed, [lambda_record(1)], clock=VirtualClock(after(9))).clock.now() == after(9)


def test_a_day_of_retries_takes_no_time() -> None:
    runner = LocalRunner(Failing({1: None}), table_of(1))
    began = time.perf_counter()
    runner.run()
    assert time.perf_counter() - began < 2
    assert 1400 < len(runner.invocations) < 2000
    assert timedelta(hours=24) < runner.clock.now() - START < timedelta(hours=24, minutes=2)
    assert [invocation.attempt for invocation in runner.invocations] == list(range(1, len(runner.invocations) + 1))
    assert runner.discarded == []
    assert runner.metrics["DroppedEventCount"] == 1
    assert list(runner.checkpoints.values()) == [full(1)]


def test_the_real_clock_is_really_waited_for() -> None:
    table = LocalTable("orders", clock=SystemClock())
    table.put({"id": 1})
    runner = LocalRunner(Failing({1: 1}), table)
    began = time.monotonic()
    runner.run()
    first, second = runner.invocations
    assert 0.18 < time.monotonic() - began < 5
    assert timedelta(seconds=0.18) < second.at - first.at < timedelta(seconds=5)
    assert abs(datetime.now(UTC) - second.at) < timedelta(seconds=5)


def test_a_fixed_duration_spaces_the_invocations_of_a_shard() -> None:
    runner = LocalRunner(succeed, table_of(3), {"BatchSize": 1}, duration=2.5)
    runner.run()
    assert seconds(runner) == [0, 2.5, 5]
    assert runner.clock.now() == after(7.5)


def test_a_duration_may_depend_on_the_event() -> None:
    runner = LocalRunner(succeed, table_of(5), {"BatchSize": 2}, duration=lambda event: 10.0 * len(event["Records"]))
    runner.run()
    assert seconds(runner) == [0, 20, 40]
    assert runner.clock.now() == after(50)


def test_invocations_of_different_shards_overlap() -> None:
    table = table_of(12, shards=2)
    runner = LocalRunner(succeed, table, {"BatchSize": 1}, duration=5)
    runner.run()
    for shard_id in table.shard_ids:
        starts = [(i.at - START).total_seconds() for i in runner.invocations if i.shard_id == shard_id]
        assert starts == [5.0 * n for n in range(len(starts))]
        assert len(starts) > 1
    assert runner.clock.now() < after(5 * 12)


def test_the_back_off_begins_when_the_failed_invocation_ends() -> None:
    runner = LocalRunner(Failing({1: 1}), table_of(1), duration=100)
    runner.run()
    assert seconds(runner)[0] == 0
    assert 100.1875 <= seconds(runner)[1] <= 100.3125


def test_records_that_arrive_during_an_invocation_go_into_the_next() -> None:
    table = LocalTable("orders")
    for number, at in enumerate([0, 1, 2, 30], 1):
        table.put({"id": number}, at=after(at))
    runner = LocalRunner(succeed, table, duration=10)
    runner.run()
    assert batches(runner) == [[1], [2, 3], [4]]
    assert seconds(runner) == [0, 10, 30]


def test_advancing_does_exactly_what_happens_in_the_span() -> None:
    table = LocalTable("orders")
    for number, at in enumerate([0, 60, 61, 120], 1):
        table.put({"id": number}, at=after(at))
    runner = LocalRunner(succeed, table)
    runner.advance(minutes=1)
    assert batches(runner) == [[1], [2]]
    assert runner.clock.now() == after(60)
    runner.advance(seconds=0)
    assert len(runner.invocations) == 2
    runner.advance(seconds=1, milliseconds=500)
    assert batches(runner) == [[1], [2], [3]]
    assert runner.clock.now() == after(61.5)
    runner.advance(days=1)
    assert batches(runner) == [[1], [2], [3], [4]]
    assert runner.clock.now() == after(61.5 + 86_400)


def test_an_invocation_that_outlasts_the_span_is_still_running() -> None:
    runner = LocalRunner(Failing({1: 1}), table_of(1), duration=10)
    runner.advance(seconds=9)
    assert outcomes(runner) == [None]
    assert runner.checkpoints == {}
    runner.advance(seconds=1)
    assert outcomes(runner) == ["failure"]
    runner.run()
    assert outcomes(runner) == ["failure", "success"]


def test_steps_and_one_run_are_the_same_run() -> None:
    runs = []
    for step in (0, 1, 7, 1000):
        table = table_of(9, shards=2)
        table.put({"id": 99}, at=after(30))
        runner = LocalRunner(Failing({2: 3, 5: None}), table, {"BatchSize": 2, "MaximumRetryAttempts": 4}, duration=0.3)
        for _ in range(100 if step else 0):
            runner.advance(seconds=step)
        runner.run()
        runs.append([fact_json(fact) for fact in runner.journal])
    assert runs[0] == runs[1] == runs[2] == runs[3]


def test_an_interrupted_run_can_be_continued() -> None:
    class Running(VirtualClock):
        """A clock that notices when a run goes in circles."""

        looks = 0

        def now(self) -> datetime:
            self.looks += 1
            assert self.looks < 1000
            return super().now()

    table = LocalTable("orders", clock=Running())
    for number in range(3):
        table.put({"id": number})
    calls = []

    def handler(event: Any, context: Any) -> None:
        calls.append(numbers_in(event))
        if len(calls) == 2:
            raise KeyboardInterrupt

    runner = LocalRunner(handler, table, {"BatchSize": 1})
    with pytest.raises(KeyboardInterrupt):
        runner.run()
    runner.run()
    assert calls == [[1], [2], [2], [3]]
    assert list(runner.checkpoints.values()) == [full(3)]


# Failing fast


def test_failing_fast_raises_the_users_own_exception() -> None:
    error = ValueError("mine")

    @stream_handler
    def handler(change: Change) -> None:
        if change.keys["id"] == 2:
            raise error

    runner = LocalRunner(handler, table_of(3))
    with pytest.raises(ValueError, match="mine") as caught:
        runner.run(fail_fast=True)
    assert caught.value is error
    assert len(runner.invocations) == 1


def test_failing_fast_works_for_a_span_too() -> None:
    runner = LocalRunner(Failing({1: 1}), [lambda_record(1)])
    runner.advance(seconds=-1, fail_fast=True)
    with pytest.raises(ValueError, match="record 1 is bad"):
        runner.advance(seconds=1, fail_fast=True)


def test_without_failing_fast_the_exception_is_in_the_journal() -> None:
    runner = LocalRunner(Failing({1: 1}), table_of(1))
    runner.run()
    errors = [fact.error for fact in runner.journal if isinstance(fact, InvocationFinished)]
    assert [str(error) for error in errors] == ["record 1 is bad", "None"]
    assert str(runner.invocations[0].error) == "record 1 is bad"


def test_where_no_exception_is_known_a_failed_assertion_says_why() -> None:
    table = table_of(2)
    runner = LocalRunner(Failing({2: 1}, report=True), table, REPORTING)
    with pytest.raises(InvocationFailedError) as caught:
        runner.run(fail_fast=True)
    assert isinstance(caught.value, AssertionError)
    assert "partial" in str(caught.value)
    assert full(2) in str(caught.value)
    assert table.shard_ids[0] in str(caught.value)


def test_a_run_that_failed_fast_can_be_continued() -> None:
    runner = LocalRunner(Failing({2: 1}), table_of(3), {"BatchSize": 2})
    with pytest.raises(ValueError, match="record 2"):
        runner.run(fail_fast=True)
    runner.run(fail_fast=True)
    assert batches(runner) == [[1, 2], [1, 2], [3]]


def test_neither_success_nor_throttle_is_a_failure_to_fail_fast_on() -> None:
    runner = LocalRunner(Answering(Answer(throttled="busy")), table_of(1))
    runner.run(fail_fast=True)
    assert outcomes(runner) == ["throttled", "success"]


# Settings


def test_a_handlers_own_mapping_is_used() -> None:
    @stream_handler(batch_size=2, maximum_retry_attempts=0)
    def handler(change: Change) -> None:
        if change.keys["id"] == 1:
            raise ValueError

    runner = LocalRunner(handler, table_of(4))
    assert runner.mapping == handler.mapping
    runner.run()
    assert batches(runner) == [[1, 2], [3, 4]]


def test_a_mapping_given_takes_the_place_of_the_handlers_own() -> None:
    @stream_handler(batch_size=2)
    def handler(change: Change) -> None: ...

    runner = LocalRunner(handler, table_of(4), EventSourceMapping(batch_size=3))
    runner.run()
    assert batches(runner) == [[1, 2, 3], [4]]
    assert not runner.mapping.reports_batch_item_failures


def test_lambdas_defaults_are_used_where_there_is_no_mapping() -> None:
    assert LocalRunner(succeed, table_of(1)).mapping == EventSourceMapping()


@pytest.mark.parametrize("mapping", [{"BatchSize": 1}, {"batch_size": 1}, {"BatchSize": 1, "State": "Enabled"}])
def test_a_mapping_may_be_a_dict(mapping: dict[str, Any]) -> None:
    runner = LocalRunner(succeed, table_of(2), mapping)
    runner.run()
    assert batches(runner) == [[1], [2]]


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        ({"BatchSize": 0}, "BatchSize"),
        ({"BatchSizes": 1}, "BatchSizes"),
        ({"ScalingConfig": {"MaximumConcurrency": 2}}, "SQS"),
        (EventSourceMapping().model_copy(update={"batch_size": 0}), "BatchSize"),
    ],
)
def test_a_mapping_that_lambda_would_refuse_is_refused(mapping: Any, named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        LocalRunner(succeed, table_of(1), mapping)


@pytest.mark.parametrize("mapping", ["BatchSize=1", 5, ["BatchSize"], EventSourceMapping, True])
def test_what_is_no_mapping_is_refused_and_not_ignored(mapping: Any) -> None:
    with pytest.raises((TypeError, ValidationError)):
        LocalRunner(succeed, table_of(1), mapping)


def test_a_handlers_mapping_attribute_of_another_kind_is_not_ours() -> None:
    def handler(event: Any, context: Any) -> None: ...

    handler.mapping = "of routes"  # type: ignore[attr-defined]  # a function may have any attribute
    assert LocalRunner(handler, table_of(1)).mapping == EventSourceMapping()


@pytest.mark.parametrize(
    ("settings", "arn"),
    [
        ({}, "arn:aws:lambda:us-east-1:123456789012:function:orders_handler"),
        ({"FunctionName": "orders"}, "arn:aws:lambda:us-east-1:123456789012:function:orders"),
        ({"FunctionName": "orders:live"}, "arn:aws:lambda:us-east-1:123456789012:function:orders:live"),
        (
            {"FunctionName": "999999999999:function:orders"},
            "arn:aws:lambda:us-east-1:999999999999:function:orders",
        ),
        (
            {"FunctionName": "999999999999:function:orders:live"},
            "arn:aws:lambda:us-east-1:999999999999:function:orders:live",
        ),
        (
            {"FunctionName": "arn:aws:lambda:eu-west-1:999999999999:function:orders:live"},
            "arn:aws:lambda:eu-west-1:999999999999:function:orders:live",
        ),
        (
            {"FunctionArn": "arn:aws:lambda:eu-west-1:999999999999:function:orders:7"},
            "arn:aws:lambda:eu-west-1:999999999999:function:orders:7",
        ),
        (
            {"FunctionName": "orders", "FunctionArn": "arn:aws:lambda:eu-west-1:9:function:other"},
            "arn:aws:lambda:us-east-1:123456789012:function:orders",
        ),
    ],
)
def test_the_functions_arn_keeps_what_its_name_says(settings: dict[str, Any], arn: str) -> None:
    seen = []

    def orders_handler(event: Any, context: Any) -> None:
        seen.append(context.invoked_function_arn)
        raise ValueError

    runner = LocalRunner(orders_handler, table_of(1), {"MaximumRetryAttempts": 0} | settings)
    runner.run()
    assert seen == [arn]
    assert runner.discarded[0]["requestContext"]["functionArn"] == arn


@pytest.mark.parametrize(
    ("stream_arn", "arn"),
    [
        (ARN, "arn:aws:lambda:eu-west-1:123456789012:function:remote"),
        (ARN.replace("arn:aws:", "arn:aws-cn:"), "arn:aws-cn:lambda:eu-west-1:123456789012:function:remote"),
        ("stream-ARN", "arn:aws:lambda:us-east-1:123456789012:function:remote"),
    ],
)
def test_the_function_lives_where_its_stream_does(stream_arn: str, arn: str) -> None:
    invoker = Answering()
    LocalRunner(invoker, [lambda_record(1, eventSourceARN=stream_arn)]).run()
    assert [request[2] for request in invoker.requests] == [arn]


# Discarded records


def test_discarded_records_are_seen_without_a_destination() -> None:
    runner = LocalRunner(Failing({2: None}), table_of(3), {"MaximumRetryAttempts": 1})
    runner.run()
    assert spans(runner.discarded) == [(1, 3)]
    assert runner.discarded[0]["requestContext"]["requestId"] == runner.invocations[0].request_id
    assert runner.metrics["DroppedEventCount"] == 3
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 0


@pytest.mark.parametrize("config", [QUEUE, BUCKET])
def test_a_configured_destination_takes_them_by_default(config: dict[str, Any]) -> None:
    mapping = {"MaximumRetryAttempts": 0, "DestinationConfig": config}
    runner = LocalRunner(Failing({2: None}), table_of(3), mapping)
    runner.run()
    assert runner.metrics["DroppedEventCount"] == 0
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 3
    assert ("payload" in runner.discarded[0]) == (config is BUCKET)


def test_a_destination_given_gets_them() -> None:
    destination = MemoryDestination()
    runner = LocalRunner(Failing({2: None}), table_of(3), {"MaximumRetryAttempts": 0}, destination=destination)
    runner.run()
    assert destination.sent == runner.discarded
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 3


def test_a_destination_that_raises_drops_the_records_and_stops_nothing() -> None:
    class Full:
        def send(self, record: dict[str, Any]) -> None:  # noqa: ARG002  # Destination
            raise OSError("full")

    mapping = {"MaximumRetryAttempts": 0, "BatchSize": 2, "DestinationConfig": QUEUE}
    runner = LocalRunner(Failing({2: None}), table_of(4), mapping, destination=Full())
    runner.run()
    assert batches(runner) == [[1, 2], [3, 4]]
    assert spans(runner.discarded) == [(1, 2)]
    assert runner.metrics["DroppedEventCount"] == 2
    assert runner.metrics["DestinationDeliveryFailures"] == 1
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 0


# The journal and what is seen of it


def test_a_journal_that_keeps_nothing_leaves_metrics_and_listeners() -> None:
    journal, heard = Journal(keep=False), Heard()
    journal.subscribe(heard)
    runner = LocalRunner(Failing({2: None}), table_of(3), {"MaximumRetryAttempts": 0}, journal=journal)
    runner.run()
    assert (runner.invocations, runner.discarded, runner.checkpoints) == ([], [], {})
    assert runner.metrics["InvokedEventCount"] == 3
    assert runner.metrics["DroppedEventCount"] == 3
    assert len(heard.facts) > 3


def test_a_journal_given_is_the_runners_even_while_it_is_empty() -> None:
    journal = Journal()
    runner = LocalRunner(succeed, table_of(1), journal=journal)
    runner.run()
    assert runner.journal is journal
    assert len(journal) == 4


def test_invocations_are_read_once_and_again_when_there_are_more() -> None:
    table = table_of(1)
    runner = LocalRunner(succeed, table)
    runner.run()
    assert runner.invocations is runner.invocations
    before = runner.invocations
    table.put({"id": 2})
    runner.run()
    assert len(before) == 1
    assert len(runner.invocations) == 2


def test_a_report_that_is_not_read_is_warned_of_and_succeeds() -> None:
    @stream_handler
    def handler(change: Change) -> None:
        raise ValueError

    runner = LocalRunner(handler, table_of(2), EventSourceMapping())
    runner.run()
    assert outcomes(runner) == ["success"]
    assert any(isinstance(fact, Warned) for fact in runner.journal)


def test_the_same_seed_is_the_same_run_and_another_is_another() -> None:
    def run(seed: int) -> list[bytes]:
        runner = LocalRunner(Failing({2: 3}), table_of(3), seed=seed)
        runner.run()
        return [fact_json(fact) for fact in runner.journal]

    assert run(7) == run(7)
    assert run(7) != run(8)


def test_a_retry_keeps_its_request_id() -> None:
    runner = LocalRunner(Failing({2: 1, 4: 1}), table_of(4), {"BatchSize": 2})
    runner.run()
    assert batches(runner) == [[1, 2], [1, 2], [3, 4], [3, 4]]
    assert first_seen([invocation.request_id for invocation in runner.invocations]) == [0, 0, 1, 1]
    assert [invocation.attempt for invocation in runner.invocations] == [1, 2, 1, 2]


def test_a_ttl_deletion_reaches_the_handler_as_one() -> None:
    table = table_of(2)
    table.expire(1)
    table.delete(2)
    seen = []

    @stream_handler
    def handler(change: Remove) -> None:
        seen.append((change.old["id"], change.expired))

    LocalRunner(handler, table).run()
    assert seen == [(1, True), (2, False)]
