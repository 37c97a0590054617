"""LocalRunner with tumbling windows: what the rows of tests.conformance do not say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from streamkit.local import Answer, LocalRunner, LocalTable
from streamkit.local.batching import MAX_PAYLOAD_BYTES
from streamkit.local.factjson import fact_json
from streamkit.local.invokers.inprocess import ResponseTooLargeError
from streamkit.local.journal import InvocationStarted, RecordsRead, WindowClosed, WindowOpened
from streamkit.local.runner import run_together
from tests.filterstrategies import criteria_of
from tests.local.builders import (
    REPORTING,
    Answering,
    Tallying,
    after,
    batches,
    flags,
    full,
    lambda_record,
    numbers_in,
    outcomes,
    seconds,
    states,
    table_at,
    table_of,
    tumbling,
)

ONE = {"BatchSize": 1}


def tallied(*times: float, **settings: Any) -> LocalRunner:
    """Return a runner of a tallying handler with windows of 10 seconds."""
    return LocalRunner(Tallying({}), table_at(*times), tumbling(10) | settings)


def returning(*returned: Any) -> Any:
    """Return a handler that returns these states, then empty ones; ``got`` is what it got."""
    left = list(returned)

    def handler(event: Any, context: Any) -> Any:
        handler.got.append(event["state"])  # type: ignore[attr-defined]  # a function's own
        return {"state": left.pop(0) if left else {}}

    handler.got = []  # type: ignore[attr-defined]  # a function's own
    return handler


# What cannot be combined


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"ParallelizationFactor": 2}, "Parallelization factor must be equal to 1"),
        ({"FilterCriteria": criteria_of({"eventName": ["INSERT"]})}, "FilterCriteria and TumblingWindowInSeconds"),
    ],
)
def test_what_lambda_refuses_with_a_window_is_refused_at_creation_and_by_an_update(
    setting: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        LocalRunner(Tallying({}), table_of(1), tumbling(10) | setting)
    with_window, without = tallied(0), LocalRunner(Tallying({}), table_of(1), setting)
    with pytest.raises(ValidationError, match=message):
        with_window.update(setting)
    with pytest.raises(ValidationError, match=message):
        without.update(tumbling(10))
    assert with_window.mapping.tumbling_window_in_seconds == 10
    assert without.mapping.tumbling_window_in_seconds == 0


@pytest.mark.parametrize("delay", [-1, 86_401, float("nan"), "120", True, None])
def test_a_window_close_delay_that_makes_no_sense_is_refused(delay: Any) -> None:
    with pytest.raises(ValueError, match="window_close_delay takes seconds from 0 to 86400, not"):
        LocalRunner(Tallying({}), table_of(1), tumbling(10), window_close_delay=delay)


@pytest.mark.parametrize(("delay", "closes"), [(0, 10), (0.5, 10.5), (86_400, 86_410)])
def test_a_window_close_delay_may_be_anything_from_none_to_a_day(delay: float, closes: float) -> None:
    runner = LocalRunner(Tallying({}), table_at(0), tumbling(10), window_close_delay=delay)
    runner.run()
    assert seconds(runner) == [0, closes]


# Time


def test_windows_open_and_close_as_time_passes_and_advance_stops_in_between() -> None:
    runner = tallied(0, 5)
    runner.advance(seconds=129.9)
    assert flags(runner) == ["", ""]
    runner.advance(seconds=0.1)
    assert flags(runner) == ["", "", "final"]


def test_the_windows_of_each_shard_close_by_themselves() -> None:
    table = table_of(6, shards=2)
    runner = LocalRunner(Tallying({}), table, tumbling(10) | ONE)
    runner.advance(seconds=60)
    assert len([window for window in runner.windows if window.closed_at is None]) == 2
    runner.run()
    assert {fact.shard_id for fact in runner.journal if isinstance(fact, WindowClosed)} == set(table.shard_ids)


def test_a_recording_replays_with_its_windows_and_the_last_one_closes_after_its_end() -> None:
    records = [lambda_record(number, item=str(number), at=at) for number, at in enumerate((0, 3, 11, 31), 1)]
    runner = LocalRunner(Tallying({}), records, tumbling(10))
    runner.run()
    assert states(runner) == [{}, [1], [1, 2], {}, [3], {}, [4]]
    assert seconds(runner) == [0, 3, 11, 11, 31, 31, 160]


def test_records_without_a_time_belong_to_the_window_in_which_they_are_read() -> None:
    records = [lambda_record(number, item=str(number), at=None) for number in (1, 2)]
    runner = LocalRunner(Tallying({}), records, tumbling(10))
    runner.run()
    assert batches(runner) == [[1, 2], []]
    start = next(fact for fact in runner.journal if isinstance(fact, RecordsRead)).at
    assert runner.windows[0].start <= start < runner.windows[0].end


def test_a_batch_that_is_tried_again_after_its_windows_end_stays_in_its_window() -> None:
    runner = LocalRunner(Tallying({1: 7}), table_at(0, 12), tumbling(10))
    runner.run()
    assert seconds(runner)[-5] > 12
    assert states(runner)[-4:] == [{}, [1], {}, [2]]


def test_two_mappings_on_one_table_have_windows_of_their_own() -> None:
    table = table_at(0, 12)
    short, long = (LocalRunner(Tallying({}), table, tumbling(length)) for length in (10, 60))
    run_together(short, long)
    assert states(short) == [{}, [1], {}, [2]]
    assert states(long) == [{}, [1], [1, 2]]


# Updates


def test_nothing_closes_while_the_mapping_is_disabled() -> None:
    runner = tallied(0)
    runner.advance(seconds=5)
    runner.disable()
    runner.advance(days=3)
    assert flags(runner) == [""]
    assert "disabled" in runner.windows[0].waits_for
    runner.enable()
    runner.run()
    assert flags(runner) == ["", "final"]
    assert seconds(runner)[1] == 5 + 3 * 86_400


def test_a_final_invocation_that_runs_when_the_mapping_is_disabled_comes_to_its_end() -> None:
    runner = LocalRunner(Tallying({}), table_at(0, 15), tumbling(10), duration=5)
    runner.advance(seconds=16)
    runner.disable()
    runner.advance(seconds=60)
    assert [fact.at for fact in runner.journal if isinstance(fact, WindowClosed)] == [after(20)]
    assert batches(runner) == [[1], []]


def test_a_window_that_closes_for_an_update_lets_lanes_and_filters_follow() -> None:
    runner = tallied(0, 20, 20)
    runner.advance(seconds=5)
    criteria = criteria_of({"dynamodb": {"Keys": {"id": {"N": ["3"]}}}})
    runner.update({"TumblingWindowInSeconds": 0, "ParallelizationFactor": 2, "FilterCriteria": criteria})
    runner.run()
    assert states(runner) == [{}, [1], "no window"]
    assert batches(runner) == [[1], [], [3]]
    assert [window.cause for window in runner.windows] == ["mapping update"]


def test_a_window_that_is_set_to_0_and_back_before_anything_happens_is_not_closed() -> None:
    runner = tallied(0, 6)
    runner.advance(seconds=5)
    runner.update(tumbling(0))
    runner.update(tumbling(10))
    runner.run()
    assert states(runner) == [{}, [1], [1, 2]]


def test_a_state_that_is_too_large_closes_its_window_as_that_also_where_windows_are_switched_off() -> None:
    runner = LocalRunner(Tallying({}, grows={1: 1_100_000}), table_at(0), tumbling(10), duration=5)
    runner.advance(seconds=2)
    runner.update(tumbling(0))
    runner.run()
    assert flags(runner) == ["", "final, early"]


# What the state may be


@pytest.mark.parametrize(
    "state",
    [
        {"n": 2**70, "m": -(2**63) - 1},
        {"text": "é€😀", "null": None, "nested": [{"a": [1, 2.5, True]}]},
        {"lone": "\ud800"},
        {"lone": "\ud800", "n": 2**70, "é": None},
        {"": ""},
    ],
    ids=ascii,
)
def test_a_state_arrives_as_it_was_returned(state: dict[str, Any]) -> None:
    handler = returning(state)
    runner = LocalRunner(handler, table_of(1), tumbling(10))
    runner.run()
    assert handler.got == [{}, state]
    assert type(handler.got[1].get("n", 0)) is int
    assert runner.invocations[1].event["state"] == state
    assert [json.loads(fact_json(fact))["fact"] for fact in runner.journal][-1] == "WindowClosed"


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), [float("-inf")]])
def test_a_state_with_a_number_that_json_lacks_fails_the_invocation(wrong: Any) -> None:
    handler = returning({"n": wrong}, {"n": 1})
    runner = LocalRunner(handler, table_of(1), tumbling(10))
    runner.run()
    assert handler.got == [{}, {}, {"n": 1}]
    assert outcomes(runner) == ["failure", "success", "success"]


@pytest.mark.parametrize("more", [{}, {"none": None}, {"word": "null"}, {"n": 2**70}], ids=repr)
@pytest.mark.parametrize(("count", "early"), [(500_000, False), (524_289, True)])
def test_the_size_of_a_state_is_counted_in_utf_8(more: dict[str, Any], count: int, early: bool) -> None:
    runner = LocalRunner(returning({"text": "é" * count, **more}), table_of(1), tumbling(10))
    runner.run()
    assert flags(runner) == ["", "final, early" if early else "final"]


def test_a_handler_that_changes_the_state_it_got_changes_nothing_by_it() -> None:
    def handler(event: Any, context: Any) -> Any:
        event["state"]["seen"] = numbers_in(event)
        if numbers_in(event) == [2] and not failed:
            failed.append(True)
            raise ValueError("once")
        return {"state": event["state"]}

    failed: list[bool] = []
    runner = LocalRunner(handler, table_of(2), tumbling(10) | ONE)
    runner.run()
    assert states(runner) == [{}, [1], [1], [2]]


def test_a_response_over_6_mb_fails_however_early_its_window_would_end() -> None:
    runner = LocalRunner(returning({"text": "x" * 7_000_000}), table_of(1), tumbling(10))
    runner.run()
    assert outcomes(runner) == ["failure", "success", "success"]
    assert isinstance(runner.invocations[0].error, ResponseTooLargeError)
    assert states(runner)[1] == {}


@pytest.mark.parametrize("text", ["x" * 6_000_000, "é" * 3_000_000], ids=["ASCII", "UTF-8"])
def test_a_state_between_1_mb_and_6_mb_is_in_its_final_invocation_as_a_whole(text: str) -> None:
    state = {"text": text}
    handler = returning(state)
    LocalRunner(handler, table_of(1), tumbling(10)).run()
    assert handler.got == [{}, state]


def test_a_state_that_grew_leaves_less_room_for_the_rest_of_its_batch() -> None:
    table = LocalTable("orders", view_type="NEW_IMAGE")
    table.put({"id": 0})
    for number in range(1, 16):
        table.put({"id": number, "data": "x" * 395_000})

    def handler(event: Any, context: Any) -> Any:
        first = numbers_in(event)[:1] == [1]
        failures = [{"itemIdentifier": full(2)}] if first else []
        return {"state": {"text": "x" * 1_000_000} if first else {}, "batchItemFailures": failures}

    settings = tumbling(900) | REPORTING | {"MaximumBatchingWindowInSeconds": 10}
    runner = LocalRunner(handler, table, settings)
    runner.run()
    sizes = [len(batch) for batch in batches(runner)]
    assert sizes == [16, 13, 2, 0]
    events = [fact.event for fact in runner.journal if isinstance(fact, InvocationStarted)]
    assert all(len(event) <= MAX_PAYLOAD_BYTES for event in events)
    assert "over 6 MB" in runner.invocations[1].why
    assert runner.discarded == []


# The journal


def test_the_journal_tells_of_a_window_when_it_opens_and_when_it_is_over() -> None:
    runner = LocalRunner(Tallying({}), table_at(3, 15), tumbling(10), duration=2, window_close_delay=5)
    runner.run()
    (shard,) = runner.checkpoints
    assert [fact for fact in runner.journal if isinstance(fact, WindowOpened | WindowClosed)] == [
        WindowOpened(after(3), shard, after(0), after(10), after(15)),
        WindowClosed(after(17), shard, after(0), after(10), "later record", "processed"),
        WindowOpened(after(17), shard, after(10), after(20), after(25)),
        WindowClosed(after(27), shard, after(10), after(20), "no later record", "processed"),
    ]
    finals = [fact.final for fact in runner.journal if isinstance(fact, InvocationStarted)]
    assert finals == [None, "later record", None, "no later record"]


def test_facts_of_windows_are_written_as_json() -> None:
    runner = tallied(0)
    runner.run()
    (shard,) = runner.checkpoints
    written = [json.loads(fact_json(fact)) for fact in runner.journal]
    assert [fact for fact in written if fact["fact"] == "WindowClosed"] == [
        {
            "fact": "WindowClosed",
            "at": "2026-01-01T00:02:10+00:00",
            "shard_id": shard,
            "start": "2026-01-01T00:00:00+00:00",
            "end": "2026-01-01T00:00:10+00:00",
            "cause": "no later record",
            "how": "processed",
        }
    ]
    assert [fact["final"] for fact in written if fact["fact"] == "InvocationStarted"] == [None, "no later record"]


def test_each_final_invocation_has_a_request_id_of_its_own_and_another_seed_other_ones() -> None:
    ids: list[str] = []
    for seed in (0, 1):
        runner = LocalRunner(Tallying({}, bad_finals=1), table_at(0, 15), tumbling(10), seed=seed)
        runner.run()
        mine = [invocation.request_id for invocation in runner.invocations]
        assert mine[1] == mine[2]
        assert len(set(mine)) == 4
        ids += set(mine)
    assert len(set(ids)) == 8


def test_what_an_invoker_answers_for_a_window_is_read_alike() -> None:
    invoker = Answering(
        Answer(throttled="busy"), Answer(response={"state": {"n": 1}}), Answer(response={"state": {"n": 2}})
    )
    runner = LocalRunner(invoker, table_of(1), tumbling(10))
    runner.run()
    assert [event["state"] for event, _, _ in invoker.requests] == [{}, {}, {"n": 1}]
    assert outcomes(runner) == ["throttled", "success", "success"]


def test_fail_fast_raises_what_a_final_invocation_raised_and_the_run_goes_on() -> None:
    runner = LocalRunner(Tallying({}, bad_finals=1), table_of(1), tumbling(10))
    with pytest.raises(ValueError, match="the final invocation is bad"):
        runner.run(fail_fast=True)
    runner.run(fail_fast=True)
    assert outcomes(runner) == ["success", "failure", "success"]


def test_what_a_final_invocation_writes_counts_as_caused_by_what_led_to_its_records() -> None:
    """A window whose result is written to the same table opens the next one, without end: the cascade's guard stops."""
    table = LocalTable("orders")
    table.put({"id": 0})

    def handler(event: Any, context: Any) -> Any:
        if event["isFinalInvokeForWindow"]:
            table.put({"id": len(table.records)})
        return {"state": {}}

    runner = LocalRunner(handler, table, tumbling(10), cascade_limit=5)
    with pytest.raises(Exception, match="every invocation causes the next: 5 so far"):
        runner.run()
    assert len(table.records) <= 6
