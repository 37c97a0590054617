"""Time from the wall clock: how long something took is measured by when Lambda happens to deliver it."""

from datetime import UTC, datetime
from random import Random
from typing import Any

from pydantic import BaseModel

from streamkit import Change, Insert, Modify, stream_handler
from streamkit.local import LocalTable


class Order(BaseModel):
    id: int
    status: str


shipping: dict[int, dict[str, Any]] = {}
"""A table: when each order was placed, and how many seconds it waited until it was shipped."""


def follow(change: Insert[Order] | Modify[Order], now: datetime) -> None:
    order, number = change.new, int(change.meta.sequence_number)
    row = shipping.get(order.id, {"last": 0})
    # Delivered again: what came after it is in the row already.
    if number <= row["last"]:
        return
    if order.status == "placed":
        row = row | {"placed": now}
    elif "placed" in row:
        row = row | {"waited": int((now - row["placed"]).total_seconds())}
    shipping[order.id] = row | {"last": number}


@stream_handler
def broken(change: Change[Order]) -> None:
    if isinstance(change, Insert | Modify):
        follow(change, datetime.now(UTC))


@stream_handler
def mended(change: Change[Order]) -> None:
    created = change.meta.created_at
    if isinstance(change, Insert | Modify) and created is not None:
        follow(change, created)


def check(table: LocalTable) -> None:
    began: dict[int, float] = {}
    expected: dict[int, float] = {}
    for record in table.records:
        if record["eventName"] == "REMOVE":
            continue
        number, at = int(record["dynamodb"]["Keys"]["id"]["N"]), record["dynamodb"]["ApproximateCreationDateTime"]
        if record["dynamodb"]["NewImage"]["status"]["S"] == "placed":
            began[number] = at
        elif number in began:
            expected[number] = at - began[number]
    assert {number: row["waited"] for number, row in shipping.items() if "waited" in row} == expected


def items(random: Random) -> dict[str, Any]:
    return {"id": random.randint(1, 3), "status": random.choice(("placed", "shipped"))}


OPTIONS = {"items": items}


def a_day(table: LocalTable) -> None:
    table.put({"id": 1, "status": "placed"})
    table.put({"id": 2, "status": "placed"})
    table.update(1, {"status": "shipped"})
