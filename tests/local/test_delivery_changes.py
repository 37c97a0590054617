"""`runner.destination` when the mapping is updated, and what a destination must not be able to break."""

from __future__ import annotations

from typing import Any

import pytest

from streamkit.local import LocalRunner, MemoryDestination
from tests.local.builders import BUCKET, QUEUE, Failing, batches, full, spans, table_of
from tests.local.doubles import Puts, Sends

NOWHERE = {"OnFailure": {"Destination": ""}}


def runner_to(to: dict[str, Any] | None, *, destination: Any = None, records: int = 4, **settings: Any) -> LocalRunner:
    """Return a runner that discards every record, one by one."""
    mapping = {"MaximumRetryAttempts": 0, "BatchSize": 1} | settings
    mapping |= {"DestinationConfig": to} if to else {}
    bad = dict.fromkeys(range(1, records + 1))
    return LocalRunner(Failing(bad), table_of(records), mapping, destination=destination, duration=1)


def test_a_destination_that_is_configured_later_takes_what_is_discarded_from_then_on() -> None:
    runner = runner_to(None)
    before = runner.destination
    runner.advance(seconds=2)
    runner.update({"DestinationConfig": QUEUE})
    runner.run()
    assert before is None
    assert isinstance(runner.destination, MemoryDestination)
    assert spans(runner.destination.sent) == [(3, 3), (4, 4)]
    assert len(runner.discarded) == 4
    assert runner.metrics["DroppedEventCount"] == 2


def test_memory_goes_on_when_a_bucket_takes_the_place_of_a_queue() -> None:
    runner = runner_to(QUEUE)
    before = runner.destination
    runner.advance(seconds=2)
    runner.update({"DestinationConfig": BUCKET})
    runner.run()
    assert isinstance(before, MemoryDestination)
    assert runner.destination is before
    assert ["payload" in record for record in before.sent] == [False, False, True, True]
    assert list(before.objects.values()) == before.sent[2:]


def test_a_destination_that_was_given_stays_when_another_setting_changes() -> None:
    queue = Sends()
    runner = runner_to(QUEUE, destination=queue)
    runner.update(batch_size=2)
    assert runner.destination is queue
    runner.run()
    assert spans(queue.sent) == [(1, 2), (3, 4)]


def test_a_bucket_that_can_only_put_is_refused_when_a_queue_takes_the_buckets_place() -> None:
    runner = runner_to(BUCKET, destination=Puts())
    with pytest.raises(TypeError, match="is none for arn:aws:sqs"):
        runner.update({"DestinationConfig": QUEUE})


def test_an_update_that_is_refused_changes_nothing() -> None:
    bucket = Puts()
    runner = runner_to(BUCKET, destination=bucket)
    before = runner.mapping
    with pytest.raises(TypeError):
        runner.update({"DestinationConfig": QUEUE})
    assert runner.mapping == before
    runner.run()
    assert len(bucket.objects) == 4


def test_a_cleared_destination_takes_nothing_more() -> None:
    runner = runner_to(QUEUE)
    runner.advance(seconds=2)
    runner.update({"DestinationConfig": NOWHERE})
    runner.run()
    assert runner.destination is None
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 2
    assert runner.metrics["DroppedEventCount"] == 2


def test_the_destination_of_a_bucket_that_can_only_put_can_be_cleared() -> None:
    bucket = Puts()
    runner = runner_to(BUCKET, destination=bucket)
    runner.update({"DestinationConfig": NOWHERE})
    runner.run()
    assert bucket.objects == {}


def test_a_class_is_no_destination() -> None:
    with pytest.raises(TypeError, match="a destination has send"):
        runner_to(QUEUE, destination=MemoryDestination)


def test_any_name_of_a_function_gets_into_the_record() -> None:
    runner = runner_to(QUEUE, FunctionName="orders\udcff")
    runner.run()
    assert len(runner.discarded) == 4


class Interrupted(Sends):
    """Ctrl-C comes while the first record is being sent."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def send(self, record: dict[str, Any]) -> None:
        self.calls += 1
        if self.calls == 1:
            raise KeyboardInterrupt
        super().send(record)


def test_a_delivery_that_was_interrupted_is_made_again_when_the_run_goes_on() -> None:
    queue = Interrupted()
    runner = runner_to(QUEUE, destination=queue)
    with pytest.raises(KeyboardInterrupt):
        runner.run()
    runner.run()
    assert spans(queue.sent) == spans(runner.discarded) == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_a_shard_goes_on_after_an_interrupted_delivery() -> None:
    settings = {"MaximumRetryAttempts": 0, "BisectBatchOnFunctionError": True, "DestinationConfig": QUEUE}
    runner = LocalRunner(Failing({1: None}), table_of(4), settings, destination=Interrupted())
    with pytest.raises(KeyboardInterrupt):
        runner.run()
    runner.run()
    assert batches(runner) == [[1, 2, 3, 4], [1, 2], [1], [2], [3, 4]]
    assert list(runner.checkpoints.values()) == [full(4)]
