"""Handlers with a catch: state where one does not look for it, chance, items of which not every one is possible."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from streamkit import Insert, stream_handler
from tests.testing.simulation.survivors.common import Order, inserted

if TYPE_CHECKING:
    from streamkit.local import LocalTable


class Registry:
    """A table of the class itself."""

    rows: dict[str, int] = {}  # noqa: RUF012  # how it is often written

    @classmethod
    def add(cls, event_id: str) -> None:
        cls.rows[event_id] = 1


@stream_handler
def keeps_in_a_class(change: Insert[Order]) -> None:
    Registry.add(change.meta.event_id)


def registered(table: LocalTable) -> None:
    assert len(Registry.rows) == inserted(table)


def remember(event_id: str, seen: list[str] = []) -> int:  # noqa: B006  # the classic mistake
    seen.append(event_id)
    return len(seen)


places: dict[str, int] = {}


@stream_handler
def keeps_in_a_default(change: Insert[Order]) -> None:
    places[change.meta.event_id] = remember(change.meta.event_id)


def each_has_its_place(table: LocalTable) -> None:
    assert sorted(places.values()) == list(range(1, inserted(table) + 1))


done: set[str] = set()


@stream_handler
def leaves_to_chance(change: Insert[Order]) -> None:
    if random.random() < 0.9:  # noqa: S311  # how it is often written
        done.add(change.meta.event_id)


def all_done(table: LocalTable) -> None:
    assert len(done) == inserted(table)


class Parcel(BaseModel):
    id: int
    weight: int = Field(ge=10)


weights: list[int] = []


@stream_handler(maximum_retry_attempts=2)
def weighs(change: Insert[Parcel]) -> None:
    weights.append(change.new.weight)


def weighed_once(table: LocalTable) -> None:
    records = [record["dynamodb"] for record in table.records if record["eventName"] == "INSERT"]
    assert sum(weights) == sum(int(record["NewImage"]["weight"]["N"]) for record in records)


codes: list[str] = []
MEANINGS = {10: "placed", 20: "paid"}


def translates(event: dict[str, Any], _context: Any) -> None:
    inserts = [record["dynamodb"]["NewImage"] for record in event["Records"] if record["eventName"] == "INSERT"]
    codes.extend(MEANINGS[int(image["code"]["N"])] for image in inserts)


def translated_once(table: LocalTable) -> None:
    assert len(codes) == inserted(table)


def coded(chance: random.Random) -> dict[str, int]:
    return {"id": chance.randint(1, 9), "code": chance.choice((10, 20))}
