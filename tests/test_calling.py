"""How the user's own functions are called, and what becomes of a record when they fail."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from typing import Any

import pytest

from streamkit import BatchItemFailure, Change, DecodeError, Insert, StreamkitError
from streamkit.calling import Caller, asynchronous, fails_record, index_of, logger, out_of_time, reportable, settled
from streamkit.observing import failures_observed
from streamkit.signature import read_signature
from tests.build import record
from tests.windowbuild import Order, Row, messages_of

BROKEN = record(2, new={"total": {"S": "x"}})


def caller_of(function: Any) -> Caller:
    return Caller(function, read_signature(function, {}))


def handle(change: Insert[Order], context: Any = "none") -> tuple[Any, Any]:
    return change, context


class TestReading:
    """A record to its event, or to the user's `invalid`."""

    def test_a_record_is_an_event(self) -> None:
        change, quarantined = caller_of(handle).read(record(1))
        assert change == Insert(Order(id=1), raw=record(1))
        assert quarantined is None

    def test_another_kind_is_skipped(self) -> None:
        assert caller_of(handle).read(record(1, "REMOVE")) == (None, None)

    def test_without_invalid_it_raises(self) -> None:
        with pytest.raises(DecodeError):
            caller_of(handle).read(BROKEN)

    def test_invalid_gets_the_raw_record_and_the_error_and_its_result_is_returned(self) -> None:
        caller = caller_of(handle)
        caller.invalid = lambda raw, error: (raw, error.part)
        assert caller.read(BROKEN) == (None, (BROKEN, "NewImage"))


class TestCalling:
    """By keyword, with what the function asks for."""

    def test_the_argument_goes_by_its_parameters_name_and_context_where_it_is_asked_for(self) -> None:
        assert caller_of(handle).call("the change", "the context") == ("the change", "the context")

    def test_more_goes_by_name_whatever_the_names_are(self) -> None:
        def odd(self: Insert[Order], argument: int = 0, more: int = 0) -> tuple[Any, ...]:
            return self, argument, more

        assert caller_of(odd).call("the change", None, argument=1, more=2) == ("the change", 1, 2)

    def test_a_function_that_does_not_ask_for_context_gets_none(self) -> None:
        def alone(change: Change) -> object:
            return change

        assert caller_of(alone).call("the change", "the context") == "the change"


class TestFailing:
    """What the log and whoever observes are told."""

    def test_the_log_has_the_function_the_record_the_kind_and_the_traceback(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        error = ValueError("no good")
        with failures_observed() as failures:
            caller_of(handle).fail(record(7, "MODIFY"), error)
        assert messages_of(caplog.records) == [
            "tests.test_calling.handle failed on record 7 (MODIFY): ValueError: no good"
        ]
        assert caplog.records[0].exc_info == (ValueError, error, None)
        assert [(failure.sequence_number, failure.error) for failure in failures] == [("7", error)]

    def test_junk_is_no_record(self, caplog: pytest.LogCaptureFixture) -> None:
        caller_of(handle).fail("junk", ValueError("no good"))
        assert "failed on record None (no record): ValueError: no good" in caplog.text

    def test_stopping_for_time_counts_records_from_1(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.WARNING, "streamkit"):
            caller_of(handle).stop_for_time(3, 500)
        (said,) = messages_of(caplog.records)
        assert said == (
            "tests.test_calling.handle stops before record 4 of its batch: less than 500 ms are left of the "
            "function's time"
        )


class TestSettled:
    """No awaitable is ever a result."""

    def test_a_value_is_itself(self) -> None:
        assert settled("value") == "value"
        assert settled(None) is None

    def test_an_awaitable_is_run_to_its_end(self) -> None:
        async def later() -> int:
            await asyncio.sleep(0)
            return 5

        assert settled(later()) == 5

    def test_also_where_a_loop_is_running(self) -> None:
        async def later() -> int:
            return 5

        async def notebook() -> object:
            return settled(later())

        assert asyncio.run(notebook()) == 5

    def test_what_it_raises_comes_out(self) -> None:
        async def later() -> None:
            raise OSError("down")

        with pytest.raises(OSError, match="down"):
            settled(later())


class TestReportable:
    """The number by which Lambda is told of a record."""

    def test_it_is_the_records_sequence_number(self) -> None:
        assert reportable(record(5)) == "5"

    @pytest.mark.parametrize("raw", ["junk", None, {}, {"dynamodb": None}, record(1, SequenceNumber="")], ids=repr)
    def test_a_record_without_one_fails_the_batch(self, raw: object) -> None:
        with pytest.raises(StreamkitError, match="has no SequenceNumber to report, so the whole batch fails"):
            reportable(raw)


class TestIndexOf:
    """Which change a whole-batch function failed at."""

    def changes(self) -> list[tuple[int, Insert[Row]]]:
        return [(index, Insert({}, raw=record(number))) for index, number in ((0, 1), (2, 3), (5, 6))]

    def test_it_is_the_place_of_the_change_in_the_batch(self) -> None:
        changes = self.changes()
        signature = read_signature(handle, {})
        assert [index_of(BatchItemFailure(change), changes, signature) for _, change in changes] == [0, 2, 5]

    def test_another_event_of_the_same_record_is_the_change(self) -> None:
        changes = self.changes()
        same = Insert({"copied": True}, raw=changes[1][1].raw)
        assert index_of(BatchItemFailure(same), changes, read_signature(handle, {})) == 2

    def test_a_change_that_was_not_delivered_is_refused_with_the_functions_name(self) -> None:
        failure = BatchItemFailure(Insert({}, raw=record(1)))
        with pytest.raises(StreamkitError, match=r"handle\(\) raised BatchItemFailure for a change") as caught:
            index_of(failure, self.changes(), read_signature(handle, {}))
        assert caught.value.__cause__ is failure


class Context:
    def __init__(self, remaining: Any) -> None:
        self.remaining = remaining

    def get_remaining_time_in_millis(self) -> Any:
        return self.remaining


@pytest.mark.parametrize(
    ("context", "is_out"),
    [
        (Context(499), True),
        (Context(499.9), True),
        (Context(500), False),
        (Context(501), False),
        (Context(None), False),
        (Context(object()), False),
        (None, False),
        (object(), False),
    ],
)
def test_time_is_out_below_the_margin_as_far_as_the_context_tells(context: Any, is_out: bool) -> None:
    assert out_of_time(context, 500) is is_out


def test_a_context_whose_time_is_no_function_tells_none() -> None:
    context = Context(0)
    vars(context)["get_remaining_time_in_millis"] = 5
    assert not out_of_time(context, 500)


@pytest.mark.parametrize(
    ("error", "is_records"),
    [
        (ValueError(), True),
        (TimeoutError(), True),
        (asyncio.CancelledError(), True),
        (KeyboardInterrupt(), False),
        (SystemExit(), False),
        (GeneratorExit(), False),
    ],
)
def test_exceptions_and_cancelled_tasks_fail_a_record_and_the_end_of_the_process_does_not(
    error: BaseException, is_records: bool
) -> None:
    assert fails_record(error) is is_records


def test_without_asyncio_nothing_can_be_cancelled_and_it_is_not_imported_to_see() -> None:
    script = (
        "import sys\n"
        "from streamkit.calling import fails_record\n"
        "assert fails_record(ValueError()) and not fails_record(KeyboardInterrupt())\n"
        "assert 'asyncio' not in sys.modules\n"
        "print('so it is')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603  # our own script
    assert done.stdout.strip() == "so it is"


def test_without_asyncio_an_interrupt_is_none_of_the_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "asyncio")
    assert not fails_record(KeyboardInterrupt())
    assert fails_record(ValueError())


def test_logger_and_loops_are_the_packages_own() -> None:
    assert logger() is logging.getLogger("streamkit")
    assert asynchronous().__name__ == "streamkit.asynchronous"
