"""Why an assertion about a run failed."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock

import pytest

from streamkit.local import Invocation, LocalRunner, LocalTable
from streamkit.testing.assertions import explained
from tests.local.builders import REPORTING, Failing, Tallying, full, succeed, table_at, table_of, tumbling

ONCE = {"MaximumRetryAttempts": 0}


def ran(*arguments: Any, **options: Any) -> LocalRunner:
    runner = LocalRunner(*arguments, **options)
    runner.run()
    return runner


def test_invocations_where_there_should_be_none_are_told_by_their_records() -> None:
    runner = ran(Failing({2: None}), table_of(2), ONCE | {"BatchSize": 1})
    assert explained("==", runner.invocations, []) == [
        "2 invocations == []",
        "INSERT id=1: success",
        "INSERT id=2: failure: ValueError: record 2 is bad",
    ]
    assert (explained("==", [], runner.invocations[:1]) or [])[0] == "[] == 1 invocation"


def test_an_invocation_that_is_under_way_says_so() -> None:
    runner = LocalRunner(succeed, table_of(1), duration=5)
    runner.advance(seconds=1)
    assert explained("==", runner.invocations, ()) == ["1 invocation == []", "INSERT id=1: no answer so far"]


def test_on_failure_records_where_there_should_be_none_are_told_by_what_was_lost_and_why() -> None:
    other = ran(succeed, table_of(1))
    runner = ran(Failing({2: None}), table_of(3), ONCE)
    assert other.discarded == []
    assert explained("==", runner.discarded, []) == [
        "1 on-failure record == []",
        "INSERT id=1, id=2, id=3, discarded after 1 attempt; last cause: ValueError: record 2 is bad",
    ]


def test_on_failure_records_of_no_runner_in_sight_are_told_by_themselves() -> None:
    def losses() -> Any:
        return ran(Failing({2: None}), table_of(3), ONCE).discarded

    assert explained("==", [], losses()) == [
        "[] == 1 on-failure record",
        f"3 records, {full(1)} to {full(3)}: RetryAttemptsExhausted",
    ]


def test_sequence_numbers_are_told_by_the_names_of_their_records() -> None:
    table = table_of(3)
    runner = ran(Failing({2: None}, report=True), table, REPORTING | ONCE)
    one, two, three = (full(number) for number in (1, 2, 3))
    got = [invocation.sequence_numbers for invocation in runner.invocations]
    assert explained("==", got, [[one, two, three], [two], []]) == [
        "left == right, by the names of the records (+ left, - right):",
        "  INSERT id=1, INSERT id=2, INSERT id=3",
        "- INSERT id=2",
        "- no records",
        "+ INSERT id=2, INSERT id=3",
    ]
    table.put({"id": 4})
    assert explained("==", got[1], [two, full(4), None]) == [
        "left == right, by the names of the records (+ left, - right):",
        "  INSERT id=2",
        f"- '{full(4)}'",
        "- None",
        "+ INSERT id=3",
    ]


def test_checkpoints_are_told_by_the_names_of_their_records() -> None:
    runner = ran(succeed, table := table_of(2))
    (shard,) = table.shard_ids
    assert explained("==", runner.checkpoints, {shard: full(1)}) == [
        "left == right, by the names of the records (+ left, - right):",
        f"- {shard}: INSERT id=1",
        f"+ {shard}: INSERT id=2",
    ]


def test_windows_where_there_should_be_none_tell_what_became_of_them() -> None:
    runner = ran(Tallying({}), table_at(0), tumbling(10))
    assert explained("==", runner.windows, []) == ["1 window == []", str(runner.windows[0])]


def test_of_a_long_difference_what_is_around_it_is_told() -> None:
    table = table_of(900)
    runner = ran(succeed, table, {"BatchSize": 10_000})
    (invocation,) = runner.invocations
    got = invocation.sequence_numbers
    assert explained("==", got, [*got[:400], *got[401:]]) == [
        "left == right, by the names of the records (+ left, - right):",
        "  INSERT id=399",
        "  INSERT id=400",
        "+ INSERT id=401",
        "  INSERT id=402",
        "  INSERT id=403",
    ]
    assert explained("==", got, [got[5], got[890]]) == [
        "left == right, by the names of the records (+ left, - right):",
        *(f"+ INSERT id={number}" for number in (1, 2, 3, 4, 5)),
        "  INSERT id=6",
        *(f"+ INSERT id={number}" for number in range(7, 21)),
        "… and 880 more",
    ]
    both = explained("==", got, [got[0], *got[2:700], *got[701:]]) or []
    assert both[1:] == [
        *("  INSERT id=1", "+ INSERT id=2", "  INSERT id=3", "  INSERT id=4", "…"),
        *("  INSERT id=699", "  INSERT id=700", "+ INSERT id=701", "  INSERT id=702", "  INSERT id=703"),
    ]


def test_an_explanation_is_of_bounded_length() -> None:
    runner = ran(succeed, table_of(40), {"BatchSize": 1})
    lines = explained("==", runner.invocations, []) or []
    assert len(lines) == 22
    assert lines[-1] == "… and 20 more"


@pytest.mark.parametrize(
    ("operator", "left", "right"),
    [
        ("==", [], []),
        ("==", [1], []),
        ("==", [{}], []),
        ("==", [{"requestContext": {}}], []),
        ("==", [{"requestContext": "", "DDBStreamBatchInfo": ""}], []),
        ("==", [MagicMock(spec=Invocation)], []),
        ("==", {"a": 1}, {}),
        ("==", {"a": [{}]}, {"b": {}}),
        ("==", [{"a": [1]}], [{"a": [2]}]),
        ("==", [["a"]], [["b"]]),
        ("==", ["a", 1], ["a"]),
        ("==", "ab", "abc"),
        ("==", 1, []),
        ("!=", [full(1)], [full(1)]),
        ("in", full(1), [full(1)]),
    ],
)
def test_what_is_not_about_a_run_is_left_to_pytest(operator: str, left: Any, right: Any) -> None:
    runner = ran(succeed, LocalTable("orders"))
    assert explained(operator, left, right) is None
    assert runner.invocations == []
