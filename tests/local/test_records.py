from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.records import RecordError, number_order, parse_record
from tests.local.builders import START, full, lambda_record


def changed(**data: Any) -> dict[str, Any]:
    record = lambda_record(1)
    record["dynamodb"] |= data
    return record


def refusal(raw: Any) -> str:
    with pytest.raises(RecordError) as caught:
        parse_record(raw, "orders.json, record 3")
    text = str(caught.value)
    assert text.startswith("orders.json, record 3")
    return text


def test_a_record_keeps_its_number_its_time_and_every_member() -> None:
    raw = lambda_record(7, at=1.5, extra={"kept": [1, None]})
    record = parse_record(raw, "record 1")
    assert record.sequence_number == full(7)
    assert record.created_at == START.replace(second=1, microsecond=500_000)
    assert orjson.loads(record.json) == raw


def test_a_records_json_is_compact_and_in_the_order_given() -> None:
    assert b": " not in parse_record(lambda_record(1), "record 1").json
    assert list(orjson.loads(parse_record(lambda_record(1), "record 1").json)) == list(lambda_record(1))


def test_a_record_may_lack_its_creation_time() -> None:
    assert parse_record(lambda_record(1, at=None), "record 1").created_at is None


def test_a_whole_second_may_be_an_integer() -> None:
    record = parse_record(changed(ApproximateCreationDateTime=1479499740), "record 1")
    assert record.created_at == datetime(2016, 11, 18, 20, 9, tzinfo=UTC)


@pytest.mark.parametrize("size", [0, 59, 400_000])
def test_a_record_counts_for_its_size_bytes(size: int) -> None:
    assert parse_record(changed(SizeBytes=size), "record 1").size == size


@pytest.mark.parametrize("size", [None, -1, True, "59", 59.0])
def test_a_record_without_a_size_counts_for_its_json(size: Any) -> None:
    record = parse_record(changed(SizeBytes=size), "record 1")
    assert record.size == len(record.json)


def test_a_recorded_record_is_nobodys_consequence() -> None:
    assert parse_record(lambda_record(1), "record 1").depth == 0


@given(st.integers(0, 10**25), st.integers(0, 10**25), st.integers(0, 3))
def test_numbers_are_ordered_as_integers(one: int, other: int, zeros: int) -> None:
    before, after = number_order("0" * zeros + str(one)), number_order(str(other))
    assert (before < after) == (one < other)
    assert (before == after) == (one == other)


def test_a_number_may_be_longer_than_python_reads() -> None:
    assert number_order("1" * 5_000) < number_order("2" * 5_000)


@pytest.mark.parametrize(
    ("raw", "kind"), [([], "a list"), ("x", "text"), (None, "null"), (True, "a boolean"), (5, "a number")]
)
def test_what_is_no_object_is_no_record(raw: Any, kind: str) -> None:
    assert f"is {kind}, not a stream record" in refusal(raw)


def test_a_record_of_another_source_is_refused_by_its_name() -> None:
    assert "aws:kinesis" in refusal({"eventSource": "aws:kinesis", "kinesis": {}})


@pytest.mark.parametrize("raw", [{}, {"dynamodb": None}, {"eventSource": "aws:dynamodb", "dynamodb": []}])
def test_a_record_needs_its_dynamodb_object(raw: Any) -> None:
    assert '"dynamodb"' in refusal(raw)


def test_a_record_needs_a_sequence_number_to_report_a_failure_by() -> None:
    assert "SequenceNumber" in refusal({"dynamodb": {"Keys": {"id": {"S": "a"}}}})


@pytest.mark.parametrize("number", [111, "", "12a", "-1", "١٢", True])
def test_a_sequence_number_is_digits_as_text(number: Any) -> None:
    text = refusal(changed(SequenceNumber=number))
    assert repr(number) in text
    assert "digits as text" in text


@pytest.mark.parametrize("keys", [None, {}, [{"S": "a"}]])
def test_a_record_needs_keys(keys: Any) -> None:
    text = refusal(changed(Keys=keys))
    assert "dynamodb.Keys" in text
    assert full(1) in text


@pytest.mark.parametrize("moment", ["2026-01-01T00:00:00Z", True, datetime(2026, 1, 1, tzinfo=UTC)])
def test_a_creation_time_is_a_number_of_seconds(moment: Any) -> None:
    text = refusal(changed(ApproximateCreationDateTime=moment))
    assert repr(moment) in text
    assert "seconds since 1970" in text


@pytest.mark.parametrize("moment", [1767225600000, 10**400, float("inf"), float("nan")])
def test_milliseconds_are_recognised_as_such(moment: Any) -> None:
    text = refusal(changed(ApproximateCreationDateTime=moment))
    assert "milliseconds" in text
    assert full(1) in text


@pytest.mark.parametrize("value", [b"raw", {1, 2}, object()])
def test_what_json_cannot_hold_is_refused_with_how_lambda_writes_it(value: Any) -> None:
    assert "base64" in refusal(changed(NewImage={"b": {"B": value}}))
