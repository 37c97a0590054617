"""A run that something outside the handler stopped, Ctrl-C above all, goes on as if nothing had been."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local import LocalRunner
from streamkit.local.journal import Checkpointed, RecordsDiscarded
from tests.local.builders import QUEUE, Failing, Heard, batches, full, outcomes, short, spans, table_of

if TYPE_CHECKING:
    from streamkit.local.window import OpenWindow

SETTINGS: dict[str, Any] = {"MaximumRetryAttempts": 1, "BatchSize": 2, "DestinationConfig": QUEUE}


class StoppingAt(Heard):
    """Ctrl-C comes while the n-th fact is being shown."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def note(self, fact: Any) -> None:
        super().note(fact)
        if len(self.facts) == self._number:
            raise KeyboardInterrupt


def undisturbed() -> LocalRunner:
    runner = LocalRunner(Failing({1: None}), table_of(3), SETTINGS)
    runner.run()
    return runner


FACTS = len(undisturbed().journal)


def stopped_at(number: int) -> LocalRunner:
    """Return a run that was stopped while this fact was shown, and then went on."""
    runner = LocalRunner(Failing({1: None}), table_of(3), SETTINGS)
    runner.journal.subscribe(StoppingAt(number))
    with pytest.raises(KeyboardInterrupt):
        runner.run()
    runner.run()
    return runner


def test_a_run_that_is_stopped_while_a_fact_is_shown_goes_on_whichever_it_is() -> None:
    broken: dict[int, str] = {}
    for number in range(1, FACTS + 1):
        try:
            runner = stopped_at(number)
            assert spans(runner.discarded) == [(1, 2)]
            assert [short(checkpoint) for checkpoint in runner.checkpoints.values()] == [3]
            assert outcomes(runner)[-1] == "success"
            assert {short(n) for invocation in runner.invocations for n in invocation.sequence_numbers} == {1, 2, 3}
        except (AssertionError, LookupError) as error:
            fact = type(undisturbed().journal[number - 1]).__name__
            broken[number] = f"{fact}: {type(error).__name__}"
    assert broken == {}


class LockedOnce:
    """Checkpoints whose n-th save fails once."""

    def __init__(self, number: int) -> None:
        self.saved: list[str | None] = []
        self._left = number

    def load(self) -> dict[str, Any]:
        return {}

    def save(self, shard_id: str, sequence_number: str | None, window: OpenWindow | None = None) -> None:  # noqa: ARG002  # Checkpoints
        self._left -= 1
        if self._left == 0:
            raise sqlite3.OperationalError("database is locked")
        self.saved.append(sequence_number)

    def save_window(self, shard_id: str, window: OpenWindow | None) -> None: ...

    def save_lane(self, shard_id: str, lane: int, of: int, sequence_number: str) -> None: ...


def test_a_checkpoint_that_could_not_be_saved_is_saved_when_the_run_goes_on() -> None:
    checkpoints = LockedOnce(2)
    runner = LocalRunner(Failing({}), table_of(4), {"BatchSize": 2}, checkpoints=checkpoints)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        runner.run()
    runner.run()
    assert batches(runner) == [[1, 2], [3, 4]]
    assert checkpoints.saved[-1] == full(4)
    assert [fact.sequence_number for fact in runner.journal if isinstance(fact, Checkpointed)] == [full(2), full(4)]


def test_a_call_that_was_interrupted_is_made_again() -> None:
    calls: list[int] = []

    def handler(event: Any, context: Any) -> None:
        calls.append(len(event["Records"]))
        if len(calls) == 2:
            raise KeyboardInterrupt

    runner = LocalRunner(handler, table_of(3), {"BatchSize": 1})
    with pytest.raises(KeyboardInterrupt):
        runner.run()
    runner.run()
    assert batches(runner) == [[1], [2], [2], [3]]
    assert outcomes(runner) == ["success", None, "success", "success"]
    assert runner.invocations[1].request_id == runner.invocations[2].request_id


def test_a_duration_that_cannot_be_told_leaves_the_call_to_be_made_again() -> None:
    left: list[Exception] = [OSError("no such file")]

    def duration(_event: Any) -> float:
        if left:
            raise left.pop()
        return 1

    handler = Failing({})
    runner = LocalRunner(handler, table_of(1), duration=duration)
    with pytest.raises(OSError, match="no such file"):
        runner.run()
    runner.run()
    assert handler.calls == [[1], [1]]
    assert outcomes(runner) == [None, "success"]


def test_what_is_discarded_is_discarded_once_however_often_its_delivery_is_interrupted() -> None:
    class Impatient:
        def __init__(self) -> None:
            self.calls = 0

        def send(self, record: dict[str, Any]) -> None:  # noqa: ARG002  # Destination
            self.calls += 1
            if self.calls < 4:
                raise KeyboardInterrupt

    destination = Impatient()
    runner = LocalRunner(Failing({1: None}), table_of(3), SETTINGS, destination=destination)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            runner.run()
    runner.run()
    assert destination.calls == 4
    assert sum(isinstance(fact, RecordsDiscarded) for fact in runner.journal) == 1
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 2
    assert batches(runner) == [[1, 2], [1, 2], [3]]
