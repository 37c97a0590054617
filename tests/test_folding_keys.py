"""`by=`: a state per key, and what is left of each when a record fails."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest

from streamkit import Insert, WindowStateError, tumbling_window
from streamkit.observing import failures_observed
from tests.build import record
from tests.windowbuild import LARGE, Order, Row, Tally, answer, failed_in, number_of, window_event


def of(number: int, key: int) -> Row:
    return record(number, new={"total": {"N": str(key)}})


def tallying(*bad: int, by: Any = None, **options: Any) -> Any:
    """Return a handler whose fold, by ``total``, changes its state in place and then fails at some records."""

    @tumbling_window(seconds=60, by=by or (lambda change: change.new.total), **options)
    def handler(change: Insert[Order], state: Tally) -> Tally:
        state.seen.append(number_of(change))
        state.inner.setdefault("all", []).append(number_of(change))
        if number_of(change) in bad:
            raise ValueError("after all that")
        return state

    return handler


def seen_in(response: Row) -> dict[str, list[int]]:
    assert all(state["inner"].get("all", []) == state["seen"] for state in response["state"].values())
    return {key: state["seen"] for key, state in response["state"].items()}


def test_each_key_has_a_state_of_its_own_that_goes_on_in_the_next_invocation() -> None:
    handler = tallying()
    first = handler(window_event(of(1, 7), of(2, 8), of(3, 7)))
    assert seen_in(first) == {"$7": [1, 3], "$8": [2]}
    second = handler(window_event(of(4, 8), of(5, 9), state=first["state"]))
    assert seen_in(second) == {"$7": [1, 3], "$8": [2, 4], "$9": [5]}


@pytest.mark.parametrize("size", [0, LARGE], ids=["small", "large"])
@pytest.mark.parametrize(
    ("bad", "left"),
    [
        (1, {"$7": [0]}),
        (3, {"$7": [0, 1], "$8": [2]}),
        (4, {"$7": [0, 1, 3], "$8": [2]}),
        (5, {"$7": [0, 1, 3], "$8": [2], "$9": [4]}),
    ],
    ids=["first record", "a key touched before", "a key first seen in it", "a key first seen in this batch"],
)
def test_a_failing_record_leaves_no_trace_in_any_key(bad: int, left: dict[str, list[int]], size: int) -> None:
    before = {"$7": {"seen": [0], "inner": {"all": [0]}, "ballast": "x" * size}}
    records = [of(1, 7), of(2, 8), of(3, 7), of(4, 9), of(5, 9), of(6, 7)]
    response = tallying(bad)(window_event(*records, state=before))
    assert failed_in(response) == [bad]
    assert seen_in(response) == left
    assert response["state"]["$7"]["ballast"] == "x" * size


def test_a_key_that_fails_before_it_has_a_state_gets_none() -> None:
    assert tallying(1)(window_event(of(1, 7), of(2, 8))) == answer({}, 1)


def test_the_first_state_is_fresh_for_each_key() -> None:
    handler = tallying(initial=Tally(seen=[0], inner={"all": [0]}))
    assert seen_in(handler(window_event(of(1, 7), of(2, 8)))) == {"$7": [0, 1], "$8": [0, 2]}


@pytest.mark.parametrize("returned", [None, 5, {"seen": []}], ids=["None", "number", "dict"])
def test_what_is_no_state_fails_the_record_that_made_it(returned: Any) -> None:
    def fold(change: Insert[Order], state: Tally) -> Any:
        state.seen.append(number_of(change))
        return returned if number_of(change) == 3 else state

    handler: Any = tumbling_window(seconds=60, by=lambda change: change.new.total)(fold)
    with failures_observed() as failures:
        response = handler(window_event(of(1, 7), of(2, 8), of(3, 7)))
    assert failed_in(response) == [3]
    assert {key: state["seen"] for key, state in response["state"].items()} == {"$7": [1], "$8": [2]}
    assert isinstance(failures[0].error, WindowStateError)


def test_events_that_the_fold_does_not_take_are_not_asked_for_a_key() -> None:
    asked: list[int] = []

    def by(change: Any) -> int:
        asked.append(number_of(change))
        return 0

    handler = tallying(by=by)
    assert seen_in(handler(window_event(record(1), record(2, "REMOVE"), record(3)))) == {"$0": [1, 3]}
    assert asked == [1, 3]


class Color(Enum):
    RED = "red"


class TestKeys:
    """What `by` may return."""

    KEYS: tuple[Any, ...] = (
        "text",
        "",
        "$1",
        1,
        True,
        None,
        Decimal("1.50"),
        UUID(int=5),
        datetime(2026, 1, 1, tzinfo=UTC),
        b"bytes",
        ("a", 1, ("b", None)),
    )

    @pytest.mark.parametrize("key", KEYS, ids=repr)
    def test_a_key_comes_back_as_it_was(self, key: Any) -> None:
        handler = tallying(by=lambda change: key)
        finals: list[dict[Any, Tally]] = []
        handler.final(lambda states, window: finals.append(states))
        first = handler(window_event(record(1)))
        second = handler(window_event(record(2), state=first["state"]))
        handler(window_event(state=second["state"], final=True))
        ((states, *_),) = [list(final.items()) for final in finals]
        assert states == (key, Tally(seen=[1, 2], inner={"all": [1, 2]}))
        assert type(states[0]) is type(key)

    @pytest.mark.parametrize(
        "key",
        [[1], {"a": 1}, 1.5, Color.RED, object(), ("a", [1]), Decimal("sNaN"), Decimal("NaN")],
        ids=["list", "dict", "float", "enum", "object", "tuple of a list", "signaling NaN", "NaN"],
    )
    def test_a_key_that_cannot_be_one_fails_its_record(self, key: Any) -> None:
        handler = tallying(by=lambda change: key if number_of(change) == 2 else "fine")
        with failures_observed() as failures:
            response = handler(window_event(record(1), record(2), record(3)))
        assert failed_in(response) == [2]
        assert seen_in(response) == {"fine": [1]}
        assert isinstance(failures[0].error, WindowStateError)
        assert "key" in str(failures[0].error)

    def test_a_by_that_raises_fails_its_record(self) -> None:
        handler = tallying(by=lambda change: 1 // (number_of(change) - 2))
        with failures_observed() as failures:
            response = handler(window_event(record(1), record(2)))
        assert failed_in(response) == [2]
        assert seen_in(response) == {"$-1": [1]}
        assert isinstance(failures[0].error, ZeroDivisionError)

    def test_a_by_that_raises_after_a_record_of_a_key_spoils_nothing(self) -> None:
        # The key of the record before must not be taken for that of the failing one.
        handler = tallying(by=lambda change: {1: "a", 2: "a"}[number_of(change)])
        response = handler(
            window_event(record(1), record(2), record(3), state={"a": {"seen": [0], "inner": {"all": [0]}}})
        )
        assert failed_in(response) == [3]
        assert seen_in(response) == {"a": [0, 1, 2]}

    def test_with_raise_a_bad_key_fails_the_invocation(self) -> None:
        with pytest.raises(ValueError, match="key") as caught:
            tallying(by=lambda change: [1], on_failure="raise")(window_event(record(1)))
        assert "record 1 failed" in caught.value.__notes__[0]


def test_a_state_that_is_no_dict_of_states_is_refused_with_its_path() -> None:
    with pytest.raises(WindowStateError, match=r"not a valid dict of Tally by key: .*migrate="):
        tallying()(window_event(of(1, 7), state={"$7": {"seen": "text"}}))
