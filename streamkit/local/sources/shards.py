"""The shards of a local stream: which one an item's records are in, and how they split (SEMANTICS §7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from hashlib import md5
from typing import TYPE_CHECKING

from streamkit.local.sources.shardlog import ShardLog

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["Shard", "ShardTree"]


@dataclass(slots=True)
class Shard:
    """A shard: open until it has children."""

    shard_id: str
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    log: ShardLog = field(default_factory=ShardLog)


class ShardTree:
    """The shards of a stream, closed ones included, in the order in which they were made."""

    def __init__(self, stream_arn: str, count: int, now: datetime) -> None:
        self._stream_arn = stream_arn
        self._shards: dict[str, Shard] = {}
        self._roots = tuple(self._make(now, ()) for _ in range(count))

    @property
    def all(self) -> Mapping[str, Shard]:
        """Every shard by its id."""
        return self._shards

    def of(self, item_id: str, root: int | None) -> Shard:
        """Return the open shard of an item: by the hash of its key, or under the root that is given."""
        digest = _number(item_id)
        shard = self._shards[self._roots[digest % len(self._roots) if root is None else root]]
        while shard.children:
            # Another hash at each split: the items of a shard have much of theirs in common.
            shard = self._shards[shard.children[_number(shard.shard_id + item_id) % len(shard.children)]]
        return shard

    def close(self, shard_id: str, children: int, now: datetime) -> tuple[str, ...]:
        """Close a shard in favour of so many children, and return their ids.

        Raises ValueError for a shard that is not there or is closed already.
        """
        shard = self._shards.get(shard_id)
        opened = [one.shard_id for one in self._shards.values() if not one.children]
        if shard is None or shard.children:
            raise ValueError(
                f"{shard_id!r} is {'closed already' if shard is not None else 'no shard of this stream'}; "
                f"open are {', '.join(opened)}"
            )
        shard.children = tuple(self._make(now, (shard_id,)) for _ in range(children))
        return shard.children

    def _make(self, now: datetime, parents: tuple[str, ...]) -> str:
        suffix = md5(f"{self._stream_arn}/{len(self._shards)}".encode(), usedforsecurity=False).hexdigest()[:8]
        shard_id = f"shardId-{int(now.astimezone(UTC).timestamp() * 1000):020d}-{suffix}"
        self._shards[shard_id] = Shard(shard_id, parents)
        return shard_id


def _number(text: str) -> int:
    return int.from_bytes(md5(text.encode(), usedforsecurity=False).digest()[:8], "big")
