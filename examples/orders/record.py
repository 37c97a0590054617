"""Makes events.jsonl: some hours of an order desk's table, always the same.

python examples/orders/record.py
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import orjson

from streamkit.local import LocalTable

ORDERS = 600
OPENING = datetime(2026, 9, 17, 8, 0, tzinfo=UTC)
FILE = Path(__file__).parent / "events.jsonl"
POISONED_ORDER = 311

NAMES = ["Ada", "Grace", "Edsger", "Barbara", "Tony", "Leslie", "Frances", "Niklaus", "Jean", "Donald"]
ARTICLES = {"TEA-250": "7.90", "MUG-RED": "12.50", "KETTLE-1": "39.00", "SPOON-S": "2.25", "HONEY-5": "6.40"}


def record() -> list[dict[str, Any]]:
    """Return the stream records of the whole day, in Lambda's form."""
    random = Random(17)
    table = LocalTable("order-desk", key=("pk", "sk"))
    happenings = sorted(_happenings(random), key=lambda one: (one[0], one[1]))
    for when, _, write, item in happenings:
        if write == "put":
            table.put(item, at=when)
        elif write == "update":
            table.update((item["pk"], item["sk"]), {"status": item["status"]}, at=when)
        elif write == "expire":
            table.expire((item["pk"], item["sk"]), at=when)
        else:
            table.delete((item["pk"], item["sk"]), at=when)
    return table.records


def _happenings(random: Random) -> Iterator[tuple[datetime, int, str, dict[str, Any]]]:
    for number in range(ORDERS):
        placed = OPENING + timedelta(seconds=number * 37 + random.randrange(30))
        customer = number % 180
        pk = f"CUSTOMER#{customer:04d}"
        if number < 180:
            name = random.choice(NAMES)
            yield placed - timedelta(seconds=20), 0, "put", _customer(pk, name, customer)
        order = _order(random, pk, number, placed)
        yield placed, 1, "put", order
        yield from _life(random, order, number, placed)


def _life(
    random: Random, order: dict[str, Any], number: int, placed: datetime
) -> Iterator[tuple[datetime, int, str, dict[str, Any]]]:
    if number % 13 == 5:
        yield placed + timedelta(minutes=9), 2, "update", order | {"status": "cancelled"}
        yield placed + timedelta(minutes=40), 3, "expire", order
        return
    yield placed + timedelta(minutes=2), 2, "update", order | {"status": "paid"}
    if random.random() < 0.85:
        sent = placed + timedelta(minutes=random.randrange(20, 90))
        yield sent, 3, "put", _shipment(random, order, number)
        yield sent, 4, "update", order | {"status": "shipped"}
        yield sent + timedelta(hours=3), 5, "update", order | {"status": "delivered"}


def _customer(pk: str, name: str, number: int) -> dict[str, Any]:
    return {
        "pk": pk,
        "sk": "PROFILE",
        "type": "customer",
        "name": name,
        "email": f"{name.lower()}.{number}@example.com",
    }


def _order(random: Random, pk: str, number: int, placed: datetime) -> dict[str, Any]:
    skus = random.sample(sorted(ARTICLES), random.randrange(1, 4))
    ordered = [(sku, random.randrange(1, 5), Decimal(ARTICLES[sku])) for sku in skus]
    total: Decimal | str = sum((quantity * price for _, quantity, price in ordered), Decimal(0))
    if number == POISONED_ORDER:
        total = "12,50"
    return {
        "pk": pk,
        "sk": f"ORDER#{number:05d}",
        "type": "order",
        "status": "placed",
        "placed_at": placed.isoformat(),
        "lines": [{"sku": sku, "quantity": quantity, "price": price} for sku, quantity, price in ordered],
        "total": total,
    } | ({"tags": {"gift", "express"}} if number % 7 == 0 else {})


def _shipment(random: Random, order: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "pk": order["pk"],
        "sk": f"SHIPMENT#{number:05d}",
        "type": "shipment",
        "carrier": random.choice(["Blue Van", "Bicycle Post", "Night Train"]),
        "parcels": random.randrange(1, 4),
        "weight_kg": round(random.uniform(0.2, 9.9), 2),
    }


if __name__ == "__main__":
    FILE.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in record()))
