from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamkit import Change, stream_handler
from streamkit.testing.simulation import Killed, SimulationError, replay
from streamkit.testing.simulation.patience import StuckError

if TYPE_CHECKING:
    from streamkit.local import LocalTable

totals = {"orders": 0}
poison: set[int] = set()


@stream_handler(batch_size=10)
def handler(change: Change) -> None:
    if change.keys["id"] in poison:
        raise ValueError("no stock")
    totals["orders"] += 1


def check(table: LocalTable) -> None:
    assert totals["orders"] == len(table.items), "the totals are not those of the table"


def test_a_schedule_that_is_right_passes_and_leaves_the_world_as_it_was() -> None:
    with replay(handler, check, batch_size=1, shards=2, faults={1: "throttle"}) as (table, runner):
        table.put({"id": 1})
        table.put({"id": 2})
        runner.run()
        assert totals == {"orders": 2}
        assert len(table.shard_ids) == 2
        assert runner.mapping.batch_size == 1
        table.put({"id": 3})
    assert totals == {"orders": 0}
    assert [one.outcome for one in runner.invocations] == ["throttled", "success", "success", "success"]


def test_what_the_invariant_raises_is_raised_with_the_story() -> None:
    with (
        pytest.raises(AssertionError, match="the totals are not those of the table") as caught,
        replay(handler, check, faults={1: "duplicate"}) as (table, _),
    ):
        table.put({"id": 1})
    (note,) = caught.value.__notes__
    assert note.startswith("what happened:\n1 record read")
    assert "INSERT id=1 [delivered again: duplicate injected at call 1]" in note
    assert totals == {"orders": 0}


def test_a_handler_that_fails_for_ever_does_not_take_a_day(caplog: pytest.LogCaptureFixture) -> None:
    poison.add(1)
    try:
        with pytest.raises(StuckError, match="ValueError: no stock"), replay(handler, check) as (table, _):
            table.put({"id": 1})
    finally:
        poison.clear()
    assert "ValueError: no stock" in caplog.text


def test_its_settings_are_those_of_simulate() -> None:
    made: list[str] = []

    def fresh() -> None:
        made.append("x")
        totals["orders"] = 0

    options: dict[str, Any] = {"mapping": {"BatchSize": 4}, "setup": fresh, "world": [made], "view_type": "NEW_IMAGE"}
    with replay(handler, lambda: True, key=("id", "sk"), **options) as (table, runner):
        table.put({"id": 1, "sk": 2})
        assert runner.mapping.batch_size == 4
        assert table.key_names == ("id", "sk")
        assert table.view_type == "NEW_IMAGE"
    assert made == ["x", "x"]


@pytest.mark.parametrize(
    ("options", "error"), [({"faults": {1: "fire"}}, ValueError), ({"invariant": None}, SimulationError)]
)
def test_what_cannot_be_replayed_is_refused(options: Any, error: type[Exception]) -> None:
    given = {"handler": handler, "invariant": check, **options}
    with pytest.raises(error), replay(**given):
        raise AssertionError("never")


def test_a_fault_within_the_handler_is_one_of_its_lines() -> None:
    with replay(handler, check, faults={1: Killed(2)}) as (table, runner):
        table.put({"id": 1})
    assert "killed before test_replaying.py:" in str(runner.invocations[0].error)
