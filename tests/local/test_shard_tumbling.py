"""The pure machine of a lane: tumbling windows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from streamkit.local.lane import (
    Answered,
    Arrived,
    Checkpoint,
    Close,
    CloseWindow,
    Discard,
    Expire,
    Invoke,
    Lane,
    Retry,
    Rules,
    Woken,
)
from streamkit.local.outcomes import Failure, Partial, Success, Throttled
from streamkit.local.shard import step
from streamkit.local.window import OpenWindow, TimeWindow
from streamkit.settings import MAX_STATE_BYTES
from tests.local.builders import START, after, stream_record
from tests.local.lanes import FAILURE, RULES, after_all, arrived, extents, numbers, only

if TYPE_CHECKING:
    from streamkit.local.lane import Effect

TUMBLING = replace(RULES, tumbling=timedelta(seconds=10), stream_arn="arn")
FIRST = TimeWindow(START, after(10))
SECOND = TimeWindow(after(10), after(20))
LARGE = b'{"x":"%b"}' % (b"x" * MAX_STATE_BYTES)


def state(text: bytes = b'{"n":1}') -> Answered:
    return Answered(Success(text))


def running(*numbers: int, rules: Rules = TUMBLING) -> Lane:
    """Return a lane whose first window was opened by these records, which are being tried."""
    return after_all(arrived(*numbers), rules=rules)[0]


def kinds(effects: list[Effect]) -> list[str]:
    return [type(effect).__name__ for effect in effects]


def test_the_first_invocation_of_a_window_opens_it_and_gets_an_empty_state() -> None:
    lane, effects = after_all(arrived(1, 2), rules=TUMBLING)
    assert kinds(effects) == ["Invoke"]
    part = only(effects, Invoke).part
    assert part is not None
    assert (part.bounds, part.state, part.final, part.early) == (FIRST, b"{}", False, False)
    assert lane.window is not None
    assert lane.window.bounds == FIRST
    assert not lane.window.started


def test_without_the_setting_there_is_no_window() -> None:
    lane, effects = after_all(arrived(1))
    assert kinds(effects) == ["Invoke"]
    assert only(effects, Invoke).part is None
    assert lane.window is None


def test_the_state_is_handed_on_when_the_records_are_done_with() -> None:
    lane, effects = step(running(1), state(), after(1), TUMBLING)
    assert kinds(effects) == ["Checkpoint"]
    assert lane.window is not None
    assert lane.window.state == b'{"n":1}'
    _, effects = step(lane, arrived(2), after(2), TUMBLING)
    assert kinds(effects) == ["Invoke"]
    assert only(effects, Invoke).part == (FIRST, b'{"n":1}', False, False)


def test_a_window_of_nothing_but_a_state_closes_when_it_is_told_to() -> None:
    lane, _ = step(running(1), state(), after(1), TUMBLING)
    lane, effects = step(lane, Close("no later record"), after(200), TUMBLING)
    invoke = only(effects, Invoke)
    assert numbers(invoke.extent.records) == []
    assert invoke.part == (FIRST, b'{"n":1}', True, False)
    assert "no later record" in invoke.why
    lane, effects = step(lane, state(b'{"dropped":1}'), after(201), TUMBLING)
    assert kinds(effects) == ["CloseWindow"]
    closed = only(effects, CloseWindow)
    assert (closed.final.window, closed.final.cause, closed.how) == (FIRST, "no later record", "processed")
    assert lane.window is None
    assert lane.idle


def test_where_no_window_is_open_there_is_nothing_to_close() -> None:
    lane, effects = step(Lane(START), Close("shard end"), START, TUMBLING)
    assert effects == []
    assert lane == Lane(START)


def test_a_record_of_a_later_window_waits_for_the_final_invocation() -> None:
    lane, _ = step(running(1), state(), after(1), TUMBLING)
    lane, effects = step(lane, arrived(2, at=after(10)), after(10), TUMBLING)
    assert only(effects, Invoke).extent.final is not None
    assert numbers(lane.waiting) == [2]
    lane, effects = step(lane, state(), after(11), TUMBLING)
    assert kinds(effects) == ["CloseWindow"]
    assert lane.opens_at(TUMBLING) == after(10)
    lane, effects = step(lane, Arrived(()), after(11), TUMBLING)
    assert kinds(effects) == ["Invoke"]
    assert only(effects, Invoke).part == (SECOND, b"{}", False, False)


def test_a_batch_ends_where_its_window_does() -> None:
    records = [stream_record(number, at=after(at)) for number, at in enumerate((0, 9, 10, 11), 1)]
    lane, effects = step(Lane(START), Arrived(records), after(11), TUMBLING)
    assert numbers(only(effects, Invoke).extent.records) == [1, 2]
    assert "later window" in only(effects, Invoke).why
    assert numbers(lane.waiting) == [3, 4]


def test_a_batching_window_does_not_keep_back_what_ends_at_its_window_nor_the_final_invocation() -> None:
    rules = replace(TUMBLING, window=timedelta(seconds=60), batch_size=10)
    lane, effects = step(Lane(START), arrived(1), after(1), rules)
    assert effects == []
    lane, effects = step(lane, arrived(2, at=after(12)), after(12), rules)
    assert numbers(only(effects, Invoke).extent.records) == [1]
    lane, _ = step(lane, state(), after(13), rules)
    assert lane.full
    assert lane.opens_at(rules) == after(1)
    lane, effects = step(lane, Arrived(()), after(13), rules)
    assert only(effects, Invoke).extent.final is not None
    lane, _ = step(lane, state(), after(14), rules)
    assert not lane.full
    assert lane.opens_at(rules) == after(74)


def test_what_waits_behind_a_suffix_in_a_window_opened_again_is_held_up_by_that_alone() -> None:
    rules = replace(TUMBLING, window=timedelta(seconds=60), batch_size=2)
    records = [*arrived(1, 2).records, stream_record(3, at=after(12))]
    lane, _ = step(Lane(START), Arrived(records), after(12), rules)
    lane, effects = step(lane, Answered(Partial(1, "2 is bad", LARGE)), after(13), rules)
    assert kinds(effects) == ["Checkpoint", "Invoke"]
    lane, effects = step(lane, state(), after(14), rules)
    assert kinds(effects) == ["CloseWindow", "Invoke"]
    assert numbers(only(effects, Invoke).extent.records) == [2]
    lane, _ = step(lane, state(), after(15), rules)
    assert lane.opens_at(rules) == after(12)


def test_late_records_join_the_open_window_and_open_their_own_where_none_is() -> None:
    lane, _ = step(Lane(START), arrived(1, at=after(12)), after(12), TUMBLING)
    lane, _ = step(lane, state(), after(12), TUMBLING)
    lane, effects = step(lane, arrived(2, at=after(3)), after(12), TUMBLING)
    assert only(effects, Invoke).part == (SECOND, b'{"n":1}', False, False)
    lane, _ = step(lane, state(), after(12), TUMBLING)
    lane, _ = step(lane, Close("no later record"), after(140), TUMBLING)
    lane, _ = step(lane, state(), after(140), TUMBLING)
    _, effects = step(lane, arrived(3, at=after(3)), after(140), TUMBLING)
    assert only(effects, Invoke).part == (FIRST, b"{}", False, False)


@pytest.mark.parametrize("outcome", [FAILURE, Failure(None, "no state"), Partial(0, "1 is bad", b'{"wrong":1}')])
def test_a_retry_gets_the_state_that_the_attempt_got(outcome: Failure | Partial) -> None:
    lane, _ = step(running(1), state(), after(1), TUMBLING)
    lane, _ = step(lane, arrived(2), after(2), TUMBLING)
    lane, effects = step(lane, Answered(outcome), after(3), TUMBLING)
    assert lane.retry_at == only(effects, Retry).at
    _, effects = step(lane, Woken(), only(effects, Retry).at, TUMBLING)
    assert only(effects, Invoke).part == (FIRST, b'{"n":1}', False, False)
    assert only(effects, Invoke).attempt == 2


def test_a_throttle_changes_no_state() -> None:
    lane, effects = step(running(1), Answered(Throttled("busy")), after(1), TUMBLING)
    _, effects = step(lane, Woken(), only(effects, Retry).at, TUMBLING)
    assert only(effects, Invoke).part == (FIRST, b"{}", False, False)
    assert only(effects, Invoke).attempt == 1


def test_the_rest_of_a_partial_failure_gets_the_state_of_what_was_done() -> None:
    _, effects = step(running(1, 2, 3), Answered(Partial(1, "2 is bad", b'{"n":1}')), after(1), TUMBLING)
    assert kinds(effects) == ["Checkpoint", "Invoke"]
    invoke = only(effects, Invoke)
    assert numbers(invoke.extent.records) == [2, 3]
    assert invoke.part == (FIRST, b'{"n":1}', False, False)


def test_halves_stay_in_their_window_and_hand_the_state_on() -> None:
    rules = replace(TUMBLING, bisect=True)
    lane, effects = step(running(1, 2, rules=rules), Answered(FAILURE), after(1), rules)
    assert only(effects, Invoke).part == (FIRST, b"{}", False, False)
    _, effects = step(lane, state(), after(2), rules)
    assert numbers(only(effects, Invoke).extent.records) == [2]
    assert only(effects, Invoke).part == (FIRST, b'{"n":1}', False, False)


@pytest.mark.parametrize(("size", "early"), [(MAX_STATE_BYTES, False), (MAX_STATE_BYTES + 1, True)])
def test_a_state_over_1_mb_has_its_final_invocation_next(size: int, early: bool) -> None:
    text = LARGE[: size - 2] + b'"}'
    assert len(text) == size
    lane, effects = step(running(1), state(text), after(1), TUMBLING)
    assert kinds(effects) == (["Checkpoint", "Invoke"] if early else ["Checkpoint"])
    if early:
        assert only(effects, Invoke).part == (FIRST, text, True, True)
    assert lane.idle == (not early)


def test_a_final_invocation_stands_before_the_rest_of_its_batch() -> None:
    lane, effects = step(running(1, 2), Answered(Partial(1, "2 is bad", LARGE)), after(1), TUMBLING)
    assert extents(lane) == [[], [2]]
    lane, effects = step(lane, state(), after(2), TUMBLING)
    assert kinds(effects) == ["CloseWindow", "Invoke"]
    assert only(effects, Invoke).part == (FIRST, b"{}", False, False)


def test_a_failing_final_invocation_is_retried_and_holds_what_waits() -> None:
    lane, _ = step(running(1), state(), after(1), TUMBLING)
    lane, _ = step(lane, arrived(2, at=after(12)), after(12), TUMBLING)
    lane, effects = step(lane, Answered(FAILURE), after(13), TUMBLING)
    at = only(effects, Retry).at
    assert lane.opens_at(TUMBLING) is None
    lane, effects = step(lane, Woken(), at, TUMBLING)
    assert only(effects, Invoke).part == (FIRST, b'{"n":1}', True, False)
    assert only(effects, Invoke).attempt == 2
    lane, effects = step(lane, Answered(FAILURE), at, TUMBLING)
    assert kinds(effects) == ["Discard", "CloseWindow"]
    discard = only(effects, Discard)
    assert (discard.condition, discard.invoke_count, len(discard.extent.records)) == ("RetryAttemptsExhausted", 2, 0)
    assert discard.part == (FIRST, b'{"n":1}', True, False)
    assert only(effects, CloseWindow).how == "discarded"
    assert lane.window is None
    assert numbers(lane.waiting) == [2]


@pytest.mark.parametrize(("seconds", "gone"), [(60, False), (60.001, True)])
def test_the_age_of_a_final_invocation_counts_from_when_it_became_due(seconds: float, gone: bool) -> None:
    rules = replace(TUMBLING, maximum_age=timedelta(seconds=60), maximum_retry_attempts=-1)
    lane, _ = step(running(1, rules=rules), state(), START, rules)
    lane, _ = step(lane, Close("no later record"), after(130), rules)
    lane, _ = step(lane, Answered(FAILURE), after(131), rules)
    lane, effects = step(lane, Woken(), after(130 + seconds), rules)
    if not gone:
        assert kinds(effects) == ["Invoke"]
        return
    assert kinds(effects) == ["Discard", "CloseWindow"]
    discard = only(effects, Discard)
    assert (discard.condition, discard.invoke_count, discard.failure) == ("RecordAgeExceeded", 1, None)
    assert only(effects, CloseWindow).how == "discarded"


def test_a_final_invocation_is_let_go_after_24_hours_and_nobody_is_told() -> None:
    rules = replace(TUMBLING, maximum_retry_attempts=-1)
    lane, _ = step(running(1, rules=rules), state(), START, rules)
    lane, _ = step(lane, Close("no later record"), after(130), rules)
    lane, _ = step(lane, Answered(FAILURE), after(131), rules)
    lane, effects = step(lane, Woken(), after(130 + 86_401), rules)
    assert kinds(effects) == ["CloseWindow"]
    assert only(effects, CloseWindow).how == "expired"
    assert lane.window is None


def test_a_window_whose_records_are_too_old_is_never_opened() -> None:
    rules = replace(TUMBLING, maximum_age=timedelta(seconds=60))
    lane, effects = step(Lane(START), arrived(1, at=after(-61)), START, rules)
    assert kinds(effects) == ["Discard", "Checkpoint"]
    assert only(effects, Discard).part == (TimeWindow(after(-70), after(-60)), b"{}", False, False)
    assert lane.window is None
    lane, effects = step(lane, arrived(2, at=after(-90_000)), START, rules)
    assert kinds(effects) == ["Expire", "Checkpoint"]
    assert numbers(only(effects, Expire).records) == [2]
    assert lane.window is None


def test_what_is_cut_off_for_its_age_leaves_the_state_as_it_is() -> None:
    rules = replace(TUMBLING, maximum_age=timedelta(seconds=60), tumbling=timedelta(seconds=900))
    lane, _ = step(running(1, rules=rules), state(), START, rules)
    records = [stream_record(2, at=START), stream_record(3, at=after(50))]
    lane, effects = step(lane, Arrived(records), after(61), rules)
    assert kinds(effects) == ["Discard", "Checkpoint", "Invoke"]
    part = only(effects, Invoke).part
    assert part is not None
    assert part.state == b'{"n":1}'
    assert numbers(only(effects, Invoke).extent.records) == [3]


def test_without_the_setting_any_more_an_open_window_closes_before_what_waits_is_taken() -> None:
    lane, _ = step(running(1), state(), START, TUMBLING)
    lane, effects = step(lane, arrived(2), START, RULES)
    final = only(effects, Invoke).extent.final
    assert final is not None
    assert final.cause == "mapping update"
    lane, _ = step(lane, state(), START, RULES)
    _, effects = step(lane, Arrived(()), START, RULES)
    assert only(effects, Invoke).part is None


def test_a_window_that_is_open_keeps_its_bounds_whatever_the_length_is_now() -> None:
    longer = replace(TUMBLING, tumbling=timedelta(seconds=900))
    lane, _ = step(running(1), state(), START, TUMBLING)
    _, effects = step(lane, arrived(2, at=after(9)), after(9), longer)
    assert only(effects, Invoke).part == (FIRST, b'{"n":1}', False, False)
    _, effects = step(lane, arrived(2, at=after(10)), after(10), longer)
    assert only(effects, Invoke).part == (FIRST, b'{"n":1}', True, False)


def test_when_a_window_closes_is_asked_only_where_nothing_is_to_be_done() -> None:
    assert Lane(START).closes_at(TUMBLING) is None
    lane = running(1)
    assert lane.closes_at(TUMBLING) is None
    lane, _ = step(lane, state(), START, TUMBLING)
    assert lane.closes_at(TUMBLING) == after(130)
    assert lane.closes_at(replace(TUMBLING, close_delay=timedelta(0))) == after(10)
    assert lane.closes_at(RULES) == START
    waiting, _ = step(lane, arrived(2), START, replace(TUMBLING, window=timedelta(seconds=60)))
    assert waiting.closes_at(TUMBLING) is None


def test_a_lane_may_begin_with_an_open_window() -> None:
    lane = Lane(START, window=OpenWindow(FIRST, b'{"n":7}'))
    assert lane.closes_at(TUMBLING) == after(130)
    _, effects = step(lane, arrived(5, at=after(3)), after(3), TUMBLING)
    assert kinds(effects) == ["Invoke"]
    assert only(effects, Invoke).part == (FIRST, b'{"n":7}', False, False)


def test_a_final_invocation_is_an_extent_of_its_own_number() -> None:
    lane, effects = step(running(1), state(LARGE), START, TUMBLING)
    final = only(effects, Invoke).extent
    assert final.number == 2
    lane, _ = step(lane, state(), START, TUMBLING)
    _, effects = step(lane, arrived(2), START, TUMBLING)
    assert only(effects, Invoke).extent.number == 3
    assert not [effect for effect in effects if isinstance(effect, Checkpoint)]
