"""What all orders are worth: a running total, as it is often written. Its test is green, and it counts wrong on AWS."""

from pydantic import BaseModel

from streamkit import Change, Insert, Modify, Remove, stream_handler
from streamkit.local import LocalTable


class Order(BaseModel):
    id: int
    total: int


revenue = {"total": 0}  # on AWS an item of another table


@stream_handler
def handler(change: Change[Order]) -> None:
    match change:
        case Insert(new=order):
            revenue["total"] += order.total
        case Modify(new=after, old=before):
            revenue["total"] += after.total - before.total
        case Remove(old=order):
            revenue["total"] -= order.total


def check(table: LocalTable) -> None:
    assert revenue["total"] == sum(item["total"] for item in table.items)
