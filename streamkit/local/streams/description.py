"""A stream's shards as DescribeStream tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from streamkit.local.streams.client import StreamsClient

__all__ = ["KnownShard", "StreamDescription", "describe_stream"]


class KnownShard(NamedTuple):
    """A shard, and the one that it follows."""

    shard_id: str
    parent: str | None
    ending: str | None = None
    """No record of it has a number above this one; None while it is open."""


class StreamDescription(NamedTuple):
    """A stream as it was when it was asked for."""

    status: str
    """ENABLING, ENABLED, DISABLING or DISABLED."""
    view_type: str
    shards: tuple[KnownShard, ...]
    """Every shard that the stream still has, parents before children."""


def describe_stream(client: StreamsClient, stream_arn: str) -> StreamDescription:
    """Ask for the whole stream, page by page."""
    page = client.describe(stream_arn)
    shards = list(page["Shards"])
    while last := page.get("LastEvaluatedShardId"):
        page = client.describe(stream_arn, last)
        shards += page["Shards"]
    return StreamDescription(page["StreamStatus"], page.get("StreamViewType", ""), _parents_first(shards))


def _parents_first(shards: Iterable[Mapping[str, Any]]) -> tuple[KnownShard, ...]:
    # AWS promises no order, and a parent may be on a later page than its child, or trimmed.
    left = {shard["ShardId"]: _known(shard) for shard in shards}
    ordered: dict[str, KnownShard] = {}
    for shard in list(left.values()):
        line = []
        one: KnownShard | None = shard
        while one is not None and left.pop(one.shard_id, None) is not None:
            line.append(one)
            one = left.get(one.parent or "")
        ordered.update((one.shard_id, one) for one in reversed(line))
    return tuple(ordered.values())


def _known(shard: Mapping[str, Any]) -> KnownShard:
    ending = shard.get("SequenceNumberRange", {}).get("EndingSequenceNumber")
    return KnownShard(shard["ShardId"], shard.get("ParentShardId"), ending)
