"""What SEMANTICS §3 says of the on-failure record is in tests/conformance; here is the document by itself."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from streamkit.local.destinations.discards import on_failure_record
from streamkit.local.lane import Discard, Extent
from streamkit.local.outcomes import Failure, Partial
from streamkit.local.recordlist import Records
from tests.local.builders import START, after, full, stream_record


def document(discard: Discard, now: datetime = START, **more: Any) -> dict[str, Any]:
    arguments = {"request_id": "r", "function_arn": "f", "shard_id": "s", "stream_arn": "a"} | more
    return on_failure_record(discard, now=now, **arguments)


def extent(*times: datetime | None) -> Extent:
    return Extent(1, Records.of(stream_record(number, at=at) for number, at in enumerate(times, 1)), "why")


def test_an_exception_is_unhandled_and_a_report_is_null() -> None:
    raised, reported, invalid = (
        document(Discard(extent(START), "RetryAttemptsExhausted", 2, failure))["responseContext"]
        for failure in (Failure("Unhandled", "x"), Partial(0, "x"), Failure(None, "x"))
    )
    assert raised == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert reported == invalid == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None}


def test_a_record_that_was_too_old_has_no_response() -> None:
    given = document(Discard(extent(START), "RecordAgeExceeded", 0, None))
    assert "responseContext" not in given
    assert given["requestContext"]["condition"] == "RecordAgeExceeded"
    assert given["requestContext"]["approximateInvokeCount"] == 1


def test_the_attempts_made_are_counted() -> None:
    given = document(Discard(extent(START), "RecordAgeExceeded", 3, None))
    assert given["requestContext"] == {
        "requestId": "r",
        "functionArn": "f",
        "condition": "RecordAgeExceeded",
        "approximateInvokeCount": 3,
    }


def test_the_batch_is_described_by_its_ends() -> None:
    info = document(Discard(extent(START, after(1.9), after(3.7)), "RecordAgeExceeded", 1, None))["DDBStreamBatchInfo"]
    assert info == {
        "shardId": "s",
        "startSequenceNumber": full(1),
        "endSequenceNumber": full(3),
        "approximateArrivalOfFirstRecord": "2026-01-01T00:00:00Z",
        "approximateArrivalOfLastRecord": "2026-01-01T00:00:03Z",
        "batchSize": 3,
        "streamArn": "a",
    }


def test_records_without_a_time_arrived_now() -> None:
    info = document(Discard(extent(None), "RecordAgeExceeded", 1, None), now=after(61))["DDBStreamBatchInfo"]
    assert info["approximateArrivalOfFirstRecord"] == "2026-01-01T00:01:01Z"
    assert info["approximateArrivalOfLastRecord"] == "2026-01-01T00:01:01Z"


def test_the_time_is_utc_with_milliseconds_that_are_cut_and_not_rounded() -> None:
    now = after(0.005999).astimezone(timezone(timedelta(hours=5)))
    assert (
        document(Discard(extent(START), "RecordAgeExceeded", 1, None), now)["timestamp"] == "2026-01-01T00:00:00.005Z"
    )


def test_a_payload_is_text_between_version_and_timestamp() -> None:
    given = document(Discard(extent(START), "RecordAgeExceeded", 1, None), payload=b'{"Records":[]}')
    assert given["payload"] == '{"Records":[]}'
    assert list(given)[1:4] == ["version", "payload", "timestamp"]
