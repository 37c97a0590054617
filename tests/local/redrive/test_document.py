"""What is read out of an on-failure record, and what is none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local import LocalRunner, LocalTable
from streamkit.local.redrive.document import FailedBatch, NotOnFailureRecordError, read_document
from streamkit.local.window import TimeWindow
from tests.local.builders import ARN, BUCKET, QUEUE, Failing, Tallying, after, full, lambda_record, table_of, tumbling
from tests.local.redrive.documents import FUNCTION, SHARD, batch_of, document

if TYPE_CHECKING:
    from collections.abc import Callable


def refusal(content: object) -> str:
    with pytest.raises(NotOnFailureRecordError) as caught:
        read_document(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(caught.value)


def test_a_record_says_whose_it_is_and_where_its_records_are() -> None:
    assert batch_of(document()) == FailedBatch(
        function_arn=FUNCTION,
        condition="RetryAttemptsExhausted",
        stream_arn=ARN,
        shard_id=SHARD,
        start=full(1),
        end=full(3),
        size=3,
        arrived=(after(0), after(2)),
    )


@pytest.mark.parametrize("to", [QUEUE, BUCKET])
def test_what_the_emulator_sends_is_read(to: dict[str, Any]) -> None:
    runner = LocalRunner(Failing({1: None}), table_of(3), {"MaximumRetryAttempts": 0, "DestinationConfig": to})
    runner.run()
    batch = batch_of(runner.discarded[0])
    assert (batch.start, batch.end, batch.size) == (full(1), full(3), 3)
    assert (batch.payload is not None) == (to is BUCKET)
    assert batch.window is None


@pytest.mark.parametrize("bad_finals", [0, None])
def test_a_windows_record_says_which_window_and_whether_it_was_its_end(bad_finals: int | None) -> None:
    table = LocalTable("orders")
    table.put({"id": 1}, at=after(5))
    handler = Tallying({1: None} if bad_finals == 0 else {}, bad_finals=bad_finals)
    runner = LocalRunner(handler, table, {"MaximumRetryAttempts": 0, "DestinationConfig": BUCKET} | tumbling(60))
    runner.run()
    batch = batch_of(runner.discarded[0])
    assert batch.window == TimeWindow(after(0), after(60))
    assert batch.final == (bad_finals is None)
    assert (batch.start, batch.size) == (("", 0) if batch.final else (full(1), 1))


def test_times_that_are_none_are_not_known() -> None:
    for broken in ("yesterday", None, 5):
        record = document()
        record["DDBStreamBatchInfo"]["approximateArrivalOfLastRecord"] = broken
        assert batch_of(record).arrived is None


def test_a_time_without_a_zone_is_utc() -> None:
    window = {"window": {"start": "2026-01-01T00:00:00", "end": "2026-01-01T00:01:00Z"}}
    assert batch_of(document(timeWindowInfo=window)).window == TimeWindow(datetime(2026, 1, 1, tzinfo=UTC), after(60))


def envelope_of_sns(text: str) -> dict[str, Any]:
    return {"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:x", "Message": text}


def message_of_sqs(text: str) -> dict[str, Any]:
    return {"MessageId": "m", "ReceiptHandle": "h", "Body": text}


ENVELOPES: list[Callable[[str], dict[str, Any]]] = [
    envelope_of_sns,
    message_of_sqs,
    lambda text: {"Messages": [message_of_sqs(text)]},
    lambda text: message_of_sqs(json.dumps(envelope_of_sns(text))),
    lambda text: {"Messages": [message_of_sqs(json.dumps(envelope_of_sns(text)))], "ResponseMetadata": {}},
    lambda text: {"Records": [{"eventSource": "aws:sqs", "body": text}]},
    lambda text: {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": text}}]},
]


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_envelopes_are_taken_off(envelope: Callable[[str], dict[str, Any]]) -> None:
    assert batch_of(envelope(json.dumps(document()))) == batch_of(document())


def test_an_envelope_around_something_else_is_something_else() -> None:
    assert refusal(envelope_of_sns("hello")).startswith("it is not JSON, or not the whole of it (")
    assert (
        refusal(envelope_of_sns('{"order": 1}'))
        == "it is an object with order, no on-failure record of a DynamoDB stream"
    )


def test_envelopes_without_end_are_given_up() -> None:
    text = json.dumps(document())
    for _ in range(9):
        text = json.dumps(envelope_of_sns(text))
    assert "SNS's Notification" in refusal(json.loads(text))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is not JSON, or not the whole of it"),
        (b'{"requestContext": {"fun', "it is not JSON, or not the whole of it"),
        (json.dumps(document()).encode()[:-7], "it is not JSON, or not the whole of it"),
        (b"\xff\xfe\x00", "it is not JSON, or not the whole of it"),
        (b"\x80abc", "it is not JSON, or not the whole of it"),
        (b"[" * 100_000, "it is not JSON, or not the whole of it"),
        (b"[1, 2]", "it is [1, 2], and an on-failure record is an object"),
        (b'"text"', 'it is "text", and an on-failure record is an object'),
        (b"{}", "it is an object with nothing in it, no on-failure record of a DynamoDB stream"),
    ],
)
def test_what_is_no_document_is_told(content: bytes, told: str) -> None:
    assert refusal(content).startswith(told)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"KinesisBatchInfo": {}, "requestContext": {}}, "an on-failure record of a Kinesis stream"),
        ({"requestContext": {}, "requestPayload": {}}, "the record of an asynchronous invocation"),
        ({"Records": [{"eventSource": "aws:s3", "s3": {}}]}, "an event from aws:s3"),
        ({"Records": [{"EventSource": "aws:sns", "Sns": None}]}, "an event from aws:sns"),
        ({"Records": [lambda_record(1)]}, "an event of Lambda's, which `streamkit run --events` takes,"),
        ({"Service": "Amazon S3", "Event": "s3:TestEvent"}, "S3's test of its event notifications"),
        ({"Type": "SubscriptionConfirmation", "TopicArn": "t"}, "SNS's SubscriptionConfirmation"),
        ({"Messages": [message_of_sqs("{}"), message_of_sqs("{}")]}, "an object with Messages"),
        ({"Records": []}, "an object with Records"),
        (document(DDBStreamBatchInfo=None), "an object with requestContext, responseContext"),
    ],
)
def test_what_lies_there_besides_is_named(content: object, told: str) -> None:
    assert told in refusal(content)


@pytest.mark.parametrize(
    ("info", "told"),
    [
        ({"startSequenceNumber": None}, "startSequenceNumber of DDBStreamBatchInfo is None: expected text"),
        ({"startSequenceNumber": "12a"}, "its sequence number '12a' is none: expected digits"),
        ({"endSequenceNumber": "²"}, "its sequence number '²' is none"),
        ({"endSequenceNumber": "1"}, f"it begins at {full(1)} and ends before, at 1"),
        ({"batchSize": 0}, "its batchSize is 0: expected a number from 1 on"),
        ({"batchSize": True}, "its batchSize is True"),
        ({"shardId": ""}, "shardId of DDBStreamBatchInfo is ''"),
        ({"streamArn": 5}, "streamArn of DDBStreamBatchInfo is 5"),
    ],
)
def test_a_broken_part_is_named(info: dict[str, Any], told: str) -> None:
    record = document()
    record["DDBStreamBatchInfo"] |= info
    assert told in refusal(record)


def test_a_broken_function_payload_or_window_is_named() -> None:
    record = document()
    record["requestContext"]["functionArn"] = None
    assert refusal(record) == "functionArn of requestContext is None: expected text"
    assert refusal(document(payload={"Records": []})) == "payload of the record is {'Records': []}: expected text"
    assert refusal(document(timeWindowInfo={"window": {}})).startswith("its timeWindowInfo has no window: {'window'")
    backwards = {"window": {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}}
    assert refusal(document(timeWindowInfo=backwards)).startswith("its window ends before it starts: {'start'")
    assert refusal(document(timeWindowInfo="soon")).startswith("its timeWindowInfo has no window: 'soon'")


@given(st.binary(max_size=200))
def test_no_bytes_at_all_make_it_fail_otherwise(content: bytes) -> None:
    with pytest.raises(NotOnFailureRecordError):
        read_document(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
NAMES = ["requestContext", "DDBStreamBatchInfo", "timeWindowInfo", "payload", "Message", "Type", "Records", "Messages"]


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_whatever_its_parts_are_it_is_read_or_refused(parts: dict[str, Any]) -> None:
    try:
        read_document(json.dumps(document() | parts).encode())
    except NotOnFailureRecordError as error:
        assert str(error)  # noqa: PT017  # either is right
