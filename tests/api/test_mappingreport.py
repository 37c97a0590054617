"""What is told of a mapping at work."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from streamkit.api.answers import configuration
from streamkit.api.delivering import NowhereError
from streamkit.api.mappingreport import MappingReport
from streamkit.local.journal import (
    Checkpointed,
    Fact,
    InvocationFinished,
    RecordsDiscarded,
    RecordsExpired,
    SourceNoted,
    Warned,
)
from streamkit.mapping import EventSourceMapping

AT = datetime(2026, 1, 1, tzinfo=UTC)
CONTENT = "what is in an item"
BY_RESPONSE = (
    "mapping u: an invocation failed by its response: a window's function has to return a state, and with "
    "ReportBatchItemFailures the whole batch failed if its first record did (SEMANTICS §4, §5)"
)


def finished(outcome: str, why: str = "", error: Exception | None = None, log: str = "") -> InvocationFinished:
    members: Any = (AT, "shard", "id", 1, outcome, why, CONTENT, error, (), 1, ("5",), 0, log)
    return InvocationFinished(*members)


def discarded(*, delivered: bool, error: Exception | None = None, count: int = 1) -> RecordsDiscarded:
    record: Any = {"requestContext": {"condition": "RetryAttemptsExhausted"}, "payload": CONTENT}
    return RecordsDiscarded(AT, "shard", ("5",) * count, record, delivered, error)


@pytest.mark.parametrize(
    ("fact", "results", "lines"),
    [
        (finished("success"), ["OK"], []),
        (finished("partial"), ["OK"], []),
        (finished("failure", why=CONTENT), ["PROBLEM: Function call failed"], [BY_RESPONSE]),
        (finished("failure", error=ValueError("bad")), ["PROBLEM: Function call failed"], ["ValueError: bad"]),
        # Its own log says so already.
        (
            finished("failure", error=ValueError("bad"), log="Traceback\r  bad\n"),
            ["PROBLEM: Function call failed"],
            ["Traceback\n  bad"],
        ),
        (finished("success", log="printed\n"), ["OK"], ["printed"]),
        # A throttle is no result: the function did not run.
        (finished("throttled", why="Rate Exceeded"), [], ["mapping u: the function was not run: Rate Exceeded"]),
        (
            discarded(delivered=True, count=2),
            [],
            ["mapping u: 2 records discarded, RetryAttemptsExhausted: its on-failure record is delivered"],
        ),
        (
            discarded(delivered=False),
            [],
            ["mapping u: 1 record discarded, RetryAttemptsExhausted: there is no on-failure destination"],
        ),
        (
            discarded(delivered=False, error=NowhereError("none")),
            [],
            ["mapping u: 1 record discarded, RetryAttemptsExhausted: there is no on-failure destination"],
        ),
        (
            discarded(delivered=False, error=OSError("away")),
            [],
            ["mapping u: 1 record discarded, RetryAttemptsExhausted: its on-failure record is lost: away"],
        ),
        (RecordsExpired(AT, "shard", ("5", "6"), "too old"), [], ["mapping u: 2 records gone: too old"]),
        (SourceNoted(AT, "shard", "it is away"), [], ["mapping u: it is away"]),
        (Warned(AT, "shard", "it is odd"), [], ["mapping u: it is odd"]),
        (Checkpointed(AT, "shard", "5"), [], []),
    ],
)
def test_each_fact_is_told_where_it_belongs(fact: Fact, results: list[str], lines: list[str]) -> None:
    said: list[str] = []
    processed: list[str] = []
    MappingReport("u", processed.append, said.append).note(fact)
    assert (processed, said) == (results, lines)
    assert CONTENT not in str(said)


def test_an_answer_has_what_aws_answers_and_neither_what_it_calls_otherwise_nor_tags() -> None:
    given = {
        "UUID": "1",
        "FunctionName": "f",
        "FunctionArn": "arn",
        "Tags": {"a": "b"},
        "Enabled": False,
        "State": "Disabled",
    }
    told = configuration(EventSourceMapping.model_validate(given))
    assert not {"FunctionName", "Tags", "Enabled", "KMSKeyArn", "FilterCriteria"} & set(told)
    assert (told["UUID"], told["FunctionArn"], told["State"]) == ("1", "arn", "Disabled")
