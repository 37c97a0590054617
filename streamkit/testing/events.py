"""Lambda events from models or dicts, one change each: what a handler is called with in a unit test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from streamkit.errors import StreamkitError
from streamkit.local.clock import VirtualClock, aware
from streamkit.local.records import to_json
from streamkit.local.sources.items import stored_item
from streamkit.local.sources.tablerecords import TableRecords, event_id, sequence_number

if TYPE_CHECKING:
    from datetime import datetime

    from streamkit.events import ViewType

__all__ = ["ImpossibleEventError", "batch", "expire", "insert", "modify", "remove"]

_START = VirtualClock().now()


class ImpossibleEventError(StreamkitError, ValueError):
    """An event that Lambda would never send: the text says why not."""


def insert(
    new: Any,
    *,
    key: str | tuple[str, ...] = "id",
    view_type: ViewType = "NEW_AND_OLD_IMAGES",
    at: datetime | None = None,
    table: str = "table",
) -> dict[str, Any]:
    """Return the event of an item that was created.

    ``new``: the item: a pydantic model, a dataclass or a dict. ``key``: the name of the partition key, or the pair of
    partition and sort key. ``view_type``: what the record carries besides the keys. ``at``: when it was written, an
    aware datetime, by default 2026-01-01T00:00:00Z. The event is what a `LocalTable` with this name, key and view type
    would have led to: the same arguments, the same event.

    Raises AttributeValueError for an item that lacks a key, or that DynamoDB could not store; ValueError for a view
    type that there is not, or a datetime without a time zone.
    """
    return _event({"new": new}, _records(table, key, view_type), at)


def modify(  # noqa: PLR0913  # as the others; all but the images have defaults
    old: Any,
    new: Any,
    *,
    key: str | tuple[str, ...] = "id",
    view_type: ViewType = "NEW_AND_OLD_IMAGES",
    at: datetime | None = None,
    table: str = "table",
) -> dict[str, Any]:
    """Return the event of an item that was changed from ``old`` to ``new``; see `insert`.

    Raises ImpossibleEventError where the key is not the same, or nothing changed: DynamoDB writes no record then.
    """
    return _event({"new": new, "old": old}, _records(table, key, view_type), at)


def remove(
    old: Any,
    *,
    key: str | tuple[str, ...] = "id",
    view_type: ViewType = "NEW_AND_OLD_IMAGES",
    at: datetime | None = None,
    table: str = "table",
) -> dict[str, Any]:
    """Return the event of an item that somebody deleted; see `insert`."""
    return _event({"old": old}, _records(table, key, view_type), at)


def expire(
    old: Any,
    *,
    key: str | tuple[str, ...] = "id",
    view_type: ViewType = "NEW_AND_OLD_IMAGES",
    at: datetime | None = None,
    table: str = "table",
) -> dict[str, Any]:
    """Return the event of an item that DynamoDB deleted because its time to live was over; see `insert`."""
    return _event({"old": old}, _records(table, key, view_type), at, expired=True)


def batch(*events: Any) -> dict[str, Any]:
    """Return one event with the records of all of these, in this order, numbered anew so that their numbers rise.

    Raises ImpossibleEventError for events of several streams or of a window, and for none at all: Lambda sends no
    event without records, but for the end of a window (`window_event`).
    """
    if not events:
        raise ImpossibleEventError("batch() of no events: Lambda sends no event without records; give it one or more")
    records: list[dict[str, Any]] = []
    for index, event in enumerate(events, 1):
        if not isinstance(event, dict) or not isinstance(event.get("Records"), list):
            raise ImpossibleEventError(
                f"argument {index} of batch() is no event but {event!r:.200}: give it what insert(…), modify(…), "
                f"remove(…), expire(…) return"
            )
        if "window" in event:
            raise ImpossibleEventError(
                f"argument {index} of batch() is the event of a window, which is one invocation of its own: give "
                f"window_event() all of its records instead, window_event(insert(…), insert(…))"
            )
        records += event["Records"]
    streams = dict.fromkeys((record.get("eventSourceARN"), _view_type(record)) for record in records)
    if len(streams) > 1:
        raise ImpossibleEventError(
            f"the records of one event are of one stream and of one view type, these are of "
            f"{', '.join(f'{arn} ({view_type})' for arn, view_type in streams)}: give all of them the same table= and "
            f"view_type="
        )
    return {"Records": [_numbered(record, place) for place, record in enumerate(records, 1)]}


def _view_type(record: dict[str, Any]) -> Any:
    return record["dynamodb"].get("StreamViewType")


def _numbered(record: dict[str, Any], place: int) -> dict[str, Any]:
    number = sequence_number(place)
    copy: dict[str, Any] = orjson.loads(to_json(record))
    copy["eventID"] = event_id(record.get("eventSourceARN", ""), number)
    copy["dynamodb"]["SequenceNumber"] = number
    return copy


def _records(table: str, key: str | tuple[str, ...], view_type: ViewType) -> TableRecords:
    return TableRecords.of(table, key, view_type, _START)


def _event(
    given: dict[str, Any], records: TableRecords, at: datetime | None, *, expired: bool = False
) -> dict[str, Any]:
    images = {name: stored_item(image) for name, image in given.items()}
    new, old = images.get("new"), images.get("old")
    keys = {name: records.keys_in(image) for name, image in images.items()}
    if len(keys) > 1 and keys["new"] != keys["old"]:
        raise ImpossibleEventError(
            f"modify() from the key {keys['old']!r} to {keys['new']!r}: DynamoDB never changes a key. Putting an item "
            f"under another key is an insert(…), and the old one may be gone with a remove(…)"
        )
    if new == old:
        raise ImpossibleEventError(
            f"modify() that changes nothing of {new!r}: DynamoDB writes no record of such a write, so that "
            f"no handler sees one (SEMANTICS §7); change an attribute"
        )
    created = _START if at is None else aware(at, "at")
    raw = records.record(1, keys=next(iter(keys.values())), new=new, old=old, created=created, expired=expired)
    return {"Records": [orjson.loads(to_json(raw))]}
