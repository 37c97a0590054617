"""The tree of a local stream's shards."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.sources.shards import ShardTree
from tests.local.builders import START, after

ITEMS = [f'{{"id":{{"N":"{number}"}}}}' for number in range(200)]


def tree(count: int = 1) -> ShardTree:
    return ShardTree("arn", count, START)


def test_a_tree_begins_with_so_many_open_roots() -> None:
    shards = list(tree(3).all.values())
    assert len(shards) == len({shard.shard_id for shard in shards}) == 3
    assert all(shard.parents == shard.children == () for shard in shards)


def test_a_shard_id_says_when_the_shard_was_made() -> None:
    one = tree()
    (root,) = one.all
    (child,) = one.close(root, 1, after(1.5))
    milliseconds = int(START.timestamp() * 1000)
    assert re.fullmatch(r"shardId-\d{20}-[0-9a-f]{8}", root)
    assert int(root.split("-")[1]) == milliseconds
    assert int(child.split("-")[1]) == milliseconds + 1500


def test_shard_ids_are_never_the_same_however_many_there_are_at_once() -> None:
    one = tree(4)
    for _ in range(4):
        for shard_id in [shard.shard_id for shard in one.all.values() if not shard.children]:
            one.close(shard_id, 2, START)
    assert len(one.all) == 4 + 8 + 16 + 32 + 64


def test_children_know_their_parent_and_the_parent_its_children() -> None:
    one = tree()
    (root,) = one.all
    children = one.close(root, 2, START)
    assert one.all[root].children == children
    assert [one.all[child].parents for child in children] == [(root,), (root,)]
    assert list(one.all) == [root, *children]


def test_only_what_is_open_can_be_closed_and_the_error_names_that() -> None:
    one = tree(2)
    first, second = one.all
    children = one.close(first, 2, START)
    with pytest.raises(ValueError, match="is closed already; open are") as caught:
        one.close(first, 2, START)
    assert str(caught.value).endswith(", ".join([second, *children]))
    with pytest.raises(ValueError, match="'nope' is no shard of this stream; open are"):
        one.close("nope", 1, START)


def test_an_item_moves_to_a_child_of_its_shard_and_no_other_item_moves() -> None:
    one = tree(2)
    before = {item: one.of(item, None).shard_id for item in ITEMS}
    root = next(iter(one.all))
    children = one.close(root, 2, START)
    for item, home in before.items():
        now = one.of(item, None).shard_id
        assert now in children if home == root else now == home


def test_a_split_divides_the_items_of_a_shard_about_evenly_however_often() -> None:
    one = tree()
    for generation in range(3):
        for shard_id in [shard.shard_id for shard in one.all.values() if not shard.children]:
            one.close(shard_id, 2, START + timedelta(seconds=generation))
    homes = [one.of(item, None).shard_id for item in ITEMS]
    sizes = [homes.count(shard.shard_id) for shard in one.all.values() if not shard.children]
    assert len(sizes) == 8
    assert min(sizes) > 10


def test_a_given_root_wins_over_the_hash() -> None:
    one = tree(3)
    assert {one.of(item, 2).shard_id for item in ITEMS} == {list(one.all)[2]}
    children = one.close(list(one.all)[2], 2, START)
    assert {one.of(item, 2).shard_id for item in ITEMS} == set(children)


@given(st.integers(1, 3), st.lists(st.tuples(st.integers(0, 99), st.integers(1, 2)), max_size=12))
def test_an_item_always_has_one_open_shard_below_the_one_it_had(count: int, closings: list[tuple[int, int]]) -> None:
    one, again = tree(count), tree(count)
    homes = {item: one.of(item, None).shard_id for item in ITEMS[:20]}
    for place, children in closings:
        shards = [shard.shard_id for shard in one.all.values() if not shard.children]
        closed = shards[place % len(shards)]
        assert one.close(closed, children, START) == again.close(closed, children, START)
        for item, home in homes.items():
            now = one.of(item, None)
            assert not now.children
            assert now.shard_id == home if home != closed else now.parents == (closed,)
            assert again.of(item, None).shard_id == now.shard_id
            homes[item] = now.shard_id
    order = list(one.all)
    assert all(order.index(parent) < order.index(s.shard_id) for s in one.all.values() for parent in s.parents)
