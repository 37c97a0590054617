"""What one shard does is mostly decided in `shard`; here is how the worker carries it out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from streamkit import EventSourceMapping
from streamkit.local import Answer, Destination, Journal, MemoryDestination
from streamkit.local.batching import event_json
from streamkit.local.invokers.inprocess import InProcessInvoker
from streamkit.local.invokers.invoker import Invoker
from streamkit.local.journal import (
    Checkpointed,
    InvocationFinished,
    InvocationStarted,
    RecordsDiscarded,
    RecordsExpired,
    RecordsRead,
    RetryScheduled,
    Warned,
)
from streamkit.local.setup import Setup, duration_of
from streamkit.local.sources.recording import Recording
from streamkit.local.worker import ShardWorker
from tests.local.builders import (
    BUCKET,
    REPORTING,
    START,
    Answering,
    Failing,
    after,
    full,
    lambda_record,
    short,
    succeed,
)

ONCE = {"MaximumRetryAttempts": 0}


class Bench:
    """One worker on records, with everything around it at hand."""

    def __init__(
        self,
        handler: Any,
        count: int = 1,
        *,
        mapping: dict[str, Any] | None = None,
        records: list[dict[str, Any]] | None = None,
        destination: Destination | None = None,
        seconds: float = 0,
        seed: int = 0,
        shard: str = "s",
    ) -> None:
        self.journal = Journal()
        self.source = Recording(records or [lambda_record(number) for number in range(1, count + 1)])
        setup = Setup(
            source=self.source,
            mapping=EventSourceMapping.model_validate(mapping or {}),
            invoker=handler if isinstance(handler, Invoker) else InProcessInvoker(handler),
            function_arn="arn:aws:lambda:eu-west-1:1:function:orders:live",
            destination=destination,
            journal=self.journal,
            checkpoints=None,
            seed=seed,
            duration=duration_of(seconds),
            timeout=timedelta(seconds=900),
            cascade_limit=None,
        )
        self.worker = ShardWorker(setup, shard, 0, START)

    def drain(self) -> None:
        now = START
        while (when := self.worker.next_time(now)) is not None:
            now = max(now, when)
            self.worker.turn(now)

    def kinds(self) -> list[str]:
        return [type(fact).__name__ for fact in self.journal]

    def discarded(self) -> RecordsDiscarded:
        (fact,) = [fact for fact in self.journal if isinstance(fact, RecordsDiscarded)]
        return fact

    def started(self) -> list[InvocationStarted]:
        return [fact for fact in self.journal if isinstance(fact, InvocationStarted)]


def test_a_batch_is_read_invoked_answered_and_checkpointed() -> None:
    bench = Bench(succeed, 2)
    bench.drain()
    read, started, finished, checkpointed = bench.journal
    assert read == RecordsRead(START, "s", (full(1), full(2)))
    assert isinstance(started, InvocationStarted)
    assert started.sequence_numbers == (full(1), full(2))
    assert started.event == event_json(list(bench.source.read("s", 0, 2, START)))
    assert isinstance(finished, InvocationFinished)
    assert (finished.outcome, finished.handled, finished.failed) == ("success", 2, 0)
    assert checkpointed == Checkpointed(START, "s", full(2))


def test_a_worker_with_nothing_to_do_says_so() -> None:
    bench = Bench(succeed, records=[lambda_record(1, at=30)])
    assert bench.worker.next_time(START) == after(30)
    bench.drain()
    assert bench.worker.next_time(after(30)) is None


def test_an_invocation_ends_after_its_duration_and_the_shard_waits_for_it() -> None:
    bench = Bench(succeed, 3, mapping={"BatchSize": 1}, seconds=7)
    bench.drain()
    assert [(short(fact.sequence_numbers[0]), fact.at) for fact in bench.started()] == [
        (1, START),
        (2, after(7)),
        (3, after(14)),
    ]
    ends = [fact.at for fact in bench.journal if isinstance(fact, InvocationFinished)]
    assert ends == [after(7), after(14), after(21)]


def test_an_end_is_told_to_whoever_drives_before_the_next_call() -> None:
    bench = Bench(Failing({2: 1}, report=True), 3, mapping=REPORTING)
    while (finished := bench.worker.turn(START)) is None:
        pass
    assert finished.outcome == "partial"
    assert len(bench.started()) == 1
    bench.drain()
    assert len(bench.started()) == 2


def test_a_failure_is_written_with_its_retry() -> None:
    bench = Bench(Failing({1: 1}))
    bench.drain()
    assert bench.kinds() == [
        "RecordsRead",
        "InvocationStarted",
        "InvocationFinished",
        "RetryScheduled",
        "InvocationStarted",
        "InvocationFinished",
        "Checkpointed",
    ]
    failed, retry = bench.journal[2], bench.journal[3]
    assert isinstance(failed, InvocationFinished)
    assert isinstance(failed.error, ValueError)
    assert (failed.outcome, failed.handled, failed.failed) == ("failure", 0, 1)
    assert "ValueError" in failed.why
    assert isinstance(retry, RetryScheduled)
    assert retry.request_id == failed.request_id
    assert bench.started()[1].at == retry.retry_at


def test_a_throttle_is_neither_handled_nor_failed() -> None:
    bench = Bench(Answering(Answer(throttled="TooManyRequestsException")))
    bench.drain()
    throttled = bench.journal[2]
    assert isinstance(throttled, InvocationFinished)
    assert (throttled.outcome, throttled.handled, throttled.failed) == ("throttled", 0, 0)
    assert throttled.why == "TooManyRequestsException"
    assert [fact.attempt for fact in bench.started()] == [1, 1]


def test_a_partial_answer_counts_all_of_its_records_as_failed_and_the_first_as_handled() -> None:
    bench = Bench(Failing({3: 1}, report=True), 4, mapping=REPORTING)
    bench.drain()
    partial = bench.journal[2]
    assert isinstance(partial, InvocationFinished)
    assert (partial.outcome, partial.handled, partial.failed) == ("partial", 2, 4)


def test_the_function_gets_the_event_a_uuid_and_the_functions_arn() -> None:
    invoker = Answering(Answer(error=ValueError()))
    bench = Bench(invoker)
    bench.drain()
    (event, first, arn), (_, second, _) = invoker.requests
    assert event == {"Records": [lambda_record(1)]}
    assert arn == "arn:aws:lambda:eu-west-1:1:function:orders:live"
    assert first == second
    assert UUID(first).version == 4
    assert str(UUID(first)) == first


def test_request_ids_depend_on_seed_shard_and_extent() -> None:
    def ids(**settings: Any) -> list[str]:
        bench = Bench(succeed, 2, mapping={"BatchSize": 1}, **settings)
        bench.drain()
        return [fact.request_id for fact in bench.started()]

    assert ids() == ids()
    assert len({*ids(), *ids(seed=1), *ids(shard="t")}) == 6


def test_without_a_destination_a_discard_is_not_delivered() -> None:
    bench = Bench(Failing({1: None}), mapping=ONCE)
    bench.drain()
    fact = bench.discarded()
    assert (fact.delivered, fact.error, fact.sequence_numbers) == (False, None, (full(1),))
    assert fact.record["requestContext"]["requestId"] == bench.started()[0].request_id
    assert fact.record["requestContext"]["functionArn"] == "arn:aws:lambda:eu-west-1:1:function:orders:live"
    assert fact.record["DDBStreamBatchInfo"]["streamArn"] == bench.source.stream_arn
    assert fact.record["DDBStreamBatchInfo"]["shardId"] == "s"


def test_a_destination_gets_the_record_that_the_journal_has() -> None:
    destination = MemoryDestination()
    bench = Bench(Failing({1: None}), mapping=ONCE, destination=destination)
    bench.drain()
    assert destination.sent == [bench.discarded().record]
    assert bench.discarded().delivered


def test_what_a_destination_does_to_the_record_stays_with_it() -> None:
    class Wiping:
        def send(self, record: dict[str, Any]) -> None:
            record["requestContext"].clear()
            record.clear()

    bench = Bench(Failing({1: None}), mapping=ONCE, destination=Wiping())
    bench.drain()
    assert bench.discarded().record["requestContext"]["condition"] == "RetryAttemptsExhausted"


def test_a_destination_that_raises_is_not_tried_again_and_the_shard_goes_on() -> None:
    class Full:
        tried = 0

        def send(self, record: dict[str, Any]) -> None:  # noqa: ARG002  # Destination
            self.tried += 1
            raise OSError("full")

    destination = Full()
    bench = Bench(Failing({1: None}), 2, mapping=ONCE | {"BatchSize": 1}, destination=destination)
    bench.drain()
    fact = bench.discarded()
    assert not fact.delivered
    assert isinstance(fact.error, OSError)
    assert destination.tried == 1
    assert bench.journal[-1] == Checkpointed(bench.journal[-1].at, "s", full(2))


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_a_bucket_gets_the_event_as_sent(partition: str) -> None:
    mapping = {"DestinationConfig": {"OnFailure": {"Destination": f"arn:{partition}:s3:::failed"}}}
    bench = Bench(Failing({1: None}), mapping=ONCE | mapping, destination=MemoryDestination())
    bench.drain()
    assert bench.discarded().record["payload"].encode() == bench.started()[0].event


@pytest.mark.parametrize("service", ["sqs", "sns"])
def test_a_queue_or_topic_gets_no_event(service: str) -> None:
    mapping = {"DestinationConfig": {"OnFailure": {"Destination": f"arn:aws:{service}:us-east-1:1:s3"}}}
    bench = Bench(Failing({1: None}), mapping=ONCE | mapping, destination=MemoryDestination())
    bench.drain()
    assert "payload" not in bench.discarded().record


def test_the_payload_is_the_discarded_extents_and_no_longer_batchs() -> None:
    mapping = REPORTING | ONCE | {"DestinationConfig": BUCKET}
    bench = Bench(Failing({2: None}, report=True), 3, mapping=mapping)
    bench.drain()
    payload = orjson.loads(bench.discarded().record["payload"])
    assert [short(record["dynamodb"]["SequenceNumber"]) for record in payload["Records"]] == [2, 3]


def test_a_report_that_lambda_does_not_read_is_warned_of() -> None:
    bench = Bench(Failing({1: None}, report=True))
    bench.drain()
    (warning,) = [fact for fact in bench.journal if isinstance(fact, Warned)]
    assert "ReportBatchItemFailures" in warning.text
    assert "lost" in warning.text
    assert bench.kinds()[-1] == "Checkpointed"


@pytest.mark.parametrize(
    ("mapping", "handler"), [({}, succeed), ({}, Failing({}, report=True)), (REPORTING, Failing({1: 1}, report=True))]
)
def test_nothing_else_is_warned_of(mapping: dict[str, Any], handler: Any) -> None:
    bench = Bench(handler, mapping=mapping)
    bench.drain()
    assert "Warned" not in bench.kinds()


def test_a_record_without_a_time_ages_from_when_it_was_read() -> None:
    bench = Bench(Failing({1: None}), records=[lambda_record(1, at=None)])
    bench.drain()
    (expired,) = [fact for fact in bench.journal if isinstance(fact, RecordsExpired)]
    assert expired.sequence_numbers == (full(1),)
    assert timedelta(hours=24) < expired.at - START < timedelta(hours=24, minutes=2)


def test_an_interrupted_invocation_is_made_again() -> None:
    class Interrupted:
        function_name = "interrupted"
        calls = 0

        def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:  # noqa: ARG002  # Invoker
            self.calls += 1
            if self.calls == 1:
                raise KeyboardInterrupt
            return Answer()

    invoker = Interrupted()
    bench = Bench(invoker, 2, mapping={"BatchSize": 1})
    with pytest.raises(KeyboardInterrupt):
        bench.drain()
    for _ in range(20):
        if bench.worker.next_time(START) is not None:
            bench.worker.turn(START)
    assert invoker.calls == 3
    assert bench.journal[-1] == Checkpointed(START, "s", full(2))
    assert bench.worker.next_time(START) is None


@pytest.mark.parametrize(("given", "takes"), [(0, 0), (1.5, 1.5), (lambda event: len(event["Records"]) * 2, 6)])
def test_a_duration_is_fixed_or_depends_on_the_event(given: Any, takes: float) -> None:
    assert duration_of(given)(b'{"Records":[1,2,3]}') == timedelta(seconds=takes)


def test_durations_are_of_any_event() -> None:
    fixed = duration_of(2)
    assert fixed(b"") == fixed(b"{}") == timedelta(seconds=2)


@pytest.mark.parametrize("wrong", [-1, 86_401, float("nan"), "5", True])
def test_a_duration_is_a_number_of_seconds_of_a_day_at_most(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"duration takes seconds from 0 to 86400, or is a function .*, not "):
        duration_of(wrong)
    with pytest.raises(ValueError, match=r"^the function given as duration returns seconds from 0 to 86400, not "):
        duration_of(lambda _event: wrong)(b"{}")
