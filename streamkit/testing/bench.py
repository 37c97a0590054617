"""The tables and runners of one test, made in one of the three ways, and taken down after it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from streamkit.local.arguments import checked_mapping
from streamkit.local.invokers.context import MAX_TIMEOUT
from streamkit.local.invokers.inprocess import check_handler
from streamkit.local.invokers.invoker import Invoker
from streamkit.local.runner import LocalRunner
from streamkit.local.sources.dynamotable import DynamoTable, RealTableError
from streamkit.local.sources.table import LocalTable
from streamkit.testing.marking import Settings
from streamkit.testing.naming import handler_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typing_extensions import Unpack

    from streamkit.events import ViewType
    from streamkit.local.clock import Clock
    from streamkit.local.sources.dynamotable import KeyType
    from streamkit.local.sources.source import Source
    from streamkit.mapping import EventSourceMapping
    from streamkit.testing.protocols import RunnerOptions, Table, TableOptions, Way

__all__ = ["CONTROL_URL", "Bench"]

CONTROL_URL = "STREAMKIT_DYNAMODB_CONTROL_URL"
"""The variable that says where ``POST /rollover`` rolls the shards of the DynamoDB Local over."""


class Bench:
    """Makes the tables and runners of a test. At its end functions are ended, and real tables deleted.

    ``settings``: what the test's marks say. ``seed``: of runners that are given none.
    """

    def __init__(self, way: Way, settings: Settings | None = None, seed: int = 0) -> None:
        self.way = way
        self.runners: list[LocalRunner] = []
        """Every runner that was made."""
        self._settings = Settings() if settings is None else settings
        self._seed = seed
        self._made = ExitStack()

    def __repr__(self) -> str:
        return f"Bench({self.way!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._made.close()

    def table(self, name: str, **options: Unpack[TableOptions]) -> Table:
        """See `TableFactory`. Raises RealTableError for what a real table does not have, where one is to be made."""
        chosen: TableOptions = {**self._settings.table, **options}
        return self._table(name, **chosen)

    def _table(  # noqa: PLR0913  # what a table has; all but the name have defaults
        self,
        name: str,
        *,
        key: str | tuple[str, ...] | Mapping[str, KeyType] = "id",
        shards: int = 1,
        shard_of: Callable[[dict[str, Any]], int] | None = None,
        view_type: ViewType = "NEW_AND_OLD_IMAGES",
        clock: Clock | None = None,
    ) -> Table:
        if self.way != "dynamodb":
            names = tuple(key) if isinstance(key, Mapping) else key
            return LocalTable(name, key=names, shards=shards, shard_of=shard_of, view_type=view_type, clock=clock)
        if not isinstance(key, Mapping):
            names = (key,) if isinstance(key, str) else key
            typed = ", ".join(f'"{name}": "S"' for name in names)
            raise RealTableError(
                f"table {name!r} has key={key!r}: a real table has to know the types of its key attributes before the "
                f"first item comes. Write key={{{typed}}}, with S for text, N for numbers, B for bytes"
            )
        if shards != 1 or shard_of is not None:
            given = f"shards={shards}" if shards != 1 else "shard_of=…"
            raise RealTableError(
                f"table {name!r} has {given}: DynamoDB alone decides about a real table's shards, and DynamoDB Local "
                f"opens one. Run this test in process"
            )
        # Other tests, and other runs of this one, may have a table of the name in the same database.
        unique = f"{name}-{uuid4().hex[:12]}"
        control_url = os.environ.get(CONTROL_URL) or None
        table = DynamoTable(unique, key=dict(key), view_type=view_type, clock=clock, control_url=control_url)
        return self._made.enter_context(table)

    def runner(
        self,
        handler: Callable[..., Any] | Invoker,
        source: Source | Sequence[Mapping[str, Any]],
        mapping: EventSourceMapping | Mapping[str, Any] | None = None,
        **options: Unpack[RunnerOptions],
    ) -> LocalRunner:
        """See `RunnerFactory`. Raises NamelessHandlerError for a handler that Lambda's runtime could not find."""
        chosen: RunnerOptions = {"seed": self._seed, **self._settings.runner, **options}
        runner = self._runner(handler, source, self._settings.mapping_for(handler, mapping), **chosen)
        self.runners.append(runner)
        return runner

    def _runner(
        self,
        handler: Callable[..., Any] | Invoker,
        source: Source | Sequence[Mapping[str, Any]],
        mapping: EventSourceMapping | Mapping[str, Any] | None,
        **options: Unpack[RunnerOptions],
    ) -> LocalRunner:
        if self.way != "awslambdaric" or (isinstance(handler, Invoker) and not isinstance(handler, type)):
            return LocalRunner(handler, source, mapping, **options)
        from streamkit.local.invokers.lambdaruntime import LambdaRuntime  # noqa: PLC0415  # only POSIX has it

        check_handler(handler, getattr(handler, "__name__", "handler"))
        path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)  # noqa: PTH100  # an archive is no folder
        runtime = LambdaRuntime(
            handler_name(handler), env={"PYTHONPATH": path}, timeout=options.get("timeout", MAX_TIMEOUT)
        )
        self._made.callback(runtime.close)
        return LocalRunner(runtime, source, checked_mapping(handler, mapping), **options)
