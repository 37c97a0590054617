"""Which stream of a table is read."""

from __future__ import annotations

import shlex
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError

from streamkit.local.aws import AwsAccess
from streamkit.local.streams.client import StreamGoneError, StreamsClient
from streamkit.local.streams.tablestreams import TableStreams
from tests.local.streams.fakestream import FakeStream

if TYPE_CHECKING:
    from collections.abc import Callable

LOCAL = "http://127.0.0.1:8000"


def arn(day: int, table: str = "orders") -> str:
    return f"arn:aws:dynamodb:eu-west-1:123456789012:table/{table}/stream/2026-01-{day:02d}T00:00:00.000"


class Tables:
    """DynamoDB as far as it is asked why a table has no stream. ``described``, ``listed``: answers, or exceptions."""

    def __init__(self, described: Any, listed: Any = (), endpoint: str = LOCAL) -> None:
        self.meta = SimpleNamespace(endpoint_url=endpoint, region_name="eu-west-1")
        self.closed = False
        self._described = described
        self._listed = listed

    def describe_table(self, *, TableName: str) -> dict[str, Any]:  # noqa: N803  # boto3's name
        assert TableName == "orders"
        return {"Table": _raised(self._described)}

    def list_tables(self, *, Limit: int) -> dict[str, Any]:  # noqa: N803  # boto3's name
        return {"TableNames": list(_raised(self._listed))[:Limit]}

    def close(self) -> None:
        self.closed = True


def _raised(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


@pytest.fixture
def why(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return why a table has no stream, when DynamoDB answers so."""

    def asked(tables: Tables, access: AwsAccess | None = None) -> str:
        monkeypatch.setattr(AwsAccess, "client", lambda *_: tables)
        with pytest.raises(StreamGoneError) as raised:
            streams(access=access).first()
        assert tables.closed
        return str(raised.value)

    return asked


def streams(*arns: str, access: AwsAccess | None = None) -> TableStreams:
    fake = FakeStream()
    fake.tables["orders"] = list(arns)
    access = access or AwsAccess()
    return TableStreams(StreamsClient(access, fake), access, "orders")


def test_of_a_table_that_is_new_the_newest_stream_is_read() -> None:
    assert streams(arn(2), arn(3), arn(1)).first() == (arn(3), None)


def test_the_oldest_stream_that_was_read_before_goes_on() -> None:
    assert streams(arn(3), arn(2), arn(1)).first({arn(2), arn(3)}) == (arn(2), None)


def test_what_was_read_of_other_tables_says_nothing() -> None:
    assert streams(arn(1), arn(2)).first({arn(1, "customers")}) == (arn(2), None)


def test_where_the_last_one_read_is_gone_the_one_that_followed_it_is_read_and_the_gap_is_told() -> None:
    assert streams(arn(5), arn(4)).first({arn(2), arn(3)}) == (arn(4), arn(3))


def test_where_nothing_followed_it_the_newest_is_read() -> None:
    # A table that was restored has streams that are older than what is known.
    assert streams(arn(1), arn(2)).first({arn(3)}) == (arn(2), arn(3))


def test_the_next_stream_is_the_first_that_is_younger() -> None:
    assert streams(arn(3), arn(1), arn(2)).after(arn(1)) == arn(2)
    assert streams(arn(3)).after(arn(3)) is None


def test_a_table_without_a_stream_is_told_the_command_that_gives_it_one(why: Callable[..., str]) -> None:
    command = why(Tables({}), AwsAccess(LOCAL, profile="my own")).partition("this gives it one: ")[2]
    assert shlex.split(command) == [
        *("aws", "dynamodb", "update-table", "--table-name", "orders", "--stream-specification"),
        *("StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES", "--region", "eu-west-1"),
        *("--endpoint-url", LOCAL, "--profile", "my own"),
    ]


def test_on_aws_the_command_names_no_endpoint(why: Callable[..., str]) -> None:
    command = why(Tables({}, endpoint="https://dynamodb.eu-west-1.amazonaws.com"))
    assert "--endpoint-url" not in command
    assert "--profile" not in command


def test_a_table_whose_stream_is_elsewhere_is_told_of_two_endpoints(why: Callable[..., str]) -> None:
    told = why(Tables({"StreamSpecification": {"StreamEnabled": True}}))
    assert "lead to different places" in told
    assert LOCAL in told


def test_a_table_that_is_not_there_is_told_with_those_that_are(why: Callable[..., str]) -> None:
    missing = FakeStream.refusal("ResourceNotFoundException")
    assert why(Tables(missing, ["a", "b"])) == f"there is no table 'orders' at {LOCAL}; there are: a, b"
    many = why(Tables(missing, [f"t{number:02d}" for number in range(30)]))
    assert many.endswith("t08, t09, …")
    assert "DynamoDB Local has other tables for each access key and region" in why(Tables(missing))


def test_who_may_not_list_tables_is_told_without_them(why: Callable[..., str]) -> None:
    missing = FakeStream.refusal("ResourceNotFoundException")
    assert why(Tables(missing, FakeStream.refusal("AccessDeniedException"))) == f"there is no table 'orders' at {LOCAL}"


@pytest.mark.parametrize(
    "error", [FakeStream.refusal("AccessDeniedException"), EndpointConnectionError(endpoint_url=LOCAL)]
)
def test_a_table_that_cannot_be_seen_is_told_with_the_reason(why: Callable[..., str], error: Exception) -> None:
    told = why(Tables(error))
    assert "table 'orders' has no stream at http://127.0.0.1:1 (the table cannot be seen: " in told
    assert str(error) in told
