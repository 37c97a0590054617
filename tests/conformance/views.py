"""What can be seen of a run, by the names that the rows use."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import orjson

from streamkit.local.journal import (
    Checkpointed,
    InvocationFinished,
    InvocationStarted,
    RecordsExpired,
    RecordsFiltered,
    RecordsRead,
    Warned,
    WindowClosed,
    WindowOpened,
)
from streamkit.local.metrics import COUNTERS, ITERATOR_AGE
from tests.conformance.running import Run, since_start
from tests.local.builders import START, batches, first_seen, flags, numbers_in, outcomes, seconds, short, states

if TYPE_CHECKING:
    from collections.abc import Callable


def _discarded(run: Run) -> list[dict[str, Any]]:
    def number(name: str, info: dict[str, Any]) -> int | str:
        return short(info[name]) if name in info else "no record"

    return [
        {
            "first": number("startSequenceNumber", record["DDBStreamBatchInfo"]),
            "last": number("endSequenceNumber", record["DDBStreamBatchInfo"]),
            "batchSize": record["DDBStreamBatchInfo"].get("batchSize", "none"),
            "count": record["requestContext"]["approximateInvokeCount"],
            "functionError": record.get("responseContext", {"functionError": "no responseContext"})["functionError"],
            "condition": record["requestContext"]["condition"],
        }
        for record in run.runner.discarded
    ]


def _shards(run: Run) -> list[int]:
    order = list(run.table.shard_ids)
    return [order.index(invocation.shard_id) for invocation in run.runner.invocations]


def _starts(run: Run) -> list[float]:
    """Return when each shard was first invoked for, in the order of the shards."""
    first: dict[int, float] = {}
    for shard, at in zip(_shards(run), seconds(run.runner), strict=True):
        first.setdefault(shard, at)
    return [first[shard] for shard in sorted(first)]


def _mixed(run: Run) -> list[list[str]]:
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


def _others_done(run: Run) -> float:
    """Return when the last invocation ended of the shards and lanes without a failure."""
    failing = {(i.shard_id, i.lane) for i in run.runner.invocations if i.outcome != "success"}
    assert len(failing) == 1
    others = {i.request_id for i in run.runner.invocations if (i.shard_id, i.lane) not in failing}
    assert others
    finished = [fact for fact in run.runner.journal if isinstance(fact, InvocationFinished)]
    return max(since_start(fact) for fact in finished if fact.request_id in others)


def _at_once(run: Run) -> int:
    """Return how many invocations of one shard ran at the same time, at the most."""
    running: dict[str, int] = {}
    most = 0
    for fact in run.runner.journal:
        if isinstance(fact, InvocationStarted | InvocationFinished):
            change = 1 if isinstance(fact, InvocationStarted) else -1
            running[fact.shard_id] = running.get(fact.shard_id, 0) + change
            most = max(most, *running.values())
    return most


def _in_order(run: Run) -> bool:
    """Return whether each item's records were first delivered in order, each after the one before was done with."""
    items = run.rule.items or ()
    delivered: dict[str, list[int]] = {item: [] for item in items}
    for fact in run.runner.journal:
        if isinstance(fact, InvocationFinished) and fact.handled:
            for number in map(short, fact.sequence_numbers[: fact.handled]):
                delivered[items[number - 1]].append(number)
    return all(numbers == sorted(numbers) for numbers in delivered.values())


def _only_checkpoint(run: Run) -> int:
    (number,) = run.runner.checkpoints.values()
    return short(number)


def _request_of(run: Run, request_id: str) -> str:
    """Return which invocation has this request id, the first one if several have."""
    ids = [invocation.request_id for invocation in run.runner.invocations]
    return f"invocation {ids.index(request_id) + 1}" if request_id in ids else "no invocation"


def _records(run: Run) -> list[dict[str, Any]]:
    """Return the on-failure records with names for what is otherwise long: ids, numbers and times."""
    found = []
    for fact in run.discards():
        record = json.loads(re.sub(r'"(1\d{20})"', lambda match: f'"<{short(match[1])}>"', json.dumps(fact.record)))
        record["requestContext"]["requestId"] = _request_of(run, record["requestContext"]["requestId"])
        assert record["timestamp"] == f"{fact.at:%Y-%m-%dT%H:%M:%S}.{fact.at.microsecond // 1000:03d}Z"
        record["timestamp"] = "then"
        info = record["DDBStreamBatchInfo"]
        assert info["streamArn"] == run.table.stream_arn
        info["streamArn"] = "stream"
        info["shardId"] = f"shard {run.table.shard_ids.index(info['shardId'])}"
        found.append(record)
    return found


def _payloads_sent(run: Run) -> list[bool]:
    """Return of each on-failure record whether its payload is the text of an event that was sent."""
    events = [fact.event.decode() for fact in run.runner.journal if isinstance(fact, InvocationStarted)]
    return [record["payload"] in events for record in run.destination.sent]


def _waits(run: Run) -> list[float]:
    return [later - earlier for earlier, later in pairwise(seconds(run.runner))]


def _metrics(run: Run) -> dict[str, int]:
    return {name: run.runner.metrics[name] for name in COUNTERS if run.runner.metrics[name]}


def _windows(run: Run) -> list[tuple[int, int]]:
    """Return the bounds of each invocation's window, in seconds."""
    events = [invocation.event for invocation in run.runner.invocations if "window" in invocation.event]
    return [(_second(event["window"]["start"]), _second(event["window"]["end"])) for event in events]


def _second(text: str) -> int:
    when = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return (when - START) // timedelta(seconds=1)


def _finals(run: Run) -> list[Any]:
    """Return the states that final invocations got, each attempt's."""
    finals = [invocation.event.get("isFinalInvokeForWindow") for invocation in run.runner.invocations]
    return [state for state, final in zip(states(run.runner), finals, strict=True) if final]


def _state_bytes(run: Run) -> list[int]:
    """Return how large the state was that each invocation got, as compact JSON."""
    return [len(orjson.dumps(invocation.event["state"])) for invocation in run.runner.invocations]


def _closings(run: Run) -> list[WindowClosed]:
    return [fact for fact in run.runner.journal if isinstance(fact, WindowClosed)]


def _facts_about(name: str) -> Callable[[Run], list[int]]:
    kinds = {"expired": RecordsExpired, "filtered": RecordsFiltered}
    return lambda run: run.of(kinds[name])


VIEWS: dict[str, Callable[[Run], Any]] = {
    "batches": lambda run: batches(run.runner),
    "sizes": lambda run: [len(batch) for batch in batches(run.runner)],
    "outcomes": lambda run: outcomes(run.runner),
    "attempts": lambda run: [invocation.attempt for invocation in run.runner.invocations],
    "extents": lambda run: first_seen([invocation.request_id for invocation in run.runner.invocations]),
    "errors": lambda run: [type(invocation.error).__name__ for invocation in run.runner.invocations],
    "lanes": lambda run: [invocation.lane for invocation in run.runner.invocations],
    "shards": _shards,
    "seconds": lambda run: seconds(run.runner),
    "starts": _starts,
    "at once": _at_once,
    "items in order": _in_order,
    "mixed batches": _mixed,
    "others done after": _others_done,
    "read": lambda run: [len(fact.sequence_numbers) for fact in run.runner.journal if isinstance(fact, RecordsRead)],
    "read at": lambda run: [since_start(fact) for fact in run.runner.journal if isinstance(fact, RecordsRead)],
    "filtered": _facts_about("filtered"),
    "expired": _facts_about("expired"),
    "discarded": _discarded,
    "discarded at": lambda run: [since_start(fact) for fact in run.discards()],
    "delivered": lambda run: len(run.destination.sent),
    "checkpoint": _only_checkpoint,
    "checkpoints": lambda run: [
        short(fact.sequence_number) for fact in run.runner.journal if isinstance(fact, Checkpointed)
    ],
    "warnings": lambda run: sum(isinstance(fact, Warned) for fact in run.runner.journal),
    "metrics": _metrics,
    "states": lambda run: states(run.runner),
    "state bytes": _state_bytes,
    "flags": lambda run: flags(run.runner),
    "windows": _windows,
    "finals": _finals,
    "causes": lambda run: [fact.cause for fact in _closings(run)],
    "closed": lambda run: [fact.how for fact in _closings(run)],
    "closed at": lambda run: [since_start(fact) for fact in _closings(run)],
    "opened": lambda run: sum(isinstance(fact, WindowOpened) for fact in run.runner.journal),
    "iterator age": lambda run: run.runner.metrics[ITERATOR_AGE],
    "functionArn": lambda run: run.runner.discarded[0]["requestContext"]["functionArn"],
    "payloads as sent": _payloads_sent,
    "the same seed, the same waits": lambda run: _waits(Run(run.rule)) == _waits(run),
    "another seed, other waits": lambda run: _waits(Run(replace(run.rule, seed=run.rule.seed + 1))) != _waits(run),
}


def _check_waits(run: Run, nominal: list[float]) -> None:
    waits = _waits(run)
    assert len(waits) == len(nominal)
    for wait, expected in zip(waits, nominal, strict=True):
        assert 0.75 * expected - 1e-6 <= wait <= 1.25 * expected + 1e-6


def _check_records(run: Run, expected: list[dict[str, Any]]) -> None:
    assert _records(run) == expected
    # The same once more, as text: the order of the members counts.
    assert json.dumps(_records(run)) == json.dumps(expected)


def _check_event(run: Run, expected: dict[str, Any]) -> None:
    event = run.runner.invocations[0].event
    named = event | {"Records": [numbers_in(event)], "shardId": run.table.shard_ids.index(event["shardId"])}
    assert event["eventSourceARN"] == run.table.stream_arn
    # As text: the order of the members counts.
    assert json.dumps(named | {"eventSourceARN": "stream"}) == json.dumps(expected)


def _check_timestamp(run: Run, pattern: str) -> None:
    assert re.fullmatch(pattern, run.runner.discarded[0]["timestamp"])


def _check_end(run: Run, last: float) -> None:
    assert last - 75 <= seconds(run.runner)[-1] <= last


def _check_keys(run: Run, patterns: list[str]) -> None:
    keys = list(run.destination.objects)
    assert len(keys) == len(patterns)
    for key, pattern in zip(keys, patterns, strict=True):
        assert re.fullmatch(pattern, key)


def _check_shard_ids(run: Run, pattern: str) -> None:
    assert len(set(run.table.shard_ids)) > 1
    for shard_id in run.table.shard_ids:
        assert re.fullmatch(pattern, shard_id)


CHECKS: dict[str, Callable[[Run, Any], None]] = {
    "waits": _check_waits,
    "records": _check_records,
    "first event": _check_event,
    "timestamp": _check_timestamp,
    "tried until": _check_end,
    "object keys": _check_keys,
    "shard ids": _check_shard_ids,
}


def check(run: Run, name: str, expected: Any) -> None:
    """Raise AssertionError unless this view of the run shows what it must."""
    if name in CHECKS:
        CHECKS[name](run, expected)
    else:
        assert VIEWS[name](run) == expected, name
