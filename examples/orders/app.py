"""An order desk: one table with customers, orders and shipments, and the mails that follow from their changes.

    streamkit run examples.orders.app:handler --events examples/orders/events.jsonl

Somewhere in the recording is poison: an order that an old program wrote with a total of "12,50". `handler`
has no answer to it. `careful_handler` puts such records aside and goes on.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from streamkit import Change, DecodeError, Insert, Modify, Remove, stream_handler


class Customer(BaseModel):
    type: Literal["customer"]
    pk: str
    name: str
    email: str


class Line(BaseModel):
    sku: str
    quantity: int = Field(gt=0)
    price: Decimal


class Order(BaseModel):
    type: Literal["order"]
    pk: str
    sk: str
    status: Literal["placed", "paid", "shipped", "delivered", "cancelled"]
    placed_at: datetime
    lines: list[Line]
    total: Decimal
    tags: set[str] = set()


class Shipment(BaseModel):
    type: Literal["shipment"]
    pk: str
    sk: str
    carrier: str
    parcels: int
    weight_kg: float


Entity = Annotated[Customer | Order | Shipment, Field(discriminator="type")]


class Mailbox:
    """Stands for a mail service: now and then it is busy, and the same mail is sent once, however often it is asked."""

    def __init__(self) -> None:
        self.sent: dict[str, str] = {}
        self._asked: set[str] = set()

    def send(self, event_id: str, text: str) -> None:
        if int(event_id, 16) % 500 == 0 and event_id not in self._asked:
            self._asked.add(event_id)
            raise ConnectionError("the mail service is busy")
        self.sent[event_id] = text


mailbox = Mailbox()


def react(change: Change[Entity]) -> None:
    """Send the mails that follow from one change."""
    match change:
        case Insert(new=Customer(name=name)):
            mailbox.send(change.meta.event_id, f"Welcome, {name}")
        case Insert(new=Order(sk=number, total=total)):
            mailbox.send(change.meta.event_id, f"Thank you for {number}, {total} EUR")
        case Modify(new=Order(sk=number, status=status)) if change.changed("status"):
            mailbox.send(change.meta.event_id, f"{number} is {status}")
        case Insert(new=Shipment(carrier=carrier, parcels=parcels)):
            mailbox.send(change.meta.event_id, f"{parcels} parcels are with {carrier}")
        case Remove(old=Order(sk=number)) if change.expired:
            mailbox.send(change.meta.event_id, f"{number} was archived")
        case _:
            pass


@stream_handler(batch_size=100, maximum_retry_attempts=2)
def handler(change: Change[Entity]) -> None:
    react(change)


@stream_handler(batch_size=100, maximum_retry_attempts=2)
def careful_handler(change: Change[Entity]) -> None:
    react(change)


quarantine: list[dict[str, Any]] = []


@careful_handler.invalid
def put_aside(record: dict[str, Any], error: DecodeError) -> None:
    print(f"put aside: {error}")
    quarantine.append(record)
