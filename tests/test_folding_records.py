"""Records that do not decode, `on_failure="raise"`, deadlines, cancelled work: what a window handler makes of them."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from streamkit import DecodeError, Insert, StreamkitError, ViewTypeError, WindowStateError, tumbling_window
from streamkit.observing import failures_observed
from tests.build import Context, record
from tests.windowbuild import LARGE, Order, Row, Tally, failed_in, number_of, window_event


def spoiling(bad: int, **options: Any) -> Any:
    """Return a handler whose fold changes its state in place, and then fails at one record."""

    def fold(change: Insert[Order], state: Tally) -> Tally:
        state.seen.append(number_of(change))
        if number_of(change) == bad:
            raise ValueError("after all that")
        return state

    return tumbling_window(seconds=60, **options)(fold)


class TestDecoding:
    """A record that does not decode fails like any other; `invalid` may take it."""

    POISON = record(2, new={"total": {"S": "12,50"}})

    @pytest.mark.parametrize("size", [0, LARGE], ids=["small", "large"])
    def test_only_that_record_fails(self, size: int) -> None:
        handler = spoiling(0)
        with failures_observed() as failures:
            response = handler(window_event(record(1), self.POISON, record(3), state={"ballast": "x" * size}))
        assert failed_in(response) == [2]
        assert response["state"]["seen"] == [1]
        assert isinstance(failures[0].error, DecodeError)

    @pytest.mark.parametrize("size", [0, LARGE], ids=["small", "large"])
    def test_invalid_takes_it_once_and_the_batch_goes_on(self, size: int) -> None:
        handler = spoiling(4)
        aside: list[str] = []
        handler.invalid(lambda record, error: aside.append(record["dynamodb"]["SequenceNumber"]))
        records = [record(1), self.POISON, record(3), record(4)]
        response = handler(window_event(*records, state={"ballast": "x" * size}))
        assert failed_in(response) == [4]
        assert response["state"]["seen"] == [1, 3]
        assert aside == ["2"]

    def test_an_async_invalid_is_awaited(self) -> None:
        handler = spoiling(0)
        aside: list[str] = []

        @handler.invalid  # type: ignore[untyped-decorator]  # Any
        async def put_aside(record: Row, error: DecodeError) -> None:
            aside.append(error.part)

        assert failed_in(handler(window_event(self.POISON))) == []
        assert aside == ["NewImage"]

    def test_an_invalid_that_raises_fails_the_record(self) -> None:
        handler = spoiling(0)

        def put_aside(record: Row, error: DecodeError) -> None:
            raise RuntimeError("the quarantine is full")

        handler.invalid(put_aside)
        with failures_observed() as failures:
            assert failed_in(handler(window_event(record(1), self.POISON))) == [2]
        assert str(failures[0].error) == "the quarantine is full"

    def test_a_view_type_without_the_image_is_never_quarantined(self) -> None:
        handler = spoiling(0)
        handler.invalid(lambda record, error: pytest.fail("quarantined"))
        without = record(2, view_type="KEYS_ONLY")
        del without["dynamodb"]["NewImage"]
        with failures_observed() as failures:
            assert failed_in(handler(window_event(without))) == [2]
        assert isinstance(failures[0].error, ViewTypeError)

    @pytest.mark.parametrize("number", [None, "", 5])
    def test_a_failing_record_without_a_number_to_report_fails_the_invocation(self, number: object) -> None:
        poison = record(1, new={"total": {"S": "x"}}, SequenceNumber=number)
        with pytest.raises(StreamkitError, match="has no SequenceNumber to report, so the whole batch fails"):
            spoiling(0)(window_event(poison))

    def test_junk_among_the_records_fails_the_invocation(self) -> None:
        with pytest.raises(StreamkitError, match="has no SequenceNumber"):
            spoiling(0)(window_event(record(1), "junk"))


class TestRaise:
    """`on_failure="raise"`."""

    @pytest.mark.parametrize("size", [0, LARGE], ids=["small", "large"])
    def test_the_users_own_exception_comes_out_with_a_note_that_names_the_record(self, size: int) -> None:
        handler = spoiling(2, on_failure="raise")
        with failures_observed() as failures, pytest.raises(ValueError, match="after all that") as caught:
            handler(window_event(record(1), record(2), state={"ballast": "x" * size}))
        assert caught.value.__notes__ == [
            "record 2 failed, and with on_failure='raise' the whole invocation fails",
        ]
        assert failures == []

    def test_a_record_that_does_not_decode_fails_the_invocation(self) -> None:
        with pytest.raises(DecodeError, match="record 2, NewImage") as caught:
            spoiling(0, on_failure="raise")(window_event(record(1), TestDecoding.POISON))
        assert "record 2 failed" in caught.value.__notes__[0]

    @pytest.mark.parametrize("size", [0, LARGE], ids=["small", "large"])
    def test_what_is_no_state_fails_the_invocation_with_the_record_that_made_it(self, size: int) -> None:
        def fold(change: Insert[Order], state: Tally) -> Any:
            return None if number_of(change) == 2 else state

        handler: Any = tumbling_window(seconds=60, on_failure="raise")(fold)
        with pytest.raises(WindowStateError, match="returned None") as caught:
            handler(window_event(record(1), record(2), state={"ballast": "x" * size}))
        assert "record 2 failed" in caught.value.__notes__[0]

    def test_a_batch_that_succeeds_reports_nothing(self) -> None:
        assert failed_in(spoiling(0, on_failure="raise")(window_event(record(1), record(2)))) == []


class TestDeadline:
    """Progress is kept where a time-out would lose it all."""

    @pytest.mark.parametrize("size", [0, LARGE], ids=["small", "large"])
    def test_below_the_margin_the_next_record_is_reported_with_the_state_so_far(
        self, size: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        handler = spoiling(0, deadline_margin_ms=1000)
        with caplog.at_level(logging.WARNING, "streamkit"):
            response = handler(
                window_event(*map(record, range(1, 8)), state={"ballast": "x" * size}), Context(2500, 600)
            )
        assert failed_in(response) == [4]
        assert response["state"]["seen"] == [1, 2, 3]
        assert "stops before record 4 of its batch: less than 1000 ms are left" in caplog.text

    def test_the_first_record_always_runs_and_the_margin_has_a_default(self) -> None:
        response = spoiling(0)(window_event(record(1), record(2)), Context(500, 1))
        assert failed_in(response) == [2]
        assert response["state"]["seen"] == [1]

    def test_it_is_off_with_a_margin_of_0_and_with_raise(self) -> None:
        for options in ({"deadline_margin_ms": 0}, {"on_failure": "raise"}):
            handler = spoiling(0, **options)
            assert failed_in(handler(window_event(record(1), record(2)), Context(3, 1))) == []

    def test_a_final_invocation_that_runs_out_of_time_is_not_final_yet(self) -> None:
        handler = spoiling(0)
        handler.final(lambda state, window: pytest.fail("a record is missing"))
        assert failed_in(handler(window_event(record(1), record(2), final=True), Context(500, 1))) == [2]


def test_an_async_fold_that_fails_is_reported_like_any_other() -> None:
    @tumbling_window(seconds=60)
    async def handler(change: Insert[Order], state: Tally) -> Tally:
        state.seen.append(number_of(change))
        await asyncio.sleep(0)
        if number_of(change) == 2:
            raise ValueError
        return state

    response = handler(window_event(record(1), record(2)))
    assert failed_in(response) == [2]
    assert response["state"]["seen"] == [1]


def test_an_async_fold_whose_work_is_cancelled_fails_its_record() -> None:
    @tumbling_window(seconds=60)
    async def handler(change: Insert[Order], state: Tally) -> Tally:
        if number_of(change) == 2:
            work = asyncio.ensure_future(asyncio.sleep(60))
            work.cancel()
            await work
        return Tally(seen=[*state.seen, number_of(change)])

    response = handler(window_event(record(1), record(2)))
    assert failed_in(response) == [2]
    assert response["state"]["seen"] == [1]


def test_a_keyboard_interrupt_is_no_failing_record() -> None:
    @tumbling_window(seconds=60)
    def handler(change: Insert[Order], state: Tally) -> Tally:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        handler(window_event(record(1)))
