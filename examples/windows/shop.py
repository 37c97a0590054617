"""What the examples of windows are about: a shop's table of orders, and a few minutes of business."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pydantic import BaseModel

from streamkit.local import LocalTable

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Order(BaseModel):
    id: int
    customer: str
    total: Decimal
    note: str = ""


def open_shop(*, minutes: int = 3, note: str = "") -> LocalTable:
    """Return a table that gets an order every ten seconds, from 12:00 on, then an hour's break, then one more."""
    table = LocalTable("orders", key="id")
    customers = ("ada", "grace", "alan")
    for number in range(minutes * 6):
        order = Order(id=number, customer=customers[number % 3], total=Decimal(number) + Decimal("0.99"), note=note)
        table.put(order, at=NOON + timedelta(seconds=10 * number))
    table.put(Order(id=1000, customer="ada", total=Decimal("5.00")), at=NOON + timedelta(hours=1))
    return table
