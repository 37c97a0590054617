"""The state between two records: what the next one gets, and how a failing one is undone."""

from __future__ import annotations

from typing import Any

import pytest

from streamkit import WindowStateError
from streamkit.states.codec import StateCodec
from streamkit.windowprogress import OneState, StatePerKey
from tests.windowbuild import LARGE, Row, Tally

CODEC = StateCodec(Tally, "it")
BY_KEY = StateCodec(Tally, "it", keyed=True)
SMALL: Row = {"seen": [0]}
BIG: Row = {"seen": [0], "ballast": "x" * LARGE}


def fold(progress: Any, number: int) -> None:
    state = progress.of(number)
    state.seen.append(number)
    progress.put(state)


class TestOneState:
    """One state for the whole window."""

    def test_it_begins_with_what_came(self) -> None:
        progress = OneState(CODEC, SMALL)
        assert progress.value == Tally(seen=[0])
        assert progress.size == len(b'{"seen":[0]}')

    def test_each_record_gets_what_the_last_one_returned(self) -> None:
        progress = OneState(CODEC, {})
        fold(progress, 1)
        fold(progress, 2)
        assert progress.of(3) is progress.value
        assert progress.value.seen == [1, 2]

    @pytest.mark.parametrize("raw", [SMALL, BIG], ids=["small", "large"])
    def test_the_first_record_is_always_undone(self, raw: Row) -> None:
        progress = OneState(CODEC, raw)
        progress.of(1).seen.append(1)
        progress.undo()
        assert progress.value.seen == [0]
        assert progress.exact

    def test_a_later_one_is_undone_from_a_copy(self) -> None:
        progress = OneState(CODEC, SMALL)
        fold(progress, 1)
        progress.of(2).seen.append(2)
        progress.undo()
        assert progress.value.seen == [0, 1]
        assert progress.exact

    def test_a_large_state_is_not_copied_and_says_that_it_is_not_exact(self) -> None:
        progress = OneState(CODEC, BIG)
        fold(progress, 1)
        assert not progress.exact
        assert progress.value.seen == [0, 1]

    def test_one_that_grows_large_is_exact_until_a_record_went_without_a_copy(self) -> None:
        progress = OneState(CODEC, SMALL)
        progress.put(Tally(seen=[1], ballast="x" * LARGE))
        assert progress.exact
        progress.value.seen.append(2)
        progress.undo()
        assert progress.value.seen == [1]
        fold(progress, 2)
        assert not progress.exact

    @pytest.mark.parametrize("raw", [SMALL, BIG], ids=["small", "large"])
    @pytest.mark.parametrize("state", [None, {"seen": []}, 5], ids=["None", "dict", "number"])
    def test_what_is_no_state_is_not_taken(self, raw: Row, state: object) -> None:
        progress = OneState(CODEC, raw)
        with pytest.raises(WindowStateError):
            progress.put(state)
        assert progress.value.seen == [0]


class TestStatePerKey:
    """A state for each key; here the change is its own key."""

    def progress(self, raw: Row) -> StatePerKey:
        return StatePerKey(BY_KEY, raw, lambda change: change)

    def test_a_key_that_is_new_gets_the_first_state_and_is_there_once_it_was_folded(self) -> None:
        progress = self.progress({"$1": SMALL})
        assert progress.of(2) == Tally()
        assert progress.value == {1: Tally(seen=[0])}
        progress.put(Tally(seen=[2]))
        assert progress.value == {1: Tally(seen=[0]), 2: Tally(seen=[2])}
        assert progress.size == len(b'{"$1":{"seen":[0]}}')

    @pytest.mark.parametrize("raw", [SMALL, BIG], ids=["small", "large"])
    def test_undoing_restores_the_records_own_key(self, raw: Row) -> None:
        progress = self.progress({"$1": raw, "$2": raw})
        fold(progress, 1)
        fold(progress, 2)
        progress.of(1).seen.append(9)
        progress.undo()
        assert {key: state.seen for key, state in progress.value.items()} == {1: [0, 1], 2: [0, 2]}
        assert progress.exact

    def test_a_new_key_is_undone_by_not_being_there(self) -> None:
        progress = self.progress({})
        progress.of(1).seen.append(9)
        progress.undo()
        assert progress.value == {}

    @pytest.mark.parametrize("key", [[1], 1.5, {}], ids=["list", "float", "dict"])
    def test_a_key_that_cannot_be_one_touches_nothing(self, key: object) -> None:
        progress = self.progress({"$1": SMALL})
        fold(progress, 1)
        with pytest.raises(WindowStateError, match="key"):
            progress.of(key)
        progress.undo()
        assert progress.value == {1: Tally(seen=[0, 1])}

    def test_what_is_no_state_is_not_taken(self) -> None:
        progress = self.progress({"$1": SMALL})
        progress.of(1).seen.append(9)
        none: Any = None
        with pytest.raises(WindowStateError, match="returned None"):
            progress.put(none)
        progress.undo()
        assert progress.value == {1: Tally(seen=[0])}
