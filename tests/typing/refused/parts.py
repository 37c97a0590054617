"""A class that is not of the form of the part in whose place it is put."""

from datetime import datetime
from typing import Any

from streamkit import Change, stream_handler
from streamkit.local import Answer, AwsAccess, DynamoTable, Journal, LambdaRuntime, LocalRunner, LocalTable
from tests.typing.models import Order


@stream_handler
def handler(change: Change[Order]) -> None: ...


class ClockOfTexts:
    def now(self) -> str:
        return "2026-01-01"

    def sleep_until(self, when: datetime) -> None: ...


class DestinationOfTexts:
    def send(self, record: str) -> None: ...


class InvokerThatReturnsTheResponse:
    function_name = "bare"

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> dict[str, Any]:
        return {}


class InvokerWithoutAName:
    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        return Answer()


class ListenerOfTexts:
    def note(self, fact: str) -> None: ...


table = LocalTable("orders")

LocalTable("orders", clock=ClockOfTexts())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
LocalRunner(handler, table, destination=DestinationOfTexts())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
LocalRunner(InvokerThatReturnsTheResponse(), table)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
LocalRunner(InvokerWithoutAName(), table)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Journal().subscribe(ListenerOfTexts())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
DynamoTable("orders", key="id")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
DynamoTable("orders", key={"id": "T"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
LambdaRuntime(handler)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
AwsAccess("http://localhost:8000", regoin="eu-west-1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
