"""The event that a handler is called with, however it is wrapped, to its raw records."""

import copy
import json
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent, event_source
from aws_lambda_powertools.utilities.parser import event_parser
from aws_lambda_powertools.utilities.parser.models import (
    DynamoDBStreamChangedRecordModel,
    DynamoDBStreamModel,
    DynamoDBStreamRecordModel,
    SqsModel,
)
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field

from streamkit import EventError
from streamkit.incoming import DYNAMODB_SOURCE, foreign_source, records_of
from tests.build import event, record

SAMPLES = ["aws-sample-event.json", "aws-sample-window-event.json"]
TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}

EVERY_TYPE: dict[str, Any] = {
    "text": {"S": "x"},
    "number": {"N": "1.5"},
    "long": {"N": "12345678901234567890123456789012345678"},
    "truth": {"BOOL": False},
    "nothing": {"NULL": True},
    "list": {"L": [{"NULL": True}, {"S": "a"}]},
    "map": {"M": {"inner": {"NULL": True}}},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2.5"]},
}


def sample(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((Path(__file__).parent / "data" / name).read_text())
    return loaded


def sqs_event() -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": "1",
                "receiptHandle": "x",
                "body": "{}",
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "ApproximateFirstReceiveTimestamp": "1545082649185",
                    "SenderId": "someone",
                    "SentTimestamp": "1545082649183",
                },
                "messageAttributes": {},
                "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-2:123456789012:queue",
                "awsRegion": "us-east-2",
            }
        ]
    }


# --- as Lambda sends it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_awss_samples_are_taken_as_they_are(name: str) -> None:
    sent = sample(name)
    records = records_of(sent)
    assert len(records) == 3
    assert all(ours is theirs for ours, theirs in zip(records, sent["Records"], strict=True))


def test_an_event_may_be_any_mapping_and_may_be_empty() -> None:
    assert records_of(MappingProxyType(event(record(1)))) == [record(1)]
    assert records_of({"Records": []}) == []


def test_a_broken_record_is_passed_on_to_fail_on_its_own() -> None:
    assert records_of({"Records": [None, "text", {"dynamodb": 1}]}) == [None, "text", {"dynamodb": 1}]


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "text",
        7,
        {},
        {"records": []},
        {"Records": None},
        {"Records": {"0": record(1)}},
        [record(1)],
        SimpleNamespace(Records="text"),
        {"source": "aws.events", "detail": "x" * 1000},
    ],
)
def test_what_has_no_list_of_records_is_refused_with_what_is_taken(sent: Any) -> None:
    with pytest.raises(EventError) as caught:
        records_of(sent)
    assert str(caught.value) == (
        f"this handler takes DynamoDB stream events, a dict with a list of Records, not {sent!r:.200}"
    )
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("raw", "source"),
    [
        ({"eventSource": "aws:sqs", "body": "{}"}, "aws:sqs"),
        ({"eventSource": "aws:kinesis", "kinesis": {"data": ""}}, "aws:kinesis"),
        ({"EventSource": "aws:sns", "Sns": {}}, "aws:sns"),
        ({"eventSource": "aws:s3", "s3": {}, "dynamodb": None}, "aws:s3"),
    ],
)
def test_an_event_of_another_source_is_refused_by_its_name(raw: dict[str, Any], source: str) -> None:
    assert foreign_source(raw) == source
    with pytest.raises(EventError, match=rf"it was called with one of {source}: check which event source is mapped"):
        records_of(event(raw, record(2)))


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "aws:sqs",
        {},
        {"eventSource": 7},
        {"eventSource": ""},
        {"eventSource": DYNAMODB_SOURCE},
        {"eventSource": "aws:somewhere", "dynamodb": {}},
        record(1),
    ],
)
def test_a_record_that_names_no_other_source_is_not_foreign(raw: Any) -> None:
    assert foreign_source(raw) is None
    assert records_of({"Records": [raw]}) == [raw]


# --- as Powertools passes it on ------------------------------------------------------------------------------------


def test_powertools_data_class_gives_the_records_that_lambda_sent() -> None:
    sent = sample(SAMPLES[0])
    assert records_of(DynamoDBStreamEvent(sent)) == sent["Records"]


def test_powertools_event_source_decorator_may_stand_around_it() -> None:
    @event_source(data_class=DynamoDBStreamEvent)
    def handler(event: DynamoDBStreamEvent, context: LambdaContext) -> Any:
        return records_of(event)

    sent = sample(SAMPLES[0])
    assert handler(sent, LambdaContext()) == sent["Records"]


@pytest.mark.parametrize("name", SAMPLES)
def test_powertools_parsed_model_gives_the_records_that_lambda_sent(name: str) -> None:
    sent = sample(name)
    assert records_of(DynamoDBStreamModel.model_validate(copy.deepcopy(sent))) == sent["Records"]


def test_powertools_event_parser_decorator_may_stand_around_it() -> None:
    @event_parser(model=DynamoDBStreamModel)
    def handler(event: DynamoDBStreamModel, context: LambdaContext) -> Any:
        return records_of(event)

    sent = sample(SAMPLES[0])
    assert handler(copy.deepcopy(sent), LambdaContext()) == sent["Records"]


def parsed(*records: dict[str, Any]) -> list[Any]:
    return records_of(DynamoDBStreamModel.model_validate(copy.deepcopy(event(*records))))


def in_order(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the record with its number and text sets sorted."""
    turned = copy.deepcopy(raw)
    for image in ("NewImage", "OldImage"):
        for value in turned["dynamodb"].get(image, {}).values():
            for tag in ("SS", "NS"):
                if tag in value:
                    value[tag] = sorted(value[tag])
    return turned


@pytest.mark.parametrize("name", ["INSERT", "MODIFY", "REMOVE"])
def test_a_parsed_record_is_turned_back_into_what_was_sent_nulls_and_all(name: str) -> None:
    raw = record(1, name, new=EVERY_TYPE, old=EVERY_TYPE)
    assert [in_order(one) for one in parsed(raw)] == [raw]


# Powertools before 3.36 counts the point as a digit and cuts the last one off; streamkit never sees it.
@pytest.mark.skipif(
    tuple(map(int, version("aws-lambda-powertools").split(".")[:2])) < (3, 36), reason="needs Powertools 3.36"
)
def test_a_parsed_number_of_38_digits_keeps_them_all() -> None:
    raw = record(1, new={"id": {"N": "1"}, "long": {"N": "1234567890123456789012345678901234567.8"}})
    assert parsed(raw) == [raw]


def test_a_parsed_record_without_a_time_or_an_image_is_turned_back_without() -> None:
    raw = record(1, view_type="KEYS_ONLY")
    del raw["dynamodb"]["ApproximateCreationDateTime"]
    del raw["dynamodb"]["NewImage"]
    assert parsed(raw) == [raw]


def test_a_parsed_deletion_by_ttl_is_still_one() -> None:
    raw = {**record(1, "REMOVE"), "userIdentity": TTL}
    assert parsed(raw) == [raw]


def test_a_parsed_records_time_keeps_its_fraction() -> None:
    raw = record(1, ApproximateCreationDateTime=1767225600.5)
    assert parsed(raw)[0]["dynamodb"]["ApproximateCreationDateTime"] == 1767225600.5


def test_a_parsed_records_binary_values_are_the_text_that_powertools_leaves_them() -> None:
    assert parsed(record(1, new={"data": {"B": "AQI="}}))[0]["dynamodb"]["NewImage"]["data"] == {"S": "AQI="}


class AliasedImage(BaseModel):
    order_id: int = Field(alias="id")
    status: str = "placed"


class TypedData(DynamoDBStreamChangedRecordModel):
    NewImage: AliasedImage | None = None


class TypedRecord(DynamoDBStreamRecordModel):
    dynamodb: TypedData


class TypedEvent(BaseModel):
    Records: list[TypedRecord]


def test_an_image_that_the_parser_made_a_model_of_is_turned_back_under_its_attributes_names() -> None:
    raw = record(1, new={"status": {"S": "paid"}})
    assert records_of(TypedEvent.model_validate(copy.deepcopy(event(raw)))) == [raw]


def test_a_parsed_event_of_another_source_is_refused_by_its_name() -> None:
    with pytest.raises(EventError, match="called with one of aws:sqs"):
        records_of(SqsModel.model_validate(sqs_event()))
