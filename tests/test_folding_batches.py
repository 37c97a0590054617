"""Folds of whole batches: `list[Insert[Order]]`."""

from collections.abc import Sequence
from typing import Any

import pytest

from streamkit import BatchItemFailure, Change, Insert, StreamkitError, Window, WindowStateError, tumbling_window
from streamkit.observing import failures_observed
from tests.build import record
from tests.windowbuild import LARGE, Order, Tally, answer, failed_in, number_of, window_event


class Batches(list[list[int]]):
    """A fold that fails at the last of the ``bad`` numbers that it is given, after it changed its state."""

    def __init__(self, *bad: int) -> None:
        super().__init__()
        self.bad = bad

    def __call__(self, changes: Sequence[Any], state: Tally) -> Tally:
        numbers = [number_of(change) for change in changes]
        self.append(numbers)
        state.seen.extend(numbers)
        failed = [change for change in changes if number_of(change) in self.bad]
        if failed:
            raise BatchItemFailure(failed[-1]) from KeyError(number_of(failed[-1]))
        return state


def handler_of(fold: Batches, **options: Any) -> Any:
    def handler(changes: list[Change[Order]], state: Tally) -> Tally:
        return fold(changes, state)

    return tumbling_window(seconds=60, **options)(handler)


def test_all_changes_are_folded_in_one_call() -> None:
    fold = Batches()
    response = handler_of(fold)(window_event(*map(record, range(1, 4)), state={"seen": [0]}))
    assert response["state"]["seen"] == [0, 1, 2, 3]
    assert fold == [[1, 2, 3]]


def test_an_async_fold_gets_window_and_context_too() -> None:
    seen: list[object] = []

    @tumbling_window(seconds=60)
    async def handler(changes: list[Insert[Order]], state: Tally, window: Window, context: Any) -> Tally:
        seen.extend([len(changes), window.shard_id, context])
        if len(changes) > 1:
            raise BatchItemFailure(changes[1])
        return Tally(seen=[len(changes)])

    assert failed_in(handler(window_event(record(1), record(2)), "the context")) == [2]
    assert seen == [2, "shardId-1", "the context", 1, "shardId-1", "the context"]


def test_nothing_left_to_fold_is_no_call() -> None:
    fold = Batches()

    @tumbling_window(seconds=60)
    def handler(changes: list[Insert[Order]], state: Tally) -> Tally:
        return fold(changes, state)

    assert handler(window_event(record(1, "REMOVE"), state={"seen": [5]}))["state"]["seen"] == [5]
    assert fold == []


@pytest.mark.parametrize("size", [0, LARGE], ids=["small", "large"])
class TestBatchItemFailure:
    """It reports from a change on: the state is that of a call with the changes before it."""

    def test_the_fold_is_called_again_with_the_changes_before_it(self, size: int) -> None:
        fold = Batches(3)
        with failures_observed() as failures:
            response = handler_of(fold)(
                window_event(*map(record, range(1, 6)), state={"seen": [0], "ballast": "x" * size})
            )
        assert failed_in(response) == [3]
        assert response["state"] == {"seen": [0, 1, 2], "inner": {}, "ballast": "x" * size}
        assert fold == [[1, 2, 3, 4, 5], [1, 2]]
        assert [(failure.sequence_number, repr(failure.error)) for failure in failures] == [("3", "KeyError(3)")]

    def test_a_call_that_fails_earlier_is_made_again_and_only_the_lowest_is_reported(self, size: int) -> None:
        fold = Batches(2, 4)
        with failures_observed() as failures:
            response = handler_of(fold)(window_event(*map(record, range(1, 6)), state={"ballast": "x" * size}))
        assert failed_in(response) == [2]
        assert response["state"]["seen"] == [1]
        assert fold == [[1, 2, 3, 4, 5], [1, 2, 3], [1]]
        assert [failure.sequence_number for failure in failures] == ["2"]

    def test_at_the_first_change_the_state_is_the_one_that_came(self, size: int) -> None:
        fold = Batches(1)
        before = {"seen": [0], "inner": {}, "ballast": "x" * size}
        assert handler_of(fold)(window_event(record(1), record(2), state=before)) == answer(before, 1)
        assert fold == [[1, 2]]


def test_a_failure_without_a_cause_is_its_own() -> None:
    @tumbling_window(seconds=60)
    def handler(changes: list[Insert[Order]], state: Tally) -> Tally:
        raise BatchItemFailure(changes[0])

    with failures_observed() as failures:
        handler(window_event(record(1)))
    assert str(failures[0].error) == "failed from record 1 on"


def test_a_failure_at_a_change_of_another_batch_fails_the_invocation() -> None:
    stranger = Insert(Order(id=9), raw=record(9))

    @tumbling_window(seconds=60)
    def handler(changes: list[Insert[Order]], state: Tally) -> Tally:
        raise BatchItemFailure(stranger)

    with pytest.raises(StreamkitError, match="a change that is not in its batch"):
        handler(window_event(record(1), record(2)))


def test_a_failure_at_a_change_that_was_reported_already_fails_the_invocation_and_ends() -> None:
    first: list[Any] = []

    @tumbling_window(seconds=60)
    def handler(changes: list[Insert[Order]], state: Tally) -> Tally:
        first.append(changes[-1])
        raise BatchItemFailure(first[0])

    with pytest.raises(StreamkitError, match="a change that is not in its batch"):
        handler(window_event(record(1), record(2)))
    assert len(first) == 2


@pytest.mark.parametrize("policy", ["stop", "raise"])
def test_any_other_exception_fails_the_invocation(policy: Any) -> None:
    @tumbling_window(seconds=60, on_failure=policy)
    def handler(changes: list[Insert[Order]], state: Tally) -> Tally:
        raise ValueError("all of it")

    with pytest.raises(ValueError, match="all of it"):
        handler(window_event(record(1)))


@pytest.mark.parametrize("returned", [None, {"seen": []}], ids=["None", "dict"])
def test_what_is_no_state_fails_the_invocation(returned: Any) -> None:
    def fold(changes: list[Insert[Order]], state: Tally) -> Any:
        return returned

    with pytest.raises(WindowStateError):
        tumbling_window(seconds=60)(fold)(window_event(record(1)))


class TestDecoding:
    """A record that does not decode ends the batch there."""

    POISON = record(3, new={"total": {"S": "x"}})

    def test_the_records_before_it_are_folded_and_it_is_reported(self) -> None:
        fold = Batches()
        response = handler_of(fold)(window_event(record(1), record(2), self.POISON, record(4)))
        assert failed_in(response) == [3]
        assert response["state"]["seen"] == [1, 2]
        assert fold == [[1, 2]]

    def test_a_failure_before_it_is_the_one_that_is_reported(self) -> None:
        fold = Batches(2)
        with failures_observed() as failures:
            response = handler_of(fold)(window_event(record(1), record(2), self.POISON))
        assert failed_in(response) == [2]
        assert response["state"]["seen"] == [1]
        assert [repr(failure.error) for failure in failures] == ["KeyError(2)"]

    def test_as_the_first_record_it_leaves_nothing_to_fold(self) -> None:
        fold = Batches()
        response = handler_of(fold)(window_event(self.POISON, record(4), state={"seen": [0]}))
        assert failed_in(response) == [3]
        assert response["state"]["seen"] == [0]
        assert fold == []

    def test_a_quarantined_record_is_left_out_once(self) -> None:
        fold = Batches(4)
        handler = handler_of(fold)
        aside: list[object] = []
        handler.invalid(lambda record, error: aside.append(record["eventID"]))
        response = handler(window_event(record(1), self.POISON, record(4)))
        assert failed_in(response) == [4]
        assert response["state"]["seen"] == [1]
        assert fold == [[1, 4], [1]]
        assert len(aside) == 1


class TestRaise:
    """`on_failure="raise"`."""

    def test_the_cause_of_a_batch_item_failure_comes_out_with_the_record(self) -> None:
        with pytest.raises(KeyError) as caught:
            handler_of(Batches(2), on_failure="raise")(window_event(record(1), record(2)))
        assert caught.value.__notes__ == ["record 2 failed, and with on_failure='raise' the whole invocation fails"]

    def test_a_record_that_does_not_decode_fails_the_invocation_before_any_call(self) -> None:
        fold = Batches()
        with pytest.raises(ValueError, match="record 3, NewImage"):
            handler_of(fold, on_failure="raise")(window_event(record(1), TestDecoding.POISON))
        assert fold == []


def test_the_final_function_gets_the_batch_of_its_invocation_too() -> None:
    handler = handler_of(Batches())
    finals: list[list[int]] = []
    handler.final(lambda state, window: finals.append(state.seen))
    handler(window_event(record(1), record(2), state={"seen": [0]}, final=True))
    assert finals == [[0, 1, 2]]
