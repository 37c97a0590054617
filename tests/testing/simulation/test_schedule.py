from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local import LocalRunner, LocalTable
from streamkit.testing.simulation.literals import literal
from streamkit.testing.simulation.schedule import Advance, Delete, ImpossibleStepError, Pause, Put, Run, Split, Step

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.binary()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.sets(st.integers() | st.text()),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(VALUES)
def test_a_plain_value_as_text_is_that_value(value: Any) -> None:
    again = eval(literal(value), {"Decimal": Decimal})  # noqa: S307  # what we just wrote
    assert again == value
    assert type(again) is type(value)


def test_text_is_in_double_quotes_as_formatters_have_it() -> None:
    value = {"a": ["it's", 'say "x"', "\n"], "b": ("x",), "c": {"y", "x"}, "d": Decimal("1.50")}
    expected = """{"a": ["it's", 'say "x"', "\\n"], "b": ("x",), "c": {"x", "y"}, "d": Decimal("1.50")}"""
    assert literal(value) == expected


def test_each_step_is_what_its_text_says() -> None:
    steps: list[Step] = [
        Put({"pk": "a", "sk": 1}),
        Put({"pk": "b", "sk": 1}),
        Run(),
        Delete(("a", 1)),
        Delete(("b", 1), expired=True),
        Split(0),
        Advance(60),
        Put({"pk": "b", "sk": 1}),
        Pause(30),
    ]
    taken = LocalTable("table", key=("pk", "sk"))
    runner = LocalRunner(lambda event, context: None, taken)
    for step in steps:
        step.take(taken, runner)
    written = LocalTable("table", key=("pk", "sk"))
    again = LocalRunner(lambda event, context: None, written)
    for step in steps:
        exec(str(step), {"table": written, "runner": again})  # noqa: S102  # what we just wrote
    assert taken.records == written.records
    assert [one["eventName"] for one in taken.records] == ["INSERT", "INSERT", "REMOVE", "REMOVE", "INSERT"]
    assert "userIdentity" in taken.records[3]
    assert len(taken.shard_ids) == len(written.shard_ids) == 3
    assert runner.clock.now() == again.clock.now()
    assert len(runner.invocations) == len(again.invocations) == 2
    assert str(Delete((1,))) == "table.delete(1)"


@pytest.mark.parametrize("shards", [[0, 0], [1]])
def test_a_split_of_a_shard_that_is_not_open_is_impossible(shards: list[int]) -> None:
    table = LocalTable("table")
    runner = LocalRunner(lambda event, context: None, table)
    *before, last = shards
    for shard in before:
        Split(shard).take(table, runner)
    with pytest.raises(ImpossibleStepError):
        Split(last).take(table, runner)
