"""Powertools for AWS Lambda, the real package, above and below a handler."""

import json
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.middleware_factory import lambda_handler_decorator
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent, event_source
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent, idempotent_function
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyItemAlreadyExistsError,
    IdempotencyItemNotFoundError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord
from aws_lambda_powertools.utilities.parser import event_parser
from aws_lambda_powertools.utilities.parser.models import DynamoDBStreamModel
from pydantic import BaseModel

from streamkit import Change, Insert, stream_handler
from streamkit.local import LocalRunner, LocalTable
from streamkit.local.invokers.context import LocalContext
from tests.build import SUCCESS, event, failed_from, record

# Made when tests are collected, and used when all those before have run: that may be longer than any function has.
CONTEXT: Any = LocalContext(
    "orders", "arn:aws:lambda:eu-west-1:123456789012:function:orders", "request-1", timeout=86_400
)


class Order(BaseModel):
    id: int
    total: int = 0


class Memory(BasePersistenceLayer):
    """The smallest store that Powertools' idempotency takes."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Powertools leaves it untyped
        self.records: dict[str, DataRecord] = {}

    def _get_record(self, idempotency_key: str) -> DataRecord:
        try:
            return self.records[idempotency_key]
        except KeyError:
            raise IdempotencyItemNotFoundError from None

    def _put_record(self, data_record: DataRecord) -> None:
        if data_record.idempotency_key in self.records:
            raise IdempotencyItemAlreadyExistsError(old_data_record=self.records[data_record.idempotency_key])
        self.records[data_record.idempotency_key] = data_record

    def _update_record(self, data_record: DataRecord) -> None:
        self.records[data_record.idempotency_key] = data_record

    def _delete_record(self, data_record: DataRecord) -> None:
        self.records.pop(data_record.idempotency_key, None)


class TestAbove:
    """Middleware for Lambda handlers, on the decorated function."""

    def test_inject_lambda_context(self, capsys: pytest.CaptureFixture[str]) -> None:
        logger = Logger(service="inject")

        @logger.inject_lambda_context(log_event=False)
        @stream_handler
        def handler(change: Insert[Order]) -> None:
            logger.info("order %d", change.new.id)

        assert handler(event(record(7)), CONTEXT) == SUCCESS
        line = json.loads(capsys.readouterr().out)
        assert line["message"] == "order 7"
        assert line["function_request_id"] == "request-1"

    def test_log_metrics(self, capsys: pytest.CaptureFixture[str]) -> None:
        metrics = Metrics()

        @metrics.log_metrics
        @stream_handler
        def handler(change: Insert[Order]) -> None:
            metrics.add_metric("orders", MetricUnit.Count, 1)

        assert handler(event(record(1), record(2)), CONTEXT) == SUCCESS
        assert json.loads(capsys.readouterr().out)["orders"] == [1.0, 1.0]

    def test_capture_lambda_handler(self) -> None:
        seen: list[int] = []
        tracer = Tracer()

        @tracer.capture_lambda_handler
        @stream_handler
        def handler(change: Insert[Order]) -> None:
            seen.append(change.new.id)

        assert handler(event(record(1)), CONTEXT) == SUCCESS
        assert seen == [1]

    def test_idempotent(self) -> None:
        seen: list[int] = []

        @idempotent(persistence_store=Memory())
        @stream_handler
        def handler(change: Insert[Order]) -> None:
            seen.append(change.new.id)

        assert handler(event(record(1)), CONTEXT) == SUCCESS
        assert handler(event(record(1)), CONTEXT) == SUCCESS
        assert seen == [1]

    @pytest.mark.parametrize("model", [DynamoDBStreamModel, dict[str, Any], None])
    def test_event_parser(self, model: Any) -> None:
        seen: list[Any] = []

        @event_parser(model=model)
        @stream_handler
        def handler(change: Change[Order]) -> None:
            seen.append(change)

        assert handler(event(record(1, new={"total": {"N": "5"}}), record(2, "REMOVE")), CONTEXT) == SUCCESS
        assert [type(change).__name__ for change in seen] == ["Insert", "Remove"]
        assert seen[0].new == Order(id=1, total=5)
        assert seen[0].keys == {"id": 1}
        assert seen[0].meta.created_at.isoformat() == "2026-01-01T00:00:00+00:00"

    def test_event_source_data_class(self) -> None:
        seen: list[int] = []

        @event_source(data_class=DynamoDBStreamEvent)
        @stream_handler
        def handler(change: Insert[Order]) -> None:
            seen.append(change.new.id)

        assert handler(event(record(1)), CONTEXT) == SUCCESS
        assert seen == [1]

    def test_a_middleware_of_ones_own(self) -> None:
        around: list[str] = []

        @lambda_handler_decorator
        def noted(handler: Any, event: Any, context: Any) -> Any:
            around.append("before")
            response = handler(event, context)
            around.append("after")
            return response

        @noted
        @stream_handler
        def handler(change: Insert[Order]) -> None:
            around.append("order")

        assert handler(event(record(1)), CONTEXT) == SUCCESS
        assert around == ["before", "order", "after"]

    def test_all_of_them_at_once_and_the_runner_still_finds_the_mapping(self) -> None:
        logger, metrics, tracer = Logger(service="all"), Metrics(), Tracer()

        @metrics.log_metrics
        @logger.inject_lambda_context
        @tracer.capture_lambda_handler
        @stream_handler(batch_size=2, maximum_retry_attempts=0)
        def handler(change: Change[Order]) -> None:
            metrics.add_metric("orders", MetricUnit.Count, 1)
            if int(change.keys["id"]) == 2:
                raise ValueError

        table = LocalTable("orders")
        runner = LocalRunner(handler, table)
        for number in range(1, 4):
            table.put({"id": number})
        runner.run()
        assert runner.mapping.batch_size == 2
        assert [len(invocation.sequence_numbers) for invocation in runner.invocations] == [2, 1, 1]
        assert [invocation.outcome for invocation in runner.invocations] == ["partial", "partial", "success"]


class TestBelow:
    """Decorators of the user's own function, under ours."""

    def test_idempotent_function_runs_each_record_once_however_often_it_is_delivered(self) -> None:
        seen: list[int] = []
        config = IdempotencyConfig(event_key_jmespath="eventID")
        config.register_lambda_context(CONTEXT)

        @stream_handler
        @idempotent_function(data_keyword_argument="change", persistence_store=Memory(), config=config)  # type: ignore[untyped-decorator]  # Any
        def handler(change: Insert[Order]) -> None:
            seen.append(change.new.id)

        assert handler(event(record(1)), CONTEXT) == SUCCESS
        assert handler(event(record(1), record(2)), CONTEXT) == SUCCESS
        assert seen == [1, 2]

    def test_capture_method(self) -> None:
        seen: list[int] = []
        tracer = Tracer()

        @stream_handler
        @tracer.capture_method
        def handler(change: Insert[Order]) -> None:
            seen.append(change.new.id)

        assert handler(event(record(1)), CONTEXT) == SUCCESS
        assert seen == [1]

    def test_capture_method_of_an_async_function(self) -> None:
        seen: list[int] = []
        tracer = Tracer()

        @stream_handler
        @tracer.capture_method
        async def handler(change: Insert[Order]) -> None:
            seen.append(change.new.id)
            raise ValueError

        assert handler(event(record(1)), CONTEXT) == failed_from(1)
        assert seen == [1]

    def test_the_raw_record_feeds_powertools_data_class(self) -> None:
        names: list[Any] = []

        @stream_handler
        def handler(change: Insert[Order]) -> None:
            names.append(DynamoDBRecord(change.raw).event_name)

        handler(event(record(1)), CONTEXT)
        assert [name.name for name in names] == ["INSERT"]
