"""One batch, run again as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamkit.local import Answer, FunctionTimeoutError
from streamkit.local.invokers.functionerror import FunctionError
from streamkit.local.invokers.inprocess import InProcessInvoker
from streamkit.local.recordlist import Records
from streamkit.local.records import parse_record
from streamkit.local.redrive.document import FailedBatch
from streamkit.local.redrive.rerun import PatientInvoker, Rerun, rerun
from streamkit.local.redrive.source import BatchSource, OpenedWindow
from streamkit.local.window import TimeWindow
from streamkit.mapping import EventSourceMapping
from tests.local.builders import (
    REPORTING,
    START,
    Answering,
    Failing,
    Heard,
    Tallying,
    after,
    full,
    lambda_record,
    short,
    tumbling,
)
from tests.local.redrive.documents import FUNCTION, batch_of, document

WINDOW = {"window": {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"}}


def records_of(*times: float) -> Records:
    return Records.of(parse_record(lambda_record(n, item=str(n), at=at), "it") for n, at in enumerate(times, 1))


def run(
    handler: Any,
    *times: float,
    settings: dict[str, Any] | None = None,
    given: set[str] | None = None,
    window: bool = False,
) -> Rerun:
    members: dict[str, Any] = {"timeWindowInfo": WINDOW} if window else {}
    batch = batch_of(document(1, len(times), **members))
    mapping = EventSourceMapping.model_validate(settings or {})
    return rerun(InProcessInvoker(handler), batch, records_of(*times), mapping, given or set())


def handled(result: Rerun) -> list[int]:
    return [short(number) for number in result.handled]


@pytest.mark.parametrize(
    "settings", [{}, {"BatchSize": 2, "BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 5}]
)
def test_all_records_are_one_invocation_whatever_the_mapping_says(settings: dict[str, Any]) -> None:
    handler = Failing({})
    result = run(handler, 0, 0, 1, 500, 2, settings=settings)
    assert handler.calls == [[1, 2, 3, 4, 5]]
    assert (handled(result), result.ok) == ([1, 2, 3, 4, 5], True)


def test_more_records_than_a_poll_brings_are_one_invocation_too() -> None:
    handler = Failing({})
    assert run(handler, *[0.0] * 2_345).ok
    assert [len(call) for call in handler.calls] == [2_345]


def test_records_of_more_bytes_than_a_poll_brings_are_one_invocation_too() -> None:
    large = lambda_record(1)
    large["dynamodb"]["SizeBytes"] = 1_048_577
    records = Records.of(parse_record(raw, "it") for raw in (large, lambda_record(2)))
    handler = Failing({})
    assert rerun(InProcessInvoker(handler), batch_of(document(1, 2)), records, EventSourceMapping()).ok
    assert handler.calls == [[1, 2]]


def test_records_of_long_ago_and_far_apart_are_run() -> None:
    handler = Failing({})
    assert run(handler, -(10**7), -(10**6), 10**5, settings={"MaximumRecordAgeInSeconds": 60}).ok
    assert handler.calls == [[1, 2, 3]]


def test_what_fails_is_tried_once_and_says_why() -> None:
    handler = Failing({2: None})
    result = run(handler, 0, 0, 0)
    assert handler.calls == [[1, 2, 3]]
    assert (result.handled, result.ok, result.why) == ([], False, "ValueError: record 2 is bad")


def test_what_fails_in_part_says_what_succeeded() -> None:
    handler = Failing({3: None}, report=True)
    result = run(handler, 0, 0, 0, 0, settings=REPORTING)
    assert handler.calls == [[1, 2, 3, 4], [3, 4]]
    assert handled(result) == [1, 2]
    assert not result.ok


def test_settings_that_were_asked_for_hold() -> None:
    handler = Failing({2: 2})
    settings = {"MaximumRetryAttempts": 2, "BatchSize": 1}
    assert run(handler, 0, 0, settings=settings, given={"maximum_retry_attempts", "batch_size"}).ok
    assert handler.calls == [[1], [2], [2], [2]]
    handler = Failing({2: None})
    given = {"bisect_batch_on_function_error"}
    result = run(handler, 0, 0, 0, 0, settings={"BisectBatchOnFunctionError": True}, given=given)
    assert handler.calls == [[1, 2, 3, 4], [1, 2], [1], [2], [3, 4]]
    assert handled(result) == [1, 3, 4]


def test_the_filters_and_lanes_that_chose_the_records_do_not_choose_again() -> None:
    settings = {"ParallelizationFactor": 5, "FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["REMOVE"]}'}]}}
    handler = Failing({})
    assert run(handler, 0, 0, settings=settings).ok
    assert handler.calls == [[1, 2]]


def test_a_disabled_mapping_at_latest_runs_all_the_same() -> None:
    assert handled(run(Failing({}), 0, settings={"Enabled": False, "StartingPosition": "LATEST"})) == [1]


def test_the_context_says_whose_records_they_are() -> None:
    seen: list[str] = []

    def handler(_event: Any, context: Any) -> None:
        seen.append(context.invoked_function_arn)

    assert run(handler, 0).ok
    assert seen == [FUNCTION]


def test_a_function_arn_that_is_too_long_for_aws_is_not_passed_on() -> None:
    record = document(1, 1)
    record["requestContext"]["functionArn"] = "f" * 300
    assert rerun(InProcessInvoker(Failing({})), batch_of(record), records_of(0), EventSourceMapping()).ok


def test_a_report_that_nobody_reads_is_no_success() -> None:
    result = run(Failing({1: None}, report=True), 0)
    assert not result.ok
    assert "the mapping lacks ReportBatchItemFailures" in result.why


def test_a_listener_hears_the_run() -> None:
    heard = Heard()
    rerun(InProcessInvoker(Failing({})), batch_of(document(1, 1)), records_of(0), EventSourceMapping(), listener=heard)
    assert heard.facts


def test_records_without_a_time_are_run() -> None:
    undated = Records.of([parse_record(lambda_record(1, at=None), "it")])
    assert rerun(InProcessInvoker(Failing({})), batch_of(document(1, 1)), undated, EventSourceMapping()).ok


def test_the_records_of_a_window_are_folded_from_nothing_and_make_a_result_of_their_own() -> None:
    handler = Tallying({})
    assert run(handler, 5, 6, settings=tumbling(60), window=True).ok
    assert handler.calls == [[1, 2], []]
    assert handler.finals == [[1, 2]]


def test_a_late_record_stays_in_the_window_that_it_joined() -> None:
    handler = Tallying({})
    assert run(handler, -30, 5, settings=tumbling(60), window=True).ok
    assert handler.finals == [[1, 2]]


def test_a_windows_result_that_fails_is_not_handled_although_its_records_were() -> None:
    result = run(Tallying({}, bad_finals=None), 5, settings=tumbling(60), window=True)
    assert handled(result) == [1]
    assert not result.ok
    assert "the result of window 2026-01-01T00:00:00Z to 2026-01-01T00:01:00Z" in result.why
    assert "the final invocation is bad" in result.why


def test_a_window_means_nothing_to_a_handler_without_one() -> None:
    handler = Failing({})
    assert run(handler, 5, 6, window=True).ok
    assert handler.calls == [[1, 2]]


def test_a_window_handler_takes_records_of_no_window() -> None:
    handler = Tallying({})
    assert run(handler, 5, 65, settings=tumbling(60)).ok
    assert handler.finals == [[1], [2]]


def final_of(state: bytes, handler: Any, settings: dict[str, Any]) -> tuple[Rerun, list[Any]]:
    events: list[Any] = []

    def seen(event: Any, context: Any) -> Any:
        events.append(event)
        return handler(event, context)

    batch = FailedBatch(
        function_arn=FUNCTION,
        condition="RetryAttemptsExhausted",
        stream_arn="arn:stream",
        shard_id="shard",
        window=TimeWindow(START, after(60)),
        final=True,
        payload="{}",
    )
    mapping = EventSourceMapping.model_validate(settings)
    return rerun(InProcessInvoker(seen), batch, Records(), mapping, state=state), events


@pytest.mark.parametrize("settings", [tumbling(60), tumbling(30), {}])
def test_a_final_invocation_is_made_again_with_its_state(settings: dict[str, Any]) -> None:
    result, events = final_of(b'{"seen":[7]}', Tallying({}), settings)
    assert result.ok
    assert events == [
        {
            "Records": [],
            "shardId": "shard",
            "eventSourceARN": "arn:stream",
            "window": {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"},
            "state": {"seen": [7]},
            "isFinalInvokeForWindow": True,
            "isWindowTerminatedEarly": False,
        }
    ]


def test_a_window_that_ended_early_for_its_size_ends_early_again() -> None:
    state = json.dumps({"seen": [], "ballast": "x" * 1_048_576}, separators=(",", ":")).encode()
    _, events = final_of(state, Tallying({}), tumbling(60))
    assert [(event["isFinalInvokeForWindow"], event["isWindowTerminatedEarly"]) for event in events] == [(True, True)]


def test_a_final_invocation_that_fails_again_says_so() -> None:
    result, events = final_of(b"{}", Tallying({}, bad_finals=None), tumbling(60))
    assert (result.ok, len(events)) == (False, 1)


def test_a_function_that_is_throttled_is_asked_a_few_times_in_real_time() -> None:
    slept: list[float] = []
    inner = Answering(Answer(throttled="busy"), Answer(throttled="busy"))
    patient = PatientInvoker(inner, sleep=slept.append)
    assert patient.function_name == "remote"
    assert patient.invoke(b"{}", "r", "f").throttled is None
    assert slept == [0.5, 1.0]


@pytest.mark.parametrize("throttles", [4, 5])
def test_a_function_that_stays_throttled_is_a_failure_and_no_wait_for_24_hours(throttles: int) -> None:
    slept: list[float] = []
    patient = PatientInvoker(Answering(*[Answer(throttled="busy")] * throttles), sleep=slept.append)
    answer = patient.invoke(b"{}", "r", "f")
    assert slept == [0.5, 1.0, 2.0, 4.0]
    if throttles == 4:
        assert answer == Answer()
    else:
        assert isinstance(answer.error, FunctionError)
        assert str(answer.error) == "the function was not run: busy"


def test_a_function_that_takes_too_long_fails_by_the_timeout_given() -> None:
    slow = Answering(Answer(seconds=3.0))
    result = rerun(slow, batch_of(document(1, 1)), records_of(0), EventSourceMapping(), timeout=2.0)
    assert result.why == f"FunctionTimeoutError: {FunctionTimeoutError(2.0)}"


def test_nothing_lost_and_nothing_reached_has_words_too() -> None:
    assert Rerun(1).why == "not every record was reached"


def test_a_batch_is_a_stream_of_one_shard_that_ends() -> None:
    source = BatchSource("arn", "shard", records_of(0, 10, 20))
    assert source.shard_ids == ("shard",)
    assert [one.sequence_number for one in source.read("shard", 1, 5, START)] == [full(2), full(3)]
    assert source.next_arrival("shard", 2, START) == START
    assert source.next_arrival("shard", 3, START) is None
    assert source.latest("shard", START) == 3
    assert [source.after("shard", full(n)) for n in (0, 2, 9)] == [0, 2, 3]
    assert source.parents("shard") == ()
    assert [source.ended("shard", position) for position in (2, 3)] == [False, True]


def test_checkpoints_of_an_open_window_keep_nothing() -> None:
    opened = OpenedWindow("shard", TimeWindow(START, after(60)), b'{"a":1}')
    opened.save("shard", full(1))
    opened.save_start("shard", START)
    opened.save_window("shard", None)
    opened.save_lane("shard", 0, 1, full(1))
    found = opened.load()["shard"]
    assert found.window is not None
    assert (found.sequence_number, found.window.state) == (None, b'{"a":1}')
