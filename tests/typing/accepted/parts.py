"""What a user puts in the place of the runner's parts needs no base class: a class of the right form is one."""

# pyright: strict

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, assert_type

from streamkit import Change, EventSourceMapping, stream_handler
from streamkit.local import (
    Answer,
    AwsAccess,
    AwsAccessError,
    BucketDestination,
    Clock,
    ConcurrentInvoker,
    Destination,
    DestinationError,
    DirectoryDestination,
    DynamoTable,
    Fact,
    FunctionError,
    Invoker,
    Journal,
    LambdaRuntime,
    Listener,
    LiveSource,
    LiveStream,
    LocalRunner,
    LocalTable,
    QueueDestination,
    RealTableError,
    RemoteFunction,
    RuntimeUnavailableError,
    S3Destination,
    Source,
    StreamAskError,
    TopicDestination,
    aws_destination,
)
from tests.typing.models import Order


@stream_handler
def handler(change: Change[Order]) -> None: ...


class StoppedClock:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def sleep_until(self, when: datetime) -> None: ...


@dataclass
class Mailbox:
    sent: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])

    def send(self, record: Mapping[str, Any]) -> None:
        self.sent.append(record)


class Bucket:
    def put(self, key: str, record: dict[str, Any]) -> None: ...


class Always:
    """An invoker whose function succeeds."""

    function_name = "always"

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        return Answer({"batchItemFailures": []}, seconds=0.5)


class Pool(Always):
    def close(self) -> None: ...


class Print:
    def note(self, fact: Fact) -> None: ...


def a_clock_of_ones_own_is_a_clock() -> None:
    clock: Clock = StoppedClock()
    assert_type(LocalRunner(handler, LocalTable("orders", clock=clock)).clock, Clock)


def a_destination_of_ones_own_is_a_destination() -> None:
    mailbox: Destination = Mailbox()
    bucket: BucketDestination = Bucket()
    to_bucket = EventSourceMapping(destination_config={"OnFailure": {"Destination": "arn:aws:s3:::failed"}})
    runner = LocalRunner(handler, LocalTable("orders"), destination=mailbox)
    assert_type(runner.destination, Destination | BucketDestination | None)
    LocalRunner(handler, LocalTable("orders"), to_bucket, destination=bucket)


def an_invoker_of_ones_own_is_an_invoker() -> None:
    invoker: Invoker = Always()
    concurrent: ConcurrentInvoker = Pool()
    also: Invoker = concurrent
    LocalRunner(invoker, LocalTable("orders")).run()
    LocalRunner(also, LocalTable("orders")).run()


def a_listener_of_ones_own_listens_to_a_journal() -> None:
    listener: Listener = Print()
    Journal(keep=False).subscribe(listener)


def tables_and_live_streams_are_sources() -> None:
    def sources(real: DynamoTable, stream: LiveStream) -> Sequence[Source]:
        live: LiveSource = stream
        return [LocalTable("orders"), real, live]

    assert sources.__name__ == "sources"


def awss_own_parts_have_types() -> None:
    directory = Path("discards")

    def reached_through(access: AwsAccess, arn: str) -> Sequence[Destination | BucketDestination]:
        assert_type(aws_destination(arn, access), QueueDestination | TopicDestination | S3Destination)
        return [
            QueueDestination(arn, access),
            TopicDestination(arn, access),
            S3Destination(arn, access),
            DirectoryDestination(directory),
        ]

    def called_through(access: AwsAccess) -> Sequence[Invoker]:
        return [
            RemoteFunction("orders", access=access, timeout=3.0),
            LambdaRuntime("app.handler", cwd=directory, env={"STAGE": "test"}, memory_mb=256, concurrency=2),
        ]

    def streamed_through(access: AwsAccess, arn: str) -> LocalRunner:
        table = DynamoTable("orders", key={"pk": "S", "sk": "N"}, view_type="NEW_IMAGE", access=access)
        assert_type(table.put({"pk": "a", "sk": 1}), str | None)
        return LocalRunner(handler, LiveStream(arn, access, poll_interval=0.5))

    access = AwsAccess(endpoint_url="http://localhost:8000", region="eu-west-1", profile=None)
    assert_type(access.in_region("us-east-1"), AwsAccess)
    assert len({reached_through, called_through, streamed_through}) == 3  # they are read, not called: AWS is not asked


def errors_of_the_parts_are_known() -> None:
    errors: list[Exception] = [
        AwsAccessError("no answer", code="NoCredentials"),
        DestinationError(),
        FunctionError("ValueError", "no number"),
        RealTableError(),
        RuntimeUnavailableError(),
        StreamAskError(),
    ]
    assert len(errors) == 6
