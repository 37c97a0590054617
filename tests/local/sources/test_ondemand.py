from __future__ import annotations

from datetime import UTC, datetime

import pytest

from streamkit.local.aws import AwsAccess
from streamkit.local.sources.ondemand import OnDemandStream
from streamkit.local.streams.client import StreamAskError, StreamsClient
from tests.local.sources.fakedynamodb import FakeDynamoDB, FakeStreams, refusal

NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Live:
    """A stream with the table that writes it."""

    def __init__(self) -> None:
        dynamodb = FakeDynamoDB()
        self.table = dynamodb.table
        self.streams = FakeStreams(dynamodb)
        self.stream = OnDemandStream(StreamsClient(AwsAccess(), self.streams), self.table.stream_arn)


@pytest.fixture
def live() -> Live:
    return Live()


def test_nothing_changes_until_it_is_read_on(live: Live) -> None:
    (shard,) = live.stream.shard_ids
    number = live.table.put({"id": 1})
    assert live.stream.records == []
    assert live.stream.next_arrival(shard, 0, NOW) is None
    assert live.stream.latest(shard, NOW) == 0
    (read,) = live.stream.read_on()
    assert live.stream.records == live.table.records
    assert read.sequence_number == number
    assert live.stream.next_arrival(shard, 0, NOW) == NOW
    assert list(live.stream.read(shard, 0, 10, NOW)) == [read]
    assert live.stream.latest(shard, NOW) == live.stream.after(shard, read.sequence_number) == 1
    assert live.stream.read_on() == []


def test_children_of_a_closed_shard_are_read_in_the_same_breath(live: Live) -> None:
    (parent,) = live.stream.shard_ids
    live.table.put({"id": 1})
    child = live.table.roll_over(parent)
    live.table.put({"id": 2})
    grandchild = live.table.roll_over(child)
    live.table.put({"id": 3})
    assert len(live.stream.shard_ids) == 1
    assert len(live.stream.read_on()) == 3
    assert list(live.stream.shard_ids) == [parent, child, grandchild]
    assert live.stream.parents(child) == (parent,)
    assert live.stream.parents(parent) == ()
    assert [live.stream.ended(parent, position) for position in (0, 1)] == [False, True]
    assert not live.stream.ended(grandchild, 1)
    live.table.put({"id": 4})
    assert len(live.stream.read_on()) == 1


def test_an_expired_iterator_loses_nothing(live: Live) -> None:
    live.table.put({"id": 1})
    live.stream.read_on()
    live.table.put({"id": 2})
    live.streams.failures.append(refusal("ExpiredIteratorException"))
    assert len(live.stream.read_on()) == 1


def test_records_that_were_trimmed_unread_are_an_error(live: Live) -> None:
    live.table.put({"id": 1})
    live.stream.read_on()
    live.streams.failures.append(refusal("TrimmedDataAccessException"))
    with pytest.raises(StreamAskError, match=r"stream/.*, shard shardId-.*: .*gone unread"):
        live.stream.read_on()
