"""The event that a handler is called with, as Lambda or Powertools' middleware pass it, to its raw records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamkit.encoding import encode_item
from streamkit.errors import EventError

__all__ = ["DYNAMODB_SOURCE", "foreign_source", "records_of"]

DYNAMODB_SOURCE = "aws:dynamodb"

_IMAGES = ("Keys", "NewImage", "OldImage")


def records_of(event: Any) -> list[Any]:
    """Return the raw records of a DynamoDB stream event.

    Taken are the dict that Lambda sends, Powertools' data class (``@event_source(data_class=DynamoDBStreamEvent)``)
    and its parser's models (``@event_parser(model=DynamoDBStreamModel)``). That model has already turned the images
    into Python values, binary attributes into base64 text among them: they stay text here.

    Raises EventError for anything else.
    """
    records = event.get("Records") if isinstance(event, Mapping) else getattr(event, "Records", None)
    if not isinstance(records, list):
        raise EventError(
            f"this handler takes DynamoDB stream events, a dict with a list of Records, not {event!r:.200}"
        )
    raw = [_raw_record(record) for record in records]
    if raw and (source := foreign_source(raw[0])) is not None:
        raise EventError(
            f"this handler takes DynamoDB stream events; it was called with one of {source}: "
            f"check which event source is mapped to this function"
        )
    return raw


def foreign_source(record: Any) -> str | None:
    """Return the event source of a record that is not from DynamoDB, as the record names it; None for one that is."""
    if not isinstance(record, Mapping) or isinstance(record.get("dynamodb"), Mapping):
        return None
    source = record.get("eventSource") or record.get("EventSource")
    return source if isinstance(source, str) and source != DYNAMODB_SOURCE else None


def _raw_record(record: Any) -> Any:
    if not hasattr(record, "model_dump"):
        return record
    # Not exclude_none: older pydantics drop the NULLs inside of images too.
    raw = _without_none(record.model_dump(by_alias=True))
    if isinstance(raw.get("dynamodb"), dict):
        data = raw["dynamodb"] = _without_none(raw["dynamodb"])
        raw["eventVersion"] = str(raw.get("eventVersion"))
        data |= {image: encode_item(data[image]) for image in _IMAGES if image in data}
        if "ApproximateCreationDateTime" in data:
            data["ApproximateCreationDateTime"] = data["ApproximateCreationDateTime"].timestamp()
    return raw


def _without_none(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
