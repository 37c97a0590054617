"""State in a module global: it is there as long as Lambda keeps the process, and a cold start begins from nothing."""

from collections import Counter
from random import Random
from typing import Any

from pydantic import BaseModel

from streamkit import Insert, stream_handler
from streamkit.local import LocalTable


class Order(BaseModel):
    id: int
    customer: str
    total: int


spent: dict[str, dict[str, int]] = {}
"""The table: an item per customer, with the amount of each event."""

_spent: dict[str, dict[str, int]] = {}


@stream_handler(batch_size=10)
def broken(change: Insert[Order]) -> None:
    amounts = _spent.setdefault(change.new.customer, {})
    amounts[change.meta.event_id] = change.new.total
    spent[change.new.customer] = dict(amounts)


@stream_handler(batch_size=10)
def mended(change: Insert[Order]) -> None:
    amounts = spent.get(change.new.customer, {})
    spent[change.new.customer] = {**amounts, change.meta.event_id: change.new.total}


def check(table: LocalTable) -> None:
    expected: Counter[str] = Counter()
    for record in table.records:
        if record["eventName"] == "INSERT":
            image = record["dynamodb"]["NewImage"]
            expected[image["customer"]["S"]] += int(image["total"]["N"])
    assert {customer: sum(amounts.values()) for customer, amounts in spent.items()} == expected


def items(random: Random) -> dict[str, Any]:
    return {"id": random.randint(1, 9), "customer": random.choice("ab"), "total": random.randint(1, 50)}


OPTIONS = {"items": items}


def a_day(table: LocalTable) -> None:
    for number, customer in enumerate("abaab"):
        table.put({"id": number, "customer": customer, "total": 10 + number})
