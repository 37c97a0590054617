"""Revenue per minute and customer: with ``by=`` each customer has a state of its own."""

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel

from examples.windows.shop import Order
from streamkit import Insert, Window, tumbling_window


class Revenue(BaseModel):
    orders: int = 0
    total: Decimal = Decimal(0)


def customer(change: Insert[Order]) -> str:
    return change.new.customer


@tumbling_window(seconds=60, by=customer)
def revenue_by_customer(change: Insert[Order], state: Revenue) -> Revenue:
    return Revenue(orders=state.orders + 1, total=state.total + change.new.total)


published: dict[tuple[str, datetime, str], Revenue] = {}


@revenue_by_customer.final
def publish(states: dict[str, Revenue], window: Window) -> None:
    for name, state in states.items():
        published[window.shard_id, window.start, name] = state
