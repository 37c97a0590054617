"""The event that an on-failure record carries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from streamkit.local.recordlist import Records
from streamkit.local.records import RecordError, parse_record
from streamkit.local.redrive.document import NotOnFailureRecordError

if TYPE_CHECKING:
    from streamkit.local.redrive.document import FailedBatch

__all__ = ["payload_records", "payload_state"]


def payload_records(batch: FailedBatch) -> Records:
    """Return the records in the payload.

    Raises NotOnFailureRecordError for one that is broken, or not about what the record around it says.
    """
    given = _event(batch).get("Records")
    if not isinstance(given, list):
        raise NotOnFailureRecordError("its payload has no list of Records")
    try:
        records = Records.of([parse_record(raw, f"record {place} of its payload") for place, raw in enumerate(given)])
    except RecordError as error:
        raise NotOnFailureRecordError(str(error)) from None
    for raw in given:
        if raw.get("eventSourceARN", batch.stream_arn) != batch.stream_arn:
            raise NotOnFailureRecordError(
                f"its payload has a record of {raw['eventSourceARN']!r:.200}, and it is about {batch.stream_arn}"
            )
    numbers = records.numbers
    if (numbers[:1], numbers[-1:], len(numbers)) != ((batch.start,), (batch.end,), batch.size):
        held = f"{len(numbers)} records from {numbers[0]} to {numbers[-1]}" if numbers else "no record"
        raise NotOnFailureRecordError(
            f"its payload has {held}, and it is about {batch.size} from {batch.start} to {batch.end}"
        )
    return records


def payload_state(batch: FailedBatch) -> bytes:
    """Return the state of the tumbling window in the payload, as compact JSON. Raises as `payload_records` does."""
    event = _event(batch)
    if not isinstance(event.get("state"), dict):
        raise NotOnFailureRecordError("its payload has no state of its window")
    # Not orjson: a state may hold integers of more than 64 bits.
    try:
        return json.dumps(event["state"], separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half characters (lone surrogates) can only be escaped
        return json.dumps(event["state"], separators=(",", ":")).encode()


def _event(batch: FailedBatch) -> dict[str, Any]:
    try:
        event = json.loads(batch.payload or "")
    except (ValueError, RecursionError) as error:
        raise NotOnFailureRecordError(f"its payload is not JSON ({error})") from None
    if not isinstance(event, dict):
        raise NotOnFailureRecordError(f"its payload is {event!r:.80}, and an event is an object")
    return event
