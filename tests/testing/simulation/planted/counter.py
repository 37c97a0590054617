"""A counter without idempotency: what Lambda delivers again is counted again."""

from pydantic import BaseModel

from streamkit import Change, Insert, Modify, Remove, stream_handler
from streamkit.local import LocalTable
from tests.testing.simulation.planted.fakes import TotalsTable


class Order(BaseModel):
    id: int
    total: int


totals = TotalsTable()


@stream_handler
def broken(change: Change[Order]) -> None:
    match change:
        case Insert(new=order):
            totals.add(orders=1, revenue=order.total)
        case Modify(new=after, old=before):
            totals.add(revenue=after.total - before.total)
        case Remove(old=order):
            totals.add(orders=-1, revenue=-order.total)


@stream_handler
def mended(change: Change[Order]) -> None:
    once = change.meta.event_id
    match change:
        case Insert(new=order):
            totals.add(orders=1, revenue=order.total, once=once)
        case Modify(new=after, old=before):
            totals.add(revenue=after.total - before.total, once=once)
        case Remove(old=order):
            totals.add(orders=-1, revenue=-order.total, once=once)


def check(table: LocalTable) -> None:
    assert totals.totals["orders"] == len(table.items)
    assert totals.totals["revenue"] == sum(item["total"] for item in table.items)


def a_day(table: LocalTable) -> None:
    table.put({"id": 1, "total": 20})
    table.put({"id": 2, "total": 5})
    table.update(2, {"total": 7})
    table.delete(1)
