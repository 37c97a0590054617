"""What the plugin's fixtures give to a test, for its annotations. Nothing of the runner is imported here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypedDict

from typing_extensions import Unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from streamkit.events import ViewType
    from streamkit.local.checkpoints import Checkpoints
    from streamkit.local.clock import Clock
    from streamkit.local.destinations.destination import BucketDestination, Destination
    from streamkit.local.invokers.faults import Faults
    from streamkit.local.invokers.invoker import Invoker
    from streamkit.local.journal import Journal
    from streamkit.local.runner import LocalRunner
    from streamkit.local.sources.source import Source
    from streamkit.mapping import EventSourceMapping

__all__ = ["WAYS", "RunnerFactory", "RunnerOptions", "Table", "TableFactory", "TableOptions", "Way"]

Way: TypeAlias = Literal["in-process", "awslambdaric", "dynamodb"]
"""How a test runs: all in this process; the function under Lambda's own runtime client in a process of its own; or the
table and its stream in DynamoDB Local."""

WAYS: tuple[Way, ...] = ("in-process", "awslambdaric", "dynamodb")

Table: TypeAlias = "LocalTable | DynamoTable"
"""What writes records: a `LocalTable`, or a real table with the same face."""

if TYPE_CHECKING:
    from streamkit.local.sources.dynamotable import DynamoTable, KeyType
    from streamkit.local.sources.table import LocalTable


class RunnerOptions(TypedDict, total=False):
    """The settings of a run, as `LocalRunner` takes them."""

    clock: Clock | None
    destination: Destination | BucketDestination | None
    seed: int
    duration: float | Callable[[dict[str, Any]], float]
    timeout: float
    faults: Faults | None
    checkpoints: Checkpoints | str | Path | None
    cascade_limit: int | None
    journal: Journal | None
    window_close_delay: float


class TableOptions(TypedDict, total=False):
    """The settings of a table, as `LocalTable` takes them; ``key`` also with types, for a real one: ``{"id": "N"}``."""

    key: str | tuple[str, ...] | Mapping[str, KeyType]
    shards: int
    shard_of: Callable[[dict[str, Any]], int] | None
    view_type: ViewType
    clock: Clock | None


class TableFactory(Protocol):
    """The fixture ``local_table``."""

    def __call__(self, name: str, **options: Unpack[TableOptions]) -> Table:
        """Make a table. ``key``: with types, ``{"id": "N"}``, it can be made for real, too."""
        ...


class RunnerFactory(Protocol):
    """The fixture ``local_runner``."""

    def __call__(
        self,
        handler: Callable[..., Any] | Invoker,
        source: Source | Sequence[Mapping[str, Any]],
        mapping: EventSourceMapping | Mapping[str, Any] | None = None,
        **options: Unpack[RunnerOptions],
    ) -> LocalRunner:
        """Make a runner, with `LocalRunner`'s arguments."""
        ...
