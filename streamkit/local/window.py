"""Tumbling windows: which one a record belongs to, what an open one holds, and why one closes (SEMANTICS §5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from streamkit.local.records import to_json
from streamkit.local.texts import second

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CAUSES",
    "CLOSE_DELAY",
    "NEW_STATE",
    "CloseCause",
    "OpenWindow",
    "TimeWindow",
    "WindowEnd",
    "WindowPart",
    "closed_by",
    "window_at",
    "window_members",
]

CLOSE_DELAY = timedelta(seconds=120)
"""How long after its end a window without later records is closed: "up to 2 minutes" (D), counted from its end (I)."""

NEW_STATE = b"{}"
"""What the first invocation of a window gets."""

CloseCause: TypeAlias = Literal["later record", "no later record", "shard end", "state too large", "mapping update"]

WindowEnd: TypeAlias = Literal["processed", "discarded", "expired"]
"""What became of a window's final invocation: it succeeded, its retries ran out, or it was too old."""

CAUSES: dict[CloseCause, str] = {
    "later record": "a record of a later window was read",
    "no later record": "no later record came in time after its end",
    "shard end": "its shard ended",
    "state too large": "its state is larger than 1 MB",
    "mapping update": "the mapping has no tumbling window any more",
}
"""Why a window closes, in words."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TimeWindow(NamedTuple):
    """The bounds of a window: ``start`` is in it, ``end`` is not (I)."""

    start: datetime
    end: datetime

    def to_json(self) -> dict[str, str]:
        """Return the bounds as Lambda sends them."""
        return {"start": second(self.start), "end": second(self.end)}


def window_at(when: datetime, length: timedelta) -> TimeWindow:
    """Return the window of a record that was created at this time: windows are aligned to the Unix epoch."""
    start = when - (when - _EPOCH) % length
    return TimeWindow(start, start + length)


class OpenWindow(NamedTuple):
    """A window that the function was invoked for and whose final invocation has not succeeded yet."""

    bounds: TimeWindow
    state: bytes = NEW_STATE
    """What its next invocation gets, as compact JSON."""
    depth: int | None = None
    """How many invocations led to its records, the least of them all."""
    started: bool = False
    """Whether an invocation was made for it: until then it is only decided that one will be."""

    def reached_by(self, depth: int) -> OpenWindow:
        """Return it with a further record that so many invocations led to."""
        return self._replace(depth=depth if self.depth is None else min(depth, self.depth))

    def leading(self, created_at: Sequence[datetime | None]) -> int:
        """Count the records at the front that belong to it: late ones, of windows before it, join it (U)."""
        for index, when in enumerate(created_at):
            if when is not None and when >= self.bounds.end:
                return index
        return len(created_at)


class WindowPart(NamedTuple):
    """What an invocation says of its window."""

    bounds: TimeWindow
    state: bytes
    final: bool = False
    early: bool = False

    def members(self, shard_id: str, stream_arn: str) -> bytes:
        """Return the members that the event has behind its Records, as JSON, in AWS's order."""
        parts = {"shardId": shard_id, "eventSourceARN": stream_arn, "window": self.bounds.to_json()}
        flags = {"isFinalInvokeForWindow": self.final, "isWindowTerminatedEarly": self.early}
        return b',%b,"state":%b,%b' % (to_json(parts)[1:-1], self.state, to_json(flags)[1:-1])

    def size(self, shard_id: str, stream_arn: str) -> int:
        """Return how many bytes these members have, without a copy of the state."""
        return len(self._replace(state=b"").members(shard_id, stream_arn)) + len(self.state)

    def info(self) -> dict[str, Any]:
        """Return the timeWindowInfo of an on-failure record."""
        return {
            "window": self.bounds.to_json(),
            "isFinalInvokeForWindow": self.final,
            "isWindowTerminatedEarly": self.early,
        }


def window_members(part: WindowPart | None, shard_id: str, stream_arn: str) -> bytes:
    """Return what an event has behind its Records, as JSON: nothing without a window."""
    return b"" if part is None else part.members(shard_id, stream_arn)


def closed_by(end: datetime, closes_at: datetime) -> str:
    """Say what closes a window that ends then, and on which clock."""
    return (
        f"a record that was created at {second(end)} or later (the records' clock), or, without one, "
        f"{second(closes_at)} on the runner's clock, or the end of its shard"
    )
