"""What it costs to turn records into typed changes, beside other ways to do it.

    python benchmarks/decoding.py [--rounds 31] [--batch 100 1000]

MODIFY records of about 1.8 kB with both images of an order of 12 attributes, nested ones among them. The ways are run
in turn in one process, each on an event that was parsed for it alone, and the collector is off inside of each. What is
printed are the medians over the rounds: of microseconds a record, and of the ratios of two ways in the same round.
Exit code 1 if a ratio misses its goal. At last the typed decoding is measured once more with a few images that stay in
the processor's caches, which says how much of its cost is memory.
"""

import argparse
import gc
import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple, TypeAlias

import orjson
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.parser.models import DynamoDBStreamChangedRecordModel, DynamoDBStreamRecordModel
from boto3.dynamodb.types import TypeDeserializer
from pydantic import BaseModel

from streamkit import Modify, stream_handler
from streamkit.attributes import deserialize_item
from streamkit.decoding import decoder_for

START = datetime(2026, 1, 1, tzinfo=UTC)

Event: TypeAlias = dict[str, Any]
Seconds: TypeAlias = dict[str, list[float]]
"""Of each round, by the way's letter."""


class Address(BaseModel):
    street: str
    city: str
    postcode: str
    country: str


class Line(BaseModel):
    sku: str
    qty: int
    price: Decimal


class Order(BaseModel):
    id: int
    customer: str
    email: str
    status: Literal["placed", "paid", "shipped"]
    total: Decimal
    placed_at: datetime
    paid: bool
    note: str | None
    tags: set[str]
    address: Address
    lines: list[Line]
    version: int


class PowertoolsChange(DynamoDBStreamChangedRecordModel):
    NewImage: Order | None = None
    OldImage: Order | None = None


class PowertoolsRecord(DynamoDBStreamRecordModel):
    dynamodb: PowertoolsChange


def take(new: Any, old: Any) -> None:
    """Do nothing with a record's images: every way calls this with them."""


@stream_handler
def typed_handler(change: Modify[Order]) -> None:
    take(change.new, change.old)


@stream_handler
def untyped_handler(change: Modify) -> None:
    take(change.new, change.old)


def model_record_handler(record: PowertoolsRecord) -> None:
    take(record.dynamodb.NewImage, record.dynamodb.OldImage)


def record_handler(record: DynamoDBRecord) -> None:
    change = record.dynamodb
    assert change is not None  # noqa: S101  # for the type checker
    take(change.new_image, change.old_image)


with_model = BatchProcessor(event_type=EventType.DynamoDBStreams, model=PowertoolsRecord)
without_model = BatchProcessor(event_type=EventType.DynamoDBStreams)

boto3_value = TypeDeserializer().deserialize
order_decoder = decoder_for(Order, "the benchmark")
assert order_decoder is not None  # noqa: S101  # for the type checker


def boto3_order(image: Any) -> Order:
    return Order.model_validate({name: boto3_value(value) for name, value in image.items()})


class Way(NamedTuple):
    """One way to bring the images of an event to ``take``."""

    name: str
    run: Callable[[Any], object]
    prepared: Callable[[Event], Any] = lambda event: event
    """What ``run`` takes, made of an event before the clock starts."""


def images_of(event: Event) -> list[tuple[Any, Any]]:
    return [(record["dynamodb"]["NewImage"], record["dynamodb"]["OldImage"]) for record in event["Records"]]


def decoded_images_of(event: Event) -> list[tuple[Any, Any]]:
    return [(deserialize_item(new), deserialize_item(old)) for new, old in images_of(event)]


def each_image(decode: Callable[[Any], Any]) -> Callable[[Any], None]:
    def run(images: list[tuple[Any, Any]]) -> None:
        for new, old in images:
            take(decode(new), decode(old))

    return run


def read_by_powertools(event: Event) -> None:
    for record in event["Records"]:
        record_handler(DynamoDBRecord(record))


WAYS = {
    "a": Way("streamkit's handler, Modify[Order]", lambda event: typed_handler(event, None)),
    "b": Way(
        "Powertools' BatchProcessor with a model",
        lambda event: process_partial_response(event, model_record_handler, with_model),
    ),
    "c": Way(
        "Powertools' BatchProcessor without a model",
        lambda event: process_partial_response(event, record_handler, without_model),
    ),
    "d": Way("boto3's TypeDeserializer, then Order.model_validate", each_image(boto3_order), images_of),
    "e": Way("Order.model_validate of decoded dicts", each_image(Order.model_validate), decoded_images_of),
    "f": Way("streamkit's decoder for Order alone", each_image(order_decoder), images_of),
    "g": Way("streamkit's handler, untyped", lambda event: untyped_handler(event, None)),
    "h": Way("Powertools' reading of the images alone", read_by_powertools),
    "i": Way("streamkit's deserialize_item alone", each_image(deserialize_item), images_of),
}


class Goal(NamedTuple):
    """A bound on how much time ``over`` takes, as a multiple of what ``under`` takes."""

    over: str
    under: str
    bound: Literal["at most", "at least"]
    limit: float

    def reached(self, ratio: float) -> bool:
        return ratio <= self.limit if self.bound == "at most" else ratio >= self.limit


GOALS = [
    Goal("f", "e", "at most", 1.0),
    Goal("a", "e", "at most", 1.25),
    Goal("b", "a", "at least", 5),
    Goal("c", "g", "at least", 2),
    Goal("h", "i", "at least", 2),
]


def image(number: int, status: str) -> dict[str, Any]:
    """Return one of two images of an order, which differs from those of other orders."""
    lines = [
        {
            "sku": {"S": f"SHIRT-{number % 7919 + n:08}-BLUE-XL"},
            "qty": {"N": str(number % 9 + n)},
            "price": {"N": f"{n}9.95"},
        }
        for n in (1, 2)
    ]
    return {
        "id": {"N": str(1_000_000 + number)},
        "customer": {"S": f"{number % 9973:08x}-0000-4000-8000-{number:012x}"},
        "email": {"S": f"somebody.{number % 9973}@mail.example.com"},
        "status": {"S": status},
        "total": {"N": f"{number % 100_000 / 100 + 20:.2f}"},
        "placed_at": {"S": (START + timedelta(seconds=number, microseconds=number)).isoformat()},
        "paid": {"BOOL": status != "placed"},
        "note": {"S": "please leave it with the neighbours"} if number % 3 else {"NULL": True},
        "tags": {"SS": ["gift", "express", f"week-{number % 52}"]},
        "address": {
            "M": {
                "street": {"S": f"{number % 300} Long Street"},
                "city": {"S": "Springfield"},
                "postcode": {"S": f"{number % 100_000:05}"},
                "country": {"S": "US"},
            }
        },
        "lines": {"L": [{"M": line} for line in lines]},
        "version": {"N": "1" if status == "placed" else "2"},
    }


def record(number: int) -> dict[str, Any]:
    """Return a change of an order, about 1.8 kB of JSON in Lambda's form."""
    new, old = image(number, "shipped" if number % 2 else "paid"), image(number, "placed")
    return {
        "eventID": f"{number:032x}",
        "eventName": "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": START.timestamp() + number,
            "Keys": {"id": new["id"]},
            "NewImage": new,
            "OldImage": old,
            "SequenceNumber": str(10**20 + number),
            "SizeBytes": 500,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000",
    }


def seconds(way: Way, data: bytes) -> float:
    gc.collect()
    gc.disable()
    # Parsed each time, as the Lambda runtime does right before it calls the handler: what a way keeps with an event, or
    # writes to it, is not there for the next.
    prepared = way.prepared(json.loads(data))
    started = time.perf_counter()
    way.run(prepared)
    taken = time.perf_counter() - started
    gc.enable()
    return taken


def measure(batch: int, rounds: int) -> Seconds:
    """Return how long each way takes for an event of ``batch`` records."""
    data = orjson.dumps({"Records": [record(number) for number in range(batch)]})
    taken: Seconds = {letter: [] for letter in WAYS}
    for _ in range(rounds):
        for letter, way in WAYS.items():
            taken[letter].append(seconds(way, data))
    return taken


def report(batch: int, taken: Seconds) -> bool:
    """Print what was measured; return whether the goals are reached."""
    print(f"batches of {batch} records of {len(orjson.dumps(record(batch)))} bytes, {len(taken['a'])} rounds")
    for letter, way in WAYS.items():
        print(f"{statistics.median(taken[letter]) / batch * 1e6:8.2f} us a record  {letter}  {way.name}")
    results = []
    for goal in GOALS:
        pairs = zip(taken[goal.over], taken[goal.under], strict=True)
        ratio = statistics.median(over / under for over, under in pairs)
        results.append(goal.reached(ratio))
        verdict = "reached" if results[-1] else "MISSED"
        print(f"{ratio:8.2f} x {goal.over}/{goal.under}, goal {goal.bound} {goal.limit}: {verdict}")
    return all(results)


def cached_ratio(rounds: int) -> float:
    """Return f/e for a few images that stay in the processor's caches: what is left is the work itself."""
    event = json.loads(orjson.dumps({"Records": [record(number) for number in range(4)]}))
    ways = [(WAYS[letter].run, WAYS[letter].prepared(event)) for letter in "fe"]
    ratios = []
    gc.disable()
    for _ in range(30 * rounds):
        taken = []
        for run, prepared in ways:
            started = time.perf_counter()
            for _ in range(5):
                run(prepared)
            taken.append(time.perf_counter() - started)
        ratios.append(taken[0] / taken[1])
    gc.enable()
    return statistics.median(ratios)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--batch", type=int, nargs="+", default=[100, 1000])
    options = parser.parse_args(arguments)
    reached = [report(batch, measure(batch, options.rounds)) for batch in options.batch]
    print(f"{cached_ratio(options.rounds):8.2f} x f/e for 8 images that stay in the caches (no goal)")
    return 0 if all(reached) else 1


if __name__ == "__main__":
    raise SystemExit(main())
