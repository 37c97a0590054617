"""`simulate`: many schedules, and of those under which the invariant does not hold the smallest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from streamkit.local.places import place_of
from streamkit.local.story import story
from streamkit.local.texts import counted, full_text
from streamkit.testing.simulation.drawing import draw_schedule
from streamkit.testing.simulation.errors import SimulationError
from streamkit.testing.simulation.items import Items
from streamkit.testing.simulation.printing import as_test
from streamkit.testing.simulation.quiet import unheard
from streamkit.testing.simulation.schedule import Schedule
from streamkit.testing.simulation.shrinking import shrunk
from streamkit.testing.simulation.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from streamkit.events import ViewType
    from streamkit.mapping import EventSourceMapping
    from streamkit.testing.simulation.stage import Performance

__all__ = ["Simulation", "SimulationFailedError", "simulate"]


_ONCE = (
    "It failed once, and not when it was run again: the handler depends on chance, on the real clock, or on something "
    "that outlives a schedule and cannot be put back. What follows need not be the reason."
)


@dataclass(frozen=True, slots=True)
class Simulation:
    """What was run, and nothing wrong was found."""

    schedules: int
    calls: int
    """Calls of the function."""
    records: int
    """Records that were brought to it, each as often as it was."""
    faults: Mapping[str, int]
    """How often each fault happened."""

    def __str__(self) -> str:
        faults = ", ".join(f"{count} {name}" for name, count in sorted(self.faults.items())) or "no fault"
        return (
            f"the invariant held after each of {counted(self.schedules, 'schedule')}: {counted(self.calls, 'call')} "
            f"with {counted(self.records, 'record')}; {faults}"
        )


class SimulationFailedError(AssertionError):
    """An invariant does not hold after a schedule. Its text has the schedule as a test, and the story of its calls.

    ``seed`` is the one that found it, ``test`` the test alone. Its ``__cause__`` is what the invariant raised.
    """

    def __init__(self, text: str, *, seed: int, test: str) -> None:
        super().__init__(text)
        self.seed = seed
        self.test = test


def simulate(  # noqa: PLR0913  # the settings of a simulation; all but the first two have defaults
    handler: Callable[..., Any],
    invariant: Callable[..., object],
    *,
    schedules: int = 1000,
    seed: int = 0,
    items: Any = None,
    key: str | tuple[str, ...] = "id",
    view_type: ViewType = "NEW_AND_OLD_IMAGES",
    mapping: EventSourceMapping | Mapping[str, Any] | None = None,
    setup: Callable[[], object] | None = None,
    world: Sequence[Any] = (),
) -> Simulation:
    """Hold an invariant against a handler under many schedules, and raise SimulationFailedError for the smallest.

    A schedule writes to a `LocalTable` and lets a `LocalRunner` run, with what Lambda's documentation says may happen
    (SEMANTICS §2, §3): batches of any size up to BatchSize, redelivery, throttling, functions that crash, are killed in
    the middle of their work or start cold, calls of theirs that fail, shards that split. Nothing of it may break a
    handler that is right. Each schedule has a seed, from ``seed`` on: the same seed, the same schedule.

    ``invariant``: a function of ``table`` (its ``items`` are those that are there), of ``runner`` (``discarded``…), or
    of both, by these names. It is called when nothing more would happen, and raises, or returns False, where something
    is wrong.

    ``items``: what is written: an image type, a list of example items, or a function of random.Random; by default the
    image type that the handler asks for. ``key``, ``view_type``: of the table. ``mapping``: as of `LocalRunner`.

    ``setup``: makes the world anew before each schedule. Without it, what the invariant reads is put back. ``world``:
    what else outlives the function. All other globals of its module are its memory, which a cold start loses, as it
    does the caches of `functools`.

    A fault that counts as an attempt never comes more often than the mapping retries, and where the mapping limits the
    age of records, nothing takes long: a record is only discarded where the handler fails by itself.

    Raises SimulationError for settings with which nothing can be simulated, or nothing would be tried.
    """
    if type(schedules) is not int or schedules < 1:
        raise SimulationError(f"schedules takes a whole number from 1 on, not {schedules!r}")
    if type(seed) is not int:
        raise SimulationError(f"seed takes a whole number, not {seed!r}")
    stage = Stage(handler, invariant, mapping=mapping, key=key, view_type=view_type, setup=setup, world=world)
    made = Items(items, handler, stage.key)
    calls, records, faults = 0, 0, Counter[str]()
    with stage.kept(), unheard():
        _check_nothing(stage)
        for number in range(seed, seed + schedules):
            performed = stage.perform(draw_schedule(number, made, stage.key, stage.mapping))
            calls += performed.function.calls
            records += performed.function.records
            faults.update(performed.function.kinds)
            if performed.failure is not None:
                smallest = shrunk(stage, performed, made.allows)
                options = {"key": key, "view_type": view_type, "mapping": mapping, "setup": setup, "world": world}
                test = as_test(smallest.schedule, handler, invariant, options, number)
                _check_leaks(stage)
                failure = smallest.failure or performed.failure
                headline = f"schedule {number - seed + 1} of {schedules} (seed {number}): {_shown(failure)}"
                if stage.perform(smallest.schedule).kind is not smallest.kind:
                    headline += f"\n\n{_ONCE}"
                text = _text(headline, smallest, test, number)
                raise SimulationFailedError(text, seed=number, test=test) from failure
    if not records:
        raise SimulationError(
            f"no record reached the handler in {counted(schedules, 'schedule')}, so that nothing was tried: do its "
            f"annotation or its filters leave out everything that items= makes?"
        )
    return Simulation(schedules, calls, records, faults)


def _check_nothing(stage: Stage) -> None:
    """Raise SimulationError where the invariant does not even hold before anything was written."""
    failure = stage.perform(Schedule((), {})).failure
    if failure is not None:
        raise SimulationError(
            f"the invariant does not hold before anything is written. Either it asks for more than an empty table can "
            f"have, or the world is not empty, since something ran before: give setup=, a function that makes the "
            f"world anew. It raised {_shown(failure)}"
        ) from failure


def _check_leaks(stage: Stage) -> None:
    """Raise SimulationError where the invariant does not hold any more when nothing is written: something was left."""
    if stage.perform(Schedule((), {})).failure is not None:
        raise SimulationError(
            "something outlives a schedule that streamkit cannot put back (what a library holds, an iterator, a file): "
            "what fails may be the work of the schedules before. Give setup=, a function that makes the world anew"
        )


def _text(headline: str, smallest: Performance, test: str, seed: int) -> str:
    happened = [f"call {call}: {what}" for call, what in smallest.function.happened.items()]
    parts = [
        headline,
        f"The smallest schedule that ends so, as a test:\n\n{test}",
        f"What happens in it:\n\n{story(smallest.runner)}",
    ]
    if happened:
        parts.append("What was made to happen:\n\n" + "\n".join(happened))
    parts.append(f"The same again: seed={seed}, schedules=1 (on the command line: --seed {seed} --schedules 1)")
    return "\n\n".join(parts)


def _shown(failure: BaseException) -> str:
    """Return what an invariant raised, with the place behind its first line; where it has no text, that line's own."""
    place, frames = place_of(failure), extract_tb(failure.__traceback__)
    first, line_end, rest = full_text(failure).partition("\n")
    if first == f"{type(failure).__name__}: " and frames:
        first += str(frames[-1].line)
    return f"{first} ({place}){line_end}{rest}" if place else f"{first}{line_end}{rest}"
