"""`@stream_handler`: what it makes of a function, and what it refuses at decoration."""

import inspect
import logging
import typing
from typing import Any

import pytest
from pydantic import ValidationError

import streamkit
from streamkit import Change, EventError, EventSourceMapping, HandlerDefinitionError, Insert, stream_handler
from tests.build import SUCCESS, event, failed_from, record


def test_the_result_is_a_plain_function_with_the_users_name_and_docs() -> None:
    def on_change(change: Change) -> None:
        """Do it."""

    handler = stream_handler(on_change)
    as_object: object = handler
    assert inspect.isfunction(as_object)
    assert handler.__name__ == "on_change"
    assert handler.__doc__ == "Do it."
    assert handler.__wrapped__ is on_change


def test_it_is_called_as_lambda_calls_it_with_or_without_a_context() -> None:
    seen: list[int] = []

    @stream_handler
    def handler(change: Change) -> None:
        seen.append(int(change.keys["id"]))

    assert handler(event(record(1), record(2)), None) == SUCCESS
    assert handler(event(record(3))) == SUCCESS
    assert seen == [1, 2, 3]
    assert list(inspect.signature(handler).parameters) == ["event", "context"]


def test_its_annotations_are_a_lambda_handlers_for_middleware_that_reads_them() -> None:
    @stream_handler
    def handler(change: Change) -> None: ...

    assert typing.get_type_hints(handler) == {"event": dict[str, Any], "context": Any, "return": dict[str, Any]}


def test_the_users_own_function_stays_callable_with_an_event_made_by_hand() -> None:
    seen: list[object] = []

    @stream_handler
    def handler(change: Insert[dict[str, Any]]) -> None:
        seen.append(change.new)

    handler.__wrapped__(change=Insert({"id": 1}))
    assert seen == [{"id": 1}]


def test_the_mapping_holds_the_settings_and_what_the_decorator_adds() -> None:
    @stream_handler(batch_size=7, maximum_retry_attempts=3)
    def handler(change: Change) -> None: ...

    assert handler.mapping == EventSourceMapping(
        batch_size=7, maximum_retry_attempts=3, function_response_types=["ReportBatchItemFailures"]
    )
    assert isinstance(handler.mapping, EventSourceMapping)


def test_a_bare_handler_has_a_mapping_of_defaults() -> None:
    @stream_handler
    def handler(change: Change) -> None: ...

    assert handler.mapping.batch_size == 100
    assert handler.mapping.reports_batch_item_failures


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"batch_size": 0}, "BatchSize takes 1 to 10000 .*not 0"),
        ({"maximum_record_age_in_seconds": 59}, "either -1 .* or between 60 and 604800"),
        ({"destination_config": {"OnSuccess": {"Destination": "arn:aws:sqs:x"}}}, "OnSuccess"),
    ],
)
def test_a_setting_out_of_range_is_refused_at_decoration(options: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):

        @stream_handler(**options)
        def handler(change: Change) -> None: ...


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"batchsize": 3}, r"has no option 'batchsize': did you mean 'batch_size'\?"),
        ({"zzz": 3}, "has no option 'zzz': it has batch_size, .*tags"),
        ({"function_response_types": []}, "function_response_types is set by the decorator itself"),
        ({"tumbling_window_in_seconds": 5}, r"tumbling_window_in_seconds is set by @tumbling_window\(seconds=…\)"),
        ({"on_failure": "explode"}, "on_failure takes 'stop', 'isolate', 'continue', not 'explode'"),
        ({"concurrency": 3}, "concurrency is for async def handlers"),
        ({"deadline_margin_ms": -1}, "deadline_margin_ms takes milliseconds from 0 on, not -1"),
        ({"deadline_margin_ms": True}, "deadline_margin_ms takes milliseconds"),
    ],
)
def test_an_option_that_cannot_work_is_refused_with_the_functions_name(options: Any, said: str) -> None:
    with pytest.raises(HandlerDefinitionError, match=said) as caught:

        @stream_handler(**options)
        def my_handler(change: Change) -> None: ...

    assert "my_handler()" in str(caught.value)


@pytest.mark.parametrize("concurrency", [0, 2.5, True])
def test_concurrency_is_a_positive_whole_number(concurrency: Any) -> None:
    with pytest.raises(HandlerDefinitionError, match="concurrency takes a whole number from 1 on"):

        @stream_handler(concurrency=concurrency)
        async def handler(change: Change) -> None: ...


@pytest.mark.parametrize(
    ("option", "said"), [("concurrency", "concurrency is for"), ("deadline_margin_ms", "gets all")]
)
def test_a_whole_batch_takes_no_options_that_work_between_records(option: str, said: str) -> None:
    def handle(changes: list[Change]) -> None: ...

    options: Any = {option: 5}
    with pytest.raises(HandlerDefinitionError, match=said):
        stream_handler(**options)(handle)


def test_models_may_be_local_to_the_function_that_decorates() -> None:
    from pydantic import BaseModel  # noqa: PLC0415  # local, as the test says

    class Order(BaseModel):
        id: int

    seen: list[Order] = []

    @stream_handler
    def bare(change: "Insert[Order]") -> None:
        seen.append(change.new)

    @stream_handler(batch_size=2)
    def with_options(change: "Insert[Order]") -> None:
        seen.append(change.new)

    bare(event(record(1)))
    with_options(event(record(2)))
    assert seen == [Order(id=1), Order(id=2)]


class TestInvalid:
    """What `@handler.invalid` registers, and refuses."""

    def test_the_function_itself_is_returned(self) -> None:
        @stream_handler
        def handler(change: Change) -> None: ...

        def put_aside(record: dict[str, Any], error: streamkit.DecodeError) -> None: ...

        assert handler.invalid(put_aside) is put_aside

    def test_a_second_one_is_refused(self) -> None:
        @stream_handler
        def handler(change: Change) -> None: ...

        handler.invalid(lambda record, error: None)
        with pytest.raises(HandlerDefinitionError, match="has an invalid function already"):
            handler.invalid(lambda record, error: None)

    def test_one_that_cannot_take_record_and_error_is_refused(self) -> None:
        @stream_handler
        def handler(change: Change) -> None: ...

        with pytest.raises(HandlerDefinitionError, match="takes a function of record, error, not"):
            handler.invalid(lambda record: None)  # type: ignore[type-var]  # that is the point


def test_another_services_event_fails_the_whole_invocation() -> None:
    @stream_handler
    def handler(change: Change) -> None: ...

    with pytest.raises(EventError, match="it was called with one of aws:sqs"):
        handler({"Records": [{"eventSource": "aws:sqs", "body": "{}"}]})
    with pytest.raises(EventError, match="a dict with a list of Records"):
        handler({"detail-type": "x"})


def test_a_window_event_is_handled_with_a_warning_that_lambda_will_want_a_state(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @stream_handler
    def handler(change: Change) -> None: ...

    with caplog.at_level(logging.WARNING, "streamkit"):
        assert handler({**event(record(1)), "isFinalInvokeForWindow": False}) == SUCCESS
    assert "its mapping has a tumbling window" in caplog.text


def test_an_empty_batch_is_a_success() -> None:
    @stream_handler
    def handler(change: Change) -> None:
        raise AssertionError

    assert handler(event()) == SUCCESS


def test_two_handlers_of_one_function_do_not_share_their_invalid() -> None:
    def react(change: Insert[dict[str, int]]) -> None: ...

    one, other = stream_handler(react), stream_handler(react)
    one.invalid(lambda record, error: None)
    poison = record(5, new={"x": {"S": "no number"}})
    assert one(event(poison)) == SUCCESS
    assert other(event(poison)) == failed_from(5)
