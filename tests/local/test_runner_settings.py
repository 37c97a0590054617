"""`LocalRunner`: the mapping, discarded records, and the journal."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from streamkit import Change, EventSourceMapping, Remove, stream_handler
from streamkit.local import (
    Journal,
    LocalRunner,
    MemoryDestination,
)
from streamkit.local.factjson import fact_json
from streamkit.local.journal import Warned
from tests.local.builders import (
    ARN,
    BUCKET,
    QUEUE,
    Answering,
    Failing,
    Heard,
    batches,
    first_seen,
    lambda_record,
    outcomes,
    spans,
    succeed,
    table_of,
)


def test_a_handlers_own_mapping_is_used() -> None:
    @stream_handler(batch_size=2, maximum_retry_attempts=0)
    def handler(change: Change) -> None:
        if change.keys["id"] == 1:
            raise ValueError

    runner = LocalRunner(handler, table_of(4))
    assert runner.mapping == handler.mapping
    runner.run()
    assert batches(runner) == [[1, 2], [3, 4]]


def test_a_mapping_given_takes_the_place_of_the_handlers_own() -> None:
    @stream_handler(batch_size=2)
    def handler(change: Change) -> None: ...

    runner = LocalRunner(handler, table_of(4), EventSourceMapping(batch_size=3))
    runner.run()
    assert batches(runner) == [[1, 2, 3], [4]]
    assert not runner.mapping.reports_batch_item_failures


def test_lambdas_defaults_are_used_where_there_is_no_mapping() -> None:
    assert LocalRunner(succeed, table_of(1)).mapping == EventSourceMapping()


@pytest.mark.parametrize("mapping", [{"BatchSize": 1}, {"batch_size": 1}, {"BatchSize": 1, "State": "Enabled"}])
def test_a_mapping_may_be_a_dict(mapping: dict[str, Any]) -> None:
    runner = LocalRunner(succeed, table_of(2), mapping)
    runner.run()
    assert batches(runner) == [[1], [2]]


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        ({"BatchSize": 0}, "BatchSize"),
        ({"BatchSizes": 1}, "BatchSizes"),
        ({"ScalingConfig": {"MaximumConcurrency": 2}}, "SQS"),
        (EventSourceMapping().model_copy(update={"batch_size": 0}), "BatchSize"),
    ],
)
def test_a_mapping_that_lambda_would_refuse_is_refused(mapping: Any, named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        LocalRunner(succeed, table_of(1), mapping)


@pytest.mark.parametrize("mapping", ["BatchSize=1", 5, ["BatchSize"], EventSourceMapping, True])
def test_what_is_no_mapping_is_refused_and_not_ignored(mapping: Any) -> None:
    with pytest.raises((TypeError, ValidationError)):
        LocalRunner(succeed, table_of(1), mapping)


def test_a_handlers_mapping_attribute_of_another_kind_is_not_ours() -> None:
    def handler(event: Any, context: Any) -> None: ...

    handler.mapping = "of routes"  # type: ignore[attr-defined]  # a function may have any attribute
    assert LocalRunner(handler, table_of(1)).mapping == EventSourceMapping()


@pytest.mark.parametrize(
    ("settings", "arn"),
    [
        ({}, "arn:aws:lambda:us-east-1:123456789012:function:orders_handler"),
        ({"FunctionName": "orders"}, "arn:aws:lambda:us-east-1:123456789012:function:orders"),
        ({"FunctionName": "orders:live"}, "arn:aws:lambda:us-east-1:123456789012:function:orders:live"),
        (
            {"FunctionName": "999999999999:function:orders"},
            "arn:aws:lambda:us-east-1:999999999999:function:orders",
        ),
        (
            {"FunctionName": "999999999999:function:orders:live"},
            "arn:aws:lambda:us-east-1:999999999999:function:orders:live",
        ),
        (
            {"FunctionName": "arn:aws:lambda:eu-west-1:999999999999:function:orders:live"},
            "arn:aws:lambda:eu-west-1:999999999999:function:orders:live",
        ),
        (
            {"FunctionArn": "arn:aws:lambda:eu-west-1:999999999999:function:orders:7"},
            "arn:aws:lambda:eu-west-1:999999999999:function:orders:7",
        ),
        (
            {"FunctionName": "orders", "FunctionArn": "arn:aws:lambda:eu-west-1:9:function:other"},
            "arn:aws:lambda:us-east-1:123456789012:function:orders",
        ),
    ],
)
def test_the_functions_arn_keeps_what_its_name_says(settings: dict[str, Any], arn: str) -> None:
    seen = []

    def orders_handler(event: Any, context: Any) -> None:
        seen.append(context.invoked_function_arn)
        raise ValueError

    runner = LocalRunner(orders_handler, table_of(1), {"MaximumRetryAttempts": 0} | settings)
    runner.run()
    assert seen == [arn]
    assert runner.discarded[0]["requestContext"]["functionArn"] == arn


@pytest.mark.parametrize(
    ("stream_arn", "arn"),
    [
        (ARN, "arn:aws:lambda:eu-west-1:123456789012:function:remote"),
        (ARN.replace("arn:aws:", "arn:aws-cn:"), "arn:aws-cn:lambda:eu-west-1:123456789012:function:remote"),
        ("stream-ARN", "arn:aws:lambda:us-east-1:123456789012:function:remote"),
    ],
)
def test_the_function_lives_where_its_stream_does(stream_arn: str, arn: str) -> None:
    invoker = Answering()
    LocalRunner(invoker, [lambda_record(1, eventSourceARN=stream_arn)]).run()
    assert [request[2] for request in invoker.requests] == [arn]


def test_discarded_records_are_seen_without_a_destination() -> None:
    runner = LocalRunner(Failing({2: None}), table_of(3), {"MaximumRetryAttempts": 1})
    runner.run()
    assert spans(runner.discarded) == [(1, 3)]
    assert runner.discarded[0]["requestContext"]["requestId"] == runner.invocations[0].request_id
    assert runner.metrics["DroppedEventCount"] == 3
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 0


@pytest.mark.parametrize("config", [QUEUE, BUCKET])
def test_a_configured_destination_takes_them_by_default(config: dict[str, Any]) -> None:
    mapping = {"MaximumRetryAttempts": 0, "DestinationConfig": config}
    runner = LocalRunner(Failing({2: None}), table_of(3), mapping)
    runner.run()
    assert runner.metrics["DroppedEventCount"] == 0
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 3
    assert ("payload" in runner.discarded[0]) == (config is BUCKET)


def test_a_destination_given_gets_them() -> None:
    destination = MemoryDestination()
    runner = LocalRunner(Failing({2: None}), table_of(3), {"MaximumRetryAttempts": 0}, destination=destination)
    runner.run()
    assert destination.sent == runner.discarded
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 3


def test_a_destination_that_raises_drops_the_records_and_stops_nothing() -> None:
    class Full:
        def send(self, record: dict[str, Any]) -> None:  # noqa: ARG002  # Destination
            raise OSError("full")

    mapping = {"MaximumRetryAttempts": 0, "BatchSize": 2, "DestinationConfig": QUEUE}
    runner = LocalRunner(Failing({2: None}), table_of(4), mapping, destination=Full())
    runner.run()
    assert batches(runner) == [[1, 2], [3, 4]]
    assert spans(runner.discarded) == [(1, 2)]
    assert runner.metrics["DroppedEventCount"] == 2
    assert runner.metrics["DestinationDeliveryFailures"] == 1
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 0


def test_a_journal_that_keeps_nothing_leaves_metrics_and_listeners() -> None:
    journal, heard = Journal(keep=False), Heard()
    journal.subscribe(heard)
    runner = LocalRunner(Failing({2: None}), table_of(3), {"MaximumRetryAttempts": 0}, journal=journal)
    runner.run()
    assert (runner.invocations, runner.discarded, runner.checkpoints) == ([], [], {})
    assert runner.metrics["InvokedEventCount"] == 3
    assert runner.metrics["DroppedEventCount"] == 3
    assert len(heard.facts) > 3


def test_a_journal_given_is_the_runners_even_while_it_is_empty() -> None:
    journal = Journal()
    runner = LocalRunner(succeed, table_of(1), journal=journal)
    runner.run()
    assert runner.journal is journal
    assert len(journal) == 4


def test_invocations_are_read_once_and_again_when_there_are_more() -> None:
    table = table_of(1)
    runner = LocalRunner(succeed, table)
    runner.run()
    assert runner.invocations is runner.invocations
    before = runner.invocations
    table.put({"id": 2})
    runner.run()
    assert len(before) == 1
    assert len(runner.invocations) == 2


def test_a_report_that_is_not_read_is_warned_of_and_succeeds() -> None:
    @stream_handler
    def handler(change: Change) -> None:
        raise ValueError

    runner = LocalRunner(handler, table_of(2), EventSourceMapping())
    runner.run()
    assert outcomes(runner) == ["success"]
    assert any(isinstance(fact, Warned) for fact in runner.journal)


def test_the_same_seed_is_the_same_run_and_another_is_another() -> None:
    def run(seed: int) -> list[bytes]:
        runner = LocalRunner(Failing({2: 3}), table_of(3), seed=seed)
        runner.run()
        return [fact_json(fact) for fact in runner.journal]

    assert run(7) == run(7)
    assert run(7) != run(8)


def test_a_retry_keeps_its_request_id() -> None:
    runner = LocalRunner(Failing({2: 1, 4: 1}), table_of(4), {"BatchSize": 2})
    runner.run()
    assert batches(runner) == [[1, 2], [1, 2], [3, 4], [3, 4]]
    assert first_seen([invocation.request_id for invocation in runner.invocations]) == [0, 0, 1, 1]
    assert [invocation.attempt for invocation in runner.invocations] == [1, 2, 1, 2]


def test_a_ttl_deletion_reaches_the_handler_as_one() -> None:
    table = table_of(2)
    table.expire(1)
    table.delete(2)
    seen = []

    @stream_handler
    def handler(change: Remove) -> None:
        seen.append((change.old["id"], change.expired))

    LocalRunner(handler, table).run()
    assert seen == [(1, True), (2, False)]
