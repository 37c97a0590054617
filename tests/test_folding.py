"""What a window handler answers when a record fails: the state is the fold of exactly the records before it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import BaseModel
from typing_extensions import TypedDict

from streamkit import Insert, WindowStateError, tumbling_window
from streamkit.observing import failures_observed
from tests.build import record
from tests.windowbuild import LARGE, Order, Row, Tally, failed_in, messages_of, number_of, window_event


@dataclass
class Point:
    seen: list[int] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    inner: dict[str, list[int]] = field(default_factory=dict)
    ballast: str = ""


class Texts(TypedDict, total=False):
    texts: list[str]


class Model(BaseModel):
    seen: list[int] = []
    names: set[str] = set()
    inner: dict[str, list[int]] = {}
    ballast: str = ""


def spoiling(state_type: Any, bad: int, **options: Any) -> Any:
    """Return a handler whose fold changes all of its state in place, and then fails at one record."""

    def fold(change: Insert[Order], state: Any) -> Any:
        number = number_of(change)
        untyped = isinstance(state, dict)
        state = state if untyped else vars(state)
        state.setdefault("seen", []).append(number)
        state.setdefault("names", set()).add(str(number))
        state.setdefault("inner", {}).setdefault("all", []).append(number)
        if number == bad:
            raise ValueError("after all that")
        return state if untyped else state_type(**state)

    fold.__annotations__["state"] = state_type
    return tumbling_window(seconds=60, **options)(fold)


@pytest.mark.parametrize("state_type", [Model, Point, Row], ids=["model", "dataclass", "dict"])
@pytest.mark.parametrize("size", [0, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("bad", [1, 2, 4])
def test_a_fold_that_changed_its_state_before_it_failed_leaves_no_trace(state_type: Any, size: int, bad: int) -> None:
    handler = spoiling(state_type, bad)
    before: Row = handler(window_event(record(9)))["state"] | {"ballast": "x" * size}
    response = handler(window_event(*map(record, range(1, 6)), state=before))
    assert failed_in(response) == [bad]
    as_before: Any = spoiling(state_type, 0)(window_event(*map(record, range(1, bad)), state=before))
    assert response["state"] == as_before["state"]
    assert response["state"]["seen"] == [9, *range(1, bad)]


@pytest.mark.parametrize("bad", [2, 3, 5])
def test_a_state_that_becomes_large_within_a_batch_is_not_spoilt_either(bad: int) -> None:
    @tumbling_window(seconds=60)
    def handler(change: Insert[Order], state: Tally) -> Tally:
        state.seen.append(number_of(change))
        state.ballast = "x" * LARGE
        if number_of(change) == bad:
            raise ValueError
        return state

    response = handler(window_event(*map(record, range(1, 6))))
    assert failed_in(response) == [bad]
    assert response["state"]["seen"] == [*range(1, bad)]


def test_a_state_that_becomes_small_again_is_not_spoilt_either() -> None:
    @tumbling_window(seconds=60)
    def handler(change: Insert[Order], state: Tally) -> Tally:
        state.seen.append(number_of(change))
        state.ballast = ""
        if number_of(change) == 3:
            raise ValueError
        return state

    response = handler(window_event(*map(record, range(1, 6)), state={"ballast": "x" * LARGE}))
    assert failed_in(response) == [3]
    assert response["state"] == {"seen": [1, 2], "inner": {}, "ballast": ""}


@pytest.mark.parametrize("size", [0, LARGE], ids=["small", "large"])
def test_a_failure_is_logged_once_with_its_record_and_told_to_whoever_listens(
    size: int, caplog: pytest.LogCaptureFixture
) -> None:
    with failures_observed() as failures:
        spoiling(Model, 2)(window_event(record(1), record(2), record(3), state={"ballast": "x" * size}))
    assert [(failure.sequence_number, str(failure.error)) for failure in failures] == [("2", "after all that")]
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    (said,) = messages_of(errors)
    assert "fold failed on record 2 (INSERT): ValueError: after all that" in said
    assert errors[0].exc_info is not None


@pytest.mark.parametrize("returned", [5, "text", {}, []])
def test_what_is_no_member_of_the_states_union_fails_its_record_however_large_the_state(returned: Any) -> None:
    @tumbling_window(seconds=60)
    def handler(change: Insert[Order], state: Tally | None) -> Any:
        if number_of(change) == 2:
            return returned
        return state if isinstance(state, Tally) else Tally()

    response = handler(window_event(record(1), record(2), record(3), state={"ballast": "x" * LARGE}))
    assert failed_in(response) == [2]
    assert response["state"]["ballast"] == "x" * LARGE


@pytest.mark.parametrize("policy", ["stop", "raise"])
def test_a_large_state_that_cannot_be_written_fails_the_record_that_made_it_so(policy: Any) -> None:
    def fold(change: Insert[Order], state: Tally) -> Tally:
        if number_of(change) == 2:
            state.seen.append("text")  # type: ignore[arg-type]  # that is the point
        return state

    handler = tumbling_window(seconds=60, on_failure=policy)(fold)
    event = window_event(record(1), record(2), record(3), state={"ballast": "x" * LARGE})
    if policy == "raise":
        with pytest.raises(WindowStateError, match="seen"):
            handler(event)
    else:
        assert failed_in(handler(event)) == [2]


NO_STATES: list[Any] = [None, 5, {"seen": [1]}, Order(id=1), Tally.model_construct(seen="text")]
NAMES = ["None", "number", "dict", "another model", "invalid member"]


class TestNoState:
    """A fold that returns what is no state fails the record that made it."""

    @pytest.mark.parametrize("size", [0, LARGE], ids=["small", "large"])
    @pytest.mark.parametrize("returned", NO_STATES, ids=NAMES)
    def test_it_fails_its_record(self, returned: Any, size: int) -> None:
        def fold(change: Insert[Order], state: Tally) -> Any:
            return returned if number_of(change) == 2 else state.model_copy(update={"seen": [*state.seen, 0]})

        handler: Any = tumbling_window(seconds=60)(fold)
        with failures_observed() as failures:
            response = handler(window_event(record(1), record(2), state={"ballast": "x" * size}))
        assert failed_in(response) == [2]
        assert response["state"]["seen"] == [0]
        assert isinstance(failures[0].error, WindowStateError)

    @pytest.mark.parametrize("size", [0, LARGE], ids=["small", "large"])
    @pytest.mark.parametrize("returned", [None, {"n": 1}, Order(id=1)], ids=["None", "dict", "another model"])
    def test_a_later_record_cannot_hide_it(self, returned: Any, size: int) -> None:
        def fold(change: Insert[Order], state: Any) -> Any:
            if number_of(change) == 2:
                return returned
            return state if isinstance(state, Tally) else Tally()

        fold.__annotations__["state"] = Tally
        handler: Any = tumbling_window(seconds=60)(fold)
        response = handler(window_event(record(1), record(2), record(3), state={"seen": [7], "ballast": "x" * size}))
        assert failed_in(response) == [2]
        assert response["state"]["seen"] == [7]

    @pytest.mark.parametrize("size", [0, LARGE], ids=["small", "large"])
    @pytest.mark.parametrize("state_type", [list[str], Row, Texts], ids=["list", "dict", "TypedDict"])
    def test_a_later_record_cannot_hide_it_in_other_types_either(self, state_type: Any, size: int) -> None:
        def fold(change: Insert[Order], state: Any) -> Any:
            return None if number_of(change) == 2 else state or state_type()

        fold.__annotations__["state"] = state_type
        texts = ["x" * size, "y"]
        before = {"$value": texts} if state_type == list[str] else {"texts": texts}
        response = tumbling_window(seconds=60)(fold)(window_event(record(1), record(2), record(3), state=before))
        assert failed_in(response) == [2]
        assert response["state"] == before

    @pytest.mark.parametrize("size", [0, LARGE], ids=["small", "large"])
    def test_an_untyped_state_that_json_cannot_hold_fails_its_record(self, size: int) -> None:
        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Row) -> Row:
            return {**state, "n": object() if number_of(change) == 2 else number_of(change)}

        with failures_observed() as failures:
            response = handler(window_event(record(1), record(2), state={"ballast": "x" * size}))
        assert failed_in(response) == [2]
        assert response["state"]["n"] == 1
        assert "object" in str(failures[0].error)

    def test_none_is_told_in_words(self) -> None:
        def fold(change: Insert[Order], state: Tally) -> None: ...

        undecorated: Any = fold
        handler = tumbling_window(seconds=60)(undecorated)
        with failures_observed() as failures:
            handler(window_event(record(1)))
        assert str(failures[0].error) == "returned None: a fold returns the new state"

    def test_a_wrong_type_is_told_with_both_types(self) -> None:
        def fold(change: Insert[Order], state: Tally) -> Any:
            return change.new

        with failures_observed() as failures:
            tumbling_window(seconds=60)(fold)(window_event(record(1)))
        assert "the new state is not a valid Tally: expected Tally, got Order(id=1" in str(failures[0].error)
