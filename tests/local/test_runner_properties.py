"""What holds for every run: random streams, settings and failures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from streamkit.local import LocalRunner, LocalTable
from streamkit.local.factjson import fact_json
from streamkit.local.journal import (
    Checkpointed,
    InvocationFinished,
    InvocationStarted,
    RecordsDiscarded,
    RecordsExpired,
    RecordsRead,
    RetryScheduled,
)
from tests.local.audit import Audit
from tests.local.builders import REPORTING, Failing, after, first_seen, short, spans
from tests.local.plans import RUNS, Run


@dataclass
class Plan:
    """A run that can be made again."""

    writes: list[tuple[int, int | None]]
    """Item, and when it is written; None is now."""
    shards: int
    batch_size: int
    retries: int
    reported: bool
    bad: dict[int, int | None]
    duration: float
    seed: int
    handler: Failing = field(init=False)

    def run(self) -> LocalRunner:
        table = LocalTable("orders", shards=self.shards)
        for version, (item, at) in enumerate(self.writes):
            table.put({"id": item, "v": version}, at=None if at is None else after(at))
        self.handler = Failing(self.bad, report=self.reported)
        mapping: dict[str, Any] = {"BatchSize": self.batch_size, "MaximumRetryAttempts": self.retries}
        mapping |= REPORTING if self.reported else {}
        runner = LocalRunner(self.handler, table, mapping, seed=self.seed, duration=self.duration)
        runner.run()
        return runner

    def items(self) -> dict[int, int]:
        """Return each record's item."""
        return {number: item for number, (item, _) in enumerate(self.writes, 1)}


times = st.none() | st.sampled_from([-100_000, -86_400, -60, 0, 1, 90, 100_000])
plans = st.builds(
    Plan,
    writes=st.lists(st.tuples(st.integers(0, 4), times), min_size=1, max_size=15),
    shards=st.integers(1, 3),
    batch_size=st.integers(1, 6),
    retries=st.integers(0, 3),
    reported=st.booleans(),
    bad=st.dictionaries(st.integers(1, 15), st.none() | st.integers(1, 4), max_size=4),
    duration=st.sampled_from([0, 0.2, 30]),
    seed=st.integers(0, 5),
)
# Without a limit a record that is always bad is tried some 1,440 times, until it expires.
endless_plans = st.builds(
    Plan,
    writes=st.lists(st.tuples(st.integers(0, 4), times), min_size=1, max_size=6),
    shards=st.integers(1, 2),
    batch_size=st.integers(1, 6),
    retries=st.just(-1),
    reported=st.booleans(),
    bad=st.dictionaries(st.integers(1, 6), st.none() | st.integers(1, 4), max_size=1),
    duration=st.sampled_from([0, 0.2, 30]),
    seed=st.integers(0, 5),
)


def handled(runner: LocalRunner) -> list[int]:
    """Return every record that an invocation was done with, from what it was sent and what it answered."""
    done: list[int] = []
    for invocation in runner.invocations:
        numbers = [short(number) for number in invocation.sequence_numbers]
        if invocation.outcome == "success":
            done += numbers
        elif invocation.outcome == "partial":
            named = {short(failure["itemIdentifier"]) for failure in invocation.response["batchItemFailures"]}
            done += numbers[: numbers.index(min(named))]
    return done


def given_up(runner: LocalRunner, kind: type[RecordsDiscarded | RecordsExpired]) -> list[int]:
    return [short(number) for fact in runner.journal if isinstance(fact, kind) for number in fact.sequence_numbers]


def check_that_nothing_is_lost(plan: Plan, runner: LocalRunner) -> None:
    discarded, expired = given_up(runner, RecordsDiscarded), given_up(runner, RecordsExpired)
    assert sorted(handled(runner) + discarded + expired) == sorted(plan.items())
    assert sorted(read(runner)) == sorted(plan.items())
    for number in discarded:
        assert any(first <= number <= last for first, last in spans(runner.discarded))
    counted = runner.metrics
    assert counted["PolledEventCount"] == len(plan.writes)
    assert counted["InvokedEventCount"] == sum(len(call) for call in plan.handler.calls)
    assert counted["DroppedEventCount"] == len(discarded) + len(expired)


def read(runner: LocalRunner) -> list[int]:
    return [short(n) for fact in runner.journal if isinstance(fact, RecordsRead) for n in fact.sequence_numbers]


@settings(max_examples=60)
@given(plans)
def test_nothing_is_lost(plan: Plan) -> None:
    check_that_nothing_is_lost(plan, plan.run())


@settings(max_examples=25)
@given(endless_plans)
def test_nothing_is_lost_without_a_limit_to_retries_either(plan: Plan) -> None:
    runner = plan.run()
    check_that_nothing_is_lost(plan, runner)
    assert runner.discarded == []


@settings(max_examples=60)
@given(plans)
def test_first_deliveries_of_an_item_are_in_order(plan: Plan) -> None:
    plan.run()
    items = plan.items()
    first_deliveries = dict.fromkeys(number for call in plan.handler.calls for number in call)
    for item in set(items.values()):
        numbers = [number for number in first_deliveries if items[number] == item]
        assert numbers == sorted(numbers)


@settings(max_examples=60)
@given(plans)
def test_records_of_a_shard_are_delivered_in_order_and_batches_are_unbroken(plan: Plan) -> None:
    runner = plan.run()
    shards: dict[str, list[str]] = {}
    for fact in runner.journal:
        if isinstance(fact, RecordsRead):
            shards.setdefault(fact.shard_id, []).extend(fact.sequence_numbers)
    for invocation in runner.invocations:
        assert 1 <= len(invocation.sequence_numbers) <= plan.batch_size
        shard = shards[invocation.shard_id]
        begin = shard.index(invocation.sequence_numbers[0])
        assert shard[begin : begin + len(invocation.sequence_numbers)] == invocation.sequence_numbers


@settings(max_examples=60)
@given(plans)
def test_checkpoints_never_go_back_and_reach_the_last_record(plan: Plan) -> None:
    runner = plan.run()
    last: dict[str, int] = {}
    for fact in runner.journal:
        if isinstance(fact, Checkpointed):
            number = short(fact.sequence_number)
            assert number > last.get(fact.shard_id, 0)
            last[fact.shard_id] = number
    assert {shard: short(number) for shard, number in runner.checkpoints.items()} == last
    assert max(last.values()) == max(read(runner))
    ends = {fact.shard_id: short(fact.sequence_numbers[-1]) for fact in runner.journal if isinstance(fact, RecordsRead)}
    assert ends == last


@settings(max_examples=60)
@given(plans)
def test_request_ids_and_attempts_agree_with_the_on_failure_records(plan: Plan) -> None:
    runner = plan.run()
    sent: dict[str, list[tuple[int, list[str], str]]] = {}
    for invocation in runner.invocations:
        attempts = sent.setdefault(invocation.request_id, [])
        attempts.append((invocation.attempt, invocation.sequence_numbers, invocation.shard_id))
    for attempts in sent.values():
        start = attempts[0][0]
        assert [attempt for attempt, _, _ in attempts] == list(range(start, start + len(attempts)))
        assert all(numbers == attempts[0][1] for _, numbers, _ in attempts)
        assert len(attempts) <= plan.retries + 1
    for record in runner.discarded:
        request, info = record["requestContext"], record["DDBStreamBatchInfo"]
        attempt, numbers, shard_id = sent[request["requestId"]][-1]
        assert request["approximateInvokeCount"] == attempt == plan.retries + 1
        assert (info["startSequenceNumber"], info["endSequenceNumber"]) == (numbers[0], numbers[-1])
        assert (info["batchSize"], info["shardId"]) == (len(numbers), shard_id)
        assert record["responseContext"]["functionError"] == (None if plan.reported else "Unhandled")


@settings(max_examples=60)
@given(plans)
def test_a_shard_does_one_thing_at_a_time_and_time_does_not_go_back(plan: Plan) -> None:
    runner = plan.run()
    running: dict[str, str] = {}
    times = [fact.at for fact in runner.journal]
    assert times == sorted(times)
    for fact in runner.journal:
        if isinstance(fact, InvocationStarted):
            assert fact.shard_id not in running
            running[fact.shard_id] = fact.request_id
        elif isinstance(fact, InvocationFinished):
            assert running.pop(fact.shard_id) == fact.request_id
        elif isinstance(fact, RetryScheduled):
            assert fact.retry_at > fact.at
    assert running == {}


@settings(max_examples=60)
@given(plans)
def test_the_same_plan_is_the_same_journal_to_the_byte(plan: Plan) -> None:
    first, second = ([fact_json(fact) for fact in plan.run().journal] for _ in range(2))
    assert first == second


@settings(max_examples=60)
@given(plans, st.integers(6, 9))
def test_another_seed_changes_when_and_not_what_where_nothing_is_near_its_end(plan: Plan, seed: int) -> None:
    plan.writes = [(item, None) for item, _ in plan.writes]
    plan.shards = 1
    first = plan.run()
    plan.seed = seed
    second = plan.run()
    assert [i.sequence_numbers for i in first.invocations] == [i.sequence_numbers for i in second.invocations]
    assert first_seen([i.request_id for i in first.invocations]) == first_seen(
        [i.request_id for i in second.invocations]
    )
    assert not {i.request_id for i in first.invocations} & {i.request_id for i in second.invocations}


FAMILY = Run(
    mapping={"BatchSize": 1},
    shards=1,
    steps=[("put", (0, None)), ("roll_over", 0), ("split", 0), ("put", (0, None))],
    inside={},
    bad={},
    reporting=False,
    durations=[3],
    seed=0,
)


@settings(max_examples=150)
@example(FAMILY)
@given(RUNS)
def test_every_run_keeps_every_rule(run: Run) -> None:
    table, runner = run.make()
    audit = Audit(table, run.mapping, exact=not any(name == "update" for name, _ in run.inside.values()))
    audit.follow(runner.journal)
    audit.close(runner)


@settings(max_examples=25)
@given(RUNS)
def test_any_run_made_again_is_the_same_journal_to_the_byte(run: Run) -> None:
    first, second = ([fact_json(fact) for fact in run.make()[1].journal] for _ in range(2))
    assert first == second
