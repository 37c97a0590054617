from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local.journal import (
    Checkpointed,
    InvocationFinished,
    InvocationStarted,
    RecordsDiscarded,
    RecordsExpired,
    RecordsRead,
    Warned,
)
from streamkit.local.views import METRICS, Metrics, cause_of, checkpoints_in, invocations_in
from streamkit.observing import RecordFailure
from tests.local.builders import START, after

if TYPE_CHECKING:
    from streamkit.local import Fact


def started(request_id: str = "r", *, shard: str = "s", attempt: int = 1) -> InvocationStarted:
    return InvocationStarted(START, shard, request_id, attempt, ("1", "2"), "new batch", b'{"Records":[]}')


def finished(request_id: str = "r", *, shard: str = "s", **members: Any) -> InvocationFinished:
    usual: dict[str, Any] = {
        "attempt": 1,
        "outcome": "success",
        "why": "w",
        "response": None,
        "error": None,
        "failures": (),
        "handled": 2,
        "sequence_numbers": ("1", "2"),
    }
    return InvocationFinished(after(1), shard, request_id, **(usual | members))


def test_an_invocation_is_its_start_and_its_end() -> None:
    facts: list[Fact] = [started(), finished(response={"batchItemFailures": []})]
    (invocation,) = invocations_in(facts)
    assert invocation.shard_id == "s"
    assert invocation.sequence_numbers == ["1", "2"]
    assert invocation.request_id == "r"
    assert invocation.attempt == 1
    assert invocation.at == START
    assert invocation.event == {"Records": []}
    assert invocation.response == {"batchItemFailures": []}
    assert invocation.error is None
    assert invocation.outcome == "success"
    assert invocation.why == "new batch"


def test_an_invocation_that_is_running_has_no_outcome() -> None:
    (invocation,) = invocations_in([started()])
    assert (invocation.outcome, invocation.response, invocation.error) == (None, None, None)


def test_attempts_with_the_same_request_id_are_told_apart() -> None:
    facts: list[Fact] = [started(), finished(outcome="failure"), started(attempt=2), finished()]
    assert [invocation.outcome for invocation in invocations_in(facts)] == ["failure", "success"]


def test_invocations_that_overlap_are_in_the_order_of_their_starts() -> None:
    facts: list[Fact] = [
        started("r1"),
        started("r1", shard="t"),
        finished("r1", shard="t", outcome="failure"),
        finished("r1"),
    ]
    assert [(i.shard_id, i.outcome) for i in invocations_in(facts)] == [("s", "success"), ("t", "failure")]


def test_facts_of_other_kinds_make_no_invocation() -> None:
    assert invocations_in([RecordsRead(START, "s", ("1",))]) == []


def test_the_cause_is_what_was_raised_or_the_first_failure_that_is_known() -> None:
    raised, first, second = ValueError("raised"), ValueError("first"), ValueError("second")
    failures = [RecordFailure("1", first), RecordFailure("2", second)]
    assert cause_of(finished(error=raised, failures=failures)) is raised
    assert cause_of(finished(failures=failures)) is first
    assert cause_of(finished()) is None
    assert invocations_in([started(), finished(failures=failures)])[0].error is first


def test_the_last_checkpoint_of_a_shard_counts() -> None:
    facts: list[Fact] = [Checkpointed(START, "s", "1"), Checkpointed(START, "t", "5"), Checkpointed(START, "s", "3")]
    assert checkpoints_in([*facts, started()]) == {"s": "3", "t": "5"}


def discarded(*, delivered: bool, error: BaseException | None = None) -> RecordsDiscarded:
    return RecordsDiscarded(START, "s", ("1", "2", "3"), {}, delivered, error)


@pytest.mark.parametrize(
    ("fact", "counted"),
    [
        (RecordsRead(START, "s", ("1", "2")), {"PolledEventCount": 2}),
        (started(), {"InvokedEventCount": 2}),
        (finished(outcome="partial"), {"FailedInvokeEventCount": 2}),
        (finished(), {}),
        (discarded(delivered=True), {"OnFailureDestinationDeliveredEventCount": 3}),
        (discarded(delivered=False), {"DroppedEventCount": 3}),
        (discarded(delivered=False, error=OSError()), {"DroppedEventCount": 3, "DestinationDeliveryFailures": 1}),
        (RecordsExpired(START, "s", ("1",), "w"), {"DroppedEventCount": 1}),
        (Checkpointed(START, "s", "1"), {}),
        (Warned(START, "s", "text"), {}),
    ],
)
def test_each_fact_is_counted_where_aws_counts_it(fact: Fact, counted: dict[str, int]) -> None:
    metrics = Metrics()
    metrics.note(fact)
    metrics.note(fact)
    assert dict(metrics) == dict.fromkeys(METRICS, 0) | {name: 2 * count for name, count in counted.items()}


def test_every_metric_is_there_from_the_start() -> None:
    assert dict(Metrics()) == dict.fromkeys(METRICS, 0)


def test_metrics_can_be_copied_to_be_compared_later() -> None:
    metrics = Metrics()
    metrics.note(started())
    before = metrics.copy()
    also = copy.deepcopy(metrics)
    metrics.note(started())
    assert before == also
    assert before["InvokedEventCount"] == 2
    assert (metrics - before)["InvokedEventCount"] == 2
