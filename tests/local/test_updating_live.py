"""Settings that another thread changes while a live stream is followed, one by one or as a whole mapping."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from streamkit import EventSourceMapping
from streamkit.local import Answer, LocalRunner
from streamkit.local.journal import MappingUpdated
from streamkit.local.streams import livestream
from streamkit.local.streams.livestream import LiveStream
from tests.local.builders import QUEUE, succeed, table_of
from tests.local.streams.fakestream import ARN, FakeStream

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = 30.0
ANSWERED = {
    "UUID": "1",
    "State": "Enabled",
    "LastModified": 1.5,
    "FunctionArn": "arn:aws:lambda:us-east-1:1:function:f",
}


def mapping(**settings: Any) -> EventSourceMapping:
    return EventSourceMapping.model_validate(ANSWERED | settings)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(livestream, "_DISCOVER_CHILDREN", 0.002)


class Held:
    """A handler whose calls wait until they are let go."""

    __name__ = "held"

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Semaphore(0)
        self.batches: list[list[str]] = []

    def __call__(self, event: Any, _context: Any) -> None:
        self.batches.append([record["dynamodb"]["SequenceNumber"] for record in event["Records"]])
        self.begun.release()
        assert self.let_go.acquire(timeout=LONG)


class Outside:
    """The same where calls are made side by side."""

    function_name = "outside"

    def __init__(self, held: Held) -> None:
        self._held = held
        self.arns: list[str] = []

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        del request_id
        self.arns.append(function_arn)
        self._held(orjson.loads(event), None)
        return Answer()

    def close(self) -> None: ...


@contextmanager
def following(handler: Any, settings: Any, count: int) -> Iterator[tuple[LocalRunner, FakeStream]]:
    """Follow a stream of so many records in a thread."""
    fake = FakeStream()
    fake.shard("a", count=count)
    source = LiveStream(ARN, poll_interval=0.002, client=fake)
    runner = LocalRunner(handler, source, settings)
    thread = threading.Thread(target=runner.follow)
    thread.start()
    try:
        yield runner, fake
    finally:
        runner.stop()
        thread.join(LONG)
        assert not thread.is_alive()
        source.close()


def updating(runner: LocalRunner, *given: Any, **changes: Any) -> threading.Thread:
    thread = threading.Thread(target=lambda: runner.update(*given, **changes))
    thread.start()
    return thread


def test_an_update_waits_for_a_call_in_the_same_thread_and_holds_from_the_next_batch_on() -> None:
    held = Held()
    with following(held, {"BatchSize": 3}, 9) as (runner, _):
        assert held.begun.acquire(timeout=LONG)
        thread = updating(runner, batch_size=2)
        assert runner.mapping.batch_size == 3
        for _ in range(4):
            held.let_go.release()
        thread.join(LONG)
        assert not thread.is_alive()
        assert runner.mapping.batch_size == 2
        for _ in range(3):
            assert held.begun.acquire(timeout=LONG)
    assert [len(batch) for batch in held.batches] == [3, 2, 2, 2]


def test_an_update_does_not_wait_for_calls_that_are_made_side_by_side() -> None:
    held = Held()
    with following(Outside(held), {"BatchSize": 3}, 9) as (runner, _):
        assert held.begun.acquire(timeout=LONG)
        runner.update(batch_size=2)
        assert runner.mapping.batch_size == 2
        for _ in range(4):
            held.let_go.release()
        for _ in range(3):
            assert held.begun.acquire(timeout=LONG)
    assert [len(batch) for batch in held.batches] == [3, 2, 2, 2]


def test_what_is_refused_is_raised_in_the_thread_that_asked_and_the_run_goes_on() -> None:
    held = Held()
    held.let_go.release(4)
    with following(held, {"BatchSize": 1}, 1) as (runner, fake):
        assert held.begun.acquire(timeout=LONG)
        with pytest.raises(ValueError, match="BatchSize takes 1 to 10000"):
            runner.update(batch_size=0)
        fake.put("a")
        assert held.begun.acquire(timeout=LONG)
    assert len(held.batches) == 2


def test_whole_mappings_hold_setting_by_setting_and_what_aws_answers_does_not_matter() -> None:
    outside = Outside(Held())
    outside._held.let_go.release(9)
    before = mapping(FunctionName="f", EventSourceArn=ARN, Tags={"a": "1"})
    with following(outside, before, 1) as (runner, fake):
        assert outside._held.begun.acquire(timeout=LONG)
        after = before.model_copy(
            update={
                "function_name": "arn:aws:lambda:us-east-1:1:function:g",
                "batch_size": 5,
                "state": "Updating",
                "uuid": "2",
                "tags": {"a": "2"},
            }
        )
        runner.update(after)
        fake.put("a")
        assert outside._held.begun.acquire(timeout=LONG)
        assert (runner.mapping.batch_size, runner.mapping.tags, runner.mapping.uuid) == (5, {"a": "2"}, "1")
        (fact,) = [fact for fact in runner.journal if isinstance(fact, MappingUpdated)]
        assert set(fact.changes) == {"BatchSize", "FunctionName", "Tags"}
        # Nothing is different: nothing is done.
        runner.update(after)
        assert len([fact for fact in runner.journal if isinstance(fact, MappingUpdated)]) == 1
    assert outside.arns[-1] == "arn:aws:lambda:us-east-1:1:function:g"


def test_a_whole_mapping_takes_changes_by_name_too_and_is_checked_with_them() -> None:
    runner = LocalRunner(succeed, table_of(1), mapping())
    runner.update(mapping(BatchSize=5), maximum_retry_attempts=2)
    assert (runner.mapping.batch_size, runner.mapping.maximum_retry_attempts) == (5, 2)
    with pytest.raises(ValueError, match="BatchSize takes 1 to 10000"):
        runner.update(mapping(), batch_size=0)
    # It is whole: what it does not say is as Lambda has it by default.
    runner.update(mapping(MaximumRetryAttempts=2))
    assert (runner.mapping.batch_size, runner.mapping.maximum_retry_attempts) == (100, 2)


def test_a_whole_mapping_stops_and_starts_it_and_gives_and_takes_a_destination() -> None:
    runner = LocalRunner(succeed, table_of(3), mapping())
    runner.update(mapping(Enabled=False, DestinationConfig=QUEUE))
    assert runner.mapping.state == "Disabled"
    assert runner.destination is not None
    runner.run()
    assert runner.invocations == []
    runner.update(mapping())
    assert [runner.destination] == [None]
    runner.run()
    assert len(runner.invocations) == 1


@pytest.mark.parametrize(
    ("change", "name"),
    [({"event_source_arn": ARN}, "EventSourceArn"), ({"starting_position": "LATEST"}, "StartingPosition")],
)
def test_what_is_fixed_stays_fixed_in_a_whole_mapping(change: dict[str, Any], name: str) -> None:
    runner = LocalRunner(succeed, table_of(1), mapping())
    with pytest.raises(ValueError, match=f"{name} is set when a mapping is made and cannot be updated"):
        runner.update(mapping().model_copy(update=change))
