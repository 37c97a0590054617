"""A shard of a live stream, read on whatever happens to its iterators."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.aws import AwsAccess
from streamkit.local.streams.client import StreamGoneError, StreamsClient, UnavailableError
from streamkit.local.streams.reader import Reading, ShardReader, Start
from tests.local.streams.fakestream import ARN, BEGAN, FakeStream

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

S = "shard-1"
ENDING = "9" * 21


def reader_of(fake: FakeStream, *start: Any) -> ShardReader:
    return ShardReader(StreamsClient(AwsAccess(), fake), ARN, S, Start(*start))


def stream(count: int = 3) -> FakeStream:
    fake = FakeStream()
    fake.shard(S, count=count)
    return fake


def numbers(reading: Reading) -> Sequence[str]:
    return reading.records.numbers


def note(reading: Reading) -> tuple[str, bool]:
    assert reading.note is not None
    assert reading.note.shard_id == S
    return reading.note.text, reading.note.loses_records


def test_it_reads_on_from_where_it_was_until_the_shard_ends() -> None:
    fake = stream()
    reader = reader_of(fake)
    first = reader.read(limit=2)
    assert (numbers(first), first.again, first.ended) == (("100", "101"), True, False)
    assert numbers(reader.read()) == ("102",)
    assert reader.read() == Reading()
    fake.put(S)
    fake.roll_over(S)
    last = reader.read()
    assert (numbers(last), last.ended) == (("103",), True)
    asked = len(fake.calls)
    assert reader.read() == Reading(ended=True)
    assert len(fake.calls) == asked


def test_it_starts_behind_a_record() -> None:
    assert numbers(reader_of(stream(), "AFTER_SEQUENCE_NUMBER", "100").read()) == ("101", "102")


def test_what_latest_means_is_settled_when_it_is_opened() -> None:
    fake = stream()
    reader = reader_of(fake, "LATEST", None, BEGAN)
    reader.open()
    fake.put(S)
    assert numbers(reader.read()) == ("103",)


@pytest.mark.parametrize(("away", "read"), [(timedelta(minutes=7), ("103",)), (timedelta(0), ("100", "103"))])
def test_a_latest_iterator_that_expires_before_a_record_came_leaves_nothing_out(
    away: timedelta, read: Sequence[str]
) -> None:
    """A second LATEST would. What comes on top was created within the minutes by which clocks may differ."""
    fake = FakeStream()
    fake.shard(S)
    fake.put(S, at=BEGAN - away)
    fake._number = 103
    reader = reader_of(fake, "LATEST", None, BEGAN)
    reader.open()
    fake.put(S, at=BEGAN + timedelta(seconds=1))
    fake.expire()
    reading = reader.read()
    text = "an iterator expired; reading goes on with what was created since 2026-01-01T00:00:00Z"
    assert note(reading) == (text, False)
    assert reading.again
    assert numbers(reader.read()) == read
    assert "iterator TRIM_HORIZON" in fake.calls


def test_records_without_a_time_are_wanted() -> None:
    fake = FakeStream()
    fake.shard(S)
    fake.put(S, at=BEGAN - timedelta(hours=1))
    fake.put(S, at=None)
    assert numbers(reader_of(fake, "TRIM_HORIZON", None, BEGAN).read()) == ("101",)


def test_a_page_of_nothing_wanted_is_a_reason_to_read_on() -> None:
    fake = FakeStream(limit=2)
    fake.shard(S)
    fake.put(S, 3, at=BEGAN - timedelta(hours=1))
    fake.put(S)
    reader = reader_of(fake, "TRIM_HORIZON", None, BEGAN)
    first = reader.read()
    assert (numbers(first), first.again) == ((), True)
    assert numbers(reader.read()) == ("103",)


def test_an_expired_iterator_is_replaced_behind_the_last_record() -> None:
    fake = stream()
    reader = reader_of(fake)
    reader.read(limit=2)
    fake.expire()
    assert note(reader.read()) == ("an iterator expired; reading goes on behind 101", False)
    assert numbers(reader.read()) == ("102",)


def test_an_expired_iterator_from_which_nothing_was_read_is_made_again() -> None:
    fake = stream()
    fake.troubles.extend([None, fake.refusal("ExpiredIteratorException")])
    reader = reader_of(fake)
    assert note(reader.read()) == ("an iterator expired; reading begins again at the oldest record", False)
    assert numbers(reader.read()) == ("100", "101", "102")


def test_what_was_trimmed_unread_is_told_and_reading_goes_on_with_what_is_left() -> None:
    fake = stream(5)
    reader = reader_of(fake)
    reader.read(limit=1)
    fake.trim(S, 3)
    text, loses = note(reader.read())
    assert text.startswith("records behind 100 are older than the 24 hours that a stream keeps them, and gone unread")
    assert loses
    assert numbers(reader.read()) == ("103", "104")


def test_what_came_and_was_trimmed_since_reading_began_is_told_too() -> None:
    fake = stream(0)
    reader = reader_of(fake)
    reader.read()
    fake.put(S, 2)
    fake.trim(S, 1)
    text, loses = note(reader.read(ENDING))
    assert text.startswith("records that came are older than the 24 hours")
    assert loses
    assert numbers(reader.read(ENDING)) == ("101",)


def test_a_shard_younger_than_a_day_has_lost_nothing_whatever_dynamodb_local_says() -> None:
    """It says so of an iterator that waited while another table was written."""
    young, old = (f"shardId-{int((time.time() - hours * 3600) * 1000):020d}-0a1b2c3d" for hours in (1, 30))
    for shard, loses in ((young, False), (old, True)):
        fake = FakeStream()
        fake.shard(shard)
        reader = ShardReader(StreamsClient(AwsAccess(), fake), ARN, shard, Start())
        reader.read()
        fake.put(shard, 2)
        fake.troubles.append(fake.refusal("TrimmedDataAccessException"))
        reading = reader.read()
        assert (reading.note is not None and reading.note.loses_records, reading.again) == (loses, True)
        assert numbers(reader.read()) == ("100", "101")


def test_what_was_read_before_it_was_trimmed_is_no_loss() -> None:
    fake = stream(5)
    reader = reader_of(fake)
    reader.read(limit=3)
    fake.trim(S, 3)
    reading = reader.read()
    assert (numbers(reading), reading.note) == (("103", "104"), None)


def test_what_is_trimmed_before_the_oldest_was_read_is_asked_for_again() -> None:
    fake = stream()
    fake.troubles.extend([None, fake.refusal("TrimmedDataAccessException")])
    reader = reader_of(fake)
    assert reader.read() == Reading(doubtful=True)
    assert numbers(reader.read()) == ("100", "101", "102")


def test_a_closed_shard_of_which_nothing_is_left_has_ended() -> None:
    """DynamoDB Local lists it, and answers TrimmedDataAccessException for ever."""
    fake = stream()
    fake.trim(S, 3)
    fake.roll_over(S)
    reader = reader_of(fake)
    assert [reader.read(ENDING) for _ in range(2)] == [Reading(doubtful=True)] * 2
    reading = reader.read(ENDING)
    assert reading.ended
    text = "nothing is left of it: its records are older than the 24 hours that a stream keeps them"
    assert note(reading) == (text, False)


@pytest.mark.parametrize("code", ["TrimmedDataAccessException", "ResourceNotFoundException"])
def test_a_closed_shard_that_was_read_to_its_last_record_may_be_gone(code: str) -> None:
    fake = stream()
    fake.troubles.append(fake.refusal(code))
    assert reader_of(fake, "AFTER_SEQUENCE_NUMBER", "102").read("102") == Reading(ended=True)


def test_a_shard_that_is_gone_before_its_end_was_read_is_a_loss() -> None:
    fake = stream()
    reader = reader_of(fake)
    reader.read(limit=2)
    fake.gone = True
    text, loses = note(reader.read())
    assert loses
    assert text == (
        "the shard is gone from the stream before its end was read, with what was in it: "
        "ResourceNotFoundException: Requested resource not found: shard-1"
    )
    assert reader.read() == Reading(ended=True)


@pytest.mark.parametrize(("start", "loses"), [((), False), (("AFTER_SEQUENCE_NUMBER", "100"), True)])
def test_a_shard_that_was_gone_at_the_beginning_is_a_loss_if_some_of_it_was_read_before(
    start: Sequence[str], loses: bool
) -> None:
    fake = FakeStream()
    assert note(reader_of(fake, *start).read(ENDING))[1] == loses


def test_after_an_outage_nothing_is_left_out_and_a_new_iterator_is_asked_for() -> None:
    fake = stream()
    reader = reader_of(fake)
    reader.read(limit=2)
    fake.away = True
    for _ in range(2):
        with pytest.raises(UnavailableError):
            reader.read()
    fake.away = False
    fake.expire()  # whoever was restarted knows none of its old iterators
    assert numbers(reader.read()) == ("102",)


def test_an_outage_does_not_make_latest_an_older_record() -> None:
    fake = stream()
    reader = reader_of(fake, "LATEST", None, BEGAN)
    reader.open()
    fake.put(S)
    fake.away = True
    with pytest.raises(UnavailableError):
        reader.read()
    fake.away = False
    assert numbers(reader.read()) == ("103",)


def test_a_shard_that_is_not_there_cannot_be_opened() -> None:
    with pytest.raises(StreamGoneError):
        reader_of(FakeStream(), "LATEST", None, BEGAN).open()


class Driven:
    """A shard that is read while things happen to it."""

    def __init__(self, limit: int) -> None:
        self.fake = FakeStream()
        self.shard = self.fake.shard(S)
        self._reader = reader_of(self.fake)
        self._limit = limit
        self.read: list[str] = []
        self.lost: set[str] = set()
        self.never_there: set[str] = set()
        self.told = False

    def put(self, count: int) -> None:
        if not self.shard.closed:
            self.fake.put(S, count)

    def trim(self, count: int) -> None:
        gone = self.shard.numbers[self.shard.trimmed : self.shard.trimmed + count]
        self.fake.trim(S, count)
        # Before a record was read, the oldest is whichever is the oldest when it is asked for.
        (self.lost if self.read else self.never_there).update(number for number in gone if number not in self.read)

    def expire(self, _: int) -> None:
        self.fake.expire()

    def outage(self, _: int) -> None:
        self.fake.troubles.append(self.fake.refusal("InternalServerError"))

    def throttle(self, _: int) -> None:
        self.fake.troubles.extend([None, self.fake.refusal("ThrottlingException")])

    def empty_pages(self, count: int) -> None:
        self.fake.empty_pages += count

    def close(self, _: int = 1) -> None:
        self.fake.roll_over(S)

    def read_on(self, count: int) -> bool:
        """Read so many times; return whether it was the end."""
        ended = False
        for _ in range(count):
            try:
                reading = self._reader.read(self.shard.ending, self._limit)
            except UnavailableError:
                continue
            self.read.extend(numbers(reading))
            self.told = self.told or (reading.note is not None and reading.note.loses_records)
            ended = reading.ended
        return ended


STEPS = st.sampled_from(
    [Driven.put, Driven.trim, Driven.expire, Driven.outage, Driven.throttle, Driven.empty_pages, Driven.close]
)


@given(
    plan=st.lists(st.tuples(STEPS | st.just(Driven.read_on), st.integers(1, 4)), max_size=60), limit=st.integers(1, 5)
)
def test_whatever_happens_every_record_is_read_once_and_in_order_unless_it_was_trimmed_unread_which_is_told(
    plan: Sequence[tuple[Callable[[Driven, int], object], int]], limit: int
) -> None:
    driven = Driven(limit)
    for step, count in plan:
        step(driven, count)
    driven.close()
    assert any(driven.read_on(1) for _ in range(500)), "it never ends"
    gone = driven.lost | driven.never_there
    assert driven.read == [number for number in driven.shard.numbers if number not in gone]
    assert driven.told >= bool(driven.lost)
    assert driven.told <= bool(gone)
