"""A mutating reducer: a fold that changes the one default in place, so that what comes next begins with its numbers."""

from collections import Counter
from datetime import datetime
from random import Random
from typing import Any

from pydantic import BaseModel

from streamkit import Insert, Window, tumbling_window
from streamkit.local import LocalTable


class Sale(BaseModel):
    id: int
    product: str
    pieces: int


class Line(BaseModel):
    sales: int = 0
    pieces: int = 0


NOTHING = Line()

published: dict[tuple[str, datetime], dict[str, Line]] = {}


@tumbling_window(seconds=60)
def broken(change: Insert[Sale], state: dict[str, Line]) -> dict[str, Line]:
    line = state.get(change.new.product, NOTHING)
    line.sales += 1
    line.pieces += change.new.pieces
    state[change.new.product] = line
    return state


@tumbling_window(seconds=60)
def mended(change: Insert[Sale], state: dict[str, Line]) -> dict[str, Line]:
    line = state.get(change.new.product, NOTHING)
    counted = Line(sales=line.sales + 1, pieces=line.pieces + change.new.pieces)
    return {**state, change.new.product: counted}


@broken.final
@mended.final
def publish(state: dict[str, Line], window: Window) -> None:
    published[window.shard_id, window.start] = state


def check(table: LocalTable) -> None:
    sold: Counter[str] = Counter()
    for record in table.records:
        if record["eventName"] == "INSERT":
            image = record["dynamodb"]["NewImage"]
            sold[image["product"]["S"]] += int(image["pieces"]["N"])
    counted: Counter[str] = Counter()
    for lines in published.values():
        counted.update({product: line.pieces for product, line in lines.items()})
    assert counted == sold


def items(random: Random) -> dict[str, Any]:
    return {"id": random.randint(1, 20), "product": random.choice(("tea", "cup")), "pieces": random.randint(1, 5)}


OPTIONS = {"items": items}


def a_day(table: LocalTable) -> None:
    table.put({"id": 1, "product": "tea", "pieces": 2})
    table.put({"id": 2, "product": "tea", "pieces": 1})
