"""What a handler answers when records fail: policies, quarantine, whole batches, deadlines."""

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, field_validator

from streamkit import (
    BatchItemFailure,
    Change,
    DecodeError,
    HandlerDefinitionError,
    Insert,
    Modify,
    Remove,
    StreamkitError,
    ViewTypeError,
    stream_handler,
)
from streamkit.observing import failures_observed
from streamkit.policies import POLICIES
from tests.build import SUCCESS, Context, event, failed_from, record


class Order(BaseModel):
    id: int
    total: int = 0


class Seen(list[int]):
    """The ids that a handler was called with; it raises for those in ``bad``."""

    def __init__(self, *bad: int) -> None:
        super().__init__()
        self.bad = bad

    def __call__(self, number: int) -> None:
        self.append(number)
        if number in self.bad:
            raise ValueError(f"{number} is bad")


def number_of(change: Any) -> int:
    return int(change.meta.sequence_number)


class TestPolicies:
    """Records 1 to 7; which ones are called and what is reported."""

    def test_stop_calls_nothing_behind_the_first_failing_record(self) -> None:
        seen = Seen(3)

        @stream_handler
        def handler(change: Change) -> None:
            seen(number_of(change))

        assert handler(event(*map(record, range(1, 8)))) == failed_from(3)
        assert seen == [1, 2, 3]

    def test_isolate_skips_later_records_of_the_failing_item_only(self) -> None:
        seen = Seen(3)

        @stream_handler(on_failure="isolate")
        def handler(change: Change) -> None:
            seen(number_of(change))

        records = [record(number, key=7 if number in (1, 3, 5) else 8) for number in range(1, 7)]
        assert handler(event(*records)) == failed_from(3)
        assert seen == [1, 2, 3, 4, 6]

    def test_continue_calls_every_record_and_reports_the_lowest(self) -> None:
        seen = Seen(3, 5)

        @stream_handler(on_failure="continue")
        def handler(change: Change) -> None:
            seen(number_of(change))

        assert handler(event(*map(record, range(1, 8)))) == failed_from(3)
        assert seen == [1, 2, 3, 4, 5, 6, 7]

    @given(
        policy=st.sampled_from(POLICIES),
        items=st.lists(st.integers(0, 3), max_size=30),
        data=st.data(),
        is_async=st.booleans(),
        concurrency=st.integers(1, 5),
    )
    def test_everything_before_the_reported_record_was_done_and_in_order(
        self, policy: Any, items: list[int], data: st.DataObject, is_async: bool, concurrency: int
    ) -> None:
        bad = data.draw(st.sets(st.sampled_from(range(len(items))))) if items else set[int]()
        called: list[int] = []
        done: list[int] = []

        def work(change: Any) -> None:
            index = number_of(change)
            called.append(index)
            if index in bad:
                raise ValueError
            done.append(index)

        async def work_later(change: Change) -> None:
            from asyncio import sleep  # noqa: PLC0415  # where it is used

            await sleep(0)
            work(change)

        def sync(change: Change) -> None:
            work(change)

        handler: Any
        if is_async:
            handler = stream_handler(on_failure=policy, concurrency=concurrency)(work_later)
        else:
            handler = stream_handler(on_failure=policy)(sync)
        response = handler(event(*(record(index, key=item) for index, item in enumerate(items))))

        failures = response["batchItemFailures"]
        end = int(failures[0]["itemIdentifier"]) if failures else len(items)
        assert end == min(bad, default=len(items))
        assert set(range(end)) <= set(done)
        assert len(called) == len(set(called))
        for item in set(items):
            of_item = [index for index in called if items[index] == item]
            assert of_item == sorted(of_item)
            if policy == "isolate":
                assert not any(index in bad for index in of_item[:-1])
        if policy == "continue":
            assert sorted(called) == list(range(len(items)))
        if policy == "stop" and not is_async:
            assert called == list(range(min(end + 1, len(items))))


class TestSelection:
    """The annotation is the contract."""

    def test_events_of_other_kinds_are_skipped_and_succeed(self) -> None:
        seen = Seen()

        @stream_handler
        def handler(change: Insert[dict[str, Any]] | Remove[dict[str, Any]]) -> None:
            seen(number_of(change))

        assert handler(event(record(1), record(2, "MODIFY"), record(3, "REMOVE"))) == SUCCESS
        assert seen == [1, 3]

    def test_a_function_may_ask_for_lambdas_context(self) -> None:
        contexts: list[object] = []

        @stream_handler
        def handler(change: Change, context: Any) -> None:
            contexts.append(context)

        @stream_handler
        def whole(changes: list[Change], context: Any) -> None:
            contexts.append(context)

        handler(event(record(1)), "the context")
        whole(event(record(1)), "another")
        assert contexts == ["the context", "another"]


class TestDecoding:
    """A record that does not decode fails like any other."""

    def test_only_that_record_fails_with_its_cause_in_the_log(self, caplog: pytest.LogCaptureFixture) -> None:
        seen: list[int] = []

        @stream_handler
        def handler(change: Change[Order]) -> None:
            seen.append(number_of(change))

        poison = record(2, new={"total": {"S": "12,50"}})
        assert handler(event(record(1), poison, record(3))) == failed_from(2)
        assert seen == [1]
        assert "failed on record 2 (INSERT)" in caplog.text
        assert "NewImage: not a valid Order: total: Input should be a valid integer" in caplog.text
        assert "Traceback" in caplog.text

    @pytest.mark.parametrize("raised", [KeyError("x"), TypeError("x"), ValueError("x"), ZeroDivisionError("x")])
    def test_whatever_a_models_validator_raises_fails_that_record(
        self, raised: Exception, caplog: pytest.LogCaptureFixture
    ) -> None:
        class Picky(BaseModel):
            id: int

            @field_validator("id")
            @classmethod
            def check(cls, value: int) -> int:
                if value == 2:
                    raise raised
                return value

        @stream_handler
        def handler(change: Insert[Picky]) -> None: ...

        assert handler(event(record(1), record(2), record(3))) == failed_from(2)
        assert "'x'" in caplog.text or ": x" in caplog.text or ", x" in caplog.text

    @pytest.mark.parametrize(
        "broken",
        [
            record(2, NewImage=None),
            record(2, NewImage="text"),
            record(2, new={"total": {"N": "twelve"}}),
            record(2, "UNKNOWN_TO_SDK_VERSION"),
        ],
        ids=["null image", "no map", "bad number", "unknown event name"],
    )
    def test_a_malformed_record_fails_alone(self, broken: dict[str, Any]) -> None:
        @stream_handler
        def handler(change: Change) -> None: ...

        assert handler(event(record(1), broken, record(3))) == failed_from(2)

    def test_invalid_quarantines_it_and_the_batch_goes_on(self) -> None:
        aside: list[tuple[str, str]] = []
        seen: list[int] = []

        @stream_handler
        def handler(change: Change[Order]) -> None:
            seen.append(number_of(change))

        @handler.invalid
        def put_aside(record: dict[str, Any], error: DecodeError) -> None:
            aside.append((record["dynamodb"]["SequenceNumber"], error.part))

        poison = record(2, new={"total": {"S": "12,50"}})
        assert handler(event(record(1), poison, record(3))) == SUCCESS
        assert seen == [1, 3]
        assert aside == [("2", "NewImage")]

    def test_invalid_that_raises_fails_the_record(self) -> None:
        @stream_handler
        def handler(change: Change[Order]) -> None: ...

        @handler.invalid
        def put_aside(record: dict[str, Any], error: DecodeError) -> None:
            raise RuntimeError("the quarantine is full")

        with failures_observed() as failures:
            assert handler(event(record(2, new={"total": {"S": "x"}}))) == failed_from(2)
        assert [str(failure.error) for failure in failures] == ["the quarantine is full"]

    @pytest.mark.parametrize("whole", [False, True])
    def test_a_view_type_without_the_image_is_never_quarantined(self, whole: bool) -> None:
        def one(change: Change[Order]) -> None: ...
        def all_of_them(changes: list[Change[Order]]) -> None: ...

        handler: Any = stream_handler(all_of_them if whole else one)
        aside: list[object] = []
        handler.invalid(lambda record, error: aside.append(record))
        without = record(2, view_type="KEYS_ONLY")
        del without["dynamodb"]["NewImage"]
        with failures_observed() as failures:
            assert handler(event(without)) == failed_from(2)
        assert aside == []
        assert isinstance(failures[0].error, ViewTypeError)

    def test_a_model_that_is_never_completed_is_not_quarantined_since_no_record_is_at_fault(self) -> None:
        class Unfinished(BaseModel):
            line: "NeverDefined"  # type: ignore[name-defined]  # noqa: F821  # that is the point

        @stream_handler
        def handler(change: Insert[Unfinished]) -> None: ...

        aside: list[object] = []
        handler.invalid(lambda record, error: aside.append(record))
        with failures_observed() as failures:
            assert handler(event(record(1))) == failed_from(1)
        assert aside == []
        assert isinstance(failures[0].error, HandlerDefinitionError)


class TestWholeBatch:
    """`list[Change[Order]]`."""

    def test_the_function_gets_all_changes_in_order_once(self) -> None:
        batches: list[list[int]] = []

        @stream_handler
        def handler(changes: list[Change[Order]]) -> None:
            batches.append([number_of(change) for change in changes])

        assert handler(event(record(1), record(2), record(3))) == SUCCESS
        assert batches == [[1, 2, 3]]

    def test_it_is_not_called_when_nothing_is_left_to_handle(self) -> None:
        @stream_handler
        def handler(changes: list[Insert[Order]]) -> None:
            raise AssertionError

        assert handler(event(record(1, "REMOVE"))) == SUCCESS

    def test_batch_item_failure_reports_from_that_change_on_with_its_cause(self) -> None:
        @stream_handler
        def handler(changes: list[Change[Order]]) -> None:
            raise BatchItemFailure(changes[1]) from KeyError("why")

        with failures_observed() as failures:
            assert handler(event(record(1), record(2), record(3))) == failed_from(2)
        assert [(failure.sequence_number, repr(failure.error)) for failure in failures] == [("2", "KeyError('why')")]

    def test_batch_item_failure_without_a_cause_is_its_own(self) -> None:
        @stream_handler
        def handler(changes: list[Change[Order]]) -> None:
            raise BatchItemFailure(changes[0])

        with failures_observed() as failures:
            assert handler(event(record(1))) == failed_from(1)
        assert str(failures[0].error) == "failed from record 1 on"

    def test_batch_item_failure_for_a_change_of_another_batch_fails_the_invocation(self) -> None:
        stranger = Insert(Order(id=9), raw=record(9))

        @stream_handler
        def handler(changes: list[Change[Order]]) -> None:
            raise BatchItemFailure(stranger)

        with pytest.raises(StreamkitError, match="a change that is not in its batch"):
            handler(event(record(1)))

    def test_any_other_exception_fails_the_invocation(self) -> None:
        @stream_handler
        def handler(changes: list[Change[Order]]) -> None:
            raise ValueError("all of it")

        with pytest.raises(ValueError, match="all of it"):
            handler(event(record(1)))

    @pytest.mark.parametrize(
        ("policy", "delivered"), [("stop", [1]), ("isolate", [1, 3, 5]), ("continue", [1, 3, 4, 5])]
    )
    def test_a_record_that_does_not_decode_is_reported_by_the_policy(self, policy: Any, delivered: list[int]) -> None:
        batches: list[list[int]] = []

        @stream_handler(on_failure=policy)
        def handler(changes: list[Change[Order]]) -> None:
            batches.append([number_of(change) for change in changes])

        poison = record(2, key=7, new={"total": {"S": "x"}})
        assert handler(event(record(1), poison, record(3), record(4, key=7), record(5))) == failed_from(2)
        assert batches == [delivered]

    def test_a_quarantined_record_is_left_out(self) -> None:
        batches: list[list[int]] = []

        @stream_handler
        def handler(changes: list[Change[Order]]) -> None:
            batches.append([number_of(change) for change in changes])

        handler.invalid(lambda record, error: None)
        assert handler(event(record(1), record(2, new={"total": {"S": "x"}}), record(3))) == SUCCESS
        assert batches == [[1, 3]]

    def test_an_async_function_is_awaited(self) -> None:
        batches: list[int] = []

        @stream_handler
        async def handler(changes: list[Change[Order]]) -> None:
            batches.append(len(changes))
            raise BatchItemFailure(changes[1])

        assert handler(event(record(1), record(2))) == failed_from(2)
        assert batches == [2]


class TestDeadline:
    """Progress is kept where a time-out would lose it all."""

    @pytest.mark.parametrize("is_async", [False, True])
    def test_below_the_margin_the_next_record_is_reported_without_being_run(
        self, is_async: bool, caplog: pytest.LogCaptureFixture
    ) -> None:
        seen: list[int] = []

        def sync(change: Change) -> None:
            seen.append(number_of(change))

        async def later(change: Change) -> None:
            seen.append(number_of(change))

        handler: Any
        if is_async:
            handler = stream_handler(deadline_margin_ms=1000, concurrency=1)(later)
        else:
            handler = stream_handler(deadline_margin_ms=1000)(sync)
        with caplog.at_level(logging.WARNING, "streamkit"):
            response = handler(event(*map(record, range(1, 8))), Context(2500, 600))
        assert response == failed_from(4)
        assert seen == [1, 2, 3]
        assert "stops before record 4 of its batch: less than 1000 ms are left" in caplog.text

    def test_the_first_record_always_runs(self) -> None:
        seen: list[int] = []

        @stream_handler
        def handler(change: Change) -> None:
            seen.append(number_of(change))

        assert handler(event(record(1), record(2)), Context(3, 1)) == failed_from(2)
        assert seen == [1]

    def test_it_is_off_with_a_margin_of_0(self) -> None:
        @stream_handler(deadline_margin_ms=0)
        def handler(change: Change) -> None: ...

        assert handler(event(record(1), record(2)), Context(3, 1)) == SUCCESS

    @pytest.mark.parametrize("context", [None, object(), type("Mock", (), {"get_remaining_time_in_millis": object})()])
    def test_a_tests_context_without_a_time_is_no_deadline(self, context: object) -> None:
        @stream_handler
        def handler(change: Change) -> None: ...

        assert handler(event(record(1), record(2)), context) == SUCCESS


class TestReporting:
    """Returned identifiers are only ever ones that were delivered."""

    @pytest.mark.parametrize("number", [None, "", 5])
    def test_a_failing_record_without_a_number_to_report_fails_the_invocation(self, number: object) -> None:
        @stream_handler
        def handler(change: Change) -> None:
            raise ValueError

        with pytest.raises(StreamkitError, match="has no SequenceNumber to report, so the whole batch fails"):
            handler(event(record(1, SequenceNumber=number)))

    @pytest.mark.parametrize("junk", ["text", None, {"eventName": "INSERT"}])
    def test_junk_among_the_records_fails_the_invocation(self, junk: object) -> None:
        @stream_handler
        def handler(change: Change) -> None: ...

        with pytest.raises(StreamkitError, match="has no SequenceNumber"):
            handler(event(record(1), junk))

    @pytest.mark.parametrize("policy", ["isolate", "continue"])
    def test_records_whose_keys_cannot_be_read_count_as_one_item(self, policy: Any) -> None:
        seen: list[int] = []

        @stream_handler(on_failure=policy)
        def handler(change: Change) -> None:
            seen.append(number_of(change))
            raise ValueError

        assert handler(event(record(1, Keys=None), record(2, Keys=None))) == failed_from(1)
        assert seen == ([1] if policy == "isolate" else [1, 2])

    def test_failures_are_told_to_whoever_listens_and_only_while_they_listen(self) -> None:
        @stream_handler(on_failure="continue")
        def handler(change: Change) -> None:
            raise ValueError(change.meta.sequence_number)

        handler(event(record(1)))
        with failures_observed() as failures:
            handler(event(record(2), record(3)))
        handler(event(record(4)))
        assert [str(failure.error) for failure in failures] == ["2", "3"]


def test_the_retry_of_a_failing_record_runs_nothing_twice_before_it() -> None:
    calls: list[int] = []
    fails = {3}

    @stream_handler
    def handler(change: Change) -> None:
        calls.append(number_of(change))
        if number_of(change) in fails:
            fails.clear()
            raise ValueError

    records = [record(number) for number in range(1, 8)]
    assert handler(event(*records)) == failed_from(3)
    assert handler(event(*records[2:])) == SUCCESS
    assert calls == [1, 2, 3, 3, 4, 5, 6, 7]


def test_modify_can_be_asked_for_without_its_old_image() -> None:
    news: list[Order] = []

    @stream_handler
    def handler(change: Modify[Order, None]) -> None:
        news.append(change.new)
        assert change.old is None

    without_old = record(1, "MODIFY", view_type="NEW_IMAGE")
    del without_old["dynamodb"]["OldImage"]
    assert handler(event(without_old)) == SUCCESS
    assert news == [Order(id=1)]
