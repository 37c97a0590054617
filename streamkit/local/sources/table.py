"""`LocalTable`: a table with a stream, in memory, that writes the records that DynamoDB would (SEMANTICS §7)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from streamkit.attributes import deserialize_item
from streamkit.errors import AttributeValueError
from streamkit.local.cascade import depth_of_writes
from streamkit.local.clock import Clock, VirtualClock, aware
from streamkit.local.records import StreamRecord, to_json
from streamkit.local.sources.items import stored_item
from streamkit.local.sources.shards import ShardTree
from streamkit.local.sources.tablerecords import TableRecords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from streamkit.attributes import AttributeValue
    from streamkit.events import ViewType

__all__ = ["LocalTable"]


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
        if type(shards) is not int or shards < 1:
            raise ValueError(f"shards takes a whole number from 1 on, not {shards!r}")
        self.clock: Clock = VirtualClock() if clock is None else clock
        start = self.clock.now()
        self._written = TableRecords.of(name, key, view_type, start)
        self.key_names: tuple[str, ...] = self._written.key_names
        self.view_type = view_type
        self.stream_arn: str = self._written.stream_arn
        self._items: dict[str, dict[str, AttributeValue]] = {}
        self._roots = shards
        self._root_of = shard_of
        self._shards = ShardTree(self.stream_arn, shards, start)
        self._records: list[StreamRecord] = []

    def __repr__(self) -> str:
        key = self.key_names[0] if len(self.key_names) == 1 else self.key_names
        return f"LocalTable({self.name!r}, key={key!r})"

    @property
    def shard_ids(self) -> Sequence[str]:
        """The stream's shards, closed ones included, parents before children."""
        return tuple(self._shards.all)

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items that are there now, as plain Python values, in the order in which they came."""
        return [deserialize_item(item) for item in self._items.values()]

    @property
    def records(self) -> list[dict[str, Any]]:
        """Every record of the stream, in Lambda's form, in the order of the writes."""
        return [orjson.loads(record.json) for record in self._records]

    def put(self, item: Any, at: datetime | None = None) -> str | None:
        """Create or replace an item, as PutItem does."""
        new = stored_item(item)
        keys = self._written.keys_in(new)
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
        if self._written.keys_in(new) != keys:
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
        created = aware(self.clock.now() if at is None else at, "at")
        raw = self._written.record(
            len(self._records) + 1, keys=keys, new=new, old=old, created=created, expired=expired
        )
        data = raw["dynamodb"]
        record = StreamRecord(
            data["SequenceNumber"], created.replace(microsecond=0), to_json(raw), data["SizeBytes"], depth_of_writes()
        )
        shard = self._shards.of(item_id, self._root(keys))
        if new is None:
            del self._items[item_id]
        else:
            self._items[item_id] = new
        self._records.append(record)
        shard.log.append(record)
        return record.sequence_number

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
        return self._written.keys_in(stored_item(values))

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
