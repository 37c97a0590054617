"""What a simulation costs: the mended versions of ten classic bugs, 1000 schedules each, on one core.

    python benchmarks/simulate.py [--schedules 1000] [--seed 0] [BUG ...]

Processor time, which other work on the machine hardly changes. The yardstick, run in turn with it: the same writes, to
a `LocalTable`, and the same waits, run by a `LocalRunner` and nothing more: no faults, no world to put back, no
invariant. Also what it takes to find the bug in the broken version. Exit code 1 if a mended version takes more than 10
seconds for 1000 schedules, if anything is found in one, or if a bug is not found.
"""

import argparse
import logging
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # as a script it has only its own folder
    sys.path.append(str(ROOT))

from streamkit.local import LocalRunner, LocalTable  # noqa: E402  # behind sys.path
from streamkit.testing.simulation import SimulationFailedError, simulate  # noqa: E402  # the same
from streamkit.testing.simulation.drawing import draw_schedule  # noqa: E402  # the same
from streamkit.testing.simulation.items import Items  # noqa: E402  # the same
from streamkit.testing.simulation.schedule import Schedule  # noqa: E402  # the same

GOAL = 10.0
"""Seconds for 1000 schedules."""
PLANTED = ROOT / "tests" / "testing" / "simulation" / "planted"


class Measured(NamedTuple):
    """Seconds of processor time, and what was found."""

    simulated: float
    plain: float
    finding: float
    found_in_mended: str
    found_at: int | None
    """How many schedules it took to find the bug."""


def bugs() -> list[str]:
    """Return the names of the planted bugs: the modules that have both versions."""
    return sorted(path.stem for path in PLANTED.glob("*.py") if "def mended(" in path.read_text(encoding="utf-8"))


def measure(bug: str, schedules: int, seed: int) -> Measured:
    module: Any = import_module(f"tests.testing.simulation.planted.{bug}")
    options: dict[str, Any] = getattr(module, "OPTIONS", {})
    settings = {"schedules": schedules, "seed": seed, **options}
    finding, found_at = seconds(lambda: found(module.broken, module.check, settings))
    simulated, found_in_mended = seconds(lambda: found(module.mended, module.check, settings))
    items = Items(options.get("items"), module.mended, ("id",))
    mapping = LocalRunner(module.mended, LocalTable("orders")).mapping
    drawn = [draw_schedule(number, items, ("id",), mapping) for number in range(seed, seed + schedules)]
    options.get("setup", lambda: None)()
    plain, _ = seconds(lambda: run_plainly(module.mended, drawn))
    tried = None if found_at is None else found_at.seed - seed + 1
    return Measured(simulated, plain, finding, "" if found_in_mended is None else str(found_in_mended), tried)


def found(handler: Any, invariant: Any, settings: dict[str, Any]) -> SimulationFailedError | None:
    try:
        simulate(handler, invariant, **settings)
    except SimulationFailedError as error:
        return error
    return None


def run_plainly(handler: Any, schedules: list[Schedule]) -> None:
    for schedule in schedules:
        table = LocalTable("table", shards=schedule.shards)
        runner = LocalRunner(handler, table)
        if schedule.batch_size is not None:
            runner = LocalRunner(handler, table, runner.mapping.model_copy(update={"batch_size": schedule.batch_size}))
        for step in schedule.steps:
            step.take(table, runner)
        runner.run()


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--schedules", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("bugs", nargs="*", metavar="BUG", default=bugs(), help=", ".join(bugs()))
    options = parser.parse_args()
    logging.disable()  # a planted bug logs each exception that it swallows
    allowed = GOAL * options.schedules / 1000
    missed = 0
    print(f"{options.schedules} schedules of each mended version, from seed {options.seed}")
    for bug in options.bugs:
        one = measure(bug, options.schedules, options.seed)
        wrong = one.simulated > allowed or bool(one.found_in_mended) or one.found_at is None
        missed += wrong
        where = "the bug is NOT FOUND" if one.found_at is None else f"the bug is found at schedule {one.found_at}"
        times = one.simulated / one.plain
        print(
            f"{bug:14} {one.simulated:5.2f} s, {times:.1f} x the same writes and runs alone; {where}, in "
            f"{one.finding:.2f} s{'  MISSED' if wrong else ''}"
        )
        if one.found_in_mended:
            print(one.found_in_mended)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
