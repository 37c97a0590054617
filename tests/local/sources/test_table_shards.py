"""`LocalTable`: which shard an item is in, and closing shards (SEMANTICS §7)."""

from __future__ import annotations

from typing import Any

import pytest

from streamkit.local import LocalTable
from tests.local.builders import (
    START,
    full,
    short,
    table_of,
)


def test_shard_of_says_which_shard_an_item_is_in() -> None:
    table = LocalTable("orders", shards=3, shard_of=lambda key: int(key["id"]) % 3)
    for number in range(6):
        table.put({"id": number})
    held = [[short(one.sequence_number) for one in table.read(shard, 0, 9, START)] for shard in table.shard_ids]
    assert held == [[1, 4], [2, 5], [3, 6]]


def test_shard_of_gets_the_keys_plain_values() -> None:
    seen: list[Any] = []

    def shard_of(key: dict[str, Any]) -> int:
        seen.append(key)
        return 1

    table = LocalTable("orders", key=("pk", "sk"), shards=2, shard_of=shard_of)
    table.put({"pk": "a", "sk": 2, "other": 3})
    table.delete(("a", 2))
    assert seen == [{"pk": "a", "sk": 2}] * 2


@pytest.mark.parametrize("index", [2, -1, True, None, "0", 0.0])
def test_a_shard_that_is_not_there_is_refused_and_nothing_is_written(index: Any) -> None:
    table = LocalTable("orders", shards=2, shard_of=lambda key: index)
    with pytest.raises(
        ValueError, match=r"shard_of\(\{'id': .*1.*\}\) returned .*: a shard is a whole number from 0 to 1"
    ):
        table.put({"id": 1})
    assert table.records == []
    assert all(table.latest(shard, START) == 0 for shard in table.shard_ids)
    table = LocalTable("orders", shards=2, shard_of=lambda key: 0)
    assert table.put({"id": 1}) == full(1)


def test_an_error_of_shard_of_leaves_no_trace() -> None:
    table = LocalTable("orders", shards=2, shard_of=lambda key: 1 // int(key["id"]))
    with pytest.raises(ZeroDivisionError):
        table.put({"id": 0})
    assert table.put({"id": 1}) == full(1)


def test_shard_of_goes_on_over_splits_to_the_children_of_its_shard() -> None:
    table = LocalTable("orders", shards=2, shard_of=lambda key: 0)
    children = table.split(table.shard_ids[0])
    for number in range(20):
        table.put({"id": number})
    assert sum(table.latest(child, START) for child in children) == 20


def test_a_split_or_rolled_over_shard_is_closed() -> None:
    table = table_of(1)
    (root,) = table.shard_ids
    assert not table.ended(root, 1)
    children = table.split(root)
    assert table.ended(root, 1)
    assert not table.ended(root, 0)
    assert table.shard_ids == (root, *children)
    assert [table.parents(child) for child in children] == [(root,), (root,)]
    grandchild = table.roll_over(children[1])
    assert table.parents(grandchild) == (children[1],)
    for close in (table.split, table.roll_over):
        with pytest.raises(ValueError, match="closed already"):
            close(root)
        with pytest.raises(ValueError, match="no shard of this stream"):
            close("shardId-1")
