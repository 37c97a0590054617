"""What a request says, read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.api.calls import Answer, Call, region_of
from tests.api.serverbuild import refused


def call(body: bytes = b"", *path: str, **query: list[str]) -> Call:
    return Call("id", "us-east-1", path, query, body=body)


@pytest.mark.parametrize(
    ("authorization", "region"),
    [
        (None, "eu-west-1"),
        ("", "eu-west-1"),
        ("Bearer x", "eu-west-1"),
        (
            "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-2/lambda/aws4_request, SignedHeaders=host, Signature=0",
            "us-east-2",
        ),
        ("AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-gov-west-1/lambda/aws4_request", "us-gov-west-1"),
        ("AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-2/s3/aws4_request", "eu-west-1"),
        ("AWS4-HMAC-SHA256 Credential=AKIA/20260101/US:EAST/lambda/aws4_request", "eu-west-1"),
        ("AWS4-HMAC-SHA256 Credential=AKIA/2026/us-east-2/lambda/aws4_request", "eu-west-1"),
    ],
)
def test_the_region_is_the_one_that_the_request_was_signed_for(authorization: str | None, region: str) -> None:
    assert region_of(authorization, "eu-west-1") == region


def test_a_parameter_is_the_first_of_its_name() -> None:
    asked = call(Marker=["a", "b"], MaxItems=[])
    assert [asked.parameter(name) for name in ("Marker", "MaxItems", "Other")] == ["a", None, None]


def test_parts_of_the_path_are_unquoted_and_must_be_text() -> None:
    asked = call(b"", "a%2Fb", "%C3%BC", "%FF")
    assert [asked.name(), asked.name(1)] == ["a/b", "ü"]
    kind, status, message = refused(lambda: asked.name(2))
    assert (kind, status) == ("ValidationException", 400)
    assert "'%FF' in the path is not UTF-8 text" in message


@given(
    st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text())
)
def test_json_comes_as_it_was_sent(value: object) -> None:
    assert call(json.dumps(value).encode()).json() == value


@pytest.mark.parametrize("body", [b"", b" \r\n"])
def test_nothing_is_an_empty_object(body: bytes) -> None:
    assert call(body).json() == {}


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b"nope", b"{} {}", b'{"a": NaN}', b"-Infinity", b"[" * 200_000, b"9" * 5_000, b"\xef\xbb\xbf{}"],
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    kind, status, message = refused(lambda: call(body).json())
    assert (kind, status) == ("InvalidRequestContentException", 400)
    assert message.startswith("Could not parse request body into json: ")
    assert len(message) < 500


def test_an_answer_is_json_with_its_type() -> None:
    assert Answer.of(202, {"A": 1}) == (202, {"Content-Type": "application/json"}, b'{"A": 1}')
    assert Answer(204) == (204, {}, b"")
