"""What Create, Get, Update and Delete answer, member by member."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.outside.mapped import MEMBERS, Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.api.outside.serving import Around, Server

QUEUE = "arn:aws:sqs:us-east-2:123456789012:dlq"
PATTERN = '{"eventName": ["INSERT"]}'
SETTINGS: dict[str, Any] = {
    "BatchSize": 7,
    "BisectBatchOnFunctionError": True,
    "DestinationConfig": {"OnFailure": {"Destination": QUEUE}},
    "FilterCriteria": {"Filters": [{"Pattern": PATTERN}]},
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "KMSKeyArn": "arn:aws:kms:us-east-2:123456789012:key/00000000-0000-4000-8000-000000000000",
    "MaximumBatchingWindowInSeconds": 3,
    "MaximumRecordAgeInSeconds": 60,
    "MaximumRetryAttempts": 0,
    "MetricsConfig": {"Metrics": ["EventCount"]},
    "ParallelizationFactor": 2,
}


@pytest.fixture
def mappings(server: Server) -> Iterator[Mappings]:
    with Mappings(server) as mappings:
        yield mappings


def wire(mappings: Mappings) -> dict[str, Any]:
    """Return the last answer as it came."""
    answer: dict[str, Any] = json.loads(mappings.answers.bodies[-1])
    return answer


def test_create_with_the_required_settings_answers_eighteen_members(around: Around, mappings: Mappings) -> None:
    stream = around.table("eighteen")
    before = time.time()
    mappings.create(stream)
    answer = wire(mappings)
    assert mappings.answers.statuses[-1] == 202
    assert mappings.answers.headers[-1]["content-type"] == "application/json"
    assert {name: type(value) for name, value in answer.items()} == MEMBERS
    assert before - 1 <= answer.pop("LastModified") <= time.time() + 1
    uuid = answer.pop("UUID")
    assert answer == {
        "BatchSize": 100,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "EventSourceArn": stream,
        "EventSourceMappingArn": f"arn:aws:lambda:us-east-2:123456789012:event-source-mapping:{uuid}",
        "FunctionArn": "arn:aws:lambda:us-east-2:123456789012:function:my-function",
        "FunctionResponseTypes": [],
        "LastProcessingResult": "No records processed",
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "StartingPosition": "TRIM_HORIZON",
        "State": "Creating",
        "StateTransitionReason": "User action",
        "TumblingWindowInSeconds": 0,
    }
    assert mappings.settled(uuid)["State"] == "Enabled"
    assert {name: type(value) for name, value in wire(mappings).items()} == MEMBERS
    assert mappings.answers.statuses[-1] == 200


def test_every_setting_is_answered_as_it_was_given(around: Around, mappings: Mappings) -> None:
    uuid = mappings.made(around.table("settings"), Enabled=False, Tags={"team": "orders"}, **SETTINGS)
    answer = mappings.get(uuid)
    assert {name: answer.get(name) for name in SETTINGS} == SETTINGS
    assert answer["State"] == "Disabled"
    # Tags are told by ListTags alone.
    assert set(wire(mappings)) == {*MEMBERS, "FilterCriteria", "KMSKeyArn", "MetricsConfig"}


def test_an_update_changes_what_is_given_and_nothing_else(around: Around, mappings: Mappings) -> None:
    uuid = mappings.made(around.table("updates"), Enabled=False)
    changeable = {name: value for name, value in SETTINGS.items() if name != "FilterCriteria"}
    answer = mappings.client.update_event_source_mapping(UUID=uuid, **changeable)
    assert mappings.answers.statuses[-1] == 202
    assert {name: type(value) for name, value in wire(mappings).items()} == MEMBERS
    assert (answer["State"], answer["BatchSize"]) == ("Updating", 100)
    answer = mappings.settled(uuid)
    assert {name: answer[name] for name in changeable} == changeable
    # A disabled mapping stays disabled.
    assert answer["State"] == "Disabled"
    again = mappings.update(uuid, BatchSize=8)
    changed = {"BatchSize", "LastModified", "ResponseMetadata"}
    assert {name: again[name] for name in set(again) - changed} == {
        name: answer[name] for name in set(answer) - changed
    }
    assert again["LastModified"] > answer["LastModified"]


def test_filters_are_there_as_long_as_there_is_one(around: Around, mappings: Mappings) -> None:
    uuid = mappings.made(around.table("filters"), Enabled=False, FilterCriteria={"Filters": []})
    assert "FilterCriteria" not in mappings.get(uuid)
    filters = {"Filters": [{"Pattern": PATTERN}, {"Pattern": '{"eventName": ["REMOVE"]}'}]}
    assert mappings.update(uuid, FilterCriteria=filters)["FilterCriteria"] == filters
    assert mappings.update(uuid, BatchSize=9)["FilterCriteria"] == filters
    assert "FilterCriteria" not in mappings.update(uuid, FilterCriteria={})


def test_a_destination_is_cleared_by_an_empty_one(around: Around, mappings: Mappings) -> None:
    to_queue = {"OnFailure": {"Destination": QUEUE}}
    uuid = mappings.made(around.table("destinations"), Enabled=False, DestinationConfig=to_queue)
    assert mappings.get(uuid)["DestinationConfig"] == to_queue
    cleared = mappings.update(uuid, DestinationConfig={"OnFailure": {"Destination": ""}})
    assert cleared["DestinationConfig"] == {"OnFailure": {}}


@pytest.mark.parametrize(
    ("given", "arn"),
    [
        ("my-function", "my-function"),
        ("my-function:live", "my-function:live"),
        ("123456789012:function:my-function", "my-function"),
        ("123456789012:my-function", "my-function"),
        ("arn:aws:lambda:us-east-2:123456789012:function:my-function", "my-function"),
        ("arn:aws:lambda:us-east-2:123456789012:function:my-function:live", "my-function:live"),
        ("123456789012:function:my-function:live", "my-function:live"),
    ],
)
def test_a_function_is_told_in_every_form_and_answered_as_its_arn(
    given: str, arn: str, around: Around, mappings: Mappings
) -> None:
    made = mappings.create(around.table(f"forms-{len(given)}"), given, Enabled=False)
    assert made["FunctionArn"] == f"arn:aws:lambda:us-east-2:123456789012:function:{arn}"


def test_a_stream_has_a_mapping_for_each_qualifier(around: Around, mappings: Mappings) -> None:
    stream = around.table("qualifiers")
    mappings.made(stream, "my-function", Enabled=False)
    mappings.made(stream, "my-function:live", Enabled=False)
    with pytest.raises(mappings.errors.ResourceConflictException):
        mappings.create(stream, "123456789012:function:my-function:live")
    # And when a mapping is gone, there is room for another.
    mappings.deleted(mappings.listed(EventSourceArn=stream, FunctionName="my-function")[0])
    mappings.made(stream, "my-function", Enabled=False)


def test_a_slash_behind_the_path_makes_no_difference(around: Around, server: Server) -> None:
    from http.client import HTTPConnection  # noqa: PLC0415  # here alone

    body = {"EventSourceArn": around.table("slash"), "FunctionName": "my-function", "StartingPosition": "LATEST"}
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("POST", "/2015-03-31/event-source-mappings/", json.dumps(body))
    with connection.getresponse() as answer:
        assert answer.status == 202
        uuid = json.load(answer)["UUID"]
    for path in (f"/2015-03-31/event-source-mappings/{uuid}/", "/2015-03-31/event-source-mappings/?MaxItems=1"):
        connection.request("GET", path)
        with connection.getresponse() as answer:
            assert (answer.status, bool(json.load(answer))) == (200, True), path
    connection.close()
