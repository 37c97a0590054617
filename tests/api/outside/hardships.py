"""What a mapping may go through while records come in: any update, a server that is killed, a writer that goes on."""

from __future__ import annotations

import json
import signal
import threading
import time
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from tests.api.outside.serving import eventually

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.api.outside.mapped import Mappings
    from tests.api.outside.serving import Around, Server

__all__ = ["LONG", "WHERE_NOTHING_IS_GIVEN_UP", "WHERE_RECORDS_ARE_GIVEN_UP", "Deliveries", "Writer", "endure"]

ITEMS: Final = 12
TIMES: Final = 20
LONG: Final = 180.0
"""Seconds: what failed by chance several times running is retried after as much as a minute."""
_EVERY_KIND = json.dumps({"eventName": ["INSERT", "MODIFY", "REMOVE"]})

_ANYWHERE: Final[Mapping[str, Sequence[Any]]] = {
    "BatchSize": [1, 2, 7, 100, 1000],
    "MaximumBatchingWindowInSeconds": [0, 0, 1],
    "BisectBatchOnFunctionError": [True, False],
    "FunctionName": ["unsteady", "unsteady:live"],
    "Enabled": [True, True, False],
    "FunctionResponseTypes": [[], ["ReportBatchItemFailures"]],
}
WHERE_NOTHING_IS_GIVEN_UP: Final[Mapping[str, Sequence[Any]]] = {
    **_ANYWHERE,
    "ParallelizationFactor": [1, 1, 2, 10],
    "FilterCriteria": [{}, {"Filters": [{"Pattern": _EVERY_KIND}]}],
    "TumblingWindowInSeconds": [0, 1, 3],
}
"""What an update may say of a mapping that retries without end."""
WHERE_RECORDS_ARE_GIVEN_UP: Final[Mapping[str, Sequence[Any]]] = {**_ANYWHERE, "MaximumRetryAttempts": [0, 1, 2]}
"""And of one with few retries: in one lane, where its first and last record tell a batch that is given up."""
_REFUSED_SOMETIMES = {
    # While an update is under way.
    "ResourceInUseException",
    # Windows go neither with lanes nor with filters.
    "InvalidParameterValueException",
}


class Writer(threading.Thread):
    """Writes to a few items until its context ends; ``poison``: every so many writes, one that cannot be handled."""

    def __init__(self, around: Around, table: str, seed: int, poison: int = 0) -> None:
        super().__init__()
        self._around, self._table, self._poison = around, table, poison
        self._chance = Random(seed)  # noqa: S311  # names and pauses, not secrets
        self._ended = threading.Event()

    def run(self) -> None:
        with closing(self._around.dynamodb()) as client:
            written = 0
            while not self._ended.wait(self._chance.choice((0, 0.01, 0.03))):
                written += 1
                item = {"id": {"S": f"item {self._chance.randrange(ITEMS)}"}, "n": {"N": str(written)}}
                if self._poison and written % self._poison == 0:
                    item["poison"] = {"S": "yes"}
                client.put_item(TableName=self._table, Item=item)

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()


def endure(mappings: Mappings, uuid: str, server: Server, chance: Random, updates: Mapping[str, Sequence[Any]]) -> None:
    """Do TIMES things to a mapping and its server, and leave it enabled."""
    for _ in range(TIMES):
        time.sleep(chance.choice((0.02, 0.1, 0.3, 0.6)))
        what = chance.choices(("update", "kill", "end"), (10, 2, 1))[0]
        if what == "update":
            named = chance.sample(sorted(updates), chance.choice((1, 1, 2, 3)))
            _updated(mappings, uuid, {name: chance.choice(updates[name]) for name in named})
            if chance.random() < 0.6:
                mappings.settled(uuid)
        elif what == "kill":
            server.restart(signal.SIGKILL)
        else:
            assert server.restart(signal.SIGTERM) == 0
    mappings.settled(uuid)
    # In large batches, so that what is left does not take long.
    assert mappings.update(uuid, Enabled=True, BatchSize=100)["State"] == "Enabled"


def _updated(mappings: Mappings, uuid: str, settings: dict[str, Any]) -> None:
    if settings.get("TumblingWindowInSeconds"):
        settings |= {"ParallelizationFactor": 1, "FilterCriteria": {}}
    try:
        mappings.client.update_event_source_mapping(UUID=uuid, **settings)
    except ClientError as error:
        assert error.response["Error"]["Code"] in _REFUSED_SOMETIMES, settings  # noqa: PT017  # any other is a fault


class Deliveries:
    """What the function of a server noted about the records of a stream."""

    def __init__(self, around: Around, server: Server, stream: str) -> None:
        self._server = server
        self.written = around.sequence_numbers(stream)
        """Every record of the stream, in order."""

    def done(self) -> set[str]:
        return {one for note in self._server.noted("unsteady") for one in note.get("done", ())}

    def all_done(self) -> None:
        """Wait until every record was handled. Raises AssertionError where one never is."""
        eventually(lambda: set(self.written) - self.done(), lambda missing: not missing, within=LONG)

    def by_item(self) -> dict[str, list[int]]:
        """Return the records of each item in the order in which the function first began with them."""
        begun: dict[str, dict[int, None]] = {}
        for note in self._server.noted("unsteady"):
            if "begun" in note:
                begun.setdefault(note["item"], {})[int(note["begun"])] = None
        return {item: list(records) for item, records in begun.items()}
