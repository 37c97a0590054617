"""Which live stream is read, and what is said where it cannot be."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from streamkit.cli.streamoptions import LiveStreams
from streamkit.local.aws import AwsAccess
from tests.cli.liveproject import LiveProject
from tests.cli.streamserver import Refusal, StreamServer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-01-01T00:00:01.000"


@pytest.fixture
def server(aws_environment: pytest.MonkeyPatch) -> Iterator[StreamServer]:
    with serving() as server:
        yield server


@pytest.fixture
def project(tmp_path: Path, aws_environment: pytest.MonkeyPatch, server: StreamServer) -> LiveProject:
    return LiveProject(tmp_path, aws_environment, server)


def refusal(project: LiveProject, *options: str) -> str:
    """Return with which message `tail` refuses these options."""
    return project.refusal("tail", f"{project.module}:handler", "--until-caught-up", *options)


@pytest.mark.parametrize("options", [(), ("--table", "orders", "--stream-arn", ARN)])
def test_a_stream_is_named_one_way(project: LiveProject, options: tuple[str, ...]) -> None:
    assert "name the stream by --table NAME or by --stream-arn ARN, one of them" in refusal(project, *options)


@pytest.mark.parametrize("name", ["", "x", "my table", "orders/stream", "o" * 256])
def test_a_name_that_no_table_has_is_refused(project: LiveProject, server: StreamServer, name: str) -> None:
    assert refusal(project, "--table", name) == (
        f"Error: --table {name!r} is no table's name: it has 3 to 255 of A-Z a-z 0-9 _ . -\n"
    )
    assert server.asked == []


def test_an_arn_in_the_place_of_a_name_is_told_where_it_belongs(project: LiveProject) -> None:
    assert "; an ARN of a stream goes to --stream-arn" in refusal(project, "--table", ARN)


@pytest.mark.parametrize("arn", ["orders", ARN.partition("/stream")[0], ARN.replace("dynamodb", "kinesis")])
def test_an_arn_of_no_stream_is_refused(project: LiveProject, arn: str) -> None:
    told = refusal(project, "--stream-arn", arn)
    assert f"--stream-arn {arn} is no stream's ARN: expected arn:aws:dynamodb:REGION:ACCOUNT:table/NAME" in told


def test_a_table_that_is_not_there_is_told_with_those_that_are(project: LiveProject, server: StreamServer) -> None:
    server.enable("customers")
    assert refusal(project, "--table", "orders") == (
        f"Error: --table orders cannot be read: there is no table 'orders' at {server.endpoint_url}; "
        f"there are: customers\n"
    )


def test_a_table_without_a_stream_is_told_how_to_get_one(project: LiveProject, server: StreamServer) -> None:
    server.tables["orders"] = []
    told = refusal(project, "--table", "orders")
    assert "table 'orders' has no stream; this gives it one: aws dynamodb update-table --table-name orders" in told
    assert f"--endpoint-url {server.endpoint_url}" in told


def test_a_stream_that_is_not_there_is_told(project: LiveProject) -> None:
    told = refusal(project, "--stream-arn", ARN)
    assert f"--stream-arn {ARN} cannot be read: ResourceNotFoundException: " in told


def test_a_server_that_is_not_there_is_told_with_its_address(project: LiveProject) -> None:
    told = refusal(project, "--table", "orders", "--endpoint-url", "http://127.0.0.1:1")
    assert 'Could not connect to the endpoint URL: "http://127.0.0.1:1/"; is it running, and is this its' in told


def test_an_endpoint_that_is_no_address_is_told(project: LiveProject) -> None:
    assert "Invalid endpoint: localhost:8000" in refusal(
        project, "--table", "orders", "--endpoint-url", "localhost:8000"
    )


def test_missing_credentials_are_told_with_what_to_set(project: LiveProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (a local server takes any)" in refusal(
        project, "--table", "orders"
    )


def test_a_missing_permission_is_told_with_those_that_it_takes(project: LiveProject, server: StreamServer) -> None:
    def before(operation: str) -> None:
        raise Refusal("AccessDeniedException", f"not authorized to perform dynamodb:{operation}")

    server.before = before
    told = refusal(project, "--table", "orders")
    assert "not authorized to perform dynamodb:ListStreams; reading takes dynamodb:DescribeStream" in told


def test_another_refusal_is_told_as_it_came(project: LiveProject, server: StreamServer) -> None:
    def before(_: str) -> None:
        raise Refusal("UnrecognizedClientException", "the security token is invalid")

    server.before = before
    told = refusal(project, "--table", "orders")
    assert "UnrecognizedClientException: the security token is invalid; is the endpoint" in told


def test_a_missing_region_is_told(project: LiveProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert "no region is known for dynamodbstreams: give --region" in refusal(project, "--table", "orders")


def test_a_profile_that_is_not_there_is_told(project: LiveProject) -> None:
    assert "The config profile (nobody) could not be found" in refusal(
        project, "--table", "orders", "--profile", "nobody"
    )


@pytest.mark.parametrize("seconds", ["0", "-1", "61", "inf", "nan"])
def test_a_pace_that_is_none_is_refused_by_the_options_name(
    project: LiveProject, server: StreamServer, seconds: str
) -> None:
    server.enable()
    assert "Error: --poll-interval takes seconds above 0, up to 60, not " in refusal(
        project, "--table", "orders", "--poll-interval", seconds
    )


def test_without_boto3_it_is_told_what_to_install(project: LiveProject, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("boto3", "botocore.config", "botocore.exceptions"):
        monkeypatch.setitem(sys.modules, name, None)
    assert "pip install 'streamkit-dynamodb[aws]'" in refusal(project, "--table", "orders")


def streams(server: StreamServer, table: str | None = "orders", arn: str | None = None) -> LiveStreams:
    return LiveStreams(AwsAccess(server.endpoint_url), table, arn, 0.02)


def test_a_stream_named_by_its_arn_has_none_after_it(project: LiveProject, server: StreamServer) -> None:
    old = server.enable()
    server.enable()
    assert streams(server, None, old.arn).after(old.arn) is None


def test_a_server_that_is_away_is_asked_again_for_the_next_stream(project: LiveProject, server: StreamServer) -> None:
    old, new = server.enable(), server.enable()
    refused = [Refusal("InternalServerError")]

    def before(_: str) -> None:
        if refused:
            raise refused.pop()

    server.before = before
    assert streams(server).after(old.arn) is None
    found = streams(server).wait_for(old.arn, lambda: False)
    assert found is not None
    assert found.stream_arn == new.arn
    found.close()


def test_waiting_for_a_stream_can_be_stopped(project: LiveProject, server: StreamServer) -> None:
    old = server.enable()
    answers = iter([False, False, True, True])
    assert streams(server).wait_for(old.arn, lambda: next(answers)) is None


def test_help_names_every_option_of_a_stream() -> None:
    command = [sys.executable, "-c", "from streamkit.cli import main; main()", "tail", "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603  # our own
    for option in ("--table", "--stream-arn", "--endpoint-url", "--region", "--profile", "--poll-interval"):
        assert option in told
