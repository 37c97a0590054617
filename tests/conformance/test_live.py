"""Runs the table of live streams: each row is a rule that whoever reads a real stream must keep."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local import LocalRunner
from streamkit.local.journal import SourceNoted
from streamkit.local.streams.livestream import LiveStream
from tests.conformance.live import LIVE
from tests.local.streams.fakestream import ARN, FakeStream

if TYPE_CHECKING:
    from tests.conformance.rules import LiveRule

FIRST = 100
"""The number of the first record that a FakeStream writes."""
ALLOWED = {"describe", "records", "iterator TRIM_HORIZON", "iterator LATEST", "iterator AFTER_SEQUENCE_NUMBER"}


class Reading:
    """A stream, and somebody who reads it; made when the first step asks for it."""

    def __init__(self, rule: LiveRule) -> None:
        self.fake = FakeStream(page=rule.page)
        self.fake.shard()
        self._starting = rule.starting
        self._runner: LocalRunner | None = None
        self._stream: LiveStream | None = None
        self.delivered: list[int] = []
        self.lost = False

    def open(self) -> LocalRunner:
        if self._runner is None:
            self._stream = LiveStream(ARN, client=self.fake, poll_interval=0.01)
            self._runner = LocalRunner(self._handler, self._stream, {"StartingPosition": self._starting})
        return self._runner

    def read(self) -> None:
        self.open().run()

    def put(self, count: int) -> None:
        self.fake.put(count=count, at=datetime.now(UTC))

    def put_into(self, shard_id: str, count: int) -> None:
        self.fake.put(shard_id, count, at=datetime.now(UTC))

    def give_empty_pages(self, count: int) -> None:
        self.fake.empty_pages = count

    def refuse(self, code: str) -> None:
        self.open()
        self.fake.troubles.append(FakeStream.refusal(code))

    def close(self) -> None:
        facts = [fact for fact in self.open().journal if isinstance(fact, SourceNoted)]
        self.lost = any(fact.loses_records for fact in facts)
        if self._stream is not None:
            self._stream.close()

    def _handler(self, event: Any, _context: Any) -> None:
        self.delivered += [int(record["dynamodb"]["SequenceNumber"]) - FIRST + 1 for record in event["Records"]]


@pytest.mark.parametrize("rule", LIVE, ids=str)
def test_how_a_live_stream_is_read(rule: LiveRule) -> None:
    reading = Reading(rule)
    with closing(reading):
        for name, *arguments in rule.steps:
            step = getattr(reading, name, None) or getattr(reading.fake, name)
            step(*arguments)
    assert reading.delivered == rule.delivered
    assert reading.lost == rule.loses
    asked = [call.removeprefix("iterator ") for call in reading.fake.calls if call.startswith("iterator ")]
    assert not rule.iterators or tuple(asked) == rule.iterators
    assert set(reading.fake.calls) <= ALLOWED
