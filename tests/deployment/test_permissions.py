"""What a mapping's role needs, and what policies allow."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.deployment.found import Statement, Unknown
from streamkit.deployment.permissions import STREAM, TABLE_STREAMS, allows, statements_for
from tests.deployment.exporting.mappings import DESTINATIONS, KEY, made
from tests.deployment.exporting.mappings import STREAM as ARN

READ = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
TABLE = ARN.rpartition("/stream/")[0]


def allowed(*resources: str | Unknown, effect: str = "Allow", actions: tuple[str, ...] = ("a:*",)) -> Statement:
    return Statement(actions, resources, effect)


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("SQS", [(("sqs:SendMessage",), (DESTINATIONS["SQS"],))]),
        ("SNS", [(("sns:Publish",), (DESTINATIONS["SNS"],))]),
        ("S3", [(("s3:PutObject",), (f"{DESTINATIONS['S3']}/*",)), (("s3:ListBucket",), (DESTINATIONS["S3"],))]),
    ],
)
def test_the_stream_is_read_and_the_destination_sent_to(
    kind: str, needed: list[tuple[tuple[str, ...], tuple[str, ...]]]
) -> None:
    config = {"OnFailure": {"Destination": DESTINATIONS[kind]}}
    mapping = made({"event_source_arn": ARN, "destination_config": config, "kms_key_arn": KEY})
    assert [(tuple(one.actions), tuple(one.resources)) for one in statements_for(mapping)] == [
        (READ, (ARN,)),
        (("dynamodb:ListStreams",), (f"{TABLE}/stream/*",)),
        *needed,
        (("kms:Decrypt",), (KEY,)),
    ]


def test_a_stream_that_is_not_known_is_unknown_and_one_that_is_given_counts_more_than_the_mappings() -> None:
    reading, listing = statements_for(made({}))
    assert (*reading.resources, *listing.resources) == (STREAM, TABLE_STREAMS)
    other = ARN.replace("orders", "others")
    reading, listing = statements_for(made({"event_source_arn": ARN}), other)
    assert (*reading.resources, *listing.resources) == (other, f"{TABLE.replace('orders', 'others')}/stream/*")


def test_a_text_that_is_no_streams_arn_is_a_resource_as_it_stands() -> None:
    _, listing = statements_for(made({}), "orders")
    assert listing.resources == ("orders/stream/*",)


@pytest.mark.parametrize(
    ("pattern", "action", "answer"),
    [
        ("dynamodb:GetRecords", "dynamodb:GetRecords", True),
        ("DynamoDB:getrecords", "dynamodb:GetRecords", True),
        ("dynamodb:Get*", "dynamodb:GetRecords", True),
        ("dynamodb:Get?ecords", "dynamodb:GetRecords", True),
        ("dynamodb:*", "dynamodb:GetRecords", True),
        ("*", "dynamodb:GetRecords", True),
        ("dynamodb:Get", "dynamodb:GetRecords", False),
        ("dynamodb.GetRecords", "dynamodb:GetRecords", False),
        ("sqs:*", "dynamodb:GetRecords", False),
    ],
)
def test_actions_are_matched_whatever_their_case(pattern: str, action: str, answer: bool) -> None:
    assert allows([allowed("*", actions=(pattern,))], action, ARN) is answer


@pytest.mark.parametrize(
    ("pattern", "resource", "answer"),
    [
        ("*", ARN, True),
        (ARN, ARN, True),
        (f"{TABLE}/stream/*", ARN, True),
        ("arn:aws:dynamodb:*:*:table/orders/stream/*", ARN, True),
        ("arn:aws:dynamodb:eu-west-?:123456789012:table/o*s/stream/2026*", ARN, True),
        ("arn:aws:dynamodb:*", ARN, True),  # at a part's end a star reaches beyond it
        ("arn:aws:dynamodb:e*t-1:123456789012:table/*", ARN, True),
        ("arn:aws:dynamodb:eu-west-1:1*table/orders/stream/*", ARN, False),  # inside of one it does not
        (ARN.upper(), ARN, False),
        (TABLE, ARN, False),
        (f"{TABLE}/stream/?", ARN, False),
        ("arn:aws:s3:::b?k", "arn:aws:s3:::b:k", False),
        ("", ARN, False),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", True),  # a star itself
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/c", False),
        ("arn:aws:s3:::b/${?}${$}", "arn:aws:s3:::b/?$", True),
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/anna/x", None),
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::c/anna/x", False),
        ("arn:aws:s3:::b/${broken", "arn:aws:s3:::b/${broken", True),
    ],
)
def test_resources_are_matched_as_iam_does(pattern: str, resource: str, answer: bool | None) -> None:
    assert allows([allowed(pattern)], "a:b", resource) is answer


QUEUE = Unknown("!GetAtt Queue.Arn", "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Queue}")
SAME = Unknown("!Sub …", "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Queue}")
NOTHING = Unknown("!ImportValue x")


@pytest.mark.parametrize(
    ("pattern", "resource", "answer"),
    [
        (QUEUE, QUEUE, True),
        (QUEUE, SAME, True),  # however they are written
        ("*", QUEUE, True),
        ("arn:aws:sqs:*", QUEUE, None),
        ("arn:*:sqs:*:*:*", QUEUE, True),
        ("arn:aws:sns:*", QUEUE, False),
        (QUEUE, DESTINATIONS["SQS"], None),
        (QUEUE, DESTINATIONS["SNS"], False),
        (NOTHING, DESTINATIONS["SQS"], None),
        (NOTHING, QUEUE, None),
        (NOTHING, NOTHING, True),
        (STREAM, STREAM, True),
        (TABLE_STREAMS, STREAM, None),
        (ARN, STREAM, None),
        ("arn:aws:sqs:eu-west-1:123456789012:?", Unknown("x", "arn:aws:sqs:eu-west-1:123456789012:${Queue}"), None),
    ],
)
def test_what_is_known_of_an_unknown_decides_and_else_nobody_can_tell(
    pattern: str | Unknown, resource: str | Unknown, answer: bool | None
) -> None:
    assert allows([allowed(pattern)], "a:b", resource) is answer


@pytest.mark.parametrize(
    ("statements", "answer"),
    [
        ([], False),
        ([allowed("y")], False),
        ([allowed("y"), allowed("x")], True),
        ([allowed("y", "x")], True),
        ([allowed(NOTHING)], None),
        ([allowed(NOTHING), allowed("x")], True),
        ([allowed("x"), allowed(NOTHING)], True),
        ([allowed(NOTHING), allowed("y")], None),
        ([allowed("*"), allowed("x", effect="Deny")], False),
        ([allowed("x", effect="Deny"), allowed("*")], False),
        ([allowed("*"), allowed("y", effect="Deny")], True),
        ([allowed("*"), allowed("x", effect="Deny", actions=("c:*",))], True),
        ([allowed("*"), allowed(NOTHING, effect="Deny")], None),
        ([allowed("y"), allowed(NOTHING, effect="Deny")], False),
        ([allowed(NOTHING), allowed("x", effect="Deny")], False),
    ],
)
def test_a_deny_counts_more_than_any_allow(statements: list[Statement], answer: bool | None) -> None:
    assert allows(statements, "a:b", "x") is answer


_PARTS = st.text("ab*?", max_size=6)


@given(pattern=_PARTS, resource=st.text("ab", max_size=6))
def test_within_a_part_it_is_what_shells_do(pattern: str, resource: str) -> None:
    assert allows([allowed(pattern)], "a:b", resource) is fnmatch.fnmatchcase(resource, pattern)


@given(
    pattern=st.lists(st.sampled_from(["a", "b", ":", "*", "${X}", "${Y}"]), max_size=5),
    resource=st.lists(st.sampled_from(["a", "b", ":", "${X}"]), max_size=5),
    texts=st.fixed_dictionaries({"${X}": st.text("ab", max_size=3), "${Y}": st.text("ab", max_size=3)}),
)
def test_what_is_said_of_unknowns_holds_whatever_they_turn_out_to_be(
    pattern: list[str], resource: list[str], texts: dict[str, str]
) -> None:
    said = allows([allowed(Unknown("p", "".join(pattern) or "${Z}"))], "a:b", Unknown("r", "".join(resource) or "${Z}"))
    if not pattern or not resource:
        return
    known = ["".join(texts.get(one, one) for one in some) for some in (pattern, resource)]
    really = allows([allowed(known[0])], "a:b", known[1])
    assert said in (None, really)
