"""Ten classic bugs, planted: `simulate` finds each of them, and nothing in their mended versions.

A broken handler and its mended version differ in the bug alone. ``benchmarks/simulate.py`` runs all 1000 schedules of
each mended version and says what they take; here there are fewer.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local import LocalRunner, LocalTable
from streamkit.testing.simulation import Killed, Raises, simulate
from tests.testing.simulation.planted.found import Found, look_for

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[3]
PACKAGE = "tests.testing.simulation.planted"
BUGS = {
    "batch_size": (4, 0),
    "counter": (1, 1),
    "last_write": (5, 0),
    "module_global": (3, 1),
    "old_image": (3, 0),
    "reducer": (3, 0),
    "set_order": (1, 1),
    "side_effect": (1, 1),
    "swallowed": (1, 1),
    "wall_clock": (3, 0),
}
"""Each bug, and how many lines and faults its smallest schedule may have."""
SCHEDULES = 60
"""Of the 1000 that the benchmark runs."""


def planted(bug: str) -> Any:
    return import_module(f"{PACKAGE}.{bug}")


@cache
def found(bug: str) -> Found:
    return look_for(planted(bug))


def imported_anew(bug: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a copy of the module, so that what a test leaves in its world is left in the copy."""
    spec = importlib.util.find_spec(f"{PACKAGE}.{bug}")
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("version", ["broken", "mended"])
@pytest.mark.parametrize("bug", BUGS)
def test_an_ordinary_test_is_green_with_the_bug_as_without(
    bug: str, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = imported_anew(bug, monkeypatch)
    getattr(module, "setup", lambda: None)()
    table = LocalTable("orders", key="id")
    module.a_day(table)
    runner = LocalRunner(getattr(module, version), table)
    runner.run()
    assert {invocation.outcome for invocation in runner.invocations} == {"success"}
    module.check(table)


@pytest.mark.parametrize("bug", BUGS)
def test_the_bug_is_found(bug: str) -> None:
    assert found(bug).error.seed < 1000


@pytest.mark.parametrize("bug", BUGS)
def test_the_printed_test_fails_as_it_is_pasted(bug: str) -> None:
    cause = found(bug).error.__cause__
    assert isinstance(cause, AssertionError)
    with pytest.raises(AssertionError) as failure:
        found(bug).run()
    assert Path(failure.traceback[-1].path).name == f"{bug}.py"
    assert failure.traceback[-1].name == "check"


@pytest.mark.parametrize("bug", BUGS)
def test_the_printed_test_is_green_with_the_mended_version(bug: str) -> None:
    test = found(bug).error.test.replace("broken", "mended")
    namespace: dict[str, Any] = {"__name__": "pasted"}
    exec(test, namespace)  # noqa: S102  # what simulate printed
    namespace[f"test_check_with_seed_{found(bug).error.seed}"]()


@pytest.mark.parametrize(("bug", "lines", "faults"), [(bug, *most) for bug, most in BUGS.items()])
def test_the_smallest_schedule_is_a_small_one(bug: str, lines: int, faults: int) -> None:
    schedule = found(bug)
    assert len(schedule.steps) <= lines
    assert len(schedule.faults) <= faults


def test_the_same_seeds_find_the_same_in_another_process() -> None:
    """Strings hash differently in each: nothing that is drawn, tried or printed may depend on it."""
    script = (
        "from importlib import import_module\n"
        f"from {PACKAGE}.found import look_for\n"
        f"for bug, seed in {[(bug, found(bug).error.seed) for bug in BUGS]!r}:\n"
        f"    print(look_for(import_module('{PACKAGE}.' + bug), seed=seed, schedules=1).error)\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script]
    printed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603  # our own
    assert [bug for bug in BUGS if found(bug).error.test not in printed] == []


@pytest.mark.parametrize("bug", BUGS)
def test_nothing_is_found_in_the_mended_version(bug: str) -> None:
    module = planted(bug)
    result = simulate(module.mended, module.check, schedules=SCHEDULES, **getattr(module, "OPTIONS", {}))
    assert result.schedules == SCHEDULES
    assert result.calls > SCHEDULES
    assert {"Killed", "crash", "duplicate", "timeout"} <= set(result.faults)


def test_a_counter_counts_what_is_delivered_again() -> None:
    schedule = found("counter")
    (fault,) = schedule.faults
    assert fault in ("crash", "duplicate")
    assert len(schedule.puts) == 1


def test_the_last_write_is_not_the_last_where_another_items_shard_lags_behind() -> None:
    schedule = found("last_write")
    assert schedule.settings["shards"] == 2
    first, second = schedule.puts
    assert first["customer"] == second["customer"]


def test_a_mail_goes_out_again_where_what_remembers_it_is_not_written() -> None:
    schedule = found("side_effect")
    (fault,) = schedule.faults
    assert isinstance(fault, Killed | Raises)
    assert ": confirmed.add(order.id)" in str(schedule.error)


def test_a_modules_state_is_gone_with_its_process() -> None:
    schedule = found("module_global")
    (fault,) = schedule.faults
    assert fault in ("cold_start", "crash", "timeout") or isinstance(fault, Killed)
    assert len(schedule.puts) == 2


def test_an_average_of_averages_is_wrong_where_batches_are_not_alike() -> None:
    schedule = found("batch_size")
    assert schedule.faults == []
    assert len(schedule.puts) == 3


def test_a_swallowed_exception_loses_the_record() -> None:
    schedule = found("swallowed")
    (fault,) = schedule.faults
    assert isinstance(fault, Raises)
    assert "an error instead of swallowed.py" in str(schedule.error)


def test_a_mutated_default_counts_into_what_comes_next() -> None:
    schedule = found("reducer")
    assert schedule.faults == []
    assert len(schedule.puts) == 2


def test_the_wall_clock_does_not_know_when_an_item_changed() -> None:
    schedule = found("wall_clock")
    assert schedule.faults == []
    assert [item["status"] for item in schedule.puts] == ["placed", "shipped"]
    assert any(step.startswith("runner.advance(") for step in schedule.steps)


def test_a_set_comes_in_another_order() -> None:
    schedule = found("set_order")
    assert schedule.faults == ["set_order"]
    assert len(schedule.puts) == 1


def test_an_old_image_is_late() -> None:
    schedule = found("old_image")
    assert schedule.faults == []
    first, second = schedule.puts
    assert first["id"] == second["id"]
    assert first["address"] != second["address"]
