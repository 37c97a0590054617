"""A live stream as a source of the runner: found, read ahead, recovered; what happens to it is told."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local.records import RecordError
from streamkit.local.sources.source import LiveSource
from streamkit.local.streams import livestream
from streamkit.local.streams.client import StreamGoneError, UnavailableError
from streamkit.local.streams.livestream import LiveStream
from tests.local.builders import START
from tests.local.streams.fakestream import ARN, FakeStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONG = 30.0


class Watched:
    """A live stream, and somebody who waits for what becomes of it."""

    def __init__(self, stream: LiveStream) -> None:
        self.stream = stream
        self._bell = threading.Event()
        self.notes: list[tuple[str, str, bool]] = []
        stream.listen(self._bell.set)

    def until(self, reached: Callable[[], object]) -> None:
        deadline = time.monotonic() + LONG
        while True:
            self._bell.clear()
            self.notes += self.stream.take_notes()
            if reached():
                return
            # Not everything that a test waits for rings the bell.
            self._bell.wait(0.01)
            assert time.monotonic() < deadline, f"it never came; told was {self.notes}"

    def read(self, shard_id: str, count: int, position: int = 0) -> list[str]:
        """Wait for so many records of a shard, and return their numbers."""
        numbers: list[str] = []

        def arrived() -> bool:
            while self.stream.next_arrival(shard_id, position + len(numbers), START) is not None:
                numbers.extend(self.stream.read(shard_id, position + len(numbers), 1000, START).numbers)
            return len(numbers) >= count

        self.until(arrived)
        return numbers


@contextmanager
def watched(fake: FakeStream) -> Iterator[Watched]:
    stream = LiveStream(ARN, poll_interval=0.005, client=fake)
    try:
        yield Watched(stream)
    finally:
        stream.close()
        assert fake.closed


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for seconds."""
    monkeypatch.setattr(livestream, "_DISCOVER_CHILDREN", 0.005)
    monkeypatch.setattr(livestream, "_LONGEST_WAIT", 0.005)


@pytest.mark.parametrize("seconds", [0, -1, 61, True, "1", None])
def test_a_poll_interval_is_seconds(seconds: Any) -> None:
    with pytest.raises(ValueError, match="poll_interval takes seconds above 0, up to 60, not"):
        LiveStream(ARN, poll_interval=seconds, client=FakeStream())


def test_a_stream_that_is_not_there_is_refused_and_nothing_stays_open() -> None:
    fake = FakeStream()
    with pytest.raises(StreamGoneError, match="other"):
        LiveStream("other", client=fake)
    assert fake.closed


def test_it_is_a_live_source_with_the_shards_and_the_view_type_of_the_stream() -> None:
    fake = FakeStream()
    fake.shard("a")
    fake.roll_over("a", "b", "c")
    with watched(fake) as live:
        assert isinstance(live.stream, LiveSource)
        assert live.stream.stream_arn == ARN
        assert live.stream.view_type == "NEW_AND_OLD_IMAGES"
        assert live.stream.shard_ids == ("a", "c", "b")
        assert [live.stream.parents(shard) for shard in live.stream.shard_ids] == [(), ("a",), ("a",)]


def test_a_shard_is_read_from_the_first_time_on_that_it_is_asked_for() -> None:
    fake = FakeStream()
    fake.shard("a", count=3)
    with watched(fake) as live:
        assert not any(call.startswith("iterator") for call in fake.calls)
        assert live.read("a", 3) == ["100", "101", "102"]
        fake.put("a")
        assert live.read("a", 1, 3) == ["103"]


def test_reading_begins_at_the_oldest_behind_a_record_or_with_a_time() -> None:
    fake = FakeStream()
    for shard in "abc":
        fake.shard(shard, count=2)
    with watched(fake) as live:
        assert live.stream.after("b", "102") == 0
        assert live.stream.begin_at("c", START) == 0
        assert live.read("a", 2) == ["100", "101"]
        assert live.read("b", 1) == ["103"]
        assert live.read("c", 2) == ["104", "105"]


def test_latest_is_what_is_written_from_now_on() -> None:
    fake = FakeStream()
    fake.shard("a", count=2)
    with watched(fake) as live:
        assert live.stream.latest("a", START) == 0
        fake.put("a")
        assert live.read("a", 1) == ["102"]
        assert fake.calls.count("iterator LATEST") == 1


def test_a_shard_has_ended_when_its_last_record_was_fetched() -> None:
    fake = FakeStream()
    fake.shard("a", count=1)
    fake.roll_over("a")
    with watched(fake) as live:
        assert not live.stream.ended("a", 0)
        live.stream.next_arrival("a", 0, START)
        live.until(lambda: live.stream.ended("a", 1))
        assert not live.stream.ended("a", 0)


def test_the_children_of_a_shard_that_ended_are_found_however_late_they_are_listed() -> None:
    fake = FakeStream()
    fake.shard("a", count=1)
    with watched(fake) as live:
        live.read("a", 1)
        fake.roll_over("a")
        live.until(lambda: fake.calls.count("describe") > 4)
        assert not live.stream.caught_up(time.monotonic() - 3600)
        fake.shard("b", "a")
        live.until(lambda: "b" in live.stream.shard_ids)
        assert live.stream.parents("b") == ("a",)


def test_the_first_shard_of_a_stream_that_was_just_enabled_is_found() -> None:
    fake = FakeStream()
    fake.status = "ENABLING"
    with watched(fake) as live:
        fake.shard("a")
        live.until(lambda: live.stream.shard_ids == ("a",))


def test_a_stream_is_over_when_it_is_disabled_and_every_shard_has_ended() -> None:
    fake = FakeStream()
    fake.shard("a", count=1)
    with watched(fake) as live:
        live.read("a", 1)
        before = live.stream.over
        fake.disable()
        live.until(lambda: live.stream.over)
        assert (before, live.stream.over) == (None, "the stream was disabled")
        assert live.stream.caught_up(time.monotonic())


def test_a_stream_that_is_gone_is_over_and_that_is_told() -> None:
    fake = FakeStream()
    fake.shard("a", count=1)
    with watched(fake) as live:
        live.read("a", 1)
        fake.gone = True
        live.until(lambda: live.stream.over)
        assert live.stream.over == "the stream is not there any more"
        assert live.stream.caught_up(time.monotonic())
        (shard, lost, loses), (whole, gone, _) = live.notes
        assert (shard, loses, whole) == ("a", True, "")
        assert "gone from the stream before its end was read" in lost
        assert f"the stream {ARN} is not there any more: ResourceNotFoundException" in gone


def test_a_shard_that_vanished_keeps_nobody_from_catching_up() -> None:
    fake = FakeStream()
    fake.shard("a", count=1)
    fake.shard("b")
    with watched(fake) as live:
        live.read("a", 1)
        live.stream.next_arrival("b", 0, START)
        since = time.monotonic()
        del fake.shards["a"]
        live.until(lambda: live.stream.caught_up(since))


def test_it_has_caught_up_when_several_polls_found_nothing_for_one_may_be_empty_while_records_lie_further_on() -> None:
    fake = FakeStream()
    fake.shard("a", count=2)
    fake.empty_pages = 3
    with watched(fake) as live:
        since = time.monotonic()
        assert not live.stream.caught_up(since)
        live.stream.next_arrival("a", 0, START)
        live.until(lambda: live.stream.caught_up(since))
        assert live.read("a", 2) == ["100", "101"]
        assert not live.stream.caught_up(time.monotonic() + 3600)


def test_an_outage_of_a_shard_is_told_once_and_its_end_too() -> None:
    fake = FakeStream()
    fake.shard("a", count=1)
    with watched(fake) as live:
        live.read("a", 1)
        fake.away = True
        asked = len(fake.calls)
        live.until(lambda: len(fake.calls) > asked + 3)
        fake.put("a")
        fake.away = False
        assert live.read("a", 1, 1) == ["101"]
        live.until(lambda: len(live.notes) == 2)
        (_, away, _), (_, back, _) = live.notes
        assert away.startswith(f"{fake.meta.endpoint_url} cannot be read (EndpointConnectionError: ")
        assert away.endswith("; it is asked again until it can")
        assert "is read again, after " in back


def test_an_outage_while_shards_are_looked_for_is_survived() -> None:
    fake = FakeStream()
    fake.shard("a")
    fake.roll_over("a")
    with watched(fake) as live:
        fake.troubles.extend([fake.refusal("InternalServerError")] * 3)
        live.stream.next_arrival("a", 0, START)
        live.until(lambda: not fake.troubles)
        fake.shard("b", "a")
        live.until(lambda: "b" in live.stream.shard_ids)


def test_what_expired_is_told() -> None:
    fake = FakeStream()
    fake.shard("a", count=1)
    with watched(fake) as live:
        live.read("a", 1)
        fake.expire()
        live.until(lambda: live.notes)
        assert live.notes == [("a", "an iterator expired; reading goes on behind 100", False)]


def test_a_closed_shard_that_was_trimmed_altogether_ends_although_it_was_not_known_to_be_closed() -> None:
    """DynamoDB Local closes the shards that it trims, and lists them still."""
    fake = FakeStream()
    fake.shard("a", count=1)
    with watched(fake) as live:
        fake.trim("a", 1)
        fake.roll_over("a", "b")
        live.stream.next_arrival("a", 0, START)
        live.until(lambda: live.stream.ended("a", 0))
        live.until(lambda: "b" in live.stream.shard_ids)


def test_reading_waits_for_the_function_when_it_is_far_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeStream()
    fake.shard("a", count=30_000)
    with watched(fake) as live:
        live.stream.next_arrival("a", 0, START)
        live.until(lambda: live.stream._shards["a"].buffer.full)
        # Nothing is under way once it was full: it is done again only when it is asked for.
        live.until(lambda: not live.stream._poller._running)
        asked = fake.calls.count("records")
        assert asked == 20
        assert len(live.read("a", 30_000)) == 30_000


def test_large_pages_that_fill_the_buffer_are_let_go_when_they_were_fetched() -> None:
    fake = FakeStream()
    fake.shard("a")
    image = {"id": {"S": "a"}, "text": {"S": "x" * 2**20}}
    for _ in range(17):
        fake.put("a")
        fake.shards["a"].records[-1]["dynamodb"]["NewImage"] = image
    with watched(fake) as live:
        assert len(live.read("a", 17)) == 17
        fake.put("a")
        assert len(live.read("a", 1, 17)) == 1


def test_a_record_that_no_stream_holds_is_raised_where_the_stream_is_asked() -> None:
    fake = FakeStream()
    fake.shard("a")
    fake.put("a", dynamodb={"SequenceNumber": "7"})
    with watched(fake) as live:
        with pytest.raises(RecordError, match=r"has no dynamodb\.Keys"):
            live.read("a", 1)
        with pytest.raises(RecordError):
            _ = live.stream.over


def test_what_nobody_thought_of_is_raised_there_too_and_kills_no_thread_unheard() -> None:
    fake = FakeStream()
    fake.shard("a")
    with watched(fake) as live:
        fake.troubles.append(ZeroDivisionError("who would have thought"))
        with pytest.raises(ZeroDivisionError):
            live.read("a", 1)


def test_closing_while_a_page_is_read_waits_for_it() -> None:
    fake = FakeStream()
    fake.shard("a")
    entered, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        entered.set()
        assert go_on.wait(LONG)

    with watched(fake) as live:
        fake.troubles.append(slow)
        live.stream.next_arrival("a", 0, START)
        assert entered.wait(LONG)
        threading.Timer(0.02, go_on.set).start()
    assert not any(thread.is_alive() for thread in live.stream._poller._threads)


def test_a_server_that_is_away_at_the_beginning_is_refused() -> None:
    fake = FakeStream()
    fake.away = True
    with pytest.raises(UnavailableError, match=r"Could not connect"):
        LiveStream(ARN, client=fake)


def test_a_discovery_that_gets_no_answer_is_told_and_done_again_soon() -> None:
    fake = FakeStream()
    fake.shard("a")
    with watched(fake) as live:
        fake.away = True
        wait = live.stream._discover()
        assert wait is not None
        assert 0 < wait <= 5
        live.notes += live.stream.take_notes()
        assert any("it is asked again until it can" in text for _, text, _ in live.notes)
        fake.away = False
        assert live.stream._discover() is not None
