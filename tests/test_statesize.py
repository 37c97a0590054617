"""How large a state is, and what is said before Lambda ends its window early."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from streamkit import Insert, tumbling_window
from streamkit.settings import MAX_STATE_BYTES
from streamkit.states.codec import EncodedState
from streamkit.statesize import size_warning
from tests.build import record
from tests.windowbuild import Order, Row, Tally, messages_of, window_event

WARN_FROM = 838_860  # the largest whole number of bytes that is not more than 80 % of 1 MB


def encoded(value: Row) -> EncodedState:
    return EncodedState(value, json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def state_of(size: int, name: str = "text") -> Row:
    """Return a state of so many bytes."""
    return {name: "x" * (size - len(encoded({name: ""}).json))}


def said(before: Row, after: Row) -> list[str]:
    return list(size_warning("app.fold", before, len(encoded(before).json), encoded(after)))


class TestWhatIsSaid:
    """Nothing below 80 % of 1 MB; one warning where that is passed, another one where 1 MB is."""

    @pytest.mark.parametrize("size", [20, 100_000, WARN_FROM - 1])
    def test_nothing_below(self, size: int) -> None:
        assert said({}, state_of(size)) == []

    @pytest.mark.parametrize("size", [WARN_FROM, WARN_FROM + 1, MAX_STATE_BYTES])
    def test_a_warning_from_80_percent_on_with_size_limit_and_member(self, size: int) -> None:
        (text,) = said({"n": 1}, state_of(size))
        assert text.startswith(f"app.fold: the state of the window has {size:,} bytes, ")
        assert f"{size / MAX_STATE_BYTES:.0%} of the 1,048,576 from which on Lambda ends a window early" in text
        assert text.endswith(f"Its member 'text' grew most, by {size - 9:,} to {size - 9:,} bytes")

    def test_it_is_not_said_again_once_it_was_passed(self) -> None:
        assert said(state_of(WARN_FROM), state_of(WARN_FROM + 5000)) == []

    def test_it_is_said_again_where_the_state_was_smaller_in_between(self) -> None:
        assert said(state_of(WARN_FROM), state_of(500)) == []
        assert len(said(state_of(500), state_of(WARN_FROM))) == 1

    @pytest.mark.parametrize("before", [20, WARN_FROM, MAX_STATE_BYTES])
    def test_another_one_over_1_mb(self, before: int) -> None:
        (text,) = said(state_of(before), state_of(MAX_STATE_BYTES + 1))
        assert "has 1,048,577 bytes, more than Lambda's 1,048,576: Lambda ends the window early" in text
        assert "(window.terminated_early), and begins a fresh one" in text
        assert f"Its member 'text' grew most, by {MAX_STATE_BYTES + 1 - before:,} to " in text

    def test_the_member_that_grew_most_need_not_be_the_largest(self) -> None:
        before = {"old": "x" * 700_000, "gone": "x" * 5, "new": "y"}
        (text,) = said(before, {"old": "x" * 690_000, "new": "y" * 200_001})
        assert text.endswith("Its member 'new' grew most, by 200,000 to 200,003 bytes")

    def test_bytes_are_counted_not_characters(self) -> None:
        (text,) = said({}, {"é": "é" * 450_000})
        assert "has 900,009 bytes" in text
        assert text.endswith("Its member 'é' grew most, by 900,002 to 900,002 bytes")

    def test_half_of_a_surrogate_pair_can_be_measured(self) -> None:
        after = EncodedState({"n": "\ud800" + "x" * 900_000}, b"x" * 900_010)
        (text,) = list(size_warning("app.fold", {}, 2, after))
        assert "Its member 'n' grew most, by 900,005 to 900,005 bytes" in text

    def test_a_state_that_is_no_object_has_no_members_to_name(self) -> None:
        (text,) = said({"$value": ["x"]}, {"$value": ["x" * 900_000]})
        assert text.endswith("It grew by 899,999 bytes")

    def test_a_key_of_by_is_named_as_it_is(self) -> None:
        (text,) = said({}, {"$1": "x" * 900_000, "$2": "y"})
        assert "Its member '1' grew most" in text

    def test_an_odd_state_before_is_taken_for_none(self) -> None:
        assert len(list(size_warning("app.fold", None, 2, encoded(state_of(WARN_FROM))))) == 1


class TestWhenItIsSaid:
    """In the log, by the handler."""

    def handler(self, *sizes: int) -> Any:
        left = list(sizes)

        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            return Tally(ballast="x" * left.pop(0))

        return handler

    def test_once_per_window_while_it_stays_above(self, caplog: pytest.LogCaptureFixture) -> None:
        handler = self.handler(10, 900_000, 950_000, 1_000_000)
        state: Any = None
        for number in range(1, 5):
            state = handler(window_event(record(number), state=state))["state"]
        (text,) = messages_of(caplog.records)
        assert "handler: the state of the window has 900,0" in text
        assert "Its member 'ballast' grew most" in text

    def test_once_for_an_invocation_however_many_records_it_has(self, caplog: pytest.LogCaptureFixture) -> None:
        self.handler(1_100_000, 900_000, 890_000)(window_event(record(1), record(2), record(3)))
        assert len(caplog.records) == 1
        assert caplog.records[0].levelno == logging.WARNING

    def test_for_each_key_of_by(self, caplog: pytest.LogCaptureFixture) -> None:
        @tumbling_window(seconds=60, by=lambda change: change.new.id)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            return Tally(ballast="x" * (1000 if change.new.id == 1 else 900_000))

        handler(window_event(record(1), record(2)))
        (text,) = messages_of(caplog.records)
        assert "Its member '2' grew most, by 900,0" in text

    def test_not_in_a_final_invocation(self, caplog: pytest.LogCaptureFixture) -> None:
        handler = self.handler()
        handler.final(lambda state, window: None)
        handler(window_event(state={"ballast": "x" * 1_100_000}, final=True, early=True))
        assert caplog.records == []
