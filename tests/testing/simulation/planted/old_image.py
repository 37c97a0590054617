"""Reading OldImage as if it were NewImage: right for what is created and what is deleted, late for what is changed."""

from random import Random
from typing import Any

from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent, event_source

from streamkit.local import LocalTable

addresses: dict[int, str] = {}
"""The address that each order goes to."""


@event_source(data_class=DynamoDBStreamEvent)
def broken(event: DynamoDBStreamEvent, context: Any) -> None:
    for record in event.records:
        assert record.dynamodb is not None
        image = record.dynamodb.old_image or record.dynamodb.new_image
        number = int(image["id"])
        if record.raw_event["eventName"] == "REMOVE":
            addresses.pop(number, None)
        else:
            addresses[number] = image["address"]


@event_source(data_class=DynamoDBStreamEvent)
def mended(event: DynamoDBStreamEvent, context: Any) -> None:
    for record in event.records:
        assert record.dynamodb is not None
        number = int(record.dynamodb.keys["id"])
        if record.raw_event["eventName"] == "REMOVE":
            addresses.pop(number, None)
        else:
            addresses[number] = record.dynamodb.new_image["address"]


def check(table: LocalTable) -> None:
    assert addresses == {item["id"]: item["address"] for item in table.items}


def items(random: Random) -> dict[str, Any]:
    return {
        "id": random.randint(1, 9),
        "address": random.choice(("Paris", "Rome")),
        "status": random.choice(("placed", "paid")),
    }


OPTIONS = {"items": items}


def a_day(table: LocalTable) -> None:
    table.put({"id": 1, "address": "Paris", "status": "placed"})
    table.put({"id": 2, "address": "Rome", "status": "placed"})
    table.update(1, {"status": "paid"})
    table.delete(2)
