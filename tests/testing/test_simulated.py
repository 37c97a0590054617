"""What the marks of a simulated test say, and the invariant that the test becomes."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import TestCase

import pytest
from pydantic import BaseModel

from streamkit import Change, stream_handler
from streamkit.local import LocalRunner, LocalTable
from streamkit.testing import SimulationFailedError, simulate
from streamkit.testing.marking import MarkError
from streamkit.testing.simulated import Simulated, hold, simulated, taken

if TYPE_CHECKING:
    from collections.abc import Callable


class Order(BaseModel):
    id: int


@stream_handler
def handler(change: Change[Order]) -> None:
    pass


def item_of(test: Callable[..., Any], *marks: pytest.MarkDecorator, instance: Any = None, **fixtures: Any) -> Any:
    """Return as much of a test as is looked at; its marks are given with the nearest one first."""
    own = [mark.mark for mark in marks]
    return SimpleNamespace(obj=test, instance=instance, funcargs=fixtures, iter_markers=lambda name: iter(own))


def mark(*arguments: Any, **options: Any) -> pytest.MarkDecorator:
    # Called, it would take a function that stands alone for what it is to decorate.
    return pytest.mark.simulate.with_args(*arguments, **options)


def seen(table: LocalTable, runner: LocalRunner) -> None:
    assert isinstance(table, LocalTable)
    assert isinstance(runner, LocalRunner)


def test_a_test_takes_the_table_and_the_runner_from_the_simulation() -> None:
    assert taken(seen) == ["table", "runner"]
    assert taken(lambda monkeypatch, runner, tmp_path: None) == ["runner"]
    assert taken(lambda: None) == []


def test_a_test_without_the_mark_is_not_simulated() -> None:
    assert simulated(item_of(seen)) is None


def test_the_marks_say_the_handler_and_the_settings_and_the_nearest_counts() -> None:
    assert simulated(item_of(seen, mark(handler, schedules=5))) == Simulated(handler, {"schedules": 5})
    outer, inner = mark(handler, schedules=5, seed=3), mark(schedules=7)
    assert simulated(item_of(seen, inner, outer)) == Simulated(handler, {"schedules": 7, "seed": 3})
    for other in (mark(seen), mark(handler=seen)):
        assert simulated(item_of(seen, other, outer)) == Simulated(seen, {"schedules": 5, "seed": 3})


async def waits() -> None:
    pass


class Old(TestCase):
    pass


@pytest.mark.parametrize(
    ("item", "says"),
    [
        (item_of(seen, mark()), r"takes one handler, not 0: @pytest\.mark\.simulate\(handler=handler, schedules=200\)"),
        (item_of(seen, mark(handler, seen)), "takes one handler, not 2"),
        (item_of(seen, mark(handler, handler=seen)), "takes one handler, not 2"),
        (item_of(seen, mark(handler, shedules=1)), r"knows no shedules: .* Its settings are schedules, seed, items,"),
        (item_of(waits, mark(handler)), "makes the test an invariant, which is a plain function: without async"),
        (item_of(seen, mark(handler), instance=Old()), "unittest calls its own tests"),
    ],
)
def test_a_mark_that_would_not_be_a_simulation_is_refused(item: Any, says: str) -> None:
    with pytest.raises(MarkError, match=says):
        simulated(item)


def test_what_is_no_test_function_is_refused() -> None:
    item = item_of(seen, mark(handler))
    del item.obj
    with pytest.raises(MarkError, match="is for test functions"):
        simulated(item)


def test_the_test_is_held_against_the_handler_and_says_what_was_tried() -> None:
    tried = hold(item_of(seen), Simulated(handler, {"schedules": 3}), None)
    assert tried == str(simulate(handler, seen, schedules=3))


def test_what_cannot_be_simulated_is_the_marks_fault() -> None:
    with pytest.raises(MarkError, match=r"@pytest\.mark\.simulate: .* does not say what its items are: give items="):
        hold(item_of(seen), Simulated(lambda event, context: None, {}), None)


def test_the_seed_of_the_mark_counts_before_the_one_of_the_run() -> None:
    def never(table: LocalTable) -> None:
        assert table.records == []

    def found(options: dict[str, Any], seed: int | None) -> int:
        with pytest.raises(SimulationFailedError) as caught:
            hold(item_of(never), Simulated(handler, {"schedules": 1} | options), seed)
        return caught.value.seed

    assert found({}, None) == 0
    assert found({}, 7) == 7
    assert found({"seed": 5}, 7) == 5


def test_other_parameters_are_the_tests_fixtures() -> None:
    def test(word: str, runner: LocalRunner) -> bool:
        return word == "hello" or not runner.invocations

    asked = Simulated(handler, {"schedules": 2})
    hold(item_of(test, word="hello", table=None), asked, None)
    with pytest.raises(SimulationFailedError):
        hold(item_of(test, word="good-bye", table=None), asked, None)


def test_an_invariant_with_fixtures_keeps_the_name_and_the_globals_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[Any] = []
    monkeypatch.setattr(
        "streamkit.testing.simulation.simulate", lambda _, invariant, **options: got.append((invariant, options))
    )

    def test(word: str, table: LocalTable) -> bool:
        return word == "hello" and table.name == "table"

    hold(item_of(test, word="hello"), Simulated(handler, {}), 9)
    ((invariant, options),) = got
    assert options == {"seed": 9}
    assert inspect.unwrap(invariant) is test
    assert invariant.__qualname__ == test.__qualname__
    assert list(inspect.signature(invariant).parameters) == ["table"]
    assert invariant(table=LocalTable("table")) is True
    hold(item_of(seen, table=None, runner=None), Simulated(handler, {}), None)
    assert got[1] == (seen, {})
