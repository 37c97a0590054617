"""Checkpoints and tumbling windows: a run that is killed, or stopped, at any point goes on with the state it had."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamkit.local import Journal, LocalRunner, LocalTable
from streamkit.local.batching import read_event
from streamkit.local.journal import (
    InvocationFinished,
    InvocationStarted,
    RecordsDiscarded,
    RecordsRead,
    WindowClosed,
    WindowOpened,
)
from tests.local.builders import (
    QUEUE,
    REPORTING,
    Heard,
    Tallying,
    after,
    batches,
    flags,
    seconds,
    short,
    states,
    table_at,
    tumbling,
)
from tests.local.test_checkpoints import Killed, KillingJournal
from tests.local.test_interrupted import StoppingAt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from streamkit.local import Fact
    from streamkit.local.checkpoints import ShardCheckpoint
    from streamkit.local.window import OpenWindow

ONE = {"BatchSize": 1}
BIG = 1_100_000


def runner_of(folder: Path, table: LocalTable, mapping: dict[str, Any] | None = None, **tallying: Any) -> LocalRunner:
    settings = tumbling(10) | ONE if mapping is None else mapping
    return LocalRunner(Tallying({}, **tallying), table, settings, checkpoints=folder / "c.db")


def test_a_restart_goes_on_with_the_open_window_and_its_state(tmp_path: Path) -> None:
    table = table_at(0, 1, 5)
    runner_of(tmp_path, table).advance(seconds=2)
    again = runner_of(tmp_path, table)
    assert again.done_before == 2
    (window,) = again.windows
    assert (window.start, window.end, window.opened_at, window.closes_at) == (after(0), after(10), after(2), after(130))
    again.run()
    assert states(again) == [[1, 2], [1, 2, 3]]
    assert flags(again) == ["", "final"]
    assert seconds(again) == [5, 130]
    assert [window.how for window in again.windows] == ["processed"]


def test_a_window_that_is_over_is_not_closed_again(tmp_path: Path) -> None:
    table = table_at(0)
    runner_of(tmp_path, table).run()
    again = runner_of(tmp_path, table)
    again.run()
    assert again.invocations == []
    assert again.windows == []


def test_a_state_that_is_too_large_has_its_final_invocation_before_any_record(tmp_path: Path) -> None:
    table = table_at(0, 1)
    killed = KillingJournal(5)
    runner = LocalRunner(
        Tallying({}, grows={1: BIG}), table, tumbling(10) | ONE, checkpoints=tmp_path / "c.db", journal=killed
    )
    with pytest.raises(Killed):
        runner.run()
    table.clock.sleep_until(after(2))
    again = runner_of(tmp_path, table)
    again.run()
    assert batches(again) == [[], [2], []]
    assert flags(again) == ["final, early", "", "final"]
    assert states(again) == [[1], {}, [2]]


def test_a_restart_without_the_setting_closes_the_window_first(tmp_path: Path) -> None:
    table = table_at(0, 5)
    runner_of(tmp_path, table).advance(seconds=2)
    again = runner_of(tmp_path, table, {})
    again.run()
    assert states(again) == [[1], "no window"]
    assert [window.cause for window in again.windows] == ["mapping update"]


def test_a_restart_with_another_length_keeps_the_bounds_of_the_open_window(tmp_path: Path) -> None:
    table = table_at(0, 9, 12)
    runner_of(tmp_path, table).advance(seconds=2)
    again = runner_of(tmp_path, table, tumbling(60))
    again.run()
    assert states(again) == [[1], [1, 2], {}, [3]]
    assert [(window.start, window.end) for window in again.windows] == [(after(0), after(10)), (after(0), after(60))]


def test_a_restart_of_a_closed_shard_closes_its_window_before_the_child_starts(tmp_path: Path) -> None:
    table = table_at(0, 0)
    runner_of(tmp_path, table).advance(seconds=2)
    (parent,) = table.shard_ids
    table.roll_over(parent)
    table.put({"id": 3})
    again = runner_of(tmp_path, table)
    again.run()
    assert states(again) == [[1, 2], {}, [3]]
    assert [window.cause for window in again.windows] == ["shard end", "no later record"]


class Locked:
    """Checkpoints in memory whose n-th write fails once."""

    def __init__(self, number: int) -> None:
        self._left = number
        self.windows: dict[str, OpenWindow | None] = {}
        self.numbers: dict[str, str | None] = {}

    def load(self) -> Mapping[str, ShardCheckpoint]:
        return {}

    def save(self, shard_id: str, sequence_number: str | None, window: OpenWindow | None = None) -> None:
        self._fail()
        self.numbers[shard_id], self.windows[shard_id] = sequence_number, window

    def save_window(self, shard_id: str, window: OpenWindow | None) -> None:
        self._fail()
        self.windows[shard_id] = window

    def save_lane(self, shard_id: str, lane: int, of: int, sequence_number: str) -> None: ...

    def _fail(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise sqlite3.OperationalError("database is locked")


@pytest.mark.parametrize("number", range(2, 6))
def test_a_write_that_fails_once_loses_no_window(number: int) -> None:
    checkpoints = Locked(number)
    table = table_at(0, 15)
    runner = LocalRunner(Tallying({}), table, tumbling(10), checkpoints=checkpoints)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        runner.run()
    runner.run()
    assert states(runner) == [{}, [1], {}, [2]]
    assert [window.how for window in runner.windows] == ["processed", "processed"]
    assert list(checkpoints.windows.values()) == [None]
    assert [short(number or "0") for number in checkpoints.numbers.values()] == [2]


@dataclass(frozen=True)
class Settings:
    """What a scenario varies."""

    shards: int = 1
    batch_size: int = 3
    report: bool = True
    bisect: bool = True
    batching_window: int = 0
    grows: dict[int, int] = field(default_factory=dict)
    bad_finals: int = 0


class Scenario:
    """A run with windows that can be made again, killed or not: late records, a split, failures."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._path = folder / "c.db"
        for file in folder.glob("c.db*"):
            # What nobody holds any more is closed when it is collected, and takes a file with it.
            file.unlink(missing_ok=True)
        self._settings = settings
        self._table = LocalTable("orders", shards=settings.shards)
        for number, at in enumerate((-30, -29, -25, -12, -28, -11, 0, 4, 9, 10, 2, 21), 1):
            self._table.put({"id": number % 5, "v": number}, at=after(at))
        self._table.split(self._table.shard_ids[0])
        for number, at in enumerate((21, 22, 35, 36, 300), 13):
            self._table.put({"id": number % 5, "v": number}, at=after(at))
        self._mapping: dict[str, Any] = {
            "BatchSize": settings.batch_size,
            "MaximumRetryAttempts": 1,
            "BisectBatchOnFunctionError": settings.bisect,
            "MaximumBatchingWindowInSeconds": settings.batching_window,
            "TumblingWindowInSeconds": 10,
            **(REPORTING if settings.report else {}),
        }

    def run(self, journal: Journal) -> None:
        chosen = self._settings
        handler = Tallying(
            {3: None, 8: 1}, report=chosen.report, grows=chosen.grows, bad_finals=min(chosen.bad_finals, 1)
        )
        LocalRunner(handler, self._table, self._mapping, checkpoints=self._path, journal=journal, duration=0.3).run()


def published(*journals: Journal) -> dict[tuple[str, str], list[int]]:
    """Return the results that final invocations were given for good, by shard and by the first record in them.

    A final invocation that was in flight when the run was killed is made again, with the same state.
    """
    results: dict[tuple[str, str], list[int]] = {}
    for journal in journals:
        given: dict[str, InvocationStarted] = {}
        for fact in journal:
            if isinstance(fact, InvocationStarted) and fact.final:
                given[fact.shard_id] = fact
            elif isinstance(fact, InvocationFinished) and fact.outcome == "success" and fact.shard_id in given:
                event = read_event(given.pop(fact.shard_id).event)
                seen = event["state"].get("seen", [])
                key = fact.shard_id, f"{event['window']['start']} from {seen[:1]}"
                assert results.setdefault(key, seen) == seen
    return results


def in_them(results: dict[tuple[str, str], list[int]]) -> list[int]:
    return sorted(number for seen in results.values() for number in seen)


SCENARIOS = [
    Settings(),
    Settings(shards=2, batch_size=1, bad_finals=1),
    Settings(batch_size=2, grows={2: BIG, 9: BIG}),
    Settings(shards=2, batch_size=4, report=False, batching_window=7, grows={1: BIG}, bad_finals=1),
]


@pytest.mark.parametrize("chosen", SCENARIOS, ids=repr)
def test_a_kill_between_any_two_facts_counts_every_record_once(tmp_path: Path, chosen: Settings) -> None:
    whole = Journal()
    Scenario(tmp_path, chosen).run(whole)
    lost = {short(n) for fact in whole if isinstance(fact, RecordsDiscarded) for n in fact.sequence_numbers}
    assert lost == {3}
    assert in_them(published(whole)) == [number for number in range(1, 18) if number != 3]
    for facts in range(len(whole)):
        one = Scenario(tmp_path, chosen)
        killed, resumed = KillingJournal(facts), Journal()
        with pytest.raises(Killed):
            one.run(killed)
        one.run(resumed)
        assert in_them(published(killed, resumed)) == [number for number in range(1, 18) if number != 3], facts
        assert _finals_over(killed) & _finals_over(resumed) == set(), facts


def _finals_over(journal: Journal) -> set[tuple[str, str]]:
    """Return the final invocations whose windows were closed, by shard and state."""
    over: set[tuple[str, str]] = set()
    last: dict[str, InvocationStarted] = {}
    for fact in journal:
        if isinstance(fact, InvocationStarted) and fact.final:
            last[fact.shard_id] = fact
        elif isinstance(fact, WindowClosed) and fact.how == "processed":
            event = read_event(last[fact.shard_id].event)
            over.add((fact.shard_id, f"{event['window']} {event['state'].get('seen')}"))
    return over


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(kills=st.lists(st.integers(0, 40), max_size=5), chosen=st.sampled_from(SCENARIOS))
def test_any_number_of_kills_counts_every_record_once(tmp_path: Path, kills: list[int], chosen: Settings) -> None:
    one = Scenario(tmp_path, chosen)
    journals: list[Journal] = []
    for facts in kills:
        journals.append(KillingJournal(facts))
        try:
            one.run(journals[-1])
        except Killed:
            continue
    journals.append(Journal())
    one.run(journals[-1])
    assert in_them(published(*journals)) == [number for number in range(1, 18) if number != 3]


# Stopped, and gone on with, in the same process


SETTINGS: dict[str, Any] = tumbling(10) | {
    "MaximumRetryAttempts": 1,
    "BatchSize": 2,
    "DestinationConfig": {"OnFailure": QUEUE["OnFailure"]},
}


def stoppable() -> LocalRunner:
    """Return a run with all that windows have: a discard, an early end, finals that fail once and for good."""
    handler = Tallying({4: None}, bad_finals=3, grows={2: BIG})
    return LocalRunner(handler, table_at(0, 0, 1, 12, 13, 30), SETTINGS, duration=1)


def told(runner: LocalRunner) -> list[Any]:
    """Return what happened to windows."""
    return [(one.start, one.records, one.cause, one.how) for one in runner.windows]


def test_a_run_that_is_stopped_while_a_fact_is_shown_goes_on_whichever_it_is() -> None:
    whole = stoppable()
    whole.run()
    assert {how for *_, how in told(whole)} == {"processed", "discarded"}
    broken: dict[int, str] = {}
    for number in range(1, len(whole.journal) + 1):
        runner = stoppable()
        runner.journal.subscribe(StoppingAt(number))
        with pytest.raises(KeyboardInterrupt):
            runner.run()
        runner.run()
        openings = [fact.start for fact in runner.journal if isinstance(fact, WindowOpened)]
        same = (
            told(runner) == told(whole)
            and len(openings) == len(whole.windows)
            and runner.checkpoints == whole.checkpoints
        )
        if not same or len(runner.discarded) != len(whole.discarded):
            broken[number] = type(whole.journal[number - 1]).__name__
    assert broken == {}


@pytest.mark.parametrize("stopped_at", [RecordsRead, WindowOpened], ids=lambda kind: kind.__name__)
def test_a_window_that_was_told_of_is_closed_and_one_that_was_not_was_never_open(stopped_at: type[Fact]) -> None:
    """The run is stopped, and the window's only record is too old when it goes on."""

    class Stopping(Heard):
        def note(self, fact: Fact) -> None:
            super().note(fact)
            if isinstance(fact, stopped_at):
                raise KeyboardInterrupt

    runner = LocalRunner(Tallying({}), table_at(0), tumbling(10) | {"MaximumRecordAgeInSeconds": 60})
    runner.journal.subscribe(Stopping())
    with pytest.raises(KeyboardInterrupt):
        runner.run()
    runner.disable()
    runner.advance(minutes=10)
    runner.enable()
    runner.run()
    assert len(runner.discarded) == 1
    assert flags(runner) == (["final"] if stopped_at is WindowOpened else [])
    assert [window.how for window in runner.windows] == (["processed"] if stopped_at is WindowOpened else [])


def test_what_was_given_up_before_a_windows_first_invocation_leaves_no_window_behind(tmp_path: Path) -> None:
    """A record is cut off for its age, the run is killed before the rest is sent, and that is too old, too, later."""
    table = table_at(0, 50)
    table.clock.sleep_until(after(70))
    mapping = tumbling(900) | {"MaximumRecordAgeInSeconds": 60}
    killed = KillingJournal(3)
    first = LocalRunner(Tallying({}), table, mapping, checkpoints=tmp_path / "c.db", journal=killed)
    with pytest.raises(Killed):
        first.run()
    assert [type(fact).__name__ for fact in killed] == ["RecordsRead", "RecordsDiscarded", "Checkpointed"]
    table.clock.sleep_until(after(1000))
    again = LocalRunner(Tallying({}), table, mapping, checkpoints=tmp_path / "c.db")
    again.run()
    assert len(again.discarded) == 1
    assert again.invocations == []
    assert again.windows == []


def test_a_final_invocation_that_was_interrupted_is_made_again_with_the_same_state() -> None:
    calls: list[Any] = []

    def handler(event: Any, context: Any) -> Any:
        calls.append(event["state"])
        if len(calls) == 2:
            raise KeyboardInterrupt
        return {"state": {"n": len(calls)}}

    runner = LocalRunner(handler, table_at(0), tumbling(10))
    with pytest.raises(KeyboardInterrupt):
        runner.run()
    runner.run()
    assert calls == [{}, {"n": 1}, {"n": 1}]
    assert runner.invocations[1].request_id == runner.invocations[2].request_id
    assert [window.invocations for window in runner.windows] == [3]
