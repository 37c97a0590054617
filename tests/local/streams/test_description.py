"""A stream's shards, as DescribeStream tells them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.aws import AwsAccess
from streamkit.local.streams.client import StreamsClient
from streamkit.local.streams.description import KnownShard, StreamDescription, describe_stream
from tests.local.streams.fakestream import ARN, FakeStream


def described(fake: FakeStream) -> StreamDescription:
    return describe_stream(StreamsClient(AwsAccess(), fake), ARN)


def test_a_stream_has_a_status_a_view_type_and_shards() -> None:
    fake = FakeStream()
    fake.shard("a")
    assert described(fake) == StreamDescription("ENABLED", "NEW_AND_OLD_IMAGES", (KnownShard("a", None),))


def test_a_closed_shard_has_an_ending() -> None:
    fake = FakeStream()
    fake.shard("a", count=1)
    fake.roll_over("a", "b")
    assert described(fake).shards == (KnownShard("a", None, "100"), KnownShard("b", "a"))


def test_a_stream_without_shards_is_one() -> None:
    assert described(FakeStream()).shards == ()


def test_a_parent_that_is_not_listed_any_more_is_remembered_by_its_child() -> None:
    fake = FakeStream()
    fake.shard("b", "trimmed")
    assert described(fake).shards == (KnownShard("b", "trimmed"),)


@given(data=st.data(), count=st.integers(0, 30), page=st.integers(1, 7))
def test_whatever_the_pages_and_the_order_every_shard_is_there_once_behind_its_parent(
    data: st.DataObject, count: int, page: int
) -> None:
    fake = FakeStream(page=page)
    for number in data.draw(st.permutations(range(count))):
        # Older shards have lower numbers; -1 is one that was trimmed.
        parent = data.draw(st.integers(-1, number - 1))
        fake.shard(str(number), data.draw(st.sampled_from([None, str(parent)])))
    found = [shard.shard_id for shard in described(fake).shards]
    assert sorted(found) == sorted(fake.shards)
    for shard in fake.shards.values():
        assert shard.parent not in found or found.index(shard.parent) < found.index(shard.shard_id)
