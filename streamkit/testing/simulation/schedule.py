"""A schedule: what is written to a table, when the mapping runs, and what goes wrong meanwhile. As data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from streamkit.testing.simulation.literals import literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamkit.local.runner import LocalRunner
    from streamkit.local.sources.table import LocalTable
    from streamkit.testing.simulation.faults import SimulatedFault

__all__ = ["Advance", "Delete", "ImpossibleStepError", "Pause", "Put", "Run", "Schedule", "Split", "Step"]


class ImpossibleStepError(Exception):
    """A schedule, made out of another one, has lost what one of its steps needs."""


@dataclass(frozen=True, slots=True)
class Put:
    """An item is created or replaced."""

    item: dict[str, Any]

    def take(self, table: LocalTable, _runner: LocalRunner) -> None:
        """Do it."""
        table.put(self.item)

    def __str__(self) -> str:
        return f"table.put({literal(self.item)})"


@dataclass(frozen=True, slots=True)
class Delete:
    """An item is deleted; ``expired``: by its time to live."""

    key: tuple[Any, ...]
    expired: bool = False

    def take(self, table: LocalTable, _runner: LocalRunner) -> None:
        """Do it."""
        (table.expire if self.expired else table.delete)(self.key)

    def __str__(self) -> str:
        key = self.key[0] if len(self.key) == 1 else self.key
        return f"table.{'expire' if self.expired else 'delete'}({literal(key)})"


@dataclass(frozen=True, slots=True)
class Split:
    """A shard, the ``shard``-th that the stream ever had, is closed in favour of two."""

    shard: int

    def take(self, table: LocalTable, _runner: LocalRunner) -> None:
        """Do it. Raises ImpossibleStepError for a shard that is not there, or not open."""
        try:
            table.split(table.shard_ids[self.shard])
        except (IndexError, ValueError) as error:
            raise ImpossibleStepError(str(error)) from error

    def __str__(self) -> str:
        return f"table.split(table.shard_ids[{self.shard}])"


@dataclass(frozen=True, slots=True)
class Advance:
    """Time passes, and what happens in it."""

    seconds: int

    def take(self, _table: LocalTable, runner: LocalRunner) -> None:
        """Do it."""
        runner.advance(seconds=self.seconds)

    def __str__(self) -> str:
        return f"runner.advance(seconds={self.seconds})"


@dataclass(frozen=True, slots=True)
class Pause:
    """The mapping is disabled for a while: behind it is a backlog, which each shard is read through by itself."""

    seconds: int

    def take(self, _table: LocalTable, runner: LocalRunner) -> None:
        """Do it."""
        runner.disable()
        runner.advance(seconds=self.seconds)
        runner.enable()

    def __str__(self) -> str:
        return f"runner.disable()\nrunner.advance(seconds={self.seconds})\nrunner.enable()"


@dataclass(frozen=True, slots=True)
class Run:
    """The mapping runs until nothing more would happen."""

    def take(self, _table: LocalTable, runner: LocalRunner) -> None:
        """Do it."""
        runner.run()

    def __str__(self) -> str:
        return "runner.run()"


Step: TypeAlias = Put | Delete | Split | Advance | Pause | Run


@dataclass(frozen=True, slots=True)
class Schedule:
    """What happens. Steps come one after the other; faults at calls of the function, counted from 1."""

    steps: tuple[Step, ...]
    faults: Mapping[int, SimulatedFault]
    shards: int = 1
    batch_size: int | None = None
    """Of a mapping whose BatchSize allows more: Lambda may deliver batches of any size up to it."""
    random_seed: int = 0
    """Of Python's own random numbers, which the handler may use."""
