"""The records that a table's stream has for its writes (SEMANTICS §7): what is in them, whoever makes the writes up."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import md5
from typing import TYPE_CHECKING, Any, get_args

from streamkit.errors import AttributeValueError
from streamkit.events import ViewType
from streamkit.local.sources.sizes import item_size

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from streamkit.attributes import AttributeValue

__all__ = ["TableRecords", "event_id", "sequence_number"]

_REGION = "us-east-1"
_ACCOUNT = "123456789012"
_FIRST_SEQUENCE_NUMBER = 100_000_000_000_000_000_000
_MAX_ITEM_BYTES = 400 * 1024
_KEY_TYPES = ("S", "N", "B")
_TTL_IDENTITY = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


@dataclass(frozen=True, slots=True)
class TableRecords:
    """Makes the records of one table's stream."""

    table: str
    key_names: tuple[str, ...]
    view_type: ViewType
    stream_arn: str

    @classmethod
    def of(cls, table: str, key: str | tuple[str, ...], view_type: ViewType, start: datetime) -> TableRecords:
        """Return what makes the records of a table whose stream was opened at this time.

        Raises ValueError for a key or a view type that DynamoDB does not have.
        """
        key_names = (key,) if isinstance(key, str) else tuple(key)
        if not 1 <= len(key_names) <= 2:  # noqa: PLR2004  # partition and sort key
            raise ValueError(f"key takes the name of the partition key or (partition key, sort key), not {key!r}")
        if view_type not in get_args(ViewType):
            raise ValueError(f"view_type takes {', '.join(get_args(ViewType))}, not {view_type!r}")
        label = start.strftime("%Y-%m-%dT%H:%M:%S.000")
        arn = f"arn:aws:dynamodb:{_REGION}:{_ACCOUNT}:table/{table}/stream/{label}"
        return cls(table, key_names, view_type, arn)

    def keys_in(self, item: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
        """Return the keys of an item. Raises AttributeValueError for one without, or with one of no key type."""
        keys = {}
        for name in self.key_names:
            value = item.get(name)
            if value is None:
                raise AttributeValueError(
                    f"the item lacks the key attribute {name!r} of table {self.table!r}: {item!r}; key= says which "
                    f"attributes are the table's keys"
                )
            ((tag, payload),) = value.items()
            if tag not in _KEY_TYPES or payload == "":
                raise AttributeValueError(
                    f"key attribute {name!r} must be non-empty text, a number or bytes, not {value!r}"
                )
            keys[name] = value
        return keys

    def record(  # noqa: PLR0913  # what a record is made of; all but the place are named
        self,
        place: int,
        *,
        keys: Mapping[str, AttributeValue],
        new: Mapping[str, AttributeValue] | None,
        old: Mapping[str, AttributeValue] | None,
        created: datetime,
        expired: bool = False,
    ) -> dict[str, Any]:
        """Return the record of a write, in Lambda's form, its images cut down to the view type.

        ``place``: the how-many-eth of its stream it is, from 1 on. ``expired``: whether it is a deletion by DynamoDB's
        time to live. Raises AttributeValueError for an item that is too large.
        """
        sizes = {"NewImage": item_size(new), "OldImage": item_size(old)}
        if (largest := max(sizes.values())) > _MAX_ITEM_BYTES:
            raise AttributeValueError(f"an item of {largest} bytes: DynamoDB stores at most {_MAX_ITEM_BYTES}")
        number = sequence_number(place)
        data: dict[str, Any] = {"ApproximateCreationDateTime": created.replace(microsecond=0).timestamp(), "Keys": keys}
        if new is not None and self.view_type in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"):
            data["NewImage"] = new
        if old is not None and self.view_type in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"):
            data["OldImage"] = old
        size = item_size(keys) + sum(sizes[image] for image in sizes if image in data)
        data |= {"SequenceNumber": number, "SizeBytes": size, "StreamViewType": self.view_type}
        return {
            "eventID": event_id(self.stream_arn, number),
            "eventName": "INSERT" if old is None else "REMOVE" if new is None else "MODIFY",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": _REGION,
            "dynamodb": data,
            **({"userIdentity": dict(_TTL_IDENTITY)} if expired else {}),
            "eventSourceARN": self.stream_arn,
        }


def sequence_number(place: int) -> str:
    """Return the sequence number of a stream's first, second, … record."""
    return str(_FIRST_SEQUENCE_NUMBER + place)


def event_id(stream_arn: str, number: str) -> str:
    """Return the eventID of a record."""
    return md5(f"{stream_arn}/{number}".encode(), usedforsecurity=False).hexdigest()
