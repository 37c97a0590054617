"""Records and events in Lambda's form, for tests."""

from typing import Any

STREAM_ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"


def record(
    number: int,
    name: str = "INSERT",
    *,
    key: object = None,
    new: dict[str, Any] | None = None,
    old: dict[str, Any] | None = None,
    view_type: str = "NEW_AND_OLD_IMAGES",
    **data: Any,
) -> dict[str, Any]:
    """Return a record with sequence number ``number`` of the item ``key`` (by default an item of its own).

    Images are in DynamoDB JSON and default to the keys alone, where the kind of event has them.
    """
    keys = {"id": {"N": str(number if key is None else key)}}
    images: dict[str, Any] = {}
    if name != "REMOVE":
        images["NewImage"] = {**keys, **(new or {})}
    if name != "INSERT":
        images["OldImage"] = {**keys, **(old or {})}
    return {
        "eventID": f"{number:032x}",
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1767225600.0,
            "Keys": keys,
            **images,
            "SequenceNumber": str(number),
            "SizeBytes": 10,
            "StreamViewType": view_type,
            **data,
        },
        "eventSourceARN": STREAM_ARN,
    }


def event(*records: Any) -> dict[str, Any]:
    """Return a Lambda event with these records."""
    return {"Records": list(records)}


def failed_from(number: int) -> dict[str, Any]:
    """Return the response that reports this sequence number."""
    return {"batchItemFailures": [{"itemIdentifier": str(number)}]}


SUCCESS: dict[str, Any] = {"batchItemFailures": []}


class Context:
    """A Lambda context whose time runs out by ``step`` at every look."""

    def __init__(self, remaining: int, step: int) -> None:
        self.remaining = remaining
        self.step = step

    def get_remaining_time_in_millis(self) -> int:
        self.remaining -= self.step
        return self.remaining
