"""Runs of the local runner under settings that rules find fault with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit import Change, Insert, stream_handler, tumbling_window
from streamkit.local import LocalRunner, LocalTable
from tests.deployment.checking.deployments import QUEUE, check, deployed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from streamkit.events import ViewType

__all__ = ["BAD", "REPORT", "WITH_QUEUE", "Run", "adds_up", "finds", "handles"]

REPORT = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
WITH_QUEUE = {"DestinationConfig": {"OnFailure": {"Destination": QUEUE}}}
BAD = 2


class Run:
    """Five items, the second of which fails for good; ``gone``: what was given up, as AWS would tell it."""

    def __init__(
        self,
        make: Callable[[list[int]], Any],
        settings: dict[str, Any],
        *,
        view_type: ViewType = "NEW_AND_OLD_IMAGES",
        keys: tuple[int, ...] = (1, 2, 3, 4, 5),
        **options: Any,
    ) -> None:
        self.handled: list[int] = []
        self.handler = make(self.handled)
        self.table = LocalTable("orders", key="id", view_type=view_type)
        self.started: datetime = self.table.clock.now()
        for key in keys:
            self.table.put({"id": key})
        self.runner = LocalRunner(self.handler, self.table, settings, **options)
        self.runner.run()

    @property
    def calls(self) -> list[tuple[int, str]]:
        return [(len(one.sequence_numbers), str(one.outcome)) for one in self.runner.invocations]

    @property
    def gone(self) -> list[int]:
        return [one["DDBStreamBatchInfo"].get("batchSize", 0) for one in self.runner.discarded]

    @property
    def took(self) -> timedelta:
        return self.runner.clock.now() - self.started


def handles(on_failure: Any = "stop", **options: Any) -> Callable[[list[int]], Any]:
    def make(handled: list[int]) -> Any:
        @stream_handler(on_failure=on_failure, **options)
        def handler(change: Change) -> None:
            if change.keys["id"] == BAD:
                raise ValueError("no stock")
            handled.append(int(change.keys["id"]))

        return handler

    return make


def adds_up(on_failure: Any = "stop") -> Callable[[list[int]], Any]:
    def make(handled: list[int]) -> Any:
        @tumbling_window(seconds=60, on_failure=on_failure)
        def handler(change: Insert, state: dict[str, Any]) -> dict[str, Any]:
            if change.keys["id"] == BAD:
                raise ValueError("no stock")
            handled.append(int(change.keys["id"]))
            return state

        return handler

    return make


def finds(run: Run, settings: dict[str, Any], **more: Any) -> set[str]:
    """Return what a check finds in the settings of a run."""
    found = deployed(settings={"StartingPosition": "TRIM_HORIZON", **settings}, statements=None, **more)
    return {one.rule for one in check(run.handler, found).findings}
