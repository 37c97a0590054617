"""Where schedules are performed: one handler, one invariant, and the world that both are in."""

from __future__ import annotations

import inspect
import random
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamkit.local.arguments import checked_mapping
from streamkit.local.cascade import CascadeError
from streamkit.local.invokers.context import MAX_TIMEOUT
from streamkit.local.invokers.inprocess import InProcessInvoker, check_handler
from streamkit.local.runner import LocalRunner
from streamkit.local.sources.table import LocalTable
from streamkit.testing.simulation.errors import SimulationError
from streamkit.testing.simulation.function import SimulatedFunction
from streamkit.testing.simulation.memory import Memory, World
from streamkit.testing.simulation.patience import Patience, StuckError
from streamkit.testing.simulation.reaching import methods_of, own_function
from streamkit.testing.simulation.variables import note_users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from streamkit.events import ViewType
    from streamkit.mapping import EventSourceMapping
    from streamkit.testing.simulation.schedule import Schedule

__all__ = ["BrokenInvariantError", "Performance", "Stage"]

_TAKEN = ("table", "runner")


class BrokenInvariantError(AssertionError):
    """An invariant returned False."""


@dataclass(frozen=True, slots=True)
class Performance:
    """One schedule, performed."""

    schedule: Schedule
    table: LocalTable
    runner: LocalRunner
    function: SimulatedFunction
    failure: BaseException | None
    """What is wrong after it: what the invariant raised, or what the run was ended by."""

    @property
    def kind(self) -> type[BaseException] | None:
        """What tells one failure from another; None where there is none."""
        return None if self.failure is None else type(self.failure)


class Stage:
    """Performs schedules. Raises SimulationError for a handler or an invariant that cannot be called as one."""

    def __init__(  # noqa: PLR0913  # what a simulation is told of the world
        self,
        handler: Callable[..., Any],
        invariant: Callable[..., object],
        *,
        mapping: EventSourceMapping | Mapping[str, Any] | None = None,
        key: str | tuple[str, ...] = "id",
        view_type: ViewType = "NEW_AND_OLD_IMAGES",
        setup: Callable[[], object] | None = None,
        world: Sequence[Any] = (),
    ) -> None:
        if not callable(handler):
            raise SimulationError(
                f"simulate takes a handler that it can call in this process, (event, context) -> response, not "
                f"{handler!r:.200}: an Invoker's function cannot be stopped in the middle of its work"
            )
        try:
            check_handler(handler, getattr(handler, "__name__", "handler"))
        except TypeError as error:
            raise SimulationError(str(error)) from None
        if setup is not None and not callable(setup):
            raise SimulationError(f"setup takes a function without parameters, not {setup!r:.200}")
        if not isinstance(world, list | tuple):
            raise SimulationError(f"world takes a list of objects, world=[totals, outbox], not {world!r:.200}")
        self.handler = handler
        self.invariant = invariant
        self.mapping = checked_mapping(handler, mapping)
        if not self.mapping.enabled:
            raise SimulationError("the mapping is disabled (Enabled false), so that no record would reach the handler")
        self.key = (key,) if isinstance(key, str) else tuple(key)
        self._view_type: ViewType = view_type
        self._takes = _parameters(invariant)
        function = own_function(handler)
        self._file = None if function is None else function.__code__.co_filename
        note_users(
            getattr(one, "__module__", None) for one in map(own_function, filter(None, (handler, invariant, setup)))
        )
        self._world = World(invariant, setup, world)
        self._memory = Memory(function, self._world)
        self._services = methods_of(self._world.objects)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Leave everything as it was in the end."""
        chance = random.getstate()
        try:
            yield
        finally:
            random.setstate(chance)
            self._memory.lose()
            self._world.renew()

    def opened(self, schedule: Schedule) -> tuple[LocalTable, LocalRunner, SimulatedFunction]:
        """Make the world, the function and the table of a schedule, before any of its steps."""
        self._memory.lose()
        self._world.renew()
        random.seed(schedule.random_seed)
        size = schedule.batch_size
        mapping = self.mapping if size is None else self.mapping.model_copy(update={"batch_size": size})
        table = LocalTable("table", key=self.key, shards=schedule.shards, view_type=self._view_type)
        function = SimulatedFunction(
            InProcessInvoker(self.handler),
            schedule.faults,
            self._memory,
            self._file,
            self._services,
            timeout=MAX_TIMEOUT,
        )
        runner = LocalRunner(function, table, mapping)
        if mapping.maximum_retry_attempts < 0:
            runner.journal.subscribe(Patience(function))
        return table, runner, function

    def perform(self, schedule: Schedule) -> Performance:
        """Perform a schedule, and look whether the invariant holds when nothing more would happen.

        Raises ImpossibleStepError for a step that is not possible.
        """
        table, runner, function = self.opened(schedule)
        failure: BaseException | None = None
        for step in schedule.steps:
            try:
                step.take(table, runner)
            except (StuckError, CascadeError) as error:
                failure = error
                break
        else:
            failure = self._looked_at(table, runner)
        return Performance(schedule, table, runner, function, failure)

    def check(self, table: LocalTable, runner: LocalRunner) -> None:
        """Run to the end, and raise what the invariant raises.

        Raises BrokenInvariantError where it returns False, SimulationError where it returns what is neither yes nor no.
        """
        runner.run()
        given = {"table": table, "runner": runner}
        holds = self.invariant(**{name: given[name] for name in self._takes})
        name = getattr(self.invariant, "__name__", repr(self.invariant))
        if holds is False:
            raise BrokenInvariantError(f"{name}() returned False")
        if holds is not None and holds is not True:
            raise SimulationError(
                f"the invariant {name}() returned {holds!r:.200}, which says neither yes nor no: raise AssertionError, "
                f"or return True or False"
            )

    def _looked_at(self, table: LocalTable, runner: LocalRunner) -> BaseException | None:
        try:
            self.check(table, runner)
        except SimulationError:
            raise
        except BaseException as error:  # a KeyError is as good an answer as an AssertionError
            if isinstance(error, (Exception, *_pytests_failures())):
                return error
            raise
        return None


def _pytests_failures() -> tuple[type[BaseException], ...]:
    """Return what pytest.fail and pytest.raises raise, which is no Exception; nothing without pytest."""
    outcomes = sys.modules.get("_pytest.outcomes")
    return () if outcomes is None else (outcomes.fail.Exception,)


def _parameters(invariant: Any) -> list[str]:
    if not callable(invariant) or isinstance(invariant, type):
        raise SimulationError(
            f"an invariant is a function of table and runner, or of one of them, not {invariant!r:.200}"
        )
    parameters = inspect.signature(invariant).parameters.values()
    needed = [
        one.name
        for one in parameters
        if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    ]
    if inspect.iscoroutinefunction(invariant) or inspect.isgeneratorfunction(invariant):
        raise SimulationError(
            f"{invariant!r:.200} is async or has yield, so that calling it looks at nothing: write a plain function"
        )
    unknown = [name for name in needed if name not in _TAKEN]
    if unknown:
        name = getattr(invariant, "__name__", repr(invariant))
        raise SimulationError(
            f"the invariant {name}() asks for {', '.join(unknown)}: it is given table (the LocalTable) and runner (the "
            f"LocalRunner), by these names"
        )
    return [one.name for one in parameters if one.name in _TAKEN]
