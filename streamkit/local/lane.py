"""What a lane is, what can happen to it, and what comes of it: the values that `shard.step` works on.

A lane is one line of invocations: a shard has one, or as many as its ParallelizationFactor says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from streamkit.local.recordlist import Records
from streamkit.local.retries import STREAM_RETENTION
from streamkit.local.window import CLOSE_DELAY, NEW_STATE, OpenWindow, TimeWindow, WindowPart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamkit.local.outcomes import Failure, Outcome, Partial
    from streamkit.local.records import StreamRecord
    from streamkit.local.window import CloseCause, WindowEnd

__all__ = [
    "Answered",
    "Arrived",
    "Checkpoint",
    "Close",
    "CloseWindow",
    "Condition",
    "Discard",
    "Effect",
    "Expire",
    "Extent",
    "FinalCall",
    "Invoke",
    "Lane",
    "Retry",
    "Rules",
    "Signal",
    "Woken",
]

Condition: TypeAlias = Literal["RetryAttemptsExhausted", "RecordAgeExceeded"]

_NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a lane needs of the mapping's settings, and what makes its jitter repeatable."""

    batch_size: int
    maximum_retry_attempts: int
    seed: int
    shard_id: str
    lane: int = 0
    bisect: bool = False
    window: timedelta = _NO_TIME
    """MaximumBatchingWindowInSeconds."""
    maximum_age: timedelta | None = None
    """MaximumRecordAgeInSeconds; None is no limit."""
    retention: timedelta = STREAM_RETENTION
    tumbling: timedelta = _NO_TIME
    """TumblingWindowInSeconds."""
    close_delay: timedelta = CLOSE_DELAY
    stream_arn: str = ""


class FinalCall(NamedTuple):
    """The final invocation of a tumbling window."""

    window: TimeWindow
    cause: CloseCause
    due: datetime
    """Since when: its age is counted from here (U)."""


class Extent(NamedTuple):
    """The exact list of records of one attempt: the unit of retrying (SEMANTICS §3)."""

    number: int
    """Which extent of the lane it is: retries keep it, and with it the request id; a new extent has a new one."""
    records: Records
    why: str
    """The rule that made it."""
    attempts: int = 0
    """Attempts so far that count against MaximumRetryAttempts."""
    throttles: int = 0
    """Throttles in a row: they never count, but each one waits longer."""
    window: TimeWindow | None = None
    """The tumbling window that it belongs to."""
    final: FinalCall | None = None
    """What it is the final invocation of: it has no records then."""


class Lane(NamedTuple):
    """The state of one lane. A tuple, as an extent is: every step makes some, and tuples are made fastest."""

    since: datetime
    """When its batching window began: when it started, later when its last invocation ended."""
    waiting: Records = Records()
    """Read, and not yet in an extent."""
    waiting_from: datetime | None = None
    """When the first of these came."""
    full: bool = False
    """Whether they fill a batch; only a batching window asks."""
    extents: tuple[Extent, ...] = ()
    """What is to be tried, the next one first."""
    running: bool = False
    retry_at: datetime | None = None
    opened: int = 0
    """How many extents there were so far."""
    window: OpenWindow | None = None
    """The tumbling window that is open."""

    @property
    def idle(self) -> bool:
        """Whether it has no attempt to make or to wait for."""
        return not self.extents

    def opens_at(self, rules: Rules) -> datetime | None:
        """Return when a batch may be made of what is waiting (SEMANTICS §2), None while that is not the question.

        A window that ends without records invokes nothing, and the next one begins (I).
        """
        if self.waiting_from is None or not self.idle:
            return None
        if self.full or not rules.window:
            return self.waiting_from
        windows = max(1, -((self.since - self.waiting_from) // rules.window))
        return self.since + windows * rules.window

    def closes_at(self, rules: Rules) -> datetime | None:
        """Return when its tumbling window closes if no record comes, None where that is not the question."""
        if self.window is None or not self.idle or self.waiting_from is not None:
            return None
        return self.window.bounds.end + rules.close_delay if rules.tumbling else self.since

    def part(self, extent: Extent) -> WindowPart | None:
        """Return what an invocation with this extent would say of its window now."""
        if extent.window is None:
            return None
        if self.window is None:
            return WindowPart(extent.window, NEW_STATE)
        final = extent.final
        early = final is not None and final.cause == "state too large"
        return WindowPart(self.window.bounds, self.window.state, final is not None, early)


@dataclass(frozen=True, slots=True)
class Arrived:
    """Records were read from the shard, or none: whatever is waiting may go if its time has come."""

    records: Sequence[StreamRecord]


@dataclass(frozen=True, slots=True)
class Answered:
    """The running invocation ended."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Woken:
    """The time of ``retry_at`` has come."""


@dataclass(frozen=True, slots=True)
class Close:
    """The open window is to be closed: its final invocation is due."""

    cause: CloseCause


Signal: TypeAlias = Arrived | Answered | Woken | Close


@dataclass(frozen=True, slots=True)
class Invoke:
    """Call the function with this extent."""

    extent: Extent
    attempt: int
    why: str
    part: WindowPart | None = None
    """What its event says of its tumbling window."""
    depth: int = 0
    """How many invocations led to it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Nothing to do: the extent is tried again at ``at``."""

    extent: Extent
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Every record of the lane up to this one is done with."""

    sequence_number: str


@dataclass(frozen=True, slots=True)
class Discard:
    """Give these records up and tell the on-failure destination."""

    extent: Extent
    condition: Condition
    invoke_count: int
    failure: Failure | Partial | None
    part: WindowPart | None = None
    """What its last event said, or would have said, of its tumbling window."""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Expire:
    """These records are gone from the stream: nobody is told (U)."""

    records: Records
    why: str


@dataclass(frozen=True, slots=True)
class CloseWindow:
    """A tumbling window is over: its final invocation succeeded, or was given up."""

    final: FinalCall
    how: WindowEnd


Effect: TypeAlias = Invoke | Retry | Checkpoint | Discard | Expire | CloseWindow
