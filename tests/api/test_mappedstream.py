"""A mapping's thread, and what happens to its stream, its function, its settings meanwhile."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.api.functiondefinitions import function_option
from streamkit.api.functions import Functions
from streamkit.api.mappedstream import MappedStream, Surroundings
from streamkit.local.checkpoints import mappings_in
from streamkit.local.invokers.invoker import Answer
from streamkit.mapping import EventSourceMapping
from tests.api.serverbuild import LONG, FakeAccess, Handler, Streams, eventually, hurried, stream_arn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.parts.fixtures import MotoServer

__all__ = ["hurried"]

UUID = "14e0db71-9876-4c5b-9e1f-2c3d4e5f6a7b"
ARN = "arn:aws:lambda:us-east-2:123456789012:function:orders"


def mapping(**settings: Any) -> EventSourceMapping:
    return EventSourceMapping.model_validate(
        {
            "UUID": UUID,
            "EventSourceArn": stream_arn(),
            "FunctionName": ARN,
            "FunctionArn": ARN,
            "StartingPosition": "TRIM_HORIZON",
            "State": "Enabled",
            **settings,
        }
    )


class AtWork:
    """A mapping's thread, and what it needs."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "state.db"
        self.streams = Streams()
        self.stream = self.streams.open()
        self.handler = Handler()
        self.said: list[str] = []
        self.results: list[str] = []
        self._functions = Functions([function_option("orders=app:handler")], lambda _: self.handler, in_process=True)
        self._started: list[MappedStream] = []

    def make(self, made: EventSourceMapping | None = None, invoker: Any = None) -> MappedStream:
        surroundings = Surroundings(
            invoker=invoker or self._functions.routed(),
            access=FakeAccess(self.streams),
            checkpoints=self.path,
            say=self.said.append,
            poll_interval=0.002,
        )
        one = MappedStream(made or mapping(), surroundings, self.results.append)
        self._started.append(one)
        return one

    def start(self, made: EventSourceMapping | None = None, invoker: Any = None) -> MappedStream:
        one = self.make(made, invoker)
        one.start()
        return one

    def handled(self, numbers: list[str]) -> None:
        eventually(lambda: self.handler.numbers, lambda seen: set(numbers) <= set(seen))

    def told(self, words: str) -> str:
        return eventually(lambda: next((line for line in self.said if words in line), ""))

    def close(self) -> None:
        for one in self._started:
            one.stop()
        for one in self._started:
            assert one.join(LONG)
        self._functions.close()


@pytest.fixture
def at_work(tmp_path: Path, hurried: None) -> Iterator[AtWork]:
    made = AtWork(tmp_path)
    yield made
    made.close()


def holding(at_work: AtWork) -> tuple[threading.Event, Callable[[], object]]:
    """Let every call wait; return what tells that one has begun, and what lets them go."""
    begun, let_go = threading.Event(), threading.Event()

    def during(_: list[str]) -> None:
        begun.set()
        assert let_go.wait(LONG)

    at_work.handler.during = during
    return begun, let_go.set


def test_a_stream_that_is_away_at_the_beginning_is_waited_for_and_told_of_once(at_work: AtWork) -> None:
    numbers = at_work.stream.put(count=3)
    at_work.stream.away = True
    one = at_work.start()
    eventually(lambda: len(at_work.stream.calls), lambda seen: seen > 3)
    assert not one.wait_opened(0.0)
    at_work.stream.away = False
    at_work.handled(numbers)
    assert one.wait_opened(0.0)
    (line,) = at_work.said
    assert line.startswith(f"mapping {UUID} cannot go on: ")
    assert line.endswith("; it is tried again until it can")
    assert "Traceback" not in line
    eventually(lambda: at_work.results[-1], lambda seen: seen == "OK")
    assert at_work.results[0] == "PROBLEM: internal error"


def test_trouble_of_another_kind_is_told_again(at_work: AtWork) -> None:
    at_work.stream.away = True
    at_work.start()
    at_work.told("cannot go on")
    at_work.streams.trouble = at_work.stream.refusal("AccessDeniedException", "not you")
    assert "not you" in at_work.told("AccessDeniedException")
    at_work.streams.trouble = None
    at_work.stream.away = False
    at_work.handled(at_work.stream.put())


def test_a_mistake_of_ours_is_told_with_its_traceback_and_the_mapping_goes_on(at_work: AtWork) -> None:
    at_work.streams.trouble = ZeroDivisionError("a fault")
    at_work.start()
    assert "Traceback" in at_work.told("ZeroDivisionError: a fault")
    at_work.streams.trouble = None
    at_work.handled(at_work.stream.put())


def test_a_record_that_no_stream_holds_fails_the_run_which_goes_on_from_its_checkpoint(at_work: AtWork) -> None:
    first = at_work.stream.put(count=3)
    at_work.start(mapping(BatchSize=1))
    at_work.handled(first)
    with at_work.stream._lock:
        (bad,) = at_work.stream.put(dynamodb={})
        later = at_work.stream.put(count=2)
    at_work.told("cannot go on")
    at_work.stream.shards["shard-1"].records[:] = [
        record for record in at_work.stream.shards["shard-1"].records if record["dynamodb"]
    ]
    at_work.handled(later)
    assert at_work.handler.numbers == first + later
    assert bad not in at_work.handler.numbers


def test_a_stream_that_goes_away_in_between_is_waited_for(at_work: AtWork) -> None:
    first = at_work.stream.put(count=3)
    at_work.start()
    at_work.handled(first)
    at_work.stream.away = True
    at_work.told("cannot be read")
    at_work.stream.away = False
    later = at_work.stream.put(count=3)
    at_work.handled(later)
    assert at_work.handler.numbers == first + later
    at_work.told("is read again")


@pytest.mark.parametrize("end", ["disable", "gone", "gone before it began"])
def test_a_stream_that_ends_leaves_the_thread_waiting_for_its_own_end(at_work: AtWork, end: str) -> None:
    if end == "gone before it began":
        at_work.stream.gone = True
    one = at_work.start()
    assert one.wait_opened(LONG)
    if end == "disable":
        at_work.stream.disable()
        at_work.streams.open("another")
    at_work.stream.gone = end != "disable"
    # A stream that is gone is looked at every 30 seconds only, unless a shard of it is.
    if end == "gone":
        at_work.stream.shards.clear()
        at_work.stream.shard("shard-9")
    assert at_work.told("it waits to be deleted").startswith(f"mapping {UUID}: ")
    assert not one.join(0.01)
    one.update(mapping(BatchSize=3))
    one.stop()
    assert one.join(LONG)


def test_one_that_is_stopped_before_its_stream_answers_begins_nothing(at_work: AtWork) -> None:
    at_work.stream.put(count=3)
    asked, answer = threading.Event(), threading.Event()

    def hold() -> None:
        asked.set()
        assert answer.wait(LONG)

    at_work.stream.troubles.append(hold)
    one = at_work.start()
    assert asked.wait(LONG)
    one.stop()
    answer.set()
    assert one.join(LONG)
    assert at_work.handler.calls == []


def test_settings_that_change_while_the_stream_is_being_opened_hold(at_work: AtWork) -> None:
    numbers = at_work.stream.put(count=4)
    asked, answer = threading.Event(), threading.Event()

    def hold() -> None:
        asked.set()
        assert answer.wait(LONG)

    at_work.stream.troubles.append(hold)
    one = at_work.start()
    assert asked.wait(LONG)
    one.update(mapping(BatchSize=2))
    answer.set()
    at_work.handled(numbers)
    assert at_work.handler.batches == [numbers[:2], numbers[2:]]


def test_what_is_in_flight_at_the_end_is_finished_and_nothing_more_is_begun(at_work: AtWork) -> None:
    begun, let_go = holding(at_work)
    numbers = at_work.stream.put(count=4)
    one = at_work.start(mapping(BatchSize=2))
    assert begun.wait(LONG)
    one.stop()
    assert not one.join(0.01)
    let_go()
    assert one.join(LONG)
    assert at_work.handler.batches == [numbers[:2]]
    at_work.start(mapping(BatchSize=2))
    at_work.handled(numbers)
    assert at_work.handler.batches == [numbers[:2], numbers[2:]]


class InTurn:
    """An invoker that calls in the mapping's own thread."""

    function_name = "orders"

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        del event, request_id, function_arn
        self.begun.set()
        assert self.let_go.wait(LONG)
        return Answer()


def test_an_end_does_not_wait_for_an_update_that_waits_for_a_call(at_work: AtWork) -> None:
    invoker = InTurn()
    at_work.stream.put()
    one = at_work.start(invoker=invoker)
    assert invoker.begun.wait(LONG)
    updating = threading.Thread(target=one.update, args=(mapping(BatchSize=2),))
    updating.start()
    one.stop()
    assert not one.join(0.01)
    invoker.let_go.set()
    assert one.join(LONG)
    updating.join(LONG)
    assert not updating.is_alive()


def test_an_on_failure_record_goes_where_the_mapping_says_at_that_time(
    at_work: AtWork, moto_server: MotoServer
) -> None:
    with closing(moto_server.client("sqs")) as sqs:
        url = sqs.create_queue(QueueName="failed")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

        def fail(_: list[str]) -> None:
            raise ValueError("bad")

        at_work.handler.during = fail
        at_work.stream.put()
        one = at_work.start(mapping(MaximumRetryAttempts=0))
        at_work.told("1 record discarded, RetryAttemptsExhausted: there is no on-failure destination")
        one.update(mapping(MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": arn}}))
        (number,) = at_work.stream.put()
        at_work.told("its on-failure record is delivered")
        (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
        assert json.loads(message["Body"])["DDBStreamBatchInfo"]["startSequenceNumber"] == number
        one.update(mapping(MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": f"{arn}-gone"}}))
        at_work.stream.put()
        at_work.told("its on-failure record is lost: ")
    assert "PROBLEM: Function call failed" in at_work.results


def test_what_is_known_of_a_mapping_is_forgotten_with_it(at_work: AtWork) -> None:
    numbers = at_work.stream.put(count=3)
    one = at_work.start()
    at_work.handled(numbers)
    one.stop()
    assert one.join(LONG)
    assert mappings_in(at_work.path) == {(stream_arn(), UUID)}
    one.forget()
    assert mappings_in(at_work.path) == set()


def test_lanes_and_shards_are_worked_side_by_side_while_another_thread_updates(at_work: AtWork) -> None:
    numbers = [at_work.stream.put(item=str(item))[0] for item in range(40)]
    one = at_work.start(mapping(ParallelizationFactor=4, BatchSize=1))
    for size in range(1, 6):
        one.update(mapping(ParallelizationFactor=1 + size % 3, BatchSize=size))
        numbers += at_work.stream.put(count=3)
    at_work.handled(numbers)
    assert sorted(at_work.handler.numbers) == sorted(numbers)
