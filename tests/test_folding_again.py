"""A large state, of which no copies are made: what comes before a failing record is folded again."""

from __future__ import annotations

from typing import Any, Self

import pytest
from pydantic import model_validator

from streamkit import Insert, tumbling_window
from tests.build import record
from tests.windowbuild import LARGE, Order, Tally, failed_in, messages_of, number_of, window_event


def test_of_a_large_state_what_comes_before_the_failing_record_is_folded_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    calls: list[int] = []

    @tumbling_window(seconds=60)
    def handler(change: Insert[Order], state: Tally) -> Tally:
        calls.append(number_of(change))
        state.seen.append(number_of(change))
        if number_of(change) == 3:
            raise ValueError("poison")
        return state

    response = handler(window_event(record(1), record(2), record(3), record(4), state={"ballast": "x" * LARGE}))
    assert failed_in(response) == [3]
    assert response["state"]["seen"] == [1, 2]
    assert calls == [1, 2, 3, 1, 2]
    warned, _ = messages_of(caplog.records)
    assert "folds the first 2 records of its batch again" in warned
    assert "(ValueError: poison)" in warned


@pytest.mark.parametrize("flaky", [1, 2, 3])
def test_a_record_that_fails_only_when_it_is_folded_again_is_the_one_reported(flaky: int) -> None:
    calls: list[int] = []

    @tumbling_window(seconds=60)
    def handler(change: Insert[Order], state: Tally) -> Tally:
        calls.append(number_of(change))
        state.seen.append(number_of(change))
        if number_of(change) == 4 or (number_of(change) == flaky and calls.count(flaky) > 1):
            raise ValueError("poison")
        return state

    records = [record(number) for number in range(1, 6)]
    response = handler(window_event(*records, state={"ballast": "x" * LARGE}))
    assert failed_in(response) == [flaky]
    assert response["state"]["seen"] == list(range(1, flaky))


def test_a_record_that_does_not_decode_when_it_is_folded_again_is_the_one_reported() -> None:
    poisoned: list[int] = []

    class Flaky(Order):
        @model_validator(mode="after")
        def _check(self) -> Self:
            if poisoned and self.id == 2:
                raise ValueError("only the second time")
            return self

    @tumbling_window(seconds=60)
    def handler(change: Insert[Flaky], state: Tally) -> Tally:
        state.seen.append(number_of(change))
        if number_of(change) == 4:
            poisoned.append(4)
            raise ValueError("poison")
        return state

    records = [record(number) for number in range(1, 6)]
    response = handler(window_event(*records, state={"ballast": "x" * LARGE}))
    assert failed_in(response) == [2]
    assert response["state"]["seen"] == [1]


def odd_from(bad: int, calls: list[int]) -> Any:
    """Return a handler whose state cannot be sent from this record on, which only sending it shows."""

    @tumbling_window(seconds=60)
    def handler(change: Insert[Order], state: Tally) -> Tally:
        calls.append(number_of(change))
        state.seen.append("text" if number_of(change) >= bad else number_of(change))  # type: ignore[arg-type]  # that is the point
        return state

    return handler


@pytest.mark.parametrize("bad", range(1, 9))
def test_the_record_that_made_a_large_state_odd_is_found_by_halves(bad: int) -> None:
    calls: list[int] = []
    records = [record(number) for number in range(1, 9)]
    response = odd_from(bad, calls)(window_event(*records, state={"ballast": "x" * LARGE}))
    assert failed_in(response) == [bad]
    assert response["state"]["seen"] == list(range(1, bad))
    assert len(calls) <= 8 + 4 + 6 + 7  # the batch, and what comes before each middle


def test_a_fold_that_fails_while_the_odd_record_is_looked_for_fails_the_invocation() -> None:
    calls: list[int] = []

    @tumbling_window(seconds=60)
    def handler(change: Insert[Order], state: Tally) -> Tally:
        calls.append(number_of(change))
        if len(calls) > 4:
            raise ConnectionError("gone")
        state.seen.append("text")  # type: ignore[arg-type]  # that is the point
        return state

    records = [record(number) for number in range(1, 5)]
    with pytest.raises(ConnectionError):
        handler(window_event(*records, state={"ballast": "x" * LARGE}))
