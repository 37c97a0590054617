"""The demonstration of `simulate`: the counter's test is green, the counter is wrong, and the ledger is right."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from examples.simulate import counter, demo, ledger
from examples.simulate.test_counter import test_the_total_is_what_all_orders_are_worth as own_test
from streamkit.testing.simulation import SimulationFailedError, simulate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 4
"""Of the schedule that is printed: its test's first line, the ``with``, a write, and one more."""
A_SCREEN = 50


@pytest.fixture(autouse=True)
def _nothing_counted() -> Iterator[None]:
    counter.revenue["total"] = 0
    yield
    counter.revenue["total"] = 0


def test_the_counters_own_test_is_green() -> None:
    own_test()
    assert counter.revenue == {"total": 7}


@pytest.mark.parametrize("seed", [0, 1000, 2000])
def test_what_is_found_in_the_counter_has_four_lines(seed: int) -> None:
    with pytest.raises(SimulationFailedError) as found:
        simulate(counter.handler, counter.check, seed=seed)
    _, _, schedule = found.value.test.partition("\n\n\n")
    assert len(schedule.splitlines()) <= MOST_LINES
    assert schedule.count("table.put(") == 1


def test_nothing_is_found_in_the_ledger() -> None:
    assert simulate(ledger.handler, ledger.check, schedules=100).schedules == 100


def test_the_ledger_is_right_in_the_counters_schedule() -> None:
    with pytest.raises(SimulationFailedError) as found:
        simulate(counter.handler, counter.check)
    namespace: dict[str, object] = {}
    exec(found.value.test.replace("counter", "ledger"), namespace)  # noqa: S102  # what simulate printed
    (test,) = [value for name, value in namespace.items() if name.startswith("test_")]
    assert callable(test)
    test()


def test_the_counter_and_the_ledger_differ_in_nothing_but_the_total() -> None:
    def lines(module: ModuleType) -> set[str]:
        return set(Path(str(module.__file__)).read_text(encoding="utf-8").splitlines())

    assert len(lines(ledger) - lines(counter)) == 7


def test_the_demonstration_shows_the_green_test_what_is_found_and_the_mended_handler(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # Some seconds: three processes, as `make demo` starts them.
    monkeypatch.setattr(demo, "SCENES", [(*scene[:2], _short(scene[2]), scene[3]) for scene in demo.SCENES])
    assert demo.main() == 0
    shown = capfd.readouterr().out
    assert "1 passed" in shown
    assert shown.index("1 passed") < shown.index("with replay(handler, check") < shown.index("the invariant held")
    assert all(f"$ {command}" in shown for _, command, _, _ in demo.SCENES)
    assert len(shown.splitlines()) <= A_SCREEN


def _short(command: list[str]) -> list[str]:
    return [*command, "--schedules", "20"] if "simulate" in command else command


def test_what_is_shown_is_what_is_run() -> None:
    for _, shown, command, _ in demo.SCENES:
        name, *arguments = shown.split()
        assert name in " ".join(map(str, command))
        assert command[-1] == arguments[-1]


def test_the_demonstration_ends_where_something_else_happens(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "SCENES", [("1.", "shown", [sys.executable, "-c", "pass"], 1)])
    assert demo.main() == 1
    assert "exit code 0" in capfd.readouterr().out


def test_make_demo_shows_it_last() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe, _, _ = makefile[makefile.index("\ndemo:") :].partition("\n\n")
    assert recipe.endswith("python -m examples.simulate.demo")
