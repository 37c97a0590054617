"""Runs the tables of responses and writes: each row is a rule of SEMANTICS that the local runner must keep."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from streamkit.local import LocalRunner, LocalTable
from streamkit.local.journal import Warned
from tests.conformance.live import LIVE
from tests.conformance.responses import RESPONSES
from tests.conformance.rules import ABSENT, ResponseRule, Rule, WriteRule
from tests.conformance.running import with_numbers
from tests.conformance.runs import RUNS
from tests.conformance.writes import WRITES
from tests.local.builders import REPORTING, batches, numbers_in, short, table_of

RULES: list[Rule] = [*RESPONSES, *RUNS, *WRITES, *LIVE]


def test_every_rule_is_told_apart_by_what_it_says() -> None:
    assert [rule for rule, times in Counter(map(str, RULES)).items() if times > 1] == []


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_rule_is_a_sentence_and_a_choice_says_what_was_chosen(rule: Rule) -> None:
    assert not rule.says.endswith(".")
    assert " " in rule.says
    if rule.grade in "UIC":
        assert rule.choice


# §4: responses


def _answered(response: Any, mapping: dict[str, Any]) -> LocalRunner:
    """Let a function answer a batch of four like this once and, once more, again: then it succeeds."""
    calls: list[list[int]] = []

    def handler(event: Any, context: Any) -> Any:
        calls.append(numbers_in(event))
        return with_numbers(response) if len(calls) == 1 else None

    runner = LocalRunner(handler, table_of(4), {"MaximumRetryAttempts": 0} | mapping)
    runner.run()
    return runner


@pytest.mark.parametrize("rule", RESPONSES, ids=str)
def test_what_a_response_means(rule: ResponseRule) -> None:
    runner = _answered(rule.response, REPORTING)
    assert runner.invocations[0].outcome == rule.becomes
    if rule.becomes == "success":
        assert batches(runner) == [[1, 2, 3, 4]]
        assert runner.discarded == []
    elif rule.becomes == "partial" and rule.lowest != 1:
        assert rule.lowest is not None
        assert batches(runner) == [[1, 2, 3, 4], list(range(rule.lowest, 5))]
        assert runner.discarded == []
    else:
        assert batches(runner) == [[1, 2, 3, 4]]
        (record,) = runner.discarded
        assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None}
        assert record["DDBStreamBatchInfo"]["batchSize"] == 4
    warned = [fact.text for fact in runner.journal if isinstance(fact, Warned)]
    assert len(warned) == (1 if rule.warns else 0)
    assert all(word in text for text in warned for word in rule.warns)


@pytest.mark.parametrize("rule", RESPONSES, ids=str)
def test_without_reporting_whatever_is_returned_is_success(rule: ResponseRule) -> None:
    runner = _answered(rule.response, {})
    assert [invocation.outcome for invocation in runner.invocations] == ["success"]
    assert runner.discarded == []
    assert [short(number) for number in runner.checkpoints.values()] == [4]


# §7: the stream


def _member(record: dict[str, Any], path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        value = list(value) if name == "keys" else value.get(name, ABSENT)
    return value


@pytest.mark.parametrize("rule", WRITES, ids=str)
def test_what_a_write_makes(rule: WriteRule) -> None:
    view_type: Any = rule.view_type
    table = LocalTable("orders", key=rule.key, view_type=view_type)
    for name, *arguments in rule.writes[:-1]:
        getattr(table, name)(*arguments)
    before = len(table.records)
    name, *arguments = rule.writes[-1]
    number = getattr(table, name)(*arguments)
    made = table.records[before:]
    if rule.record is None:
        assert number is None
        assert made == []
        return
    (record,) = made
    assert record["dynamodb"]["SequenceNumber"] == number
    assert record["eventSourceARN"] == table.stream_arn
    for path, expected in rule.record.items():
        found = _member(record, path)
        if isinstance(expected, str) and expected.startswith("~"):
            assert re.fullmatch(expected[1:], found), path
        else:
            assert found == expected, path
            assert type(found) is type(expected), path
