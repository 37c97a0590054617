"""Which live stream a command reads, and how it is reached."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from streamkit.cli.errors import BadInput
from streamkit.errors import StreamkitError
from streamkit.local.streams.client import StreamAskError, StreamsClient, UnavailableError
from streamkit.local.streams.livestream import POLL_INTERVAL, LiveStream
from streamkit.local.streams.tablestreams import TableStreams

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from streamkit.local.aws import AwsAccess

__all__ = ["LiveStreams", "access_options", "stream_options"]

_TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_STREAM_ARN = re.compile(r"arn:[^:]+:dynamodb:[^:]*:[^:]*:table/[^/]+/stream/.+")
_LOOK_FOR_STREAM = 2.0
"""How often a table without a stream is looked at again, in seconds."""


def access_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add where DynamoDB is and who asks it: ``endpoint_url``, ``region`` and ``profile``."""
    options = [
        click.option(
            "--endpoint-url",
            metavar="URL",
            help="of DynamoDB and its streams; else AWS_ENDPOINT_URL_DYNAMODB_STREAMS, AWS_ENDPOINT_URL …, else AWS",
        ),
        click.option("--region", metavar="REGION", help="else AWS_REGION, else the AWS configuration"),
        click.option("--profile", metavar="NAME", help="of the AWS configuration"),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def stream_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add which stream is read: ``table`` or ``stream_arn``, `access_options`, and how often it is polled."""
    options: list[Callable[..., Any]] = [
        click.option(
            "--table", metavar="NAME", help="follow this table, also when its stream is replaced by a new one"
        ),
        click.option("--stream-arn", metavar="ARN", help="follow this stream only"),
        access_options,
        click.option(
            "--poll-interval",
            type=float,
            default=POLL_INTERVAL,
            show_default=True,
            metavar="SECONDS",
            help="between two polls of a shard that has nothing new",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@dataclass(slots=True)
class LiveStreams:
    """The streams that a command follows, one after the other: a table may get a new one while it runs."""

    access: AwsAccess
    table: str | None
    stream_arn: str | None
    poll_interval: float

    def __post_init__(self) -> None:
        if (self.table is None) == (self.stream_arn is None):
            raise click.UsageError("name the stream by --table NAME or by --stream-arn ARN, one of them")
        if self.table is not None and not _TABLE_NAME.fullmatch(self.table):
            raise BadInput(
                f"--table {self.table!r} is no table's name: it has 3 to 255 of A-Z a-z 0-9 _ . -"
                f"{'; an ARN of a stream goes to --stream-arn' if self.table.startswith('arn:') else ''}"
            )
        if self.stream_arn is not None and not _STREAM_ARN.fullmatch(self.stream_arn):
            raise BadInput(
                f"--stream-arn {self.stream_arn} is no stream's ARN: expected "
                f"arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL, as LatestStreamArn of describe-table"
            )

    def first(self, known: Collection[str] = ()) -> tuple[LiveStream, str | None]:
        """Open the stream to begin with; return it, and the ``known`` one that is missed before it, if one is.

        Raises BadInput, with what to do, where there is none to be read.
        """
        try:
            stream_arn, missed = (self.stream_arn, None) if self.table is None else self._find_first(known)
            return self._open(stream_arn), missed
        except (StreamkitError, ValueError) as error:
            raise BadInput(self._told(error)) from None

    def after(self, stream_arn: str) -> LiveStream | None:
        """Open the stream that followed this one, None while there is none or it is not asked for."""
        if self.table is None:
            return None
        client = StreamsClient(self.access)
        try:
            following = TableStreams(client, self.access, self.table).after(stream_arn)
            return None if following is None else self._open(following)
        except StreamAskError:
            return None  # the server may be away as well: it is asked again
        finally:
            client.close()

    def wait_for(self, stream_arn: str, stopped: Callable[[], bool]) -> LiveStream | None:
        """Wait for the stream that follows this one, None if it was stopped before."""
        while not stopped():
            following = self.after(stream_arn)
            if following is not None:
                return following
            until = time.monotonic() + _LOOK_FOR_STREAM
            while time.monotonic() < until and not stopped():
                time.sleep(0.1)
        return None

    def _find_first(self, known: Collection[str]) -> tuple[str, str | None]:
        client = StreamsClient(self.access)
        try:
            return TableStreams(client, self.access, self.table or "").first(known)
        finally:
            client.close()

    def _open(self, stream_arn: str | None) -> LiveStream:
        return LiveStream(stream_arn or "", self.access, poll_interval=self.poll_interval)

    def _told(self, error: Exception) -> str:
        what = f"--table {self.table}" if self.table is not None else f"--stream-arn {self.stream_arn}"
        if str(error).startswith("poll_interval"):
            return f"--poll-interval{str(error).removeprefix('poll_interval')}"
        advice = _advice(str(error).partition(":")[0]) if isinstance(error, UnavailableError) else ""
        return f"{what} cannot be read: {error}{advice}"


def _advice(kind: str) -> str:
    """Return what to do about a refusal, by its name."""
    match kind:
        case "NoCredentialsError" | "PartialCredentialsError":
            return "; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (a local server takes any), or give --profile"
        case "AccessDeniedException":
            return (
                "; reading takes dynamodb:DescribeStream, dynamodb:GetShardIterator, dynamodb:GetRecords, and --table "
                "dynamodb:ListStreams"
            )
        case "EndpointConnectionError" | "ConnectTimeoutError" | "ReadTimeoutError" | "ConnectionClosedError":
            return "; is it running, and is this its endpoint (--endpoint-url, AWS_ENDPOINT_URL_DYNAMODB_STREAMS)?"
        case _:
            return "; is the endpoint (--endpoint-url, AWS_ENDPOINT_URL_DYNAMODB_STREAMS) right, and the credentials?"
