from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.local.journal import (
    Checkpointed,
    RecordsRead,
)
from streamkit.local.views import cause_of, checkpoints_in, invocations_in
from streamkit.observing import RecordFailure
from tests.local.builders import START, finished, started

if TYPE_CHECKING:
    from streamkit.local import Fact


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
