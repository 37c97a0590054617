"""Last write wins across items: the changes of different items come in no order, and an old one covers a new one."""

from collections import defaultdict
from datetime import UTC, datetime
from random import Random
from typing import Any

from pydantic import BaseModel

from streamkit import Insert, stream_handler
from streamkit.local import LocalTable


class Order(BaseModel):
    id: int
    customer: str


customers = LocalTable("customers", key="customer")


def last_order(customer: str) -> str:
    return next((one["last_order"] for one in customers.items if one["customer"] == customer), "")


def placed_at(change: Insert[Order]) -> str:
    created = change.meta.created_at
    assert created is not None
    return created.isoformat()


@stream_handler
def broken(change: Insert[Order]) -> None:
    customers.put({"customer": change.new.customer, "last_order": placed_at(change)})


@stream_handler
def mended(change: Insert[Order]) -> None:
    # On AWS a condition of the write itself: last_order < :placed_at.
    if last_order(change.new.customer) < placed_at(change):
        customers.put({"customer": change.new.customer, "last_order": placed_at(change)})


def check(table: LocalTable) -> None:
    last: dict[str, datetime] = defaultdict(lambda: datetime.min.replace(tzinfo=UTC))
    for record in table.records:
        if record["eventName"] == "INSERT":
            name = record["dynamodb"]["NewImage"]["customer"]["S"]
            created = datetime.fromtimestamp(record["dynamodb"]["ApproximateCreationDateTime"], UTC)
            last[name] = max(last[name], created)
    assert {one["customer"]: one["last_order"] for one in customers.items} == {
        name: created.isoformat() for name, created in last.items()
    }


def items(random: Random) -> dict[str, Any]:
    return {"id": random.randint(1, 9), "customer": random.choice(("ada", "grace"))}


OPTIONS = {"items": items}


def a_day(table: LocalTable) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    table.put({"id": 1, "customer": "ada"}, at=noon)
    table.put({"id": 2, "customer": "grace"}, at=noon.replace(minute=1))
    table.put({"id": 3, "customer": "ada"}, at=noon.replace(minute=2))
