"""`replay`: one schedule, written down as a test."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from streamkit.local.story import story
from streamkit.testing.simulation.faults import checked_faults
from streamkit.testing.simulation.schedule import Schedule
from streamkit.testing.simulation.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from streamkit.events import ViewType
    from streamkit.local.runner import LocalRunner
    from streamkit.local.sources.table import LocalTable
    from streamkit.mapping import EventSourceMapping
    from streamkit.testing.simulation.faults import SimulatedFaults

__all__ = ["replay"]


@contextmanager
def replay(  # noqa: PLR0913  # a simulation's settings and a schedule's; all but the first two have defaults
    handler: Callable[..., Any],
    invariant: Callable[..., object],
    *,
    faults: SimulatedFaults | None = None,
    batch_size: int | None = None,
    shards: int = 1,
    random_seed: int = 0,
    key: str | tuple[str, ...] = "id",
    view_type: ViewType = "NEW_AND_OLD_IMAGES",
    mapping: EventSourceMapping | Mapping[str, Any] | None = None,
    setup: Callable[[], object] | None = None,
    world: Sequence[Any] = (),
) -> Iterator[tuple[LocalTable, LocalRunner]]:
    """Perform one schedule: yields the table to write to and the runner; at the end runs all, and checks the invariant.

    ``faults``: what happens at which call of the function, counted from 1: a `Fault` by its name, ``cold_start``,
    `Killed`, `Raises`, `Slow`. ``batch_size``: in the place of the mapping's own. ``shards``: of the table.
    ``random_seed``: of Python's own random numbers. All others are those of `simulate`, which writes such tests.

    Raises what the invariant raises, with the story of what happened as a note. When it is left the world is what it
    was before.
    """
    stage = Stage(handler, invariant, mapping=mapping, key=key, view_type=view_type, setup=setup, world=world)
    schedule = Schedule((), checked_faults(faults or {}), shards, batch_size, random_seed)
    with stage.kept():
        table, runner, _ = stage.opened(schedule)
        try:
            yield table, runner
            stage.check(table, runner)
        except AssertionError as error:
            error.add_note(f"what happened:\n{story(runner)}")
            raise
