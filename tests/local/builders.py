"""What the tests of the local runner are made of: records, handlers that fail on purpose, readable numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from streamkit.local import Answer, LocalTable
from streamkit.local.journal import InvocationFinished, InvocationStarted
from streamkit.local.records import StreamRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from streamkit.local import LocalRunner
    from streamkit.local.journal import Fact

START = datetime(2026, 1, 1, tzinfo=UTC)
"""When a VirtualClock starts."""

REPORTING: dict[str, Any] = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
QUEUE = {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:failed"}}
BUCKET = {"OnFailure": {"Destination": "arn:aws:s3:::failed"}}
ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"

_BASE = 10**20


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def full(number: int) -> str:
    """Return the sequence number of a table's n-th record."""
    return str(_BASE + number)


def short(number: str) -> int:
    """Return which record of its table a sequence number belongs to: the first is 1."""
    return int(number) - _BASE


def stream_record(number: int, *, at: datetime | None = START, json: bytes | None = None) -> StreamRecord:
    return StreamRecord(full(number), at, b'{"n":%d}' % number if json is None else json)


def lambda_record(number: int, *, item: str = "a", at: float | None = 0.0, **changes: Any) -> dict[str, Any]:
    """Return a record in Lambda's form, created ``at`` seconds after START; None leaves the time out."""
    data: dict[str, Any] = {"Keys": {"id": {"S": item}}, "SequenceNumber": full(number)}
    if at is not None:
        data["ApproximateCreationDateTime"] = START.timestamp() + at
    return {"eventSource": "aws:dynamodb", "eventName": "INSERT", "dynamodb": data, "eventSourceARN": ARN} | changes


def table_of(count: int, **settings: Any) -> LocalTable:
    """Return a table that as many different items have been put into."""
    table = LocalTable("orders", **settings)
    for number in range(1, count + 1):
        table.put({"id": number})
    return table


def numbers_in(event: Mapping[str, Any]) -> list[int]:
    return [short(record["dynamodb"]["SequenceNumber"]) for record in event["Records"]]


def batches(runner: LocalRunner) -> list[list[int]]:
    """Return which records each invocation got."""
    return [[short(number) for number in invocation.sequence_numbers] for invocation in runner.invocations]


def seconds(runner: LocalRunner) -> list[float]:
    """Return how many seconds after START each invocation began."""
    return [(invocation.at - START).total_seconds() for invocation in runner.invocations]


def succeed(event: Any, context: Any) -> None:
    """Handle every record."""


class Failing:
    """A Lambda handler for which some records are bad, the first so many times or (None) always.

    ``report``: it names the bad record instead of raising. ``calls`` is what it was called with.
    """

    def __init__(self, bad: Mapping[int, int | None], *, report: bool = False) -> None:
        self._left = dict(bad)
        self._report = report
        self.__name__ = "failing"
        self.calls: list[list[int]] = []

    def __call__(self, event: Any, _context: Any) -> Any:
        numbers = numbers_in(event)
        self.calls.append(numbers)
        failed = [number for number in numbers if self._fails(number)]
        if failed and not self._report:
            raise ValueError(f"record {failed[0]} is bad")
        return {"batchItemFailures": [{"itemIdentifier": full(number)} for number in failed]}

    def _fails(self, number: int) -> bool:
        left = self._left.get(number, 0)
        if left:
            self._left[number] = left - 1
        return left is None or left > 0


class Tallying(Failing):
    """The same for a tumbling window: its state has the numbers of the records that it is made of.

    ``bad_finals``: how many of its final invocations fail, None is all. ``grows``: how many bytes of JSON the state has
    with this record in it. What must not be handed on has the number 0 in it: the state of a final invocation, and that
    of a report which names the first record.
    """

    def __init__(
        self,
        bad: Mapping[int, int | None],
        *,
        report: bool = False,
        bad_finals: int | None = 0,
        grows: Mapping[int, int] | None = None,
    ) -> None:
        super().__init__(bad, report=report)
        self.__name__ = "tallying"
        self._bad_finals = bad_finals
        self._grows = grows or {}
        self.finals: list[list[int]] = []
        """The states that final invocations which succeeded got."""

    def __call__(self, event: Any, context: Any) -> Any:
        before = event.get("state", {}).get("seen", [])
        if event.get("isFinalInvokeForWindow"):
            return self._final(before)
        response = super().__call__(event, context)
        numbers = numbers_in(event)
        failed = [short(failure["itemIdentifier"]) for failure in response["batchItemFailures"]]
        done = numbers[: numbers.index(min(failed))] if failed else numbers
        state = {"seen": before + (done or [0])}
        size = max((self._grows[number] for number in done if number in self._grows), default=0)
        if size:
            state["ballast"] = ""
            state["ballast"] = "x" * (size - len(orjson.dumps(state)))
        return response | {"state": state}

    def _final(self, before: list[int]) -> dict[str, Any]:
        self.calls.append([])
        if self._bad_finals != 0:
            self._bad_finals = None if self._bad_finals is None else self._bad_finals - 1
            raise ValueError("the final invocation is bad")
        self.finals.append(before)
        return {"state": {"seen": [0]}}


class Answering:
    """An Invoker that gives prepared answers, then successes."""

    function_name = "remote"

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[tuple[Any, str, str]] = []

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        self.requests.append((orjson.loads(event), request_id, function_arn))
        return self._answers.pop(0) if self._answers else Answer()


class Heard:
    """A journal's listener that remembers."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def note(self, fact: Fact) -> None:
        self.facts.append(fact)


def spans(discarded: Iterable[Mapping[str, Any]]) -> list[tuple[int, int]]:
    """Return the first and the last record of each on-failure record."""
    infos = [record["DDBStreamBatchInfo"] for record in discarded]
    return [(short(info["startSequenceNumber"]), short(info["endSequenceNumber"])) for info in infos]


def first_seen(values: Sequence[str]) -> list[int]:
    """Replace each value by how many different ones came before it: equal numbers are equal values."""
    order = list(dict.fromkeys(values))
    return [order.index(value) for value in values]


def outcomes(runner: LocalRunner) -> list[str | None]:
    """Return how each invocation ended."""
    return [invocation.outcome for invocation in runner.invocations]


def tumbling(seconds: int) -> dict[str, Any]:
    """Return the setting of a tumbling window."""
    return {"TumblingWindowInSeconds": seconds}


def table_at(*times: float, **settings: Any) -> LocalTable:
    """Return a table whose n-th item was put at the n-th of these times, in seconds after START."""
    table = LocalTable("orders", **settings)
    for number, at in enumerate(times, 1):
        table.put({"id": number}, at=after(at))
    return table


def states(runner: LocalRunner) -> list[Any]:
    """Return the state that each invocation got: the numbers that `Tallying` put into it, {} without any."""
    found = [invocation.event.get("state", "no window") for invocation in runner.invocations]
    return [state["seen"] if isinstance(state, dict) and state else state for state in found]


def flags(runner: LocalRunner) -> list[str]:
    """Return what each invocation said of its window's end."""
    names = {(False, False): "", (True, False): "final", (True, True): "final, early"}
    events = [invocation.event for invocation in runner.invocations]
    return [names[event["isFinalInvokeForWindow"], event["isWindowTerminatedEarly"]] for event in events]


def started(
    request_id: str = "r", *, shard: str = "s", attempt: int = 1, at: datetime = START, age: int | None = None
) -> InvocationStarted:
    return InvocationStarted(at, shard, request_id, attempt, ("1", "2"), "new batch", b'{"Records":[]}', 0, age)


def finished(request_id: str = "r", *, shard: str = "s", **members: Any) -> InvocationFinished:
    usual: dict[str, Any] = {
        "attempt": 1,
        "outcome": "success",
        "why": "w",
        "response": None,
        "error": None,
        "failures": (),
        "handled": 2,
        "sequence_numbers": ("1", "2"),
    }
    return InvocationFinished(after(1), shard, request_id, **(usual | members))
