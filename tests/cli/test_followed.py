"""Following one stream after the other."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import click
import pytest

from streamkit.cli.followed import Follower, known_streams
from streamkit.cli.liveview import StatusLines
from streamkit.cli.streamoptions import LiveStreams
from streamkit.local import CheckpointFile, LocalRunner
from streamkit.local.aws import AwsAccess
from streamkit.mapping import EventSourceMapping
from tests.cli.streamserver import StreamServer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamkit.local.streams.livestream import LiveStream


@pytest.fixture
def server(aws_environment: pytest.MonkeyPatch) -> Iterator[StreamServer]:
    with serving() as server:
        yield server


class Followed:
    """A follower of the table ``orders``, and what its handler got."""

    def __init__(self, server: StreamServer, **options: Any) -> None:
        self.numbers: list[str] = []
        self.opened: list[tuple[str, bool]] = []
        self.streams = LiveStreams(AwsAccess(server.endpoint_url), "orders", None, 0.02)
        self.follower = Follower(self.streams, self.runner_of, **options)

    def runner_of(self, stream: LiveStream, followed: bool) -> LocalRunner:
        self.opened.append((stream.stream_arn, followed))
        return LocalRunner(self.handler, stream)

    def handler(self, event: dict[str, Any], _: object) -> None:
        self.numbers += [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]

    def follow(self, *, until_caught_up: bool) -> str:
        try:
            return self.follower.follow(StatusLines(), until_caught_up=until_caught_up, fail_fast=False)
        finally:
            self.follower.close()


def test_a_stream_that_is_caught_up_with_is_the_end(server: StreamServer) -> None:
    stream = server.enable()
    numbers = stream.fill(2)
    followed = Followed(server)
    assert followed.follow(until_caught_up=True) == "caught up"
    assert (followed.numbers, followed.opened) == (numbers, [(stream.arn, False)])


def test_each_stream_of_a_table_has_its_runner_and_knows_that_it_followed(server: StreamServer) -> None:
    first, second = server.enable(), server.enable()
    first.disable()
    numbers = second.fill(1)
    followed = Followed(server, known={first.arn})
    assert followed.follow(until_caught_up=True) == "caught up"
    assert followed.opened == [(first.arn, False), (second.arn, True)]
    assert followed.numbers == numbers


def test_the_end_of_the_last_stream_is_the_end_if_it_is_not_waited_for_more(server: StreamServer) -> None:
    server.enable().disable()
    assert Followed(server).follow(until_caught_up=True) == "the stream was disabled"


def test_one_stream_alone_is_followed_where_that_is_asked_for(server: StreamServer) -> None:
    first = server.enable()
    first.disable()
    server.enable()
    followed = Followed(server, known={first.arn}, one_stream=True)
    assert followed.follow(until_caught_up=False) == "the stream was disabled"
    assert followed.opened == [(first.arn, False)]


def test_a_stream_is_closed_whose_runner_cannot_be_made(server: StreamServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.enable()

    def refuse(*_: object) -> LocalRunner:
        raise ValueError("no runner")

    monkeypatch.setattr(Followed, "runner_of", refuse)
    # Of a stream that stays open a warning would be raised: this is what is tested.
    with pytest.raises(ValueError, match="no runner"):
        Followed(server)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_waits_for_a_stream_ends_it(server: StreamServer, number: signal.Signals) -> None:
    server.enable().disable()
    followed = Followed(server)

    def before(operation: str) -> None:
        # After the first stream was found, and when the second was not.
        if operation == "ListStreams":
            os.kill(os.getpid(), number)

    server.before = before
    assert followed.follow(until_caught_up=False) == "the stream was disabled"


def test_a_signal_between_two_streams_begins_nothing_more(server: StreamServer) -> None:
    first, second = server.enable(), server.enable()
    first.disable()
    second.fill(1)
    followed = Followed(server, known={first.arn})

    def before(operation: str) -> None:
        if operation == "DescribeStream":
            server.before = bool
            os.kill(os.getpid(), signal.SIGTERM)

    server.before = before
    assert followed.follow(until_caught_up=False) == "stopped"
    assert followed.numbers == []


def test_a_second_signal_stops_at_once(server: StreamServer, capsys: pytest.CaptureFixture[str]) -> None:
    server.enable().fill(1)
    followed = Followed(server)

    def handler(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        followed.numbers.append("never")

    followed.follower.runner = LocalRunner(handler, followed.follower.stream)
    with pytest.raises(click.exceptions.Exit) as exited:
        followed.follow(until_caught_up=False)
    assert exited.value.exit_code == 130
    assert followed.numbers == []
    assert "stopped at once" in capsys.readouterr().err


def handler(event: object, context: object) -> None: ...


def test_without_checkpoints_no_stream_is_known() -> None:
    assert known_streams(None, EventSourceMapping(), handler) == set()


def test_the_streams_of_this_function_are_known(tmp_path: Path) -> None:
    arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/{}/stream/2026"
    function = "arn:aws:lambda:eu-west-1:123456789012:function:{}"
    path = tmp_path / "checkpoints.db"
    for table, name in (("orders", "handler"), ("customers", "handler"), ("stock", "other")):
        with CheckpointFile(path, arn.format(table), function.format(name)) as file:
            file.save("shard", "1")
    known = known_streams(str(path), EventSourceMapping(), handler)
    assert known == {arn.format("orders"), arn.format("customers")}
    named = EventSourceMapping(function_name="other")
    assert known_streams(str(path), named, handler) == {arn.format("stock")}
