"""`FaultRates`, plans, and what becomes of a run whose faults are drawn: `planned`, seeds, and that nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamkit.local import LocalRunner, LocalTable, planned
from streamkit.local.factjson import fact_json
from streamkit.local.invokers.faults import Fault, FaultRates, Faults
from streamkit.local.journal import (
    Checkpointed,
    InvocationFinished,
    RecordsDiscarded,
    RecordsExpired,
)
from tests.local.builders import REPORTING, START, Failing, outcomes, short, succeed, table_of

KINDS: tuple[Fault, ...] = get_args(Fault)


def journal_of(runner: LocalRunner) -> list[bytes]:
    runner.run()
    return [fact_json(fact) for fact in runner.journal]


def faulty(seed: int, faults: Faults) -> list[bytes]:
    return journal_of(LocalRunner(Failing({3: 2}), table_of(9), {"BatchSize": 2}, seed=seed, faults=faults))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), float("inf"), True, "0.1", None, Decimal("0.1")])
def test_a_rate_is_a_share_of_the_calls(name: str, share: Any) -> None:
    with pytest.raises(ValueError, match=f"the rate of {name} takes a share of the calls from 0 to 1, not ") as caught:
        FaultRates(**{name: share})
    assert repr(share) in str(caught.value)


def test_rates_come_to_no_more_than_every_call() -> None:
    FaultRates(throttle=1)
    FaultRates(throttle=0.5, crash=0.5)
    with pytest.raises(ValueError, match=r"together are at most 1, these are 1\.5"):
        FaultRates(throttle=0.5, crash=0.5, duplicate=0.5)


def refused_tenths() -> list[tuple[float, ...]]:
    refused = []
    for first in range(21):
        for second in range(21 - first):
            for third in range(21 - first - second):
                shares = [part / 20 for part in (first, second, third, 20 - first - second - third)]
                try:
                    FaultRates(*shares)
                except ValueError:
                    refused.append(tuple(shares))
    return refused


def test_rates_that_are_written_as_one_altogether_are_taken() -> None:
    assert refused_tenths() == []


@pytest.mark.parametrize("faults", ["crash", 0.5, [(1, "crash")], {1, 2}, FaultRates])
def test_what_is_neither_rates_nor_a_plan_is_refused(faults: Any) -> None:
    with pytest.raises(TypeError, match=r'FaultRates or a plan like \{3: "timeout"\}, not '):
        LocalRunner(succeed, table_of(1), faults=faults)


@pytest.mark.parametrize("call", [0, -1, 1.0, "1", True, None])
def test_a_plan_counts_calls_from_1_on(call: Any) -> None:
    with pytest.raises(ValueError, match="at which call, counted from 1; ") as caught:
        LocalRunner(succeed, table_of(1), faults={call: "crash"})
    assert repr(call) in str(caught.value)


@pytest.mark.parametrize("fault", ["Crash", "", None, 1, ["crash"]])
def test_a_plan_has_only_faults_that_there_are(fault: Any) -> None:
    with pytest.raises(ValueError, match="call 3 has the fault ") as caught:
        LocalRunner(succeed, table_of(1), faults={3: fault})
    assert str(caught.value).endswith(": there are throttle, service_error, timeout, crash, duplicate")


@pytest.mark.parametrize("name", KINDS)
def test_a_rate_of_one_is_every_call(name: Fault) -> None:
    assert planned(FaultRates(**{name: 1.0}), 20, seed=3) == dict.fromkeys(range(1, 21), name)


def test_a_plan_drawn_from_rates_has_about_as_many_faults_as_they_say() -> None:
    plan = planned(FaultRates(throttle=0.1, timeout=0.2, crash=0.3), 2000, seed=1)
    shares = {kind: list(plan.values()).count(kind) / 2000 for kind in KINDS}
    assert 0.07 < shares["throttle"] < 0.13
    assert 0.16 < shares["timeout"] < 0.24
    assert 0.26 < shares["crash"] < 0.34
    assert shares["duplicate"] == shares["service_error"] == 0


def test_a_shorter_plan_is_the_beginning_of_a_longer_one() -> None:
    rates = FaultRates(crash=0.5)
    long, brief = planned(rates, 50, seed=1), planned(rates, 10, seed=1)
    assert brief == {call: fault for call, fault in long.items() if call <= 10}
    assert planned(rates, 0, seed=1) == {}


def test_another_seed_plans_other_calls() -> None:
    rates = FaultRates(crash=0.3, throttle=0.3)
    assert len({tuple(planned(rates, 30, seed).items()) for seed in range(10)}) == 10


def test_a_plan_of_a_plan_is_what_is_left_of_it() -> None:
    assert planned({1: "crash", 7: "throttle"}, 5, seed=0) == {1: "crash"}


def test_the_same_seed_is_the_same_run_with_its_faults_to_the_byte() -> None:
    rates = FaultRates(throttle=0.1, service_error=0.1, timeout=0.1, crash=0.2, duplicate=0.2)
    assert faulty(5, rates) == faulty(5, rates)


def test_another_seed_is_another_run() -> None:
    rates = FaultRates(throttle=0.2, crash=0.2, duplicate=0.2)
    runs = [faulty(seed, rates) for seed in range(5)]
    kinds = [tuple(planned(rates, 20, seed).items()) for seed in range(5)]
    assert len(set(kinds)) == 5
    assert all(first != second for first, second in pairwise(runs))


def test_what_rates_plan_can_be_run_as_a_plan_to_the_byte() -> None:
    rates = FaultRates(throttle=0.1, service_error=0.1, timeout=0.1, crash=0.2, duplicate=0.2)
    assert faulty(5, rates) == faulty(5, planned(rates, 500, seed=5))


def test_a_duplicate_that_is_still_to_come_is_waited_for_before_the_lanes_are_divided_anew() -> None:
    runner = LocalRunner(Failing({}), table_of(6), {"BatchSize": 2}, faults={1: "duplicate"}, duration=1)
    runner.advance(seconds=0.5)
    runner.update(parallelization_factor=3)
    runner.run()
    delivered = [[short(number) for number in invocation.sequence_numbers] for invocation in runner.invocations]
    assert delivered[:2] == [[1, 2], [1, 2]]
    assert [invocation.lane for invocation in runner.invocations[:2]] == [0, 0]
    assert sorted(number for batch in delivered[2:] for number in batch) == [3, 4, 5, 6]
    assert runner.metrics["PolledEventCount"] == 6


@dataclass
class Run:
    """A run with faults that can be made again."""

    items: list[int]
    shards: int
    settings: dict[str, Any]
    bad: dict[int, int | None]
    reported: bool
    faults: Faults
    duration: float
    seed: int

    def make(self) -> tuple[LocalRunner, Failing]:
        table = LocalTable("orders", shards=self.shards)
        for version, item in enumerate(self.items):
            table.put({"id": item, "v": version})
        handler = Failing(self.bad, report=self.reported)
        mapping = self.settings | (REPORTING if self.reported else {})
        runner = LocalRunner(
            handler, table, mapping, faults=self.faults, duration=self.duration, seed=self.seed, timeout=30
        )
        return runner, handler


# A plan may duplicate every call that it names; of rates that come near to 1, a run may need very many calls.
rates = st.builds(FaultRates, **{kind: st.sampled_from([0.0, 0.05, 0.15]) for kind in KINDS})
runs = st.builds(
    Run,
    items=st.lists(st.integers(0, 4), min_size=1, max_size=12),
    shards=st.integers(1, 2),
    settings=st.fixed_dictionaries(
        {
            "BatchSize": st.integers(1, 6),
            "MaximumRetryAttempts": st.integers(0, 3),
            "BisectBatchOnFunctionError": st.booleans(),
            "ParallelizationFactor": st.integers(1, 3),
            "MaximumRecordAgeInSeconds": st.sampled_from([-1, 60]),
            "MaximumBatchingWindowInSeconds": st.sampled_from([0, 5]),
        }
    ),
    bad=st.dictionaries(st.integers(1, 12), st.none() | st.integers(1, 3), max_size=3),
    reported=st.booleans(),
    faults=st.dictionaries(st.integers(1, 20), st.sampled_from(KINDS), max_size=8) | rates,
    duration=st.sampled_from([0, 0.2, 20]),
    seed=st.integers(0, 50),
)


def ends_of(runner: LocalRunner) -> list[int]:
    """Return every record that was handled or given up, as often as it was."""
    ends: list[str] = []
    for fact in runner.journal:
        if isinstance(fact, InvocationFinished):
            ends += fact.sequence_numbers[: fact.handled]
        elif isinstance(fact, RecordsDiscarded | RecordsExpired):
            ends += fact.sequence_numbers
    return sorted(map(short, ends))


@settings(max_examples=80)
@given(runs)
def test_nothing_is_lost_whatever_goes_wrong(run: Run) -> None:
    runner, handler = run.make()
    runner.run()
    everything = list(range(1, len(run.items) + 1))
    assert ends_of(runner) == everything
    delivered = {number for call in handler.calls for number in call}
    given_up = {
        short(number)
        for fact in runner.journal
        if isinstance(fact, RecordsDiscarded | RecordsExpired)
        for number in fact.sequence_numbers
    }
    assert delivered | given_up == set(everything)
    assert None not in outcomes(runner)
    assert runner.metrics["DroppedEventCount"] == len(given_up)
    assert runner.metrics["PolledEventCount"] == len(everything)
    last = {fact.shard_id: short(fact.sequence_number) for fact in runner.journal if isinstance(fact, Checkpointed)}
    assert max(last.values()) == everything[-1]


@settings(max_examples=60)
@given(runs)
def test_first_deliveries_of_an_item_are_in_order_whatever_goes_wrong(run: Run) -> None:
    runner, handler = run.make()
    runner.run()
    firsts = dict.fromkeys(number for call in handler.calls for number in call)
    for item in set(run.items):
        numbers = [number for number in firsts if run.items[number - 1] == item]
        assert numbers == sorted(numbers)


@settings(max_examples=60)
@given(runs)
def test_a_request_id_belongs_to_one_list_of_records_and_time_does_not_go_back(run: Run) -> None:
    runner, _ = run.make()
    runner.run()
    sent: dict[str, list[str]] = {}
    tries: dict[str, list[int]] = {}
    for invocation in runner.invocations:
        assert sent.setdefault(invocation.request_id, invocation.sequence_numbers) == invocation.sequence_numbers
        tries.setdefault(invocation.request_id, []).append(invocation.attempt)
    for numbers in tries.values():
        assert numbers == sorted(numbers)
        assert max(numbers) <= run.settings["MaximumRetryAttempts"] + 1
    times = [fact.at for fact in runner.journal]
    assert times == sorted(times)
    assert times[0] >= START


@settings(max_examples=30)
@given(runs)
def test_a_run_with_faults_can_be_repeated_to_the_byte(run: Run) -> None:
    assert journal_of(run.make()[0]) == journal_of(run.make()[0])
