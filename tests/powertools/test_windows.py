"""Powertools for AWS Lambda, the real package, above and below a window handler."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.middleware_factory import lambda_handler_decorator
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent, event_source
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent, idempotent_function
from aws_lambda_powertools.utilities.parser import event_parser
from aws_lambda_powertools.utilities.parser.models import DynamoDBStreamModel

from streamkit import Change, EventError, Insert, Window, tumbling_window
from streamkit.local import LocalRunner, LocalTable
from tests.build import record
from tests.powertools.test_stacking import CONTEXT, Memory
from tests.windowbuild import Order, Tally, answer, number_of, window_event

DONE: dict[str, Any] = {"state": {}, "batchItemFailures": []}


class TestAbove:
    """Middleware for Lambda handlers, on the decorated fold."""

    def test_inject_lambda_context(self, capsys: pytest.CaptureFixture[str]) -> None:
        logger = Logger(service="windows inject")

        @logger.inject_lambda_context(log_event=False)
        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            logger.info("order %d", change.new.id)
            return Tally(seen=[*state.seen, change.new.id])

        assert handler(window_event(record(7)), CONTEXT)["state"]["seen"] == [7]
        line = json.loads(capsys.readouterr().out)
        assert line["message"] == "order 7"
        assert line["function_request_id"] == "request-1"

    def test_log_metrics(self, capsys: pytest.CaptureFixture[str]) -> None:
        metrics = Metrics()

        @tumbling_window(seconds=60)
        def fold(change: Insert[Order], state: Tally) -> Tally:
            return Tally(seen=[*state.seen, change.new.id])

        @fold.final
        def publish(state: Tally, window: Window) -> None:
            metrics.add_metric("orders", MetricUnit.Count, len(state.seen))

        handler = metrics.log_metrics(fold)
        assert handler(window_event(state={"seen": [1, 2]}, final=True), CONTEXT) == DONE
        assert json.loads(capsys.readouterr().out)["orders"] == [2.0]

    def test_capture_lambda_handler(self) -> None:
        tracer = Tracer()

        @tracer.capture_lambda_handler
        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            return Tally(seen=[*state.seen, change.new.id])

        assert handler(window_event(record(1)), CONTEXT)["state"]["seen"] == [1]

    def test_idempotent_answers_again_with_the_same_state(self) -> None:
        calls: list[int] = []

        @idempotent(persistence_store=Memory())
        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            calls.append(change.new.id)
            return Tally(seen=[*state.seen, change.new.id])

        first = handler(window_event(record(1), state={"seen": [0]}), CONTEXT)
        assert handler(window_event(record(1), state={"seen": [0]}), CONTEXT) == first
        assert first["state"]["seen"] == [0, 1]
        assert handler(window_event(record(1), state={"seen": [5]}), CONTEXT)["state"]["seen"] == [5, 1]
        assert calls == [1, 1]

    def test_idempotent_publishes_a_window_once(self) -> None:
        published: list[list[int]] = []

        @tumbling_window(seconds=60)
        def fold(change: Insert[Order], state: Tally) -> Tally:
            return state

        @fold.final
        def publish(state: Tally, window: Window) -> None:
            published.append(state.seen)

        handler = idempotent(persistence_store=Memory())(fold)
        for _ in range(3):
            assert handler(window_event(state={"seen": [1]}, final=True), CONTEXT) == DONE
        assert published == [[1]]

    def test_event_source_data_class(self) -> None:
        @event_source(data_class=DynamoDBStreamEvent)
        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            return Tally(seen=[*state.seen, change.new.id])

        assert handler(window_event(record(1), state={"seen": [0]}), CONTEXT)["state"]["seen"] == [0, 1]

    @pytest.mark.parametrize("model", [dict[str, Any], None])
    def test_event_parser_of_a_dict(self, model: Any) -> None:
        @event_parser(model=model)
        @tumbling_window(seconds=60)
        def handler(change: Change[Order], state: Tally) -> Tally:
            return Tally(seen=[*state.seen, number_of(change)])

        assert handler(window_event(record(1), record(2, "REMOVE")), CONTEXT)["state"]["seen"] == [1, 2]

    def test_event_parser_with_its_stream_model_is_refused_since_that_has_no_window(self) -> None:
        @event_parser(model=DynamoDBStreamModel)
        @tumbling_window(seconds=60)
        def handler(change: Change[Order], state: Tally) -> Tally:
            return state

        with pytest.raises(EventError, match="take event_parser away, the changes are typed without it"):
            handler(window_event(record(1)), CONTEXT)

    def test_a_middleware_of_ones_own(self) -> None:
        around: list[str] = []

        @lambda_handler_decorator
        def noted(handler: Any, event: Any, context: Any) -> Any:
            around.append("before")
            response = handler(event, context)
            around.append("after")
            return response

        @noted
        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: dict[str, int]) -> dict[str, int]:
            around.append("order")
            return {"n": 1}

        assert handler(window_event(record(1)), CONTEXT) == answer({"n": 1})
        assert around == ["before", "order", "after"]

    def test_all_of_them_at_once_and_the_runner_still_finds_the_mapping_and_final_can_be_registered(self) -> None:
        logger, metrics, tracer = Logger(service="windows all"), Metrics(), Tracer()
        published: list[list[int]] = []

        @metrics.log_metrics
        @logger.inject_lambda_context
        @tracer.capture_lambda_handler
        @tumbling_window(seconds=60, batch_size=2, maximum_retry_attempts=0)
        def fold(change: Insert[Order], state: Tally) -> Tally:
            metrics.add_metric("orders", MetricUnit.Count, 1)
            if change.new.id == 2:
                raise ValueError
            return Tally(seen=[*state.seen, change.new.id])

        handler: Any = fold

        @handler.final  # type: ignore[untyped-decorator]  # Any
        def publish(state: Tally, window: Window) -> None:
            metrics.add_metric("windows", MetricUnit.Count, 1)
            published.append(state.seen)

        table = LocalTable("orders")
        runner = LocalRunner(handler, table)
        for number in range(1, 4):
            table.put({"id": number})
        runner.run()
        assert runner.mapping.batch_size == 2
        assert runner.mapping.tumbling_window_in_seconds == 60
        assert [invocation.outcome for invocation in runner.invocations] == ["partial", "partial", "success", "success"]
        assert published == [[1, 3]]


class TestBelow:
    """Decorators of the fold itself, under ours."""

    def test_idempotent_function_folds_a_record_once_and_loses_what_later_states_have(self) -> None:
        # It answers with the state that it returned then: right for a retry with the same state, and only for that.
        calls: list[int] = []
        config = IdempotencyConfig(event_key_jmespath="eventID")
        config.register_lambda_context(CONTEXT)

        @tumbling_window(seconds=60)
        @idempotent_function(data_keyword_argument="change", persistence_store=Memory(), config=config)  # type: ignore[untyped-decorator]  # Any
        def handler(change: Insert[Order], state: dict[str, Any]) -> dict[str, Any]:
            calls.append(change.new.id)
            return {**state, str(change.new.id): 1}

        event = window_event(record(1), record(2))
        assert handler(event, CONTEXT) == answer({"1": 1, "2": 1})
        assert handler(event, CONTEXT) == answer({"1": 1, "2": 1})
        assert calls == [1, 2]

    @pytest.mark.parametrize("is_async", [False, True])
    def test_capture_method(self, is_async: bool) -> None:
        tracer = Tracer()

        def fold(change: Insert[Order], state: Tally, window: Window) -> Tally:
            if change.new.id == 2:
                raise ValueError
            return Tally(seen=[*state.seen, change.new.id])

        async def later(change: Insert[Order], state: Tally, window: Window) -> Tally:
            return fold(change, state, window)

        captured: Any = tracer.capture_method(later if is_async else fold)
        response = tumbling_window(seconds=60)(captured)(window_event(record(1), record(2)), CONTEXT)
        assert response["state"]["seen"] == [1]
        assert response["batchItemFailures"] == [{"itemIdentifier": "2"}]

    def test_capture_method_of_a_final_function(self) -> None:
        tracer = Tracer()
        published: list[Any] = []

        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            return state

        @handler.final
        @tracer.capture_method
        def publish(state: Tally, window: Window, context: Any) -> None:
            published.append((state.seen, context))

        handler(window_event(state={"seen": [1]}, final=True), "the context")
        assert published == [([1], "the context")]

    def test_the_raw_record_feeds_powertools_data_class(self) -> None:
        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: list[str]) -> list[str]:
            event_name = DynamoDBRecord(change.raw).event_name
            assert event_name is not None
            return [*state, event_name.name]

        assert handler(window_event(record(1)), CONTEXT) == answer({"$value": ["INSERT"]})
