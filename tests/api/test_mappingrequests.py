"""What may be asked for of a mapping, and in which order it is refused."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from streamkit.api.mappingrequests import check_settings, create_request, update_request
from streamkit.settings import NOT_FOR_DYNAMODB
from tests.api.serverbuild import refused, stream_arn

BODY = {"FunctionName": "orders", "EventSourceArn": stream_arn(), "StartingPosition": "LATEST"}
INVALID = "InvalidParameterValueException"
# One flaw after the other, as AWS sees them: of two, the first is told.
IN_ORDER: list[tuple[dict[str, Any], str, str]] = [
    ({"Enabled": "yes"}, "SerializationException", "a boolean at enabled"),
    ({"BatchSize": 0}, "ValidationException", "'batchSize'"),
    ({"FunctionName": "no such name!"}, "ValidationException", "functionName"),
    ({"EventSourceArn": "arn:aws:kinesis:us-east-1:123456789012:stream/s"}, INVALID, "Unrecognized event source."),
    (
        {"StartingPosition": None},
        INVALID,
        "Value null at 'startingPosition' failed to satisfy constraint: Member must not",
    ),
]
FLAWS: list[tuple[dict[str, Any], str, str]] = [
    *IN_ORDER,
    ({"StartingPosition": "AT_TIMESTAMP"}, INVALID, f"Unsupported starting position for arn type: {stream_arn()}"),
    ({"StartingPositionTimestamp": 5}, INVALID, "Timestamp only valid with StartingPosition AT_TIMESTAMP"),
    ({"StartingPosition": "BOGUS"}, "ValidationException", "enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]"),
    ({"FunctionName": None}, "ValidationException", "Value null at 'functionName'"),
    ({"EventSourceArn": None}, INVALID, "Unrecognized event source."),
]
SHARED_FLAWS: list[tuple[dict[str, Any], str, str]] = [
    ({"MaximumRecordAgeInSeconds": 59}, INVALID, "must be either -1 (forever) or between 60 and 604800 (inclusive)"),
    ({"MaximumRecordAgeInSeconds": 0}, INVALID, "must be either -1 (forever) or between 60 and 604800 (inclusive)"),
    (
        {"DestinationConfig": {"OnSuccess": {"Destination": "arn:aws:sqs:a:b:c"}}},
        INVALID,
        "OnSuccess configuration is not",
    ),
    ({"FilterCriteria": {"Filters": [{"Pattern": "{"}]}}, INVALID, "Invalid filter pattern definition."),
    ({"FilterCriteria": {"Filters": [{}]}}, INVALID, "Invalid filter pattern definition."),
    ({"FunctionResponseTypes": ["Report"]}, "ValidationException", "enum value set: [ReportBatchItemFailures]"),
    ({"KMSKeyArn": "key"}, "ValidationException", "regular expression pattern"),
    ({"FunctionName": "a" * 141 + "!"}, "ValidationException", "functionName"),
]


@pytest.mark.parametrize(("change", "kind", "words"), FLAWS + SHARED_FLAWS)
def test_what_create_refuses(change: dict[str, Any], kind: str, words: str) -> None:
    told = refused(lambda: create_request(BODY | change, str))
    assert told[:2] == (kind, 400)
    assert words in told[2]


@pytest.mark.parametrize(("change", "kind", "words"), SHARED_FLAWS)
def test_what_update_refuses(change: dict[str, Any], kind: str, words: str) -> None:
    told = refused(lambda: update_request(change, str))
    assert told[:2] == (kind, 400)
    assert words in told[2]


@pytest.mark.parametrize(("first", "second"), list(pairwise(IN_ORDER)))
def test_of_two_flaws_the_one_that_aws_sees_first_is_told(first: Any, second: Any) -> None:
    told = refused(lambda: create_request(BODY | second[0] | first[0], str))
    assert told[0] == first[1]
    assert first[2] in told[2]


@pytest.mark.parametrize("name", sorted(set(NOT_FOR_DYNAMODB) - {"StartingPositionTimestamp"}))
def test_what_belongs_to_other_event_sources_is_refused_and_never_ignored(name: str) -> None:
    value: Any = {"Queues": ["q"], "Topics": ["t"], "SourceAccessConfigurations": [{}]}.get(name, {})
    told = refused(lambda: create_request(BODY | {name: value}, str))
    assert told == (INVALID, 400, f"Unsupported {name} parameter for given event source mapping type.")


def test_an_update_may_say_nothing_at_all() -> None:
    assert update_request({}, str) == {}
    assert update_request({"FunctionName": "orders"}, str) == {"FunctionName": "orders"}


def test_settings_that_do_not_go_together_are_told_in_aws_s_words() -> None:
    told = refused(lambda: check_settings(BODY | {"TumblingWindowInSeconds": 1, "ParallelizationFactor": 2}))
    message = "Parallelization factor must be equal to 1 when tumbling window period is configured"
    assert told == (INVALID, 400, message)
    assert check_settings(BODY | {"BatchSize": 5}).batch_size == 5
