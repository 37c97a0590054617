"""Checkpoints in a file: a run that is killed between any two steps goes on, and does again only what was in flight."""

from __future__ import annotations

import contextlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamkit.local import CheckpointFile, Journal, LocalRunner, LocalTable
from streamkit.local.checkpoints import ShardCheckpoint
from streamkit.local.journal import InvocationFinished, InvocationStarted, RecordsDiscarded, RecordsDoneBefore
from streamkit.local.window import OpenWindow, TimeWindow
from tests.local.builders import REPORTING, Failing, after, batches, lambda_record, short, succeed, table_of

if TYPE_CHECKING:
    from pathlib import Path

    from streamkit.local import Fact

STREAM, FUNCTION = "arn:stream", "arn:function"


class Killed(BaseException):
    """The process ends here."""


class KillingJournal(Journal):
    """A journal with which the process ends after so many facts."""

    def __init__(self, after_facts: int) -> None:
        super().__init__()
        self._left = after_facts

    def write(self, fact: Fact) -> None:
        if self._left == 0:
            raise Killed
        self._left -= 1
        super().write(fact)


def test_a_file_gives_back_what_was_saved(tmp_path: Path) -> None:
    with CheckpointFile(tmp_path / "c.db", STREAM, FUNCTION) as file:
        assert file.load() == {}
        file.save("s", None)
        file.save("t", "5")
        file.save("t", "7")
    with CheckpointFile(tmp_path / "c.db", STREAM, FUNCTION) as file:
        assert file.load() == {"s": ShardCheckpoint(None), "t": ShardCheckpoint("7")}


def test_the_time_of_a_start_at_latest_is_kept_also_when_a_record_is_done_with(tmp_path: Path) -> None:
    with CheckpointFile(tmp_path / "c.db", STREAM, FUNCTION) as file:
        file.save_start("s", after(1.5))
        file.save_start("t", after(2))
        file.save("t", "7")
        file.save("u", None)
    with CheckpointFile(tmp_path / "c.db", STREAM, FUNCTION) as file:
        assert file.load() == {
            "s": ShardCheckpoint(None, since=after(1.5)),
            "t": ShardCheckpoint("7", since=after(2)),
            "u": ShardCheckpoint(None),
        }
    with CheckpointFile(tmp_path / "c.db", STREAM, "other") as other:
        assert other.load() == {}


def test_lanes_are_kept_as_long_as_there_are_as_many(tmp_path: Path) -> None:
    file = CheckpointFile(tmp_path / "c.db", STREAM, FUNCTION)
    file.save("s", "5")
    file.save_lane("s", 0, 3, "9")
    file.save_lane("s", 2, 3, "8")
    assert file.load() == {"s": ShardCheckpoint("5", 3, {0: "9", 2: "8"})}
    file.save_lane("s", 1, 2, "11")
    assert file.load() == {"s": ShardCheckpoint("5", 2, {1: "11"})}
    file.close()


def test_an_open_window_is_kept_with_the_checkpoint_of_its_shard(tmp_path: Path) -> None:
    window = OpenWindow(
        TimeWindow(after(0), after(10)), '{"n":1180591620717411303424,"é":"\\ud800"}'.encode(), started=True
    )
    other = OpenWindow(TimeWindow(after(890_000_000), after(890_000_007)), started=True)
    with CheckpointFile(tmp_path / "c.db", STREAM, FUNCTION) as file:
        file.save("s", "5", window)
        file.save("t", None, other)
        file.save("u", "1", other)
        file.save("u", "2")
    with CheckpointFile(tmp_path / "c.db", STREAM, FUNCTION) as file:
        assert file.load() == {
            "s": ShardCheckpoint("5", window=window),
            "t": ShardCheckpoint(None, window=other),
            "u": ShardCheckpoint("2"),
        }


def test_a_window_that_changes_or_closes_leaves_the_checkpoint_as_it_is(tmp_path: Path) -> None:
    window = OpenWindow(TimeWindow(after(0), after(10)), b'{"n":1}', started=True)
    with CheckpointFile(tmp_path / "c.db", STREAM, FUNCTION) as file:
        file.save("s", "5", window)
        file.save_window("s", window._replace(state=b'{"n":2}'))
        assert file.load() == {"s": ShardCheckpoint("5", window=window._replace(state=b'{"n":2}'))}
        file.save_window("s", None)
        assert file.load() == {"s": ShardCheckpoint("5")}


def test_a_checkpoint_whose_window_cannot_be_saved_is_not_saved_either(tmp_path: Path) -> None:
    """Both or neither: with a state of another checkpoint records would count twice, or not at all."""
    window = OpenWindow(TimeWindow(after(0), after(10)), b'{"n":1}', started=True)
    file = CheckpointFile(tmp_path / "c.db", STREAM, FUNCTION)
    file.save("s", "5", window)
    not_bytes: Any = object()
    unwritable = window._replace(state=not_bytes)
    with pytest.raises(sqlite3.Error):
        file.save("s", "7", unwritable)
    assert file.load() == {"s": ShardCheckpoint("5", window=window)}
    file.close()


def test_mappings_in_one_file_know_nothing_of_each_other(tmp_path: Path) -> None:
    with CheckpointFile(tmp_path / "c.db", STREAM, FUNCTION) as one:
        one.save("s", "5", OpenWindow(TimeWindow(after(0), after(10))))
        one.save_lane("s", 0, 2, "9")
    for stream, function in [(STREAM, "other"), ("other", FUNCTION)]:
        with CheckpointFile(tmp_path / "c.db", stream, function) as other:
            assert other.load() == {}


def test_what_is_forgotten_of_one_mapping_stays_of_the_others(tmp_path: Path) -> None:
    with (
        CheckpointFile(tmp_path / "c.db", STREAM, FUNCTION) as file,
        CheckpointFile(tmp_path / "c.db", STREAM, "arn:other") as other,
    ):
        for one in (file, other):
            one.save_start("s", after(1))
            one.save_lane("s", 0, 2, "5")
            one.save("t", "7", OpenWindow(TimeWindow(after(0), after(60)), b"{}", started=True))
            one.save_finished("t")
        kept = other.load()
        file.forget()
        assert file.load() == {}
        assert other.load() == kept
        # Nothing is left that would belong to shards of the same name.
        file.save("s", "1")
        file.save("t", "1")
        assert file.load() == {"s": ShardCheckpoint("1"), "t": ShardCheckpoint("1")}


def test_a_file_that_is_none_of_sqlites_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear diary " * 200)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        CheckpointFile(path, STREAM, FUNCTION)
    assert path.read_text() == "dear diary " * 200


def test_a_second_run_goes_on_behind_the_first(tmp_path: Path) -> None:
    table = table_of(3)
    LocalRunner(succeed, table, checkpoints=tmp_path / "c.db").run()
    table.put({"id": 4})
    again = LocalRunner(succeed, table, checkpoints=tmp_path / "c.db")
    assert again.done_before == 3
    again.run()
    assert batches(again) == [[4]]


def test_without_a_file_everything_is_read_again() -> None:
    table = table_of(3)
    LocalRunner(succeed, table).run()
    again = LocalRunner(succeed, table)
    assert again.done_before == 0
    again.run()
    assert batches(again) == [[1, 2, 3]]


def test_a_checkpoint_is_the_mappings_own(tmp_path: Path) -> None:
    table = table_of(3)
    LocalRunner(succeed, table, {"FunctionName": "one"}, checkpoints=str(tmp_path / "c.db")).run()
    other = LocalRunner(succeed, table, {"FunctionName": "two"}, checkpoints=str(tmp_path / "c.db"))
    other.run()
    assert batches(other) == [[1, 2, 3]]


def test_a_mapping_that_starts_at_latest_and_is_killed_at_once_misses_nothing_since(tmp_path: Path) -> None:
    table = table_of(2)
    mapping = {"StartingPosition": "LATEST"}
    LocalRunner(succeed, table, mapping, checkpoints=tmp_path / "c.db")
    table.put({"id": 3})
    (parent,) = table.shard_ids
    table.split(parent)
    for number in range(4, 8):
        table.put({"id": number})
    again = LocalRunner(succeed, table, mapping, checkpoints=tmp_path / "c.db")
    again.run()
    assert sorted(number for batch in batches(again) for number in batch) == [3, 4, 5, 6, 7]
    assert batches(again)[0] == [3]


def test_a_mapping_that_starts_at_latest_on_an_empty_stream_starts_there_again(tmp_path: Path) -> None:
    table = LocalTable("orders")
    LocalRunner(succeed, table, {"StartingPosition": "LATEST"}, checkpoints=tmp_path / "c.db")
    table.put({"id": 1})
    again = LocalRunner(succeed, table, {"StartingPosition": "LATEST"}, checkpoints=tmp_path / "c.db")
    again.run()
    assert batches(again) == [[1]]


def test_what_a_filter_left_out_is_not_read_again(tmp_path: Path) -> None:
    table = table_of(2)
    mapping = {"FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["REMOVE"]}'}]}}
    LocalRunner(succeed, table, mapping, checkpoints=tmp_path / "c.db").run()
    again = LocalRunner(succeed, table, mapping, checkpoints=tmp_path / "c.db")
    again.run()
    assert again.done_before == 2
    assert again.metrics["PolledEventCount"] == 0


def test_another_number_of_lanes_after_a_kill_delivers_again_what_lay_ahead(tmp_path: Path) -> None:
    """The checkpoint is the lowest unfinished record; what the old lanes did ahead says nothing of the new ones."""
    mapping = {"ParallelizationFactor": 2, "BatchSize": 1, "FunctionName": "orders"}
    table = table_of(8)
    first = LocalRunner(Failing({1: None}), table, mapping, checkpoints=tmp_path / "c.db")
    first.advance(minutes=1)
    ahead = {number for batch in batches(first) for number in batch} - {1}
    assert ahead
    same = LocalRunner(succeed, table, mapping, checkpoints=_copy(tmp_path))
    same.run()
    assert not ahead & {number for batch in batches(same) for number in batch}
    other = LocalRunner(succeed, table, mapping | {"ParallelizationFactor": 3}, checkpoints=_copy(tmp_path))
    other.run()
    assert sorted(number for batch in batches(other) for number in batch) == [1, 2, 3, 4, 5, 6, 7, 8]


def _copy(folder: Path) -> Path:
    """Return a copy of the checkpoints as they are now."""
    copy = folder / f"copy{len(list(folder.iterdir()))}.db"
    with sqlite3.connect(folder / "c.db") as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()
    return copy


def test_a_recording_goes_on_too(tmp_path: Path) -> None:
    records = [lambda_record(number, item=str(number)) for number in range(1, 6)]
    first = LocalRunner(succeed, records, {"BatchSize": 2}, checkpoints=tmp_path / "c.db", journal=KillingJournal(5))
    with pytest.raises(Killed):
        first.run()
    again = LocalRunner(succeed, records, {"BatchSize": 2}, checkpoints=tmp_path / "c.db")
    again.run()
    assert again.done_before == 2
    assert batches(again) == [[3, 4], [5]]


@dataclass(frozen=True)
class Settings:
    shards: int = 1
    lanes: int = 1
    batch_size: int = 3
    report: bool = True
    bisect: bool = True


class Scenario:
    """A run that can be made again, killed or not."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._path = folder / "c.db"
        self._path.unlink(missing_ok=True)
        for side in folder.glob("c.db-*"):
            side.unlink()
        self._table = LocalTable("orders", shards=settings.shards)
        for number in range(1, 13):
            self._table.put({"id": number % 7, "v": number}, at=after(number // 6))
        self._table.split(self._table.shard_ids[0])
        for number in range(13, 19):
            self._table.put({"id": number % 7, "v": number}, at=after(4))
        self._mapping: dict[str, Any] = {
            "BatchSize": settings.batch_size,
            "MaximumRetryAttempts": 1,
            "ParallelizationFactor": settings.lanes,
            "BisectBatchOnFunctionError": settings.bisect,
            "FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT", "MODIFY"]}'}]},
            **(REPORTING if settings.report else {}),
        }
        self._report = settings.report

    def run(self, journal: Journal) -> LocalRunner:
        handler = Failing({3: None, 8: 1}, report=self._report)
        return LocalRunner(handler, self._table, self._mapping, checkpoints=self._path, journal=journal, duration=0.3)


def _done(journal: Journal) -> set[int]:
    """Return what was handled or given up for good."""
    done: set[int] = set()
    for fact in journal:
        if isinstance(fact, InvocationFinished):
            done |= {short(number) for number in fact.sequence_numbers[: fact.handled]}
        elif isinstance(fact, RecordsDiscarded):
            done |= {short(number) for number in fact.sequence_numbers}
    return done


def _in_flight(journal: Journal) -> set[int]:
    """Return the records of the last call of each lane."""
    last = {
        (fact.shard_id, fact.lane): fact.sequence_numbers for fact in journal if isinstance(fact, InvocationStarted)
    }
    return {short(number) for numbers in last.values() for number in numbers}


@pytest.mark.parametrize(
    "chosen",
    [
        Settings(batch_size=4, report=False, bisect=False),
        Settings(batch_size=4),
        Settings(shards=2, bisect=False),
        Settings(lanes=3, batch_size=2, report=False),
        Settings(shards=2, lanes=2, batch_size=1, bisect=False),
    ],
    ids=repr,
)
def test_a_kill_between_any_two_steps_loses_nothing_and_repeats_only_what_was_in_flight(
    tmp_path: Path, chosen: Settings
) -> None:
    whole = Journal()
    Scenario(tmp_path, chosen).run(whole).run()
    everything = _done(whole)
    assert everything == set(range(1, 19))
    for facts in range(len(whole)):
        one = Scenario(tmp_path, chosen)
        killed, resumed = KillingJournal(facts), Journal()
        with pytest.raises(Killed):
            one.run(killed).run()
        one.run(resumed).run()
        assert _done(killed) | _done(resumed) == everything
        again = {number for batch in batches_in(resumed) for number in batch}
        assert again & _done(killed) <= _in_flight(killed)


def batches_in(journal: Journal) -> list[list[int]]:
    starts = [fact for fact in journal if isinstance(fact, InvocationStarted)]
    return [[short(number) for number in fact.sequence_numbers] for fact in starts]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kills=st.lists(st.integers(0, 40), max_size=5), lanes=st.integers(1, 3))
def test_any_number_of_kills_loses_nothing(tmp_path: Path, kills: list[int], lanes: int) -> None:
    one = Scenario(tmp_path, Settings(lanes=lanes))
    done: set[int] = set()
    for facts in kills:
        journal = KillingJournal(facts)
        with contextlib.suppress(Killed):
            one.run(journal).run()
        done |= _done(journal)
    last = Journal()
    one.run(last).run()
    skipped = [fact.sequence_numbers for fact in last if isinstance(fact, RecordsDoneBefore)]
    assert {short(number) for numbers in skipped for number in numbers} <= done
    assert done | _done(last) == set(range(1, 19))


def test_a_file_may_be_closed_by_any_thread(tmp_path: Path) -> None:
    # As by the garbage collector, which runs where it is needed.
    file = CheckpointFile(tmp_path / "checkpoints.db", STREAM, FUNCTION)
    with ThreadPoolExecutor() as threads:
        threads.submit(file.close).result()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        file.save("shard", "1")
