"""`LocalTable`: a table with a stream, in memory, that writes the records that DynamoDB would (SEMANTICS §7)."""

from __future__ import annotations

from decimal import Decimal
from hashlib import md5
from typing import TYPE_CHECKING, Any, get_args

import orjson

from streamkit.attributes import deserialize_item
from streamkit.errors import AttributeValueError
from streamkit.events import ViewType
from streamkit.local.cascade import depth_of_writes
from streamkit.local.clock import Clock, VirtualClock, aware
from streamkit.local.records import StreamRecord, to_json
from streamkit.local.sources.items import stored_item
from streamkit.local.sources.shards import ShardTree
from streamkit.local.sources.sizes import item_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from streamkit.attributes import AttributeValue

__all__ = ["LocalTable"]

_REGION = "us-east-1"
_ACCOUNT = "123456789012"
_FIRST_SEQUENCE_NUMBER = 100_000_000_000_000_000_000
_MAX_ITEM_BYTES = 400 * 1024
_KEY_TYPES = ("S", "N", "B")
_TTL_IDENTITY = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


class LocalTable:
    """A table and its stream.

    ``key``: the name of the partition key, or the pair of partition and sort key. ``shards``: how many shards the
    stream has; an item's records are all in one, chosen by the hash of its key, or by ``shard_of``: a function of the
    key's plain values (a dict) that returns which shard, from 0 on. ``view_type``: what records carry besides the
    keys. ``clock``: what dates the records, by default a `VirtualClock` that the runner shares.

    Every write returns the sequence number of the record that it made, or None where nothing changed and there is
    none. ``at`` dates a record otherwise than now: ahead, it arrives as time passes; behind, it is a backlog.

    Items are plain dicts, pydantic models or dataclasses. Raises AttributeValueError for what DynamoDB could not store.
    """

    def __init__(  # noqa: PLR0913  # what a table has; all but the name have defaults
        self,
        name: str,
        *,
        key: str | tuple[str, ...] = "id",
        shards: int = 1,
        shard_of: Callable[[dict[str, Any]], int] | None = None,
        view_type: ViewType = "NEW_AND_OLD_IMAGES",
        clock: Clock | None = None,
    ) -> None:
        self.name = name
        self.key_names = (key,) if isinstance(key, str) else tuple(key)
        if not 1 <= len(self.key_names) <= 2:  # noqa: PLR2004  # partition and sort key
            raise ValueError(f"key takes the name of the partition key or (partition key, sort key), not {key!r}")
        if view_type not in get_args(ViewType):
            raise ValueError(f"view_type takes {', '.join(get_args(ViewType))}, not {view_type!r}")
        if shards < 1:
            raise ValueError(f"shards takes a whole number from 1 on, not {shards!r}")
        self.view_type = view_type
        self.clock: Clock = VirtualClock() if clock is None else clock
        start = self.clock.now()
        label = start.strftime("%Y-%m-%dT%H:%M:%S.000")
        self.stream_arn = f"arn:aws:dynamodb:{_REGION}:{_ACCOUNT}:table/{name}/stream/{label}"
        self._items: dict[str, dict[str, AttributeValue]] = {}
        self._roots = shards
        self._root_of = shard_of
        self._shards = ShardTree(self.stream_arn, shards, start)
        self._records: list[StreamRecord] = []

    @property
    def shard_ids(self) -> Sequence[str]:
        """The stream's shards, closed ones included, parents before children."""
        return tuple(self._shards.all)

    @property
    def records(self) -> list[dict[str, Any]]:
        """Every record of the stream, in Lambda's form, in the order of the writes."""
        return [orjson.loads(record.json) for record in self._records]

    def put(self, item: Any, at: datetime | None = None) -> str | None:
        """Create or replace an item, as PutItem does."""
        new = stored_item(item)
        keys = self._keys_in(new)
        return self._write(keys, new, at)

    def update(
        self, key: Any, changes: Mapping[str, Any], at: datetime | None = None, *, remove: Iterable[str] = ()
    ) -> str | None:
        """Set the given attributes of an item, and remove those named by ``remove``, as UpdateItem does.

        An item that does not exist is created.
        """
        keys = self._keys_of(key)
        new = {**keys, **self._items.get(_item_id(keys), {}), **stored_item(changes)}
        for name in remove:
            new.pop(name, None)
        if self._keys_in(new) != keys:
            raise AttributeValueError(f"an update cannot change the key {keys!r}: delete the item and put another one")
        return self._write(keys, new, at)

    def delete(self, key: Any, at: datetime | None = None) -> str | None:
        """Delete an item, as DeleteItem does."""
        return self._write(self._keys_of(key), None, at)

    def expire(self, key: Any, at: datetime | None = None) -> str | None:
        """Delete an item as DynamoDB's time to live does: the record names the service as its author."""
        return self._write(self._keys_of(key), None, at, expired=True)

    def split(self, shard_id: str) -> tuple[str, ...]:
        """Close a shard and divide its items between two children, as DynamoDB does when a table grows.

        Returns the children's ids. What was written so far stays in the parent. Raises ValueError for a shard that is
        not there or is closed.
        """
        return self._shards.close(shard_id, 2, self.clock.now())

    def roll_over(self, shard_id: str) -> str:
        """Close a shard in favour of one child, as DynamoDB does every few hours, and return the child's id.

        Raises ValueError for a shard that is not there or is closed.
        """
        return self._shards.close(shard_id, 1, self.clock.now())[0]

    def read(self, shard_id: str, position: int, limit: int, now: datetime) -> Sequence[StreamRecord]:
        """See `Source`."""
        return self._shards.all[shard_id].log.read(position, limit, now)

    def next_arrival(self, shard_id: str, position: int, now: datetime) -> datetime | None:
        """See `Source`."""
        return self._shards.all[shard_id].log.next_arrival(position, now)

    def latest(self, shard_id: str, now: datetime) -> int:
        """See `Source`."""
        return self._shards.all[shard_id].log.latest(now)

    def after(self, shard_id: str, sequence_number: str) -> int:
        """See `Source`."""
        return self._shards.all[shard_id].log.after(sequence_number)

    def parents(self, shard_id: str) -> Sequence[str]:
        """See `Source`."""
        return self._shards.all[shard_id].parents

    def ended(self, shard_id: str, position: int) -> bool:
        """See `Source`."""
        shard = self._shards.all[shard_id]
        return bool(shard.children) and position >= len(shard.log)

    def _write(
        self,
        keys: dict[str, AttributeValue],
        new: dict[str, AttributeValue] | None,
        at: datetime | None,
        *,
        expired: bool = False,
    ) -> str | None:
        item_id = _item_id(keys)
        old = self._items.get(item_id)
        if new == old:
            return None
        size = item_size(new)
        if size > _MAX_ITEM_BYTES:
            raise AttributeValueError(f"an item of {size} bytes: DynamoDB stores at most {_MAX_ITEM_BYTES}")
        created = aware(self.clock.now() if at is None else at, "at")
        record = self._record(keys, new, old, created, expired=expired)
        shard = self._shards.of(item_id, self._root(keys))
        if new is None:
            del self._items[item_id]
        else:
            self._items[item_id] = new
        self._records.append(record)
        shard.log.append(record)
        return record.sequence_number

    def _record(
        self,
        keys: dict[str, AttributeValue],
        new: dict[str, AttributeValue] | None,
        old: dict[str, AttributeValue] | None,
        created: datetime,
        *,
        expired: bool,
    ) -> StreamRecord:
        number = str(_FIRST_SEQUENCE_NUMBER + len(self._records) + 1)
        whole_seconds = created.replace(microsecond=0)
        data: dict[str, Any] = {"ApproximateCreationDateTime": whole_seconds.timestamp(), "Keys": keys}
        if new is not None and self.view_type in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"):
            data["NewImage"] = new
        if old is not None and self.view_type in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"):
            data["OldImage"] = old
        sizes = item_size(keys) + item_size(data.get("NewImage")) + item_size(data.get("OldImage"))
        data |= {"SequenceNumber": number, "SizeBytes": sizes, "StreamViewType": self.view_type}
        raw = {
            "eventID": md5(f"{self.stream_arn}/{number}".encode(), usedforsecurity=False).hexdigest(),
            "eventName": "INSERT" if old is None else "REMOVE" if new is None else "MODIFY",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": _REGION,
            "dynamodb": data,
            **({"userIdentity": _TTL_IDENTITY} if expired else {}),
            "eventSourceARN": self.stream_arn,
        }
        return StreamRecord(number, whole_seconds, to_json(raw), sizes, depth_of_writes())

    def _keys_of(self, key: Any) -> dict[str, AttributeValue]:
        if isinstance(key, dict):
            values = key
        else:
            parts = key if isinstance(key, tuple) else (key,)
            values = dict(zip(self.key_names, parts, strict=False)) if len(parts) == len(self.key_names) else {}
        if set(values) != set(self.key_names):
            raise AttributeValueError(
                f"the key of table {self.name!r} is {' and '.join(self.key_names)}, given was {key!r}: pass "
                f"{'its value' if len(self.key_names) == 1 else 'a tuple of their values'}, or a dict"
            )
        return self._keys_in(stored_item(values))

    def _keys_in(self, item: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
        keys = {}
        for name in self.key_names:
            value = item.get(name)
            if value is None:
                raise AttributeValueError(f"the item lacks the key attribute {name!r} of table {self.name!r}: {item!r}")
            ((tag, payload),) = value.items()
            if tag not in _KEY_TYPES or payload == "":
                raise AttributeValueError(
                    f"key attribute {name!r} must be non-empty text, a number or bytes, not {value!r}"
                )
            keys[name] = value
        return keys

    def _root(self, keys: dict[str, AttributeValue]) -> int | None:
        if self._root_of is None:
            return None
        values = deserialize_item(keys)
        index = self._root_of(values)
        # The key's numbers are Decimals, and so is what is computed from them.
        if type(index) not in (int, Decimal) or index not in range(self._roots):
            last = self._roots - 1
            raise ValueError(f"shard_of({values!r}) returned {index!r}: a shard is a whole number from 0 to {last}")
        return int(index)


def _item_id(keys: Mapping[str, AttributeValue]) -> str:
    return to_json(keys).decode()
