"""A side effect before a failure: the mail is out, what remembers it is not written, and the retry mails again."""

from collections import Counter

from pydantic import BaseModel

from streamkit import Insert, stream_handler
from streamkit.local import LocalTable
from tests.testing.simulation.planted.fakes import Mailer


class Order(BaseModel):
    id: int
    customer: str


mailer = Mailer()
confirmed: set[int] = set()


@stream_handler(maximum_retry_attempts=5)
def broken(change: Insert[Order]) -> None:
    order = change.new
    if order.id in confirmed:
        return
    mailer.send(f"order {order.id}")
    confirmed.add(order.id)


@stream_handler(maximum_retry_attempts=5)
def mended(change: Insert[Order]) -> None:
    order = change.new
    if order.id in confirmed:
        return
    mailer.send(f"order {order.id}", idempotency_key=f"confirmation {order.id}")
    confirmed.add(order.id)


def check(table: LocalTable) -> None:
    ordered = {int(record["dynamodb"]["Keys"]["id"]["N"]) for record in table.records}
    assert confirmed == ordered
    assert Counter(mailer.sent) == {f"order {number}": 1 for number in ordered}


def a_day(table: LocalTable) -> None:
    for number in (1, 2, 3):
        table.put({"id": number, "customer": "ada"})
