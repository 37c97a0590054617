"""What all orders are worth, mended: a row for each event, which may be written twice and is there once."""

from pydantic import BaseModel

from streamkit import Change, Insert, Modify, Remove, stream_handler
from streamkit.local import LocalTable


class Order(BaseModel):
    id: int
    total: int


ledger: dict[str, int] = {}  # on AWS another table, with the event's id as its key


@stream_handler
def handler(change: Change[Order]) -> None:
    row = change.meta.event_id
    match change:
        case Insert(new=order):
            ledger[row] = order.total
        case Modify(new=after, old=before):
            ledger[row] = after.total - before.total
        case Remove(old=order):
            ledger[row] = -order.total


def check(table: LocalTable) -> None:
    assert sum(ledger.values()) == sum(item["total"] for item in table.items)
