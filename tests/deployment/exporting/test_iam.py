"""The policy alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from streamkit.deployment.exporting import ExportError, export
from streamkit.deployment.found import Statement
from streamkit.deployment.permissions import allows, statements_for
from tests.deployment.exporting.mappings import DESTINATIONS, MAPPINGS, STREAM, made

if TYPE_CHECKING:
    from streamkit import EventSourceMapping

OTHERS = ("dynamodb:GetItem", "dynamodb:PutItem", "s3:GetObject", "sqs:DeleteMessage", "kms:Encrypt", "lambda:*")


def _statements(text: str) -> list[Statement]:
    document = json.loads(text)
    assert document["Version"] == "2012-10-17"
    return [Statement(one["Action"], one["Resource"], one["Effect"]) for one in document["Statement"]]


@settings(max_examples=40)
@given(mapping=MAPPINGS)
def test_what_is_needed_is_allowed_and_nothing_more(mapping: EventSourceMapping) -> None:
    policy = _statements(export("iam", mapping, table_name="orders"))
    needed = statements_for(mapping, STREAM)
    for one in needed:
        for action in one.actions:
            assert all(allows(policy, action, resource) is True for resource in one.resources)
    assert {action for one in policy for action in one.actions} == {action for one in needed for action in one.actions}
    elsewhere = STREAM.replace("orders", "others")
    for one in policy:
        for action in one.actions:
            assert allows(policy, action, elsewhere) is False
            assert "*" not in action
    assert not any(
        allows(policy, action, resource) for action in OTHERS for one in needed for resource in one.resources
    )
    if mapping.event_source_arn is not None:
        assert policy == [Statement([*one.actions], [*one.resources]) for one in needed]


def test_a_bucket_gets_records_below_it_and_is_listed_itself() -> None:
    mapping = made(
        {"event_source_arn": STREAM, "destination_config": {"OnFailure": {"Destination": DESTINATIONS["S3"]}}}
    )
    policy = _statements(export("iam", mapping))
    assert allows(policy, "s3:PutObject", f"{DESTINATIONS['S3']}/aws/lambda/x") is True
    assert allows(policy, "s3:PutObject", DESTINATIONS["S3"]) is False
    assert allows(policy, "s3:ListBucket", DESTINATIONS["S3"]) is True
    assert allows(policy, "s3:ListBucket", f"{DESTINATIONS['S3']}/aws") is False


def test_of_a_table_every_stream_may_be_read_since_its_name_is_not_known_before_it_is_there() -> None:
    policy = _statements(export("iam", made({}), table_name="orders"))
    assert allows(policy, "dynamodb:GetRecords", STREAM) is True
    assert allows(policy, "dynamodb:GetRecords", STREAM.replace("orders", "orders2")) is False


def test_a_policy_without_a_stream_is_refused() -> None:
    with pytest.raises(ExportError, match="nothing says which: give event_source_arn, or table_name"):
        export("iam", made({}))
