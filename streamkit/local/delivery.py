"""How an on-failure record gets to the mapping's destination (SEMANTICS §3)."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, NamedTuple

from streamkit.local.batching import event_json
from streamkit.local.destinations.destination import BucketDestination, Destination, EventKeeper
from streamkit.local.destinations.discards import OnFailureRecord, object_key, on_failure_record
from streamkit.local.seeding import seeded_uuid
from streamkit.local.window import window_members

if TYPE_CHECKING:
    from datetime import datetime

    from streamkit.local.lane import Discard
    from streamkit.local.setup import Setup

__all__ = ["Delivery", "deliver"]


class Delivery(NamedTuple):
    """What became of an on-failure record."""

    record: OnFailureRecord
    delivered: bool
    error: Exception | None
    """What the destination raised."""
    object_key: str | None
    """Its name in a bucket."""


def deliver(discard: Discard, setup: Setup, now: datetime, request_id: str, shard_id: str) -> Delivery:
    """Send the on-failure record to the mapping's destination. It is tried once (SEMANTICS §3)."""
    mapping, destination = setup.mapping, setup.destination
    to_bucket = (mapping.on_failure_destination or "").split(":")[2:3] == ["s3"]
    with_event = to_bucket or (isinstance(destination, EventKeeper) and destination.keeps_event)
    record = on_failure_record(
        discard,
        now=now,
        request_id=request_id,
        function_arn=setup.function_arn,
        shard_id=shard_id,
        stream_arn=setup.source.stream_arn,
        payload=_payload(discard, shard_id, setup.source.stream_arn) if with_event else None,
    )
    key: str | None = None
    if to_bucket:
        # AWS gives every mapping a UUID; one that was never there gets one from the seed. Another function's on the
        # same stream gets another one: their objects might have the same name otherwise.
        owner = mapping.uuid or seeded_uuid("mapping", setup.seed, setup.function_arn, setup.source.stream_arn)
        key = object_key(owner, shard_id, now, seeded_uuid("object", setup.seed, request_id, discard.condition))
    # A copy: what a destination does with it must not change what the journal says.
    sent = deepcopy(record)
    error: Exception | None = None
    try:
        if key is not None and isinstance(destination, BucketDestination):
            destination.put(key, sent)
        elif isinstance(destination, Destination):
            destination.send(sent)
    except Exception as raised:  # noqa: BLE001  # whatever it is, the shard goes on (SEMANTICS §3)
        error = raised
    return Delivery(record, destination is not None and error is None, error, key)


def _payload(discard: Discard, shard_id: str, stream_arn: str) -> bytes:
    return event_json(discard.extent.records, window_members(discard.part, shard_id, stream_arn))
