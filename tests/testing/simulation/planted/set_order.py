"""The order of a set: the same basket comes in one order here and in another there, and is counted as two."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from random import Random
from typing import Any

from pydantic import BaseModel

from streamkit import Insert, stream_handler
from streamkit.local import LocalTable


class Order(BaseModel):
    id: int
    products: set[int]


bought_together: defaultdict[str, set[str]] = defaultdict(set)
"""The orders of each basket, by their event ids."""


def basket(products: Iterable[int]) -> str:
    return "+".join(map(str, products))


@stream_handler
def broken(change: Insert[Order]) -> None:
    bought_together[basket(change.new.products)].add(change.meta.event_id)


@stream_handler
def mended(change: Insert[Order]) -> None:
    bought_together[basket(sorted(change.new.products))].add(change.meta.event_id)


def check(table: LocalTable) -> None:
    expected: Counter[str] = Counter()
    for record in table.records:
        if record["eventName"] == "INSERT":
            expected[basket(sorted(map(int, record["dynamodb"]["NewImage"]["products"]["NS"])))] += 1
    assert {name: len(orders) for name, orders in bought_together.items()} == expected


def items(random: Random) -> dict[str, Any]:
    return {"id": random.randint(1, 20), "products": set(random.sample((100, 300, 500), 2))}


OPTIONS = {"items": items}


def a_day(table: LocalTable) -> None:
    table.put({"id": 1, "products": {100, 300}})
    table.put({"id": 2, "products": {300, 100}})
    table.put({"id": 3, "products": {500}})
