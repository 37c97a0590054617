"""What the emulator discards, redriven: exactly the records of each extent, whatever the settings were."""

from __future__ import annotations

import json
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local import LocalRunner, LocalTable
from streamkit.local.destinations.directory import DirectoryDestination
from streamkit.local.invokers.inprocess import InProcessInvoker
from streamkit.local.journal import RecordsDiscarded
from streamkit.local.redrive.places.folder import Folder
from streamkit.local.redrive.redriver import Redriver
from streamkit.local.redrive.streams import Streams
from streamkit.mapping import EventSourceMapping
from tests.local.builders import QUEUE, REPORTING, Failing, Tallying, after, short
from tests.local.redrive.fakes import FakeAccess, FakeStream

if TYPE_CHECKING:
    from pathlib import Path

    from streamkit.local.redrive.result import Redriven

ODD = {"FilterCriteria": {"Filters": [{"Pattern": json.dumps({"dynamodb": {"Keys": {"id": {"N": ["1", "3", "5"]}}}})}]}}


def stream_of(table: LocalTable, **script: Any) -> FakeStream:
    now = after(10**6)
    return FakeStream(
        {name: [orjson.loads(one.json) for one in table.read(name, 0, 10**6, now)] for name in table.shard_ids},
        **script,
    )


def redriven(
    folder: Path | str, table: LocalTable, settings: dict[str, Any], handler: Any, **script: Any
) -> list[Redriven]:
    told: list[Redriven] = []
    streams = Streams(FakeAccess(stream_of(table, **script)))
    mapping = EventSourceMapping.model_validate(settings)
    result = Redriver(InProcessInvoker(handler), Folder(str(folder)), streams, mapping).run(told.append)
    streams.close()
    assert result.ok == all(one.ok for one in told)
    return told


def discarded(runner: LocalRunner) -> list[list[int]]:
    facts = (fact for fact in runner.journal if isinstance(fact, RecordsDiscarded))
    return sorted([short(number) for number in fact.sequence_numbers] for fact in facts)


class InFiles:
    """A destination that keeps the form of a queue: without the event."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._count = 0

    def send(self, record: dict[str, Any]) -> None:
        self._count += 1
        with open(f"{self._folder}/{self._count:04}", "wb") as file:  # noqa: PTH123  # it is
            file.write(orjson.dumps(record))


SETTINGS = st.fixed_dictionaries(
    {"BatchSize": st.integers(1, 7), "MaximumRetryAttempts": st.integers(0, 1)},
    optional={
        "BisectBatchOnFunctionError": st.booleans(),
        "FunctionResponseTypes": st.just(REPORTING["FunctionResponseTypes"]),
        "FilterCriteria": st.just(ODD["FilterCriteria"]),
        "ParallelizationFactor": st.integers(1, 5),
        "MaximumRecordAgeInSeconds": st.just(60),
    },
)


@given(
    settings=SETTINGS,
    items=st.lists(st.integers(1, 6), min_size=1, max_size=30),
    bad=st.sets(st.integers(1, 30), max_size=6),
    old=st.integers(0, 10),
    shards=st.integers(1, 2),
    report=st.booleans(),
    with_event=st.booleans(),
    page=st.integers(1, 9),
)
def test_each_on_failure_record_brings_back_exactly_its_extent(  # noqa: PLR0917  # Hypothesis gives each by name
    settings: dict[str, Any],
    items: list[int],
    bad: set[int],
    old: int,
    shards: int,
    report: bool,
    with_event: bool,
    page: int,
) -> None:
    settings = settings | {"FunctionName": "orders"}
    table = LocalTable("orders", shards=shards)
    for number, item in enumerate(items):
        table.put({"id": item, "n": number}, at=after(-100 if number < old else 0))
    report = report and "FunctionResponseTypes" in settings
    with TemporaryDirectory() as folder:
        destination = DirectoryDestination(folder) if with_event else InFiles(folder)
        failing = Failing(dict.fromkeys(bad), report=report)
        runner = LocalRunner(failing, table, settings | {"DestinationConfig": QUEUE}, destination=destination)
        runner.run()
        handler = Failing({})
        told = redriven(folder, table, settings, handler, page=page, empty=1)
        assert sorted(handler.calls) == discarded(runner)
        assert [(one.ok, one.removed, one.notes) for one in told] == [(True, True, ())] * len(told)
        assert list(Folder(folder).entries()) == []


@pytest.fixture
def windowed() -> tuple[LocalTable, dict[str, Any]]:
    table = LocalTable("orders")
    for number in range(1, 9):
        table.put({"id": number}, at=after(15 * number))
    return table, {"FunctionName": "orders", "TumblingWindowInSeconds": 60, "MaximumRetryAttempts": 0, "BatchSize": 2}


@pytest.mark.parametrize("with_event", [True, False])
def test_the_records_of_windows_come_back_each_with_a_result_of_their_own(
    windowed: tuple[LocalTable, dict[str, Any]], with_event: bool, tmp_path: Path
) -> None:
    table, settings = windowed
    destination = DirectoryDestination(tmp_path) if with_event else InFiles(str(tmp_path))
    runner = LocalRunner(Tallying({2: None, 5: None}), table, settings, destination=destination)
    runner.run()
    handler = Tallying({})
    told = redriven(tmp_path, table, settings, handler)
    assert [call for call in handler.calls if call] == discarded(runner)
    assert sorted(handler.finals) == discarded(runner)
    assert all(one.ok for one in told)


def test_the_result_of_a_window_that_failed_comes_back_with_its_whole_state(
    windowed: tuple[LocalTable, dict[str, Any]], tmp_path: Path
) -> None:
    table, settings = windowed
    first = Tallying({}, bad_finals=None)
    LocalRunner(first, table, settings, destination=DirectoryDestination(tmp_path)).run()
    handler = Tallying({})
    told = redriven(tmp_path, table, settings, handler)
    assert handler.finals == [[1, 2, 3], [4, 5, 6, 7], [8]]
    assert handler.calls == [[], [], []]
    assert all(one.ok for one in told)


def test_a_redrive_that_fails_again_leaves_what_a_later_one_can_handle(tmp_path: Path) -> None:
    table = LocalTable("orders")
    for number in range(1, 7):
        table.put({"id": number})
    settings = {"FunctionName": "orders", "BatchSize": 2, "MaximumRetryAttempts": 0}
    LocalRunner(Failing({2: None, 5: None}), table, settings, destination=DirectoryDestination(tmp_path)).run()
    before = sorted(tmp_path.iterdir())
    assert len(before) == 2
    for bad, left in [({2, 5}, 2), ({5}, 1), (set[int](), 0)]:
        redriven(tmp_path, table, settings, Failing(dict.fromkeys(bad)))
        assert len(list(tmp_path.iterdir())) == left
