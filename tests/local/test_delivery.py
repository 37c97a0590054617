"""How on-failure records get to a destination, in runs: queue, topic, bucket, and what raises (SEMANTICS §3)."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson
import pytest

from streamkit.local import BucketDestination, Destination, LocalRunner, MemoryDestination
from streamkit.local.journal import Checkpointed, RecordsDiscarded
from tests.local.builders import BUCKET, QUEUE, REPORTING, Failing, after, batches, full, spans, succeed, table_of
from tests.local.doubles import Puts, Sends

TOPIC = {"OnFailure": {"Destination": "arn:aws:sns:us-east-1:123456789012:failed"}}
CHINESE_BUCKET = {"OnFailure": {"Destination": "arn:aws-cn:s3:::failed"}}
UUID4 = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
MAPPING_UUID = "14e0db71-5d35-4eb5-b481-8945cf9d10c2"


class Full:
    """Takes nothing."""

    def send(self, record: dict[str, Any]) -> None:  # noqa: ARG002  # Destination
        raise OSError("full")

    def put(self, key: str, record: dict[str, Any]) -> None:  # noqa: ARG002  # BucketDestination
        raise OSError("full")


def failing(to: dict[str, Any] | None, *, destination: Any = None, settings: Any = None, **more: Any) -> LocalRunner:
    """Run three records of which the second is bad, in batches of two, without retries."""
    mapping = {"MaximumRetryAttempts": 0, "BatchSize": 2} | ({"DestinationConfig": to} if to else {}) | (settings or {})
    runner = LocalRunner(Failing({2: None}), table_of(3), mapping, destination=destination, **more)
    runner.run()
    return runner


def memory(runner: LocalRunner) -> MemoryDestination:
    assert isinstance(runner.destination, MemoryDestination)
    return runner.destination


def test_the_kinds_of_destinations_are_told_apart() -> None:
    assert isinstance(Sends(), Destination)
    assert not isinstance(Sends(), BucketDestination)
    assert isinstance(Puts(), BucketDestination)
    assert not isinstance(Puts(), Destination)
    assert isinstance(MemoryDestination(), Destination)
    assert isinstance(MemoryDestination(), BucketDestination)


def test_memory_keeps_objects_under_their_keys_and_in_order() -> None:
    destination = MemoryDestination()
    destination.put("b", {"n": 1})
    destination.put("a", {"n": 2})
    destination.send({"n": 3})
    assert list(destination.objects.items()) == [("b", {"n": 1}), ("a", {"n": 2})]
    assert destination.sent == [{"n": 1}, {"n": 2}, {"n": 3}]


@pytest.mark.parametrize("to", [QUEUE, TOPIC])
def test_a_queue_and_a_topic_get_the_document_without_the_event(to: dict[str, Any]) -> None:
    runner = failing(to)
    assert memory(runner).sent == runner.discarded
    assert memory(runner).objects == {}
    assert "payload" not in runner.discarded[0]


def test_the_document_for_a_queue_is_awss_to_the_byte() -> None:
    runner = failing(QUEUE, settings={"FunctionName": "orders:live"}, duration=1.5)
    (sent,) = memory(runner).sent
    request_id, shard_id = runner.invocations[0].request_id, runner.invocations[0].shard_id
    stream_arn = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"
    assert orjson.dumps(sent).decode() == (
        f'{{"requestContext":{{"requestId":"{request_id}",'
        '"functionArn":"arn:aws:lambda:us-east-1:123456789012:function:orders:live",'
        '"condition":"RetryAttemptsExhausted","approximateInvokeCount":1},'
        '"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},'
        '"version":"1.0","timestamp":"2026-01-01T00:00:01.500Z",'
        f'"DDBStreamBatchInfo":{{"shardId":"{shard_id}","startSequenceNumber":"{full(1)}",'
        f'"endSequenceNumber":"{full(2)}","approximateArrivalOfFirstRecord":"2026-01-01T00:00:00Z",'
        '"approximateArrivalOfLastRecord":"2026-01-01T00:00:00Z","batchSize":2,'
        f'"streamArn":"{stream_arn}"}}}}'
    )


@pytest.mark.parametrize("to", [BUCKET, CHINESE_BUCKET])
def test_a_bucket_gets_the_event_too_as_text_between_version_and_timestamp(to: dict[str, Any]) -> None:
    runner = failing(to)
    (sent,) = memory(runner).objects.values()
    assert list(sent) == [
        "requestContext",
        "responseContext",
        "version",
        "payload",
        "timestamp",
        "DDBStreamBatchInfo",
    ]
    assert json.loads(sent["payload"]) == runner.invocations[0].event
    assert ": " not in sent["payload"]
    assert sent == runner.discarded[0] == memory(runner).sent[0]


def test_an_object_is_named_by_mapping_shard_day_time_and_a_uuid() -> None:
    runner = failing(BUCKET, settings={"UUID": MAPPING_UUID}, duration=3_725.9 / 5)
    (key,) = memory(runner).objects
    shard_id = runner.invocations[0].shard_id
    assert re.fullmatch(
        rf"aws/lambda/{MAPPING_UUID}/{re.escape(shard_id)}/2026/01/01/2026-01-01T00\.12\.25-{UUID4}", key
    )
    (fact,) = (fact for fact in runner.journal if isinstance(fact, RecordsDiscarded))
    assert fact.object_key == key


def test_a_mapping_without_a_uuid_gets_one_from_the_seed() -> None:
    keys = [next(iter(memory(failing(BUCKET, seed=seed)).objects)) for seed in (1, 1, 2)]
    owners = [key.split("/")[2] for key in keys]
    assert all(re.fullmatch(UUID4, owner) for owner in owners)
    assert keys[0] == keys[1]
    assert owners[0] != owners[2]


def test_two_functions_that_fail_at_the_same_record_at_the_same_time_have_two_objects() -> None:
    bucket, table = MemoryDestination(), table_of(3)
    for name in ("orders", "billing"):
        settings = {"MaximumRetryAttempts": 0, "DestinationConfig": BUCKET, "FunctionName": name}
        LocalRunner(Failing({2: None}), table, settings, destination=bucket).advance(seconds=0)
    assert len(bucket.objects) == 2


def test_every_object_has_a_name_of_its_own() -> None:
    settings = {"MaximumRetryAttempts": 0, "BatchSize": 1, "DestinationConfig": BUCKET}
    runner = LocalRunner(Failing(dict.fromkeys(range(1, 31))), table_of(30, shards=2), settings)
    runner.run()
    objects = memory(runner).objects
    assert len(objects) == 30
    assert len({key.split("/")[2] for key in objects}) == 1
    assert {key.split("/")[3] for key in objects} == set(runner.checkpoints)
    for key, sent in objects.items():
        assert f"/{sent['DDBStreamBatchInfo']['shardId']}/" in key


def test_a_bucket_that_can_only_put_is_taken_for_a_bucket() -> None:
    bucket = Puts()
    runner = failing(BUCKET, destination=bucket)
    assert list(bucket.objects.values()) == runner.discarded
    assert runner.destination is bucket
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 2


@pytest.mark.parametrize("to", [QUEUE, TOPIC, None])
def test_a_bucket_that_can_only_put_is_refused_for_anything_else(to: dict[str, Any] | None) -> None:
    with pytest.raises(TypeError, match=r"has send\(record\), for a queue or a topic, or put\(key, record\)") as caught:
        failing(to, destination=Puts())
    expected = to["OnFailure"]["Destination"] if to else "a mapping without DestinationConfig"
    assert str(caught.value).endswith(f"is none for {expected}")


@pytest.mark.parametrize("destination", [object(), "arn:aws:sqs:us-east-1:123456789012:failed", [], print])
@pytest.mark.parametrize("to", [QUEUE, BUCKET])
def test_what_takes_no_records_is_no_destination(destination: Any, to: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="a destination has send"):
        failing(to, destination=destination)


class Awaited:
    async def send(self, record: Any) -> None:
        raise AssertionError(record)


class AwaitedBucket:
    async def put(self, key: str, record: Any) -> None:
        raise AssertionError(key, record)


@pytest.mark.parametrize(("destination", "to"), [(Awaited(), QUEUE), (AwaitedBucket(), BUCKET)])
def test_a_destination_that_nobody_awaits_is_refused(destination: Any, to: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="async def send or put, which nobody awaits"):
        failing(to, destination=destination)


@pytest.mark.parametrize("to", [QUEUE, TOPIC, BUCKET])
def test_a_destination_that_raises_drops_the_records_once_and_the_shard_goes_on(to: dict[str, Any]) -> None:
    runner = failing(to, destination=Full())
    assert batches(runner) == [[1, 2], [3]]
    (fact,) = (fact for fact in runner.journal if isinstance(fact, RecordsDiscarded))
    assert (fact.delivered, str(fact.error)) == (False, "full")
    assert (fact.object_key is None) == (to is not BUCKET)
    assert runner.metrics["DroppedEventCount"] == 2
    assert runner.metrics["DestinationDeliveryFailures"] == 1
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 0
    assert list(runner.checkpoints.values()) == [full(3)]


def test_without_a_destination_records_are_dropped_and_no_delivery_fails() -> None:
    runner = failing(None)
    assert runner.destination is None
    assert runner.metrics["DroppedEventCount"] == 2
    assert runner.metrics["DestinationDeliveryFailures"] == 0
    (fact,) = (fact for fact in runner.journal if isinstance(fact, RecordsDiscarded))
    assert (fact.delivered, fact.error, fact.object_key) == (False, None, None)


def test_a_destination_may_change_what_it_gets_without_changing_the_journal() -> None:
    class Emptying(Sends):
        def send(self, record: dict[str, Any]) -> None:
            record["DDBStreamBatchInfo"].clear()
            record.clear()

    assert spans(failing(QUEUE, destination=Emptying()).discarded) == [(1, 2)]


@pytest.mark.parametrize("to", [QUEUE, BUCKET])
def test_records_that_were_too_old_come_without_a_response_and_for_a_bucket_with_the_event(to: dict[str, Any]) -> None:
    table = table_of(0)
    for number in range(1, 4):
        table.put({"id": number}, at=after(-100 if number < 3 else 0))
    runner = LocalRunner(succeed, table, {"MaximumRecordAgeInSeconds": 60, "DestinationConfig": to})
    runner.run()
    (sent,) = memory(runner).sent
    payload = ["payload"] if to is BUCKET else []
    assert list(sent) == ["requestContext", "version", *payload, "timestamp", "DDBStreamBatchInfo"]
    assert list(sent["requestContext"].values())[2:] == ["RecordAgeExceeded", 1]
    assert spans([sent]) == [(1, 2)]
    assert sent["DDBStreamBatchInfo"]["approximateArrivalOfFirstRecord"] == "2025-12-31T23:58:20Z"
    if payload:
        assert json.loads(sent["payload"]) == {"Records": table.records[:2]}
    assert batches(runner) == [[3]]
    assert len(memory(runner).objects) == len(payload)


def test_records_that_grew_too_old_say_how_often_they_were_tried() -> None:
    settings = {"MaximumRecordAgeInSeconds": 60, "DestinationConfig": BUCKET}
    runner = LocalRunner(Failing({1: None}), table_of(1), settings)
    runner.run()
    (sent,) = memory(runner).sent
    assert sent["requestContext"]["approximateInvokeCount"] == len(runner.invocations) > 5
    assert sent["requestContext"]["requestId"] == runner.invocations[0].request_id
    assert "responseContext" not in sent


def test_a_report_is_null_and_an_exception_unhandled_in_a_bucket_as_well() -> None:
    settings = REPORTING | {"MaximumRetryAttempts": 0, "DestinationConfig": BUCKET}
    for report, error in [(True, None), (False, "Unhandled")]:
        runner = LocalRunner(Failing({1: None}, report=report), table_of(1), settings)
        runner.run()
        assert memory(runner).sent[0]["responseContext"]["functionError"] == error


def test_records_are_delivered_before_the_checkpoint_passes_them() -> None:
    seen: list[int] = []

    class Watching(Sends):
        def send(self, record: dict[str, Any]) -> None:
            super().send(record)
            seen.append(sum(isinstance(fact, Checkpointed) for fact in runner.journal))

    settings = {"MaximumRetryAttempts": 0, "DestinationConfig": QUEUE}
    runner = LocalRunner(Failing({1: None}), table_of(1), settings, destination=Watching())
    runner.run()
    assert seen == [0]
