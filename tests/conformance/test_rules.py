"""Runs the tables: each row is a rule of SEMANTICS that the local runner must keep."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from streamkit.local import Answer, LocalRunner, LocalTable, MemoryDestination
from streamkit.local.batching import MAX_PAYLOAD_BYTES, event_json
from streamkit.local.journal import Checkpointed, RecordsDiscarded, RecordsExpired, Warned
from streamkit.local.records import parse_record
from tests.conformance.responses import RESPONSES
from tests.conformance.rules import ABSENT, ResponseRule, Rule, RunRule, WriteRule
from tests.conformance.runs import RUNS
from tests.conformance.writes import WRITES
from tests.local.builders import (
    REPORTING,
    START,
    Failing,
    after,
    batches,
    first_seen,
    full,
    numbers_in,
    seconds,
    short,
    table_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local import Destination


def test_every_rule_is_told_apart_by_what_it_says() -> None:
    rules: list[Rule] = [*RESPONSES, *RUNS, *WRITES]
    assert [rule for rule, times in Counter(map(str, rules)).items() if times > 1] == []


# §4: responses


def _with_numbers(response: Any) -> Any:
    return orjson.loads(re.sub(rb"<(\d)>", lambda match: full(int(match[1])).encode(), orjson.dumps(response)))


def _answered(response: Any, mapping: dict[str, Any]) -> LocalRunner:
    """Let a function answer a batch of four like this once and, once more, again: then it succeeds."""
    calls: list[list[int]] = []

    def handler(event: Any, context: Any) -> Any:
        calls.append(numbers_in(event))
        return _with_numbers(response) if len(calls) == 1 else None

    runner = LocalRunner(handler, table_of(4), {"MaximumRetryAttempts": 0} | mapping)
    runner.run()
    return runner


@pytest.mark.parametrize("rule", RESPONSES, ids=str)
def test_what_a_response_means(rule: ResponseRule) -> None:
    runner = _answered(rule.response, REPORTING)
    assert runner.invocations[0].outcome == rule.becomes
    if rule.becomes == "success":
        assert batches(runner) == [[1, 2, 3, 4]]
        assert runner.discarded == []
    elif rule.becomes == "partial" and rule.lowest != 1:
        assert rule.lowest is not None
        assert batches(runner) == [[1, 2, 3, 4], list(range(rule.lowest, 5))]
        assert runner.discarded == []
    else:
        assert batches(runner) == [[1, 2, 3, 4]]
        (record,) = runner.discarded
        assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None}
        assert record["DDBStreamBatchInfo"]["batchSize"] == 4


@pytest.mark.parametrize("rule", RESPONSES, ids=str)
def test_without_reporting_whatever_is_returned_is_success(rule: ResponseRule) -> None:
    runner = _answered(rule.response, {})
    assert [invocation.outcome for invocation in runner.invocations] == ["success"]
    assert runner.discarded == []
    assert [short(number) for number in runner.checkpoints.values()] == [4]


@pytest.mark.parametrize("mapping", [{}, REPORTING])
def test_an_exception_is_a_complete_failure_and_unhandled(mapping: dict[str, Any]) -> None:
    runner = LocalRunner(Failing({2: None}), table_of(4), {"MaximumRetryAttempts": 0} | mapping)
    runner.run()
    assert [invocation.outcome for invocation in runner.invocations] == ["failure"]
    assert [record["responseContext"]["functionError"] for record in runner.discarded] == ["Unhandled"]


def test_identifiers_are_checked_against_the_current_extent() -> None:
    """§4: a stale identifier from an earlier attempt is not in it."""
    stale = _with_numbers({"batchItemFailures": [{"itemIdentifier": "<1>"}]})
    responses = [_with_numbers({"batchItemFailures": [{"itemIdentifier": "<3>"}]}), stale]
    runner = LocalRunner(lambda event, context: responses.pop(0), table_of(4), REPORTING | {"MaximumRetryAttempts": 0})
    runner.run()
    assert [invocation.outcome for invocation in runner.invocations] == ["partial", "failure"]
    assert runner.discarded[0]["DDBStreamBatchInfo"]["startSequenceNumber"] == full(3)


# §2, §3, §8, §10: runs


class _Throttling:
    """An Invoker that is busy at first."""

    function_name = "throttling"

    def __init__(self, throttles: int, handler: Failing) -> None:
        self._left = throttles
        self._handler = handler

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:  # noqa: ARG002  # Invoker
        if self._left:
            self._left -= 1
            return Answer(throttled="TooManyRequestsException")
        try:
            return Answer(self._handler(orjson.loads(event), None))
        except ValueError as error:
            return Answer(error=error)


class _Raising(MemoryDestination):
    def send(self, record: dict[str, Any]) -> None:
        super().send(record)
        raise OSError("full")


class _Run:
    """A run of a rule, and what can be seen of it."""

    def __init__(self, rule: RunRule) -> None:
        self.table = LocalTable("orders", shards=rule.shards)
        for number, at in enumerate(rule.at or (0,) * rule.records, 1):
            self.table.put({"id": number}, at=after(at))
        handler = Failing(rule.bad, report=rule.how == "report")
        self.destination = _Raising() if rule.destination == "raises" else MemoryDestination()
        used: Destination | None = None if rule.destination == "none" else self.destination
        invoker: Any = _Throttling(rule.throttles, handler) if rule.throttles else handler
        self.runner = LocalRunner(invoker, self.table, rule.settings, destination=used, duration=rule.duration)
        self.runner.run()

    def gone(self) -> list[int]:
        facts = [fact for fact in self.runner.journal if isinstance(fact, RecordsExpired | RecordsDiscarded)]
        return [short(number) for fact in facts for number in fact.sequence_numbers]


def _discarded(run: _Run) -> list[dict[str, Any]]:
    return [
        {
            "first": short(record["DDBStreamBatchInfo"]["startSequenceNumber"]),
            "last": short(record["DDBStreamBatchInfo"]["endSequenceNumber"]),
            "batchSize": record["DDBStreamBatchInfo"]["batchSize"],
            "count": record["requestContext"]["approximateInvokeCount"],
            "functionError": record["responseContext"]["functionError"],
            "condition": record["requestContext"]["condition"],
        }
        for record in run.runner.discarded
    ]


def _mixed(run: _Run) -> list[list[str]]:
    """Return the batches with records of another shard than their own."""
    homes = {
        record.sequence_number: shard_id
        for shard_id in run.table.shard_ids
        for record in run.table.read(shard_id, 0, 100, START)
    }
    assert len(set(homes.values())) == 3
    return [
        invocation.sequence_numbers
        for invocation in run.runner.invocations
        if {homes[number] for number in invocation.sequence_numbers} != {invocation.shard_id}
    ]


def _others_done(run: _Run) -> float:
    """Return when the shards without a failure were done."""
    failing = {i.shard_id for i in run.runner.invocations if i.outcome != "success"}
    assert len(failing) == 1
    others = [f for f in run.runner.journal if isinstance(f, Checkpointed) and f.shard_id not in failing]
    assert len({fact.shard_id for fact in others}) == 2
    return max((fact.at - START).total_seconds() for fact in others)


def _only_checkpoint(run: _Run) -> int:
    (number,) = run.runner.checkpoints.values()
    return short(number)


def _sent(member: str) -> Callable[[_Run], list[str]]:
    return lambda run: list(run.destination.sent[0][member])


def _constants(run: _Run) -> list[Any]:
    (record,) = run.runner.discarded
    return [record["responseContext"]["statusCode"], record["responseContext"]["executedVersion"], record["version"]]


VIEWS: dict[str, Callable[[_Run], Any]] = {
    "batches": lambda run: batches(run.runner),
    "sizes": lambda run: [len(batch) for batch in batches(run.runner)],
    "outcomes": lambda run: [invocation.outcome for invocation in run.runner.invocations],
    "attempts": lambda run: [invocation.attempt for invocation in run.runner.invocations],
    "extents": lambda run: first_seen([invocation.request_id for invocation in run.runner.invocations]),
    "seconds": lambda run: seconds(run.runner),
    "discarded": _discarded,
    "dropped": lambda run: run.gone(),
    "delivered": lambda run: len(run.destination.sent),
    "checkpoint": _only_checkpoint,
    "warnings": lambda run: sum(isinstance(fact, Warned) for fact in run.runner.journal),
    "metrics": lambda run: {name: count for name, count in run.runner.metrics.items() if count},
    "mixed batches": _mixed,
    "other shards done after": _others_done,
    "sent members": lambda run: list(run.destination.sent[0]),
    "sent requestContext": _sent("requestContext"),
    "sent responseContext": _sent("responseContext"),
    "sent DDBStreamBatchInfo": _sent("DDBStreamBatchInfo"),
    "payload is the event": lambda run: (
        orjson.loads(run.destination.sent[0]["payload"]) == run.runner.invocations[0].event
    ),
    "constants": _constants,
    "functionArn": lambda run: run.runner.discarded[0]["requestContext"]["functionArn"],
    "request id": lambda run: (
        "the invocation's"
        if run.runner.discarded[0]["requestContext"]["requestId"] == run.runner.invocations[0].request_id
        else "another"
    ),
    "arrivals": lambda run: (
        run.runner.discarded[0]["DDBStreamBatchInfo"]["approximateArrivalOfFirstRecord"],
        run.runner.discarded[0]["DDBStreamBatchInfo"]["approximateArrivalOfLastRecord"],
    ),
}


def _check_waits(run: _Run, nominal: list[float]) -> None:
    starts = seconds(run.runner)
    waits = [later - earlier for earlier, later in pairwise(starts)]
    assert len(waits) == len(nominal)
    for wait, expected in zip(waits, nominal, strict=True):
        assert 0.75 * expected - 1e-6 <= wait <= 1.25 * expected + 1e-6


def _check_timestamp(run: _Run, pattern: str) -> None:
    assert re.fullmatch(pattern, run.runner.discarded[0]["timestamp"])


def _check_end(run: _Run, last: float) -> None:
    assert last - 75 <= seconds(run.runner)[-1] <= last


CHECKS: dict[str, Callable[[_Run, Any], None]] = {
    "waits": _check_waits,
    "timestamp": _check_timestamp,
    "tried until": _check_end,
}


@pytest.mark.parametrize("rule", RUNS, ids=str)
def test_what_a_run_is_like(rule: RunRule) -> None:
    run = _Run(rule)
    for name, expected in rule.sees.items():
        if name in CHECKS:
            CHECKS[name](run, expected)
        else:
            assert VIEWS[name](run) == expected, name


def test_an_event_is_cut_at_6_mb() -> None:
    """§2 D: invoke when the payload reaches 6 MB (6,291,456 bytes of JSON)."""
    table = LocalTable("orders", view_type="NEW_IMAGE")
    for number in range(40):
        table.put({"id": number, "data": "x" * 390_000})
    runner = LocalRunner(lambda event, context: None, table, {"BatchSize": 100})
    runner.run()
    sizes = [len(batch) for batch in batches(runner)]
    assert sum(sizes) == 40
    events = [fact["Records"] for fact in (invocation.event for invocation in runner.invocations)]
    for index, records in enumerate(events):
        parsed = [parse_record(record, "record") for record in records]
        assert len(event_json(parsed)) <= MAX_PAYLOAD_BYTES
        if index + 1 < len(events):
            following = parse_record(events[index + 1][0], "record")
            assert len(event_json([*parsed, following])) > MAX_PAYLOAD_BYTES


# §7: the stream


def _member(record: dict[str, Any], path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        value = list(value) if name == "keys" else value.get(name, ABSENT)
    return value


@pytest.mark.parametrize("rule", WRITES, ids=str)
def test_what_a_write_makes(rule: WriteRule) -> None:
    view_type: Any = rule.view_type
    table = LocalTable("orders", key=rule.key, view_type=view_type)
    for name, *arguments in rule.writes[:-1]:
        getattr(table, name)(*arguments)
    before = len(table.records)
    name, *arguments = rule.writes[-1]
    number = getattr(table, name)(*arguments)
    made = table.records[before:]
    if rule.record is None:
        assert number is None
        assert made == []
        return
    (record,) = made
    assert record["dynamodb"]["SequenceNumber"] == number
    assert record["eventSourceARN"] == table.stream_arn
    for path, expected in rule.record.items():
        found = _member(record, path)
        if isinstance(expected, str) and expected.startswith("~"):
            assert re.fullmatch(expected[1:], found), path
        else:
            assert found == expected, path
            assert type(found) is type(expected), path


def test_a_shard_id_is_a_zero_padded_time_and_8_hexadecimal_digits() -> None:
    """§7 I."""
    table = LocalTable("orders", shards=3)
    assert len(set(table.shard_ids)) == 3
    for shard_id in table.shard_ids:
        assert re.fullmatch(r"shardId-[0-9]{20}-[0-9a-f]{8}", shard_id)
        assert int(shard_id.split("-")[1]) == 1767225600000
