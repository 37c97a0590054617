"""The event in an on-failure record: its records, its state, and what does not fit together."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamkit.local.redrive.document import NotOnFailureRecordError
from streamkit.local.redrive.payload import payload_records, payload_state
from tests.local.builders import full, lambda_record
from tests.local.redrive.documents import batch_of, document, inserted, with_payload


def refusal(first: int, last: int, payload: object) -> str:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    with pytest.raises(NotOnFailureRecordError) as caught:
        payload_records(batch_of(document(first, last, payload=text)))
    return str(caught.value)


def test_the_records_are_those_that_were_sent() -> None:
    records = payload_records(batch_of(with_payload(1, 4, 9)))
    assert records.numbers == (full(1), full(4), full(9))
    assert [json.loads(one) for one in records.jsons] == [inserted(n) for n in (1, 4, 9)]


@pytest.mark.parametrize("payload", ["", "{", '{"Records": [', "\ud800"])
def test_a_payload_that_is_no_json_is_told(payload: str) -> None:
    if payload:
        assert refusal(1, 1, payload).startswith("its payload is not JSON (")
    else:
        with pytest.raises(NotOnFailureRecordError, match="payload of the record is ''"):
            batch_of(document(payload=payload))


def test_a_payload_that_is_no_event_is_told() -> None:
    assert refusal(1, 1, [1]) == "its payload is [1], and an event is an object"
    assert refusal(1, 1, {"records": []}) == "its payload has no list of Records"


def test_a_record_that_no_stream_holds_is_told_with_its_place() -> None:
    assert refusal(1, 2, {"Records": [lambda_record(1), {}]}) == (
        'record 1 of its payload is not a DynamoDB stream record: it has no "dynamodb" object'
    )


def test_records_of_another_stream_are_told() -> None:
    told = refusal(1, 1, {"Records": [lambda_record(1, eventSourceARN="arn:other")]})
    assert told.startswith("its payload has a record of 'arn:other', and it is about arn:aws:dynamodb:")


def test_a_record_that_names_no_stream_is_taken_for_this_one() -> None:
    nameless = lambda_record(1)
    del nameless["eventSourceARN"]
    assert len(payload_records(batch_of(document(1, 1, payload=json.dumps({"Records": [nameless]}))))) == 1


@pytest.mark.parametrize("numbers", [(1, 2), (2, 3), (1, 3), (), (1, 2, 3, 4)])
def test_other_records_than_it_is_about_are_told(numbers: tuple[int, ...]) -> None:
    held = f"{len(numbers)} records from {full(numbers[0])} to {full(numbers[-1])}" if numbers else "no record"
    expected = f"its payload has {held}, and it is about 3 from {full(1)} to {full(3)}"
    assert refusal(1, 3, {"Records": [lambda_record(n) for n in numbers]}) == expected


def final(payload: object) -> dict[str, Any]:
    record = document(payload=json.dumps(payload))
    record["DDBStreamBatchInfo"] = {name: record["DDBStreamBatchInfo"][name] for name in ("shardId", "streamArn")}
    bounds = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"}
    return record | {"timeWindowInfo": {"window": bounds, "isFinalInvokeForWindow": True}}


@pytest.mark.parametrize("state", [{"big": 2**80, "é": [1.5, None]}, {"half": "\ud800"}, {}])
def test_a_state_is_as_it_was_to_the_last_digit(state: dict[str, Any]) -> None:
    assert json.loads(payload_state(batch_of(final({"Records": [], "state": state})))) == state


def test_a_payload_without_a_state_is_told() -> None:
    with pytest.raises(NotOnFailureRecordError, match="its payload has no state of its window"):
        payload_state(batch_of(final({"Records": [], "state": None})))
