"""What GetRecords answers becomes exactly what Lambda sends (SEMANTICS §7)."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.records import RecordError
from streamkit.local.streams.wire import lambda_record, lambda_records
from tests.local.streams.fakestream import ARN, raw_record

AT = datetime(2026, 9, 17, 13, 7, 30, tzinfo=UTC)


def raw(**changes: Any) -> dict[str, Any]:
    """Return a record as boto3 parses it, its keys in no order that Lambda knows."""
    record = {
        "dynamodb": {
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            "SizeBytes": 26,
            "SequenceNumber": "4421584500000000017450439091",
            "OldImage": {"id": {"N": "101"}, "blob": {"B": b"\x00\xff"}},
            "NewImage": {"id": {"N": "101"}, "many": {"L": [{"BS": [b"a", b"b"]}, {"M": {"n": {"NULL": True}}}]}},
            "Keys": {"id": {"N": "101"}},
            "ApproximateCreationDateTime": AT,
        },
        "awsRegion": "eu-west-1",
        "eventSource": "aws:dynamodb",
        "eventVersion": "1.1",
        "eventName": "MODIFY",
        "eventID": "c4ca4238a0b923820dcc509a6f75849b",
    }
    return record | changes


def test_a_record_has_lambdas_keys_in_lambdas_order() -> None:
    record = lambda_record(raw(userIdentity={"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}), ARN)
    assert list(record) == [
        *("eventID", "eventName", "eventVersion", "eventSource", "awsRegion"),
        *("dynamodb", "userIdentity", "eventSourceARN"),
    ]
    assert list(record["dynamodb"]) == [
        *("ApproximateCreationDateTime", "Keys", "NewImage", "OldImage"),
        *("SequenceNumber", "SizeBytes", "StreamViewType"),
    ]
    assert list(record["userIdentity"].items()) == [("type", "Service"), ("principalId", "dynamodb.amazonaws.com")]
    assert record["eventSourceARN"] == ARN


def test_bytes_become_base64_and_times_seconds_as_a_float() -> None:
    data = lambda_record(raw(), ARN)["dynamodb"]
    assert data["OldImage"]["blob"] == {"B": "AP8="}
    assert data["NewImage"]["many"] == {"L": [{"BS": ["YQ==", "Yg=="]}, {"M": {"n": {"NULL": True}}}]}
    assert orjson.dumps(data["ApproximateCreationDateTime"]) == b"1789650450.0"


def test_what_comes_over_the_wire_stays_as_it_is_but_for_whole_seconds() -> None:
    data = raw()["dynamodb"] | {"ApproximateCreationDateTime": 1789650450, "OldImage": {"blob": {"B": "AP8="}}}
    record = lambda_record(raw(dynamodb=data), ARN)
    assert record["dynamodb"]["OldImage"] == {"blob": {"B": "AP8="}}
    assert orjson.dumps(record["dynamodb"]["ApproximateCreationDateTime"]) == b"1789650450.0"


def test_what_a_record_does_not_have_is_not_there() -> None:
    data = raw()["dynamodb"]
    del data["OldImage"], data["ApproximateCreationDateTime"], data["SizeBytes"]
    record = lambda_record({"dynamodb": data, "eventName": "INSERT"}, ARN)
    assert list(record) == ["eventName", "dynamodb", "eventSourceARN"]
    assert list(record["dynamodb"]) == ["Keys", "NewImage", "SequenceNumber", "StreamViewType"]


def test_an_event_id_has_no_dashes() -> None:
    record = lambda_record(raw(eventID="c4ca4238-a0b9-2382-0dcc-509a6f75849b"), ARN)
    assert record["eventID"] == "c4ca4238a0b923820dcc509a6f75849b"


def test_lambdas_own_names_of_an_identity_are_taken_as_well() -> None:
    identity = {"principalId": "p", "type": "t"}
    assert lambda_record(raw(userIdentity=identity), ARN)["userIdentity"] == identity


def test_what_dynamodb_local_3_calls_unknown_is_an_item_that_expired() -> None:
    record = lambda_record(raw(eventName="UNKNOWN_TO_SDK_VERSION"), ARN)
    assert record["eventName"] == "REMOVE"
    assert record["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def test_a_page_becomes_records_as_the_runner_carries_them() -> None:
    records = lambda_records([raw_record(7), raw_record(8, at=None)], ARN)
    assert records.numbers == ("7", "8")
    assert records.created_at == (datetime(2026, 1, 1, tzinfo=UTC), None)
    assert records.sizes == (12, 12)
    assert orjson.loads(records.jsons[0])["dynamodb"]["SequenceNumber"] == "7"
    assert len(lambda_records([], ARN)) == 0


def test_a_record_without_a_size_counts_with_its_length() -> None:
    data = raw_record(7)["dynamodb"]
    del data["SizeBytes"]
    (size,) = lambda_records([raw_record(7, dynamodb=data)], ARN).sizes
    assert size > 100


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"dynamodb": None}, "has no dynamodb.SequenceNumber"),
        ({"dynamodb": {"SequenceNumber": "x", "Keys": {"id": {"S": "a"}}}}, "has the SequenceNumber 'x'"),
        ({"dynamodb": {"SequenceNumber": "7"}}, "has no dynamodb.Keys"),
    ],
)
def test_what_is_no_stream_record_is_refused_with_what_is_wrong(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(RecordError, match=told):
        lambda_records([raw_record(7, **changes)], ARN)


def values(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"L": st.lists(parts, max_size=3)}) | st.fixed_dictionaries(
        {"M": st.dictionaries(st.text(max_size=3), parts, max_size=3)}
    )


def encoded(value: Any) -> Any:
    """What the wire has where boto3 has bytes."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, dict):
        return {name: encoded(part) for name, part in value.items()}
    return [encoded(part) for part in value] if isinstance(value, list) else value


@given(
    value=st.recursive(
        st.one_of(
            st.fixed_dictionaries({"S": st.text()}),
            st.fixed_dictionaries({"N": st.integers().map(str)}),
            st.fixed_dictionaries({"B": st.binary()}),
            st.fixed_dictionaries({"BS": st.lists(st.binary(), min_size=1)}),
            st.fixed_dictionaries({"BOOL": st.booleans()}),
        ),
        values,
        max_leaves=8,
    )
)
def test_boto3s_form_and_the_wires_are_one_record(value: Any) -> None:
    image = {"id": {"S": "a"}, "value": value}
    parsed = raw()["dynamodb"] | {"NewImage": image}
    wire = encoded(parsed | {"ApproximateCreationDateTime": AT.timestamp()})
    assert lambda_records([raw(dynamodb=parsed)], ARN) == lambda_records([raw(dynamodb=wire)], ARN)
