"""The laws of matching filters; single rules are in `tests.conformance.filters`, refusals in `test_filters_refused`."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from streamkit.filters import matcher
from tests.filteroracle import engine_matches
from tests.filterstrategies import (
    ELEMENTS,
    EXCLUDED,
    LEAVES,
    OBJECTS,
    PATTERNS,
    RECORDS,
    SMALL_OBJECTS,
    SMALL_PATTERNS,
    VALUES,
    at,
    criteria_of,
)

if TYPE_CHECKING:
    import random


def matches(record: Any, *patterns: Any) -> bool:
    return matcher(criteria_of(*patterns))(record)


@pytest.mark.parametrize("criteria", [None, {}, {"Filters": []}])
def test_without_filters_every_record_matches(criteria: Any) -> None:
    assert matcher(criteria)({}) is True


def test_a_record_may_be_any_mapping() -> None:
    assert matches(MappingProxyType({"a": 1}), {"a": [1]})
    assert not matches(MappingProxyType({"a": 1}), {"a": [2]})


def test_a_value_of_no_kind_that_json_has_matches_nothing() -> None:
    assert not matches({"a": b"x"}, {"a": [{"exists": True}]})
    assert not matches({"a": b"x"}, {"a": [{"exists": False}]})


@given(pattern=PATTERNS, record=OBJECTS)
def test_every_pattern_can_be_asked_about_any_json(pattern: Any, record: Any) -> None:
    assert isinstance(matches(record, pattern), bool)


def own_pattern(value: Any) -> Any:
    """Return the pattern of a value's own leaves, of an array those of its first element with any; None without."""
    if isinstance(value, dict):
        parts = {key: part for key, inner in value.items() if (part := own_pattern(inner)) is not None}
        return parts or None
    if isinstance(value, list):
        return next((part for inner in value if (part := own_pattern(inner)) is not None), None)
    return [value]


@given(record=OBJECTS | RECORDS)
def test_a_record_matches_the_pattern_of_its_own_leaves(record: Any) -> None:
    pattern = own_pattern(record)
    assume(pattern)
    assert matches(record, pattern)


@given(record=OBJECTS, patterns=st.lists(PATTERNS, min_size=1, max_size=2), more=PATTERNS)
def test_another_filter_never_loses_a_match(record: Any, patterns: list[Any], more: Any) -> None:
    assert matches(record, *patterns, more) == (matches(record, *patterns) or matches(record, more))


@given(record=OBJECTS, path=st.lists(st.sampled_from("ab"), min_size=1, max_size=3), values=VALUES, more=ELEMENTS)
def test_another_value_in_a_list_never_loses_a_match(record: Any, path: list[str], values: Any, more: Any) -> None:
    assert matches(record, at(path, values)) <= matches(record, at(path, [*values, more]))


@given(record=OBJECTS, left=PATTERNS, right=PATTERNS)
def test_or_is_either_and_keys_are_both(record: Any, left: Any, right: Any) -> None:
    assert matches(record, {"$or": [left, right]}) == (matches(record, left) or matches(record, right))
    if not set(left) & set(right):
        assert matches(record, left | right) == (matches(record, left) and matches(record, right))


def shuffled(value: Any, order: random.Random) -> Any:
    if isinstance(value, list):
        return [shuffled(inner, order) for inner in value]
    if isinstance(value, dict):
        keys = list(value)
        order.shuffle(keys)
        return {key: shuffled(value[key], order) for key in keys}
    return value


@given(record=OBJECTS, pattern=PATTERNS, order=st.randoms(use_true_random=False))
def test_the_order_of_keys_means_nothing(record: Any, pattern: Any, order: random.Random) -> None:
    assert matches(shuffled(record, order), pattern) == matches(record, shuffled(pattern, order))


@given(value=LEAVES, excluded=EXCLUDED)
def test_anything_but_is_the_opposite_of_equals_where_there_is_a_value(value: Any, excluded: Any) -> None:
    listed = excluded if isinstance(excluded, list) else [excluded]
    assert matches({"a": value}, {"a": [{"anything-but": excluded}]}) != matches({"a": value}, {"a": listed})
    assert not matches({}, {"a": [{"anything-but": excluded}]})


@given(record=OBJECTS, path=st.lists(st.sampled_from("ab"), min_size=1, max_size=3))
def test_a_leaf_is_there_or_not(record: Any, path: list[str]) -> None:
    there, absent = ([{"exists": exists}] for exists in (True, False))
    assert matches(record, at(path, there)) != matches(record, at(path, absent))
    assert matches(record, at(path, [*there, *absent]))


@given(elements=st.lists(LEAVES | OBJECTS, max_size=4), pattern=PATTERNS)
def test_an_array_matches_if_an_element_does_unless_by_what_is_absent(elements: list[Any], pattern: Any) -> None:
    among = matches({"x": elements}, {"x": pattern})
    each = [matches({"x": element}, {"x": pattern}) for element in elements]
    assert not among or any(each) or not elements
    if '"exists": false' not in json.dumps(pattern):
        assert among == any(each)


@given(record=SMALL_OBJECTS | OBJECTS, pattern=SMALL_PATTERNS)
def test_arrays_and_absence_are_as_in_awss_engine(record: Any, pattern: Any) -> None:
    assert matches(record, pattern) == engine_matches(record, pattern)


@given(record=OBJECTS, path=st.lists(st.sampled_from("ab"), min_size=1, max_size=3), values=VALUES)
def test_operators_are_as_in_awss_engine(record: Any, path: list[str], values: Any) -> None:
    assert matches(record, at(path, values)) == engine_matches(record, at(path, values))


@given(left=LEAVES, right=LEAVES)
def test_a_value_equals_what_is_of_its_kind_and_as_great(left: Any, right: Any) -> None:
    same_kind = isinstance(left, bool) == isinstance(right, bool)
    assert matches({"a": left}, {"a": [right]}) == (same_kind and left == right)
