"""Whether a stream is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.api.streamlookup import check_stream
from streamkit.local.aws import AwsAccess
from tests.api.serverbuild import FakeAccess, Streams, refused, stream_arn
from tests.cli.streamserver import Refusal, serving
from tests.local.streams.fakestream import FakeStream

if TYPE_CHECKING:
    import pytest


def test_a_stream_that_is_there_is_all_right() -> None:
    streams = Streams()
    streams.open()
    check_stream(stream_arn(), FakeAccess(streams))


def test_one_that_is_not_is_refused_as_by_aws() -> None:
    told = refused(lambda: check_stream(stream_arn(), FakeAccess(Streams())))
    assert told == ("InvalidParameterValueException", 400, f"Stream not found: {stream_arn()}")


def test_nobody_who_answers_is_told_with_where_to_look() -> None:
    streams = Streams()
    streams.open().away = True
    kind, status, message = refused(lambda: check_stream(stream_arn(), FakeAccess(streams)))
    assert (kind, status) == ("InvalidParameterValueException", 400)
    assert message.startswith(f"Cannot access stream {stream_arn()}. streamkit serve asked for it and got: ")
    assert "AWS_ENDPOINT_URL_DYNAMODB_STREAMS" in message


def test_a_refusal_is_told_as_it_came() -> None:
    streams = Streams()
    streams.trouble = FakeStream.refusal("AccessDeniedException", "not you")
    assert "AccessDeniedException: not you" in refused(lambda: check_stream(stream_arn(), FakeAccess(streams)))[2]


def test_a_real_client_asks_in_the_region_of_the_arn(aws_environment: pytest.MonkeyPatch) -> None:
    with serving() as server:
        aws_environment.setenv("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", server.endpoint_url)
        check_stream(server.enable().arn, AwsAccess())
        assert refused(lambda: check_stream(stream_arn("gone"), AwsAccess()))[2].startswith("Stream not found: ")

        def deny(_: str) -> None:
            raise Refusal("AccessDeniedException", "not you")

        server.before = deny
        assert "not you" in refused(lambda: check_stream(stream_arn(), AwsAccess()))[2]


def test_an_arn_of_no_region_that_there_is_is_told(aws_environment: pytest.MonkeyPatch) -> None:
    arn = "arn:aws:dynamodb:no region:123456789012:table/orders/stream/1"
    assert "Cannot access stream" in refused(lambda: check_stream(arn, AwsAccess()))[2]
