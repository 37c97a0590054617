"""Filters of two that both have to take a record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from streamkit.deployment.exporting import ExportError
from streamkit.deployment.exporting.narrowing import narrowed
from streamkit.filters import matcher
from tests.filterstrategies import CONDITIONS, PATHS, RECORDS, at, criteria_of

if TYPE_CHECKING:
    from streamkit.settings import FilterCriteria

KINDS = st.lists(st.sampled_from(["INSERT", "MODIFY", "REMOVE"]), min_size=1, max_size=3, unique=True)
PATTERNS = st.builds(at, PATHS, st.lists(CONDITIONS, min_size=1, max_size=2))


def patterns_of(criteria: FilterCriteria) -> list[Any]:
    return [json.loads(one["Pattern"]) for one in criteria["Filters"]]


def joined(one: Any, other: Any) -> Any:
    (pattern,) = patterns_of(narrowed(criteria_of(one), criteria_of(other)))
    return pattern


def test_what_speaks_of_different_things_is_put_together() -> None:
    paid = {"dynamodb": {"NewImage": {"status": {"S": ["PAID"]}}}}
    insert = {"eventName": ["INSERT"]}
    assert joined(paid, insert) == paid | insert
    deep = {"dynamodb": {"NewImage": {"id": {"N": ["1"]}}}}
    assert joined(paid, deep) == {"dynamodb": {"NewImage": {"status": {"S": ["PAID"]}, "id": {"N": ["1"]}}}}


@pytest.mark.parametrize(
    ("own", "types", "both"),
    [
        (["INSERT", "MODIFY"], ["INSERT"], ["INSERT"]),
        (["INSERT"], ["INSERT", "REMOVE"], ["INSERT"]),
        ([{"anything-but": ["REMOVE"]}], ["INSERT", "REMOVE"], ["INSERT"]),
        ([{"prefix": "I"}, "REMOVE"], ["INSERT", "MODIFY", "REMOVE"], ["INSERT", "REMOVE"]),
    ],
)
def test_of_the_values_of_one_key_those_are_left_that_both_take(own: Any, types: Any, both: Any) -> None:
    assert joined({"eventName": own}, {"eventName": types}) == {"eventName": both}
    assert joined({"eventName": types}, {"eventName": own}) == {"eventName": both}


def test_each_filter_is_joined_with_each_of_the_other_and_what_takes_nothing_is_left_out() -> None:
    own = criteria_of({"eventName": ["INSERT"], "eventID": ["1"]}, {"eventName": ["REMOVE"]}, {"eventID": ["2"]})
    assert patterns_of(narrowed(own, criteria_of({"eventName": ["INSERT"]}))) == [
        {"eventName": ["INSERT"], "eventID": ["1"]},
        {"eventName": ["INSERT"], "eventID": ["2"]},
    ]


def test_the_same_filter_is_there_once() -> None:
    pattern = {"eventName": ["INSERT"]}
    assert patterns_of(narrowed(criteria_of(pattern, {"eventName": ["INSERT", "MODIFY"]}), criteria_of(pattern))) == [
        pattern
    ]


def test_filters_that_have_nothing_in_common_are_refused() -> None:
    with pytest.raises(
        ExportError, match="no record is taken by the mapping's own filters and by those of the handler's"
    ):
        narrowed(criteria_of({"eventName": ["REMOVE"]}), criteria_of({"eventName": ["INSERT"]}))
    nested = {"dynamodb": {"NewImage": {"a": {"S": ["x"]}}}}
    with pytest.raises(ExportError, match="no record is taken"):
        narrowed(criteria_of(nested), criteria_of({"dynamodb": {"NewImage": {"a": {"S": ["y"]}}}}))


@pytest.mark.parametrize(
    ("own", "types", "path"),
    [
        ({"$or": [{"a": [1]}, {"b": [1]}]}, {"$or": [{"c": [1]}, {"d": [1]}]}, r"\$or"),
        ({"eventName": [{"prefix": "I"}]}, {"eventName": [{"suffix": "T"}]}, "eventName"),
        ({"a": {"SS": ["x"]}}, {"a": {"SS": ["y"]}}, "a.SS"),  # an array may hold both
        ({"a": {"L": {"S": ["x"]}}}, {"a": {"L": {"N": ["1"]}}}, "a.L"),  # of which element is either said?
        ({"a": [1]}, {"a": {"b": [1]}}, "a"),
        ({"a": {"b": [1]}}, {"a": [1]}, "a"),
    ],
)
def test_what_no_pattern_can_say_is_refused_with_its_place(own: Any, types: Any, path: str) -> None:
    with pytest.raises(ExportError, match=f"both say something of {path}, and no pattern of Lambda's says both"):
        joined(own, types)


def test_more_or_longer_filters_than_lambda_takes_are_refused() -> None:
    own = criteria_of(*({"eventID": [str(number)]} for number in range(5)))
    types = criteria_of({"awsRegion": ["a"]}, {"awsRegion": ["b"]})
    with pytest.raises(ExportError, match=r"make 10 filters of up to .* 5 of 4096 are allowed"):
        narrowed(own, types)
    long = criteria_of({"eventID": ["x" * 4000]})
    with pytest.raises(ExportError, match=r"make 1 filters of up to 4\d\d\d characters together"):
        narrowed(long, criteria_of({"awsRegion": ["y" * 90]}))


@given(own=st.lists(PATTERNS, min_size=1, max_size=2), kinds=KINDS, record=RECORDS)
def test_a_record_passes_that_passes_both(own: list[Any], kinds: list[str], record: Any) -> None:
    first, second = criteria_of(*own), criteria_of({"eventName": kinds})
    try:
        both = matcher(narrowed(first, second))
    except ExportError as error:
        assume("no record is taken" in str(error))  # what cannot be said is refused
        assert not (matcher(first)(record) and matcher(second)(record))
        return
    assert both(record) == (matcher(first)(record) and matcher(second)(record))


@given(one=PATTERNS, other=PATTERNS, record=RECORDS)
def test_of_any_two_patterns_the_join_takes_what_both_take(one: Any, other: Any, record: Any) -> None:
    try:
        both = matcher(narrowed(criteria_of(one), criteria_of(other)))
    except ExportError:
        assume(False)
    assert both(record) == (matcher(criteria_of(one))(record) and matcher(criteria_of(other))(record))
