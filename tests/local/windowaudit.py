"""The part of the auditor that knows tumbling windows: each is opened, fed, closed and told of as it must be."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from streamkit.local import LocalRunner
    from streamkit.local.journal import (
        InvocationFinished,
        InvocationStarted,
        RecordsDiscarded,
        WindowClosed,
        WindowOpened,
    )
    from streamkit.local.window import WindowEnd
    from tests.local.audit import Audit

LIMIT = 1_048_576
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Window:
    """A window as the journal tells it."""

    start: datetime
    end: datetime
    state: Any = field(default_factory=dict)
    """What its next invocation must get."""
    made_of: list[str] = field(default_factory=list)
    """The records whose invocations returned the state, in order."""
    began: bool = False
    """Whether it was invoked for."""
    final: InvocationStarted | None = None
    ended: WindowEnd | None = None
    """What became of its final invocation, by the facts before WindowClosed."""

    @property
    def large(self) -> bool:
        return len(orjson.dumps(self.state)) > LIMIT


class WindowAudit:
    """What is known of the windows at each point of a run."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self.open: dict[str, Window] = {}
        """A shard has one at the most."""
        self.over: list[tuple[Window, WindowClosed]] = []
        self.in_windows: dict[str, Window] = {}
        """Which window each record that was handled in one went into."""
        self._opened = 0

    def opened(self, fact: WindowOpened) -> None:
        assert fact.shard_id not in self.open, "two windows of a shard are open"
        assert fact.closes_at - fact.end == timedelta(seconds=120)
        lengths = {mapping.tumbling_window_in_seconds for mapping in self._audit.mappings}
        length = (fact.end - fact.start) // timedelta(seconds=1)
        assert length in lengths - {0}
        assert (fact.start - _EPOCH) % timedelta(seconds=length) == timedelta(0)
        self.open[fact.shard_id] = Window(fact.start, fact.end)
        self._opened += 1

    def started(self, fact: InvocationStarted, event: dict[str, Any]) -> None:
        window = self.open.get(fact.shard_id)
        if window is None:
            assert list(event) == ["Records"], "an invocation for a window that is not open"
            assert fact.final is None
            return
        assert list(event) == [
            "Records",
            "shardId",
            "eventSourceARN",
            "window",
            "state",
            "isFinalInvokeForWindow",
            "isWindowTerminatedEarly",
        ]
        assert (event["shardId"], event["eventSourceARN"]) == (fact.shard_id, self._audit.table.stream_arn)
        assert event["window"] == {"start": _text(window.start), "end": _text(window.end)}
        assert event["state"] == window.state
        assert event["isFinalInvokeForWindow"] == (fact.final is not None)
        assert event["isWindowTerminatedEarly"] == (fact.final == "state too large")
        if fact.final is None:
            self._check_part_of(fact, window)
        else:
            self._check_final(fact, window)
        window.began = True

    def _check_part_of(self, fact: InvocationStarted, window: Window) -> None:
        assert window.final is None, "a window goes on although its final invocation was made"
        assert not window.large, "a state that is too large is handed on"
        created = [self._created(number) for number in fact.sequence_numbers]
        assert all(when < window.end for when in created), "a batch spans windows"
        if not window.began and fact.why.startswith("new batch"):
            assert created[0] >= window.start, "a window was opened that its first record is not in"

    def _check_final(self, fact: InvocationStarted, window: Window) -> None:
        assert not fact.sequence_numbers
        assert window.began, "a window was never invoked for, and is closed"
        if window.final is not None:
            assert window.final.final == fact.final
            assert window.final.request_id == fact.request_id
            assert fact.at - window.final.at <= timedelta(hours=24)
            return
        window.final = fact
        audit = self._audit
        left = [number for number in audit.read[fact.shard_id] if number not in audit.fates]
        assert window.large == (fact.final == "state too large")
        match fact.final:
            case "later record":
                assert self._created(left[0]) >= window.end
            case "no later record":
                assert not left
                assert fact.at >= window.end + timedelta(seconds=120)
            case "shard end":
                assert not left
                assert audit.table.ended(fact.shard_id, len(audit.read[fact.shard_id]))
            case "mapping update":
                assert 0 in {mapping.tumbling_window_in_seconds for mapping in audit.mappings}
            case _:
                assert fact.final == "state too large"

    def finished(self, fact: InvocationFinished) -> None:
        window = self.open.get(fact.shard_id)
        if window is None or fact.outcome not in ("success", "partial"):
            return
        if window.final is not None:
            assert fact.outcome == "success"
            window.ended = "processed"
        elif fact.handled:
            window.state = fact.response["state"]
            window.made_of += fact.sequence_numbers[: fact.handled]
            for number in fact.sequence_numbers[: fact.handled]:
                self.in_windows[number] = window

    def discarded(self, fact: RecordsDiscarded) -> None:
        window = self.open.get(fact.shard_id)
        info = fact.record.get("timeWindowInfo")
        if info is not None:
            assert list(fact.record)[-1] == "timeWindowInfo"
            assert info["isFinalInvokeForWindow"] == (not fact.sequence_numbers)
        if window is None:
            # What is discarded before its window was open is in no open one, and is no final invocation.
            assert fact.sequence_numbers
            return
        assert info is not None
        assert info["window"] == {"start": _text(window.start), "end": _text(window.end)}
        if not fact.sequence_numbers:
            assert info["isWindowTerminatedEarly"] == window.large
            window.ended = "discarded"
        if "payload" in fact.record:
            event = orjson.loads(fact.record["payload"])
            assert event["state"] == window.state
            assert event["isFinalInvokeForWindow"] == info["isFinalInvokeForWindow"]

    def closed(self, fact: WindowClosed) -> None:
        window = self.open.pop(fact.shard_id)
        assert (fact.start, fact.end) == (window.start, window.end)
        if window.final is not None:
            assert window.final.final == fact.cause
        assert fact.how == (window.ended or "expired")
        self.over.append((window, fact))

    def close(self, runner: LocalRunner) -> None:
        """Hold the end of the run to what is true of every end."""
        assert not self.open, "a window is open for ever"
        assert len(self.over) == self._opened
        told = [(one.shard_id, one.start, one.end, one.cause, one.how, one.closed_at) for one in runner.windows]
        facts = [fact for _, fact in self.over]
        assert sorted(told) == sorted((f.shard_id, f.start, f.end, f.cause, f.how, f.at) for f in facts)
        assert sum(one.records for one in runner.windows) == len(self.in_windows)
        assert not any(one.waits_for for one in runner.windows)

    def _created(self, number: str) -> datetime:
        created: float = self._audit.facts[int(number)]["dynamodb"]["ApproximateCreationDateTime"]
        return datetime.fromtimestamp(created, UTC)


def _text(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"
