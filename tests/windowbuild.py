"""What the tests of window handlers are made of: events of windows, and what they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGE = 20_000
"""More bytes than a state may have of which copies are made."""

Row = dict[str, Any]


class Order(BaseModel):
    id: int
    total: int = 0


class Tally(BaseModel):
    """The numbers of the records that were folded, in their order."""

    seen: list[int] = []
    inner: dict[str, list[int]] = {}
    ballast: str = ""


def window_event(
    *records: Any, state: Any = None, final: bool = False, early: bool = False, seconds: int = 60
) -> dict[str, Any]:
    """Return a Lambda event of a tumbling window with these records; a state of None stands for none yet."""
    return {
        "Records": list(records),
        "shardId": "shardId-1",
        "eventSourceARN": "arn",
        "window": {"start": "2026-01-01T00:00:00Z", "end": f"2026-01-01T00:{seconds // 60:02}:{seconds % 60:02}Z"},
        "state": {} if state is None else state,
        "isFinalInvokeForWindow": final,
        "isWindowTerminatedEarly": early,
    }


def answer(state: dict[str, Any], *failed: int) -> dict[str, Any]:
    """Return the response with this state that reports this sequence number."""
    return {"state": state, "batchItemFailures": [{"itemIdentifier": str(number)} for number in failed]}


def number_of(change: Any) -> int:
    """Return the sequence number of a change."""
    return int(change.meta.sequence_number)


def failed_in(response: Any) -> list[int]:
    """Return the numbers that a response reports."""
    return [int(failure["itemIdentifier"]) for failure in response["batchItemFailures"]]


def messages_of(records: Sequence[Any]) -> list[str]:
    """Return the texts of captured log records."""
    return [record.getMessage() for record in records]
