"""Conditions joined: what becomes one pattern, what becomes alternatives, and what no pattern can say."""

from __future__ import annotations

import json
import re
import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit import (
    Condition,
    FilterPatternWarning,
    any_of,
    anything_but,
    created,
    criteria,
    equals_ignore_case,
    event_name,
    exists,
    expired,
    one_of,
    where,
)
from streamkit.attributes import serialize
from streamkit.filterlint import never_matches
from streamkit.filters import compile_pattern
from streamkit.patternvalues import both, either, stored_number
from tests.filterstrategies import TEXTS, as_dynamodb_writes

if TYPE_CHECKING:
    from collections.abc import Callable

item: Any = where(dict[str, Any])
old: Any = where(dict[str, Any], "OldImage")
a, b, c = item["a"], item["b"], item["c"]
ABSENT = {"exists": False}


def _typed() -> Any:
    from pydantic import BaseModel  # noqa: PLC0415  # the class is made where nobody else takes it for the type

    class Row(BaseModel):
        x: str
        y: str | None = None
        lines: list[Row] = []

    return where(Row)


typed = _typed()


def patterns_of(*conditions: Any) -> list[Any]:
    made = criteria(*conditions)
    assert never_matches(made) == []
    return [json.loads(one["Pattern"]) for one in made["Filters"]]


def new(**attributes: Any) -> dict[str, Any]:
    return {"dynamodb": {"NewImage": attributes}}


def is_(**attributes: str | list[str]) -> dict[str, Any]:
    return new(**{name: {"S": text if isinstance(text, list) else [text]} for name, text in attributes.items()})


JOINED: dict[str, tuple[Any, Any]] = {
    "and of two places is one object": ((a == "1") & (b == "2"), is_(a="1", b="2")),
    "and of the event and an image": (event_name("INSERT") & (a == "1"), {"eventName": ["INSERT"], **is_(a="1")}),
    "and of two images": (
        (a == "1") & (old["a"] == "2"),
        {"dynamodb": {"NewImage": {"a": {"S": ["1"]}}, "OldImage": {"a": {"S": ["2"]}}}},
    ),
    "and of one place is what both list": (one_of(a, "1", "2") & one_of(a, "2", "3"), is_(a="2")),
    "and of kinds of event is what both list": (
        event_name("INSERT", "MODIFY") & event_name("MODIFY", "REMOVE"),
        {"eventName": ["MODIFY"]},
    ),
    "and of a value and a test that it passes is the value": (one_of(a, "12", "2") & a.startswith("1"), is_(a="12")),
    "and the other way around": (a.startswith("1") & one_of(a, "12", "2"), is_(a="12")),
    "and of two anything-buts is one": (
        (a != "1") & anything_but(a, "2", "1"),
        new(a={"S": [{"anything-but": ["1", "2"]}]}),
    ),
    "and of two prefixes is the longer one": (a.startswith("1") & a.startswith("12"), new(a={"S": [{"prefix": "12"}]})),
    "and of two suffixes is the longer one": (a.endswith("21") & a.endswith("1"), new(a={"S": [{"suffix": "21"}]})),
    "and of two spellings is one": (
        equals_ignore_case(a, "x") & equals_ignore_case(a, "X"),
        new(a={"S": [{"equals-ignore-case": "x"}]}),
    ),
    "and of a test and that something is there is the test": (
        exists(typed.x) & typed.x.startswith("1"),
        new(x={"S": [{"prefix": "1"}]}),
    ),
    "and of what is there twice": (typed.x.startswith("1") & exists(typed.x), new(x={"S": [{"prefix": "1"}]})),
    "or of one place is one list": (
        (a == "1") | (a == "2") | a.startswith("3"),
        new(a={"S": ["1", "2", {"prefix": "3"}]}),
    ),
    "or with what says it too is that": (exists(typed.x) | (typed.x == "1"), new(x={"S": [{"exists": True}]})),
    "or with a part of it is the whole": ((a == "1") | ((a == "1") & (b == "2")), is_(a="1")),
    "or with the whole of it is the whole": (((a == "1") & (b == "2")) | (a == "1"), is_(a="1")),
    "or of two places is an $or": ((a == "1") | (b == "2"), {"$or": [is_(a="1"), is_(b="2")]}),
    "or where one place differs is one object": (
        ((a == "1") & (b == "2")) | ((a == "1") & (b == "3")),
        is_(a="1", b=["2", "3"]),
    ),
    "or of three places": (
        (a == "1") | (b == "2") | (c == "3"),
        {"$or": [is_(a="1"), is_(b="2"), is_(c="3")]},
    ),
    "and over or": (
        event_name("INSERT") & ((a == "1") | (b == "2")),
        {"eventName": ["INSERT"], "$or": [is_(a="1"), is_(b="2")]},
    ),
    "or of the same place, joined from far": (
        (a == "1") | (b == "2") | (a == "3"),
        {"$or": [is_(a=["1", "3"]), is_(b="2")]},
    ),
    "and over or, of one place": (one_of(a, "1", "2") & ((b == "3") | (b == "4")), is_(a=["1", "2"], b=["3", "4"])),
    "and of two ors leaves out what cannot be": (
        ((a == "1") | (b == "2")) & ((a == "3") | (b == "4")),
        {"$or": [is_(a="1", b="4"), is_(b="2", a="3")]},
    ),
    "what is in lists stays in its alternative": (
        (any_of(a) == "x") & ((b == "1") | (c == "2")) & (item["d"] == "4"),
        {
            **is_(d="4"),
            "$or": [
                new(a={"L": {"S": ["x"]}}, b={"S": ["1"]}),
                new(a={"L": {"S": ["x"]}}, c={"S": ["2"]}),
                new(a={"SS": ["x"]}, b={"S": ["1"]}),
                new(a={"SS": ["x"]}, c={"S": ["2"]}),
            ],
        },
    ),
    "what is in a list stays there even if it is common": (
        (any_of(typed.lines).x == "1") & ((typed.x == "2") | (typed.y == "3")),
        {
            "$or": [
                new(lines={"L": {"M": {"x": {"S": ["1"]}}}}, x={"S": ["2"]}),
                new(lines={"L": {"M": {"x": {"S": ["1"]}}}}, y={"S": ["3"]}),
            ]
        },
    ),
    "missing is said of an image that is there": (
        ~exists(typed.y),
        {"eventName": ["INSERT", "MODIFY"], **new(y={"S": [ABSENT]})},
    ),
    "which another condition may say": ((typed.x == "1") & ~exists(typed.y), new(x={"S": ["1"]}, y={"S": [ABSENT]})),
    "or its eventName": (
        event_name("INSERT", "REMOVE") & ~exists(typed.y),
        {"eventName": ["INSERT"], **new(y={"S": [ABSENT]})},
    ),
    "missing or a value is one list": (
        (typed.y == "1") | ~exists(typed.y),
        {"eventName": ["INSERT", "MODIFY"], **new(y={"S": ["1", ABSENT]})},
    ),
    "missing twice": (
        ~exists(typed.x) & ~exists(typed.y),
        {"eventName": ["INSERT", "MODIFY"], **new(x={"S": [ABSENT]}, y={"S": [ABSENT]})},
    ),
    "missing, or a kind of event that says it": (
        ~exists(typed.y) | event_name("INSERT", "MODIFY"),
        {"eventName": ["INSERT", "MODIFY"]},
    ),
    "missing from all elements twice": (
        ~exists(any_of(typed.lines).x) & ~exists(any_of(typed.lines).y),
        {"eventName": ["INSERT", "MODIFY"], **new(lines={"L": {"M": {"x": {"S": [ABSENT]}, "y": {"S": [ABSENT]}}}})},
    ),
    "by time to live": (
        expired(),
        {"eventName": ["REMOVE"], "userIdentity": {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]}},
    ),
    "not by time to live": (~expired(), {"userIdentity": {"principalId": [ABSENT]}}),
    "since": (
        created(since=datetime(2026, 1, 1, tzinfo=UTC)),
        {"dynamodb": {"ApproximateCreationDateTime": [{"numeric": [">=", 1767225600]}]}},
    ),
    "before, within a second": (
        created(before=datetime(2026, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
        {"dynamodb": {"ApproximateCreationDateTime": [{"numeric": ["<", 1767225600.5]}]}},
    ),
    "between": (
        created(since=datetime(2026, 1, 1, tzinfo=UTC), before=datetime(2026, 1, 2, tzinfo=UTC)),
        {"dynamodb": {"ApproximateCreationDateTime": [{"numeric": [">=", 1767225600, "<", 1767312000]}]}},
    ),
    "between, in two parts": (
        created(since=datetime(2026, 1, 1, tzinfo=UTC)) & created(before=datetime(2026, 1, 2, tzinfo=UTC)),
        {"dynamodb": {"ApproximateCreationDateTime": [{"numeric": [">=", 1767225600, "<", 1767312000]}]}},
    ),
}


@pytest.mark.parametrize("name", JOINED)
def test_what_is_joined_is_this_pattern(name: str) -> None:
    condition, pattern = JOINED[name]
    assert patterns_of(condition) == [pattern]


NOON, LATER = datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 13, tzinfo=UTC)
REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "two values": (
        lambda: (a == "1") & (a == "2"),
        ValueError,
        "is true of no record: no value at dynamodb.NewImage.a.S",
    ),
    "two prefixes": (lambda: a.startswith("1") & a.startswith("2"), ValueError, "is true of no record"),
    "two suffixes": (lambda: a.endswith("1") & a.endswith("2"), ValueError, "is true of no record"),
    "two words": (lambda: equals_ignore_case(a, "x") & equals_ignore_case(a, "y"), ValueError, "is true of no record"),
    "a value without its prefix": (lambda: (a == "1") & a.startswith("2"), ValueError, "is true of no record"),
    "there and not": (lambda: exists(typed.y) & ~exists(typed.y), ValueError, "is true of no record"),
    "two types": (
        lambda: (a == "1") & (a == 1),
        ValueError,
        "dynamodb.NewImage.a is of one type, and not of both S and N",
    ),
    "no such image": (lambda: event_name("REMOVE") & (a == "1"), ValueError, "and a REMOVE has no NewImage"),
    "no such image, with what is missing": (
        lambda: ~exists(typed.y) & event_name("REMOVE"),
        ValueError,
        "no kind of event has it",
    ),
    "no such time": (lambda: created(since=LATER) & created(before=NOON), ValueError, "is true of no record"),
    "no time between": (lambda: created(since=NOON) & created(before=NOON), ValueError, "is true of no record"),
    "no such time at once": (lambda: created(since=LATER, before=NOON), ValueError, "takes a before= that is later"),
    "no time": (created, ValueError, "created takes since=, before= or both"),
    "a time without a zone": (lambda: created(since=datetime(2026, 1, 1)), ValueError, "since takes a datetime with a"),  # noqa: DTZ001  # that is the case
    "two operators": (
        lambda: a.startswith("1") & a.endswith("2"),
        ValueError,
        'Lambda\'s patterns cannot say {"prefix": "1"} and {"suffix": "2"} of one value',
    ),
    "two elements": (
        lambda: (any_of(typed.lines).x == "1") & (any_of(typed.lines).x == "2"),
        ValueError,
        "two things of the elements at dynamodb.NewImage.lines.L.M.x.S",
    ),
    "an element with, and none with": (
        lambda: (any_of(typed.lines).x == "1") & ~exists(any_of(typed.lines).y),
        ValueError,
        "cannot be said beside another condition on the same list (dynamodb.NewImage.lines.L.M.x.S)",
    ),
    "an element or none, and an element with": (
        lambda: ((any_of(typed.lines).y == "1") | ~exists(any_of(typed.lines).y)) & (any_of(typed.lines).x == "1"),
        ValueError,
        "beside another condition on the same list (dynamodb.NewImage.lines.L.M.x.S)",
    ),
    "no element with, and one with": (
        lambda: ~exists(any_of(typed.lines).y) & (any_of(typed.lines).x == "1"),
        ValueError,
        "cannot be said beside another condition on the same list",
    ),
    "the opposite of a comparison": (lambda: ~(a == "1"), TypeError, "an opposite of exists() and expired() alone"),
    "a kind of event that is none": (lambda: event_name(cast("Any", "UPDATE")), ValueError, "not 'UPDATE'"),
    "no kind of event": (event_name, ValueError, "event_name takes one kind of event or more"),
    "and": (lambda: (a == "1") and (b == "2"), TypeError, "join conditions with & and |, each in parentheses"),
    "or": (lambda: (a == "1") or (b == "2"), TypeError, "neither true nor false now"),
    "not": (lambda: not (a == "1"), TypeError, "neither true nor false now"),  # noqa: SIM201  # that is the case
    "a chain": (lambda: "1" == a == b, TypeError, "a chain of comparisons"),
    "a number in place of a condition": (lambda: (a == "1") & 5, TypeError, "& takes conditions, such as where(Order)"),
    "no conditions": (criteria, ValueError, "criteria() takes 1 to 5 conditions"),
    "too many": (lambda: criteria(*[a == str(n) for n in range(11)]), ValueError, "each of them a filter, not 11"),
    "no condition": (lambda: criteria(cast("Any", "PAID")), TypeError, "criteria() takes conditions, such as where("),
    "a bool": (lambda: criteria(cast("Any", a is None)), TypeError, "Python has worked it out already"),
    "a filter that is too long": (
        lambda: criteria(a == "x" * 4096),
        ValueError,
        "has 4138 characters, and Lambda takes",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_said_is_refused_in_words(name: str) -> None:
    attempt, kind, text = REFUSED[name]
    with pytest.raises(kind, match=re.escape(text)):
        attempt()


def test_each_condition_is_a_filter() -> None:
    assert patterns_of(a == "1", b == "2") == [is_(a="1"), is_(b="2")]


def test_more_filters_than_an_account_takes_by_default_are_told() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert len(criteria(*[a == str(n) for n in range(5)])["Filters"]) == 5
        assert caught == []
        assert len(criteria(*[a == str(n) for n in range(6)])["Filters"]) == 6
    assert [one.category for one in caught] == [FilterPatternWarning]
    assert "6 filters: an account takes 5 unless its quota was raised" in str(caught[0].message)
    assert caught[0].filename == __file__


def test_a_filter_is_written_without_spaces_where_it_would_be_too_long() -> None:
    many = [f"{n:04}" for n in range(550)]
    [made] = criteria(one_of(a, *many))["Filters"]
    assert " " not in made["Pattern"]
    assert json.loads(made["Pattern"]) == is_(a=many)
    assert len(json.dumps(is_(a=many))) > 4096 >= len(made["Pattern"])


def test_combinations_without_end_are_refused_before_they_are_made() -> None:
    def either_of(names: range) -> Any:
        condition = item[f"f{names[0]}"] == "1"
        for name in names[1:]:
            condition = condition | (item[f"f{name}"] == "1")
        return condition

    with pytest.raises(ValueError, match="has more than 1000 combinations of alternatives"):
        either_of(range(40)) & either_of(range(40, 80))


def test_texts_are_as_they_are_in_the_pattern() -> None:
    [made] = criteria(a == "größe")["Filters"]
    assert made["Pattern"] == '{"dynamodb": {"NewImage": {"a": {"S": ["größe"]}}}}'


def test_a_condition_shows_what_it_is() -> None:
    condition = (a == "1") & ~expired() | event_name("INSERT") & created(since=NOON)
    assert repr(condition) == (
        "Condition(((where(dict[str, Any])['a'] == '1') & (~expired())) | ((event_name('INSERT')) & "
        "(created(since=datetime.datetime(2026, 1, 1, 12, 0, tzinfo=datetime.timezone.utc)))))"
    )
    assert isinstance(condition, Condition)


# --- lists of values -----------------------------------------------------------------------------------------------

OPERATIONS: st.SearchStrategy[Any] = (
    TEXTS
    | st.builds(lambda texts: {"anything-but": texts}, st.lists(TEXTS, min_size=1, max_size=2, unique=True))
    | st.builds(lambda name, text: {name: text}, st.sampled_from(["prefix", "suffix", "equals-ignore-case"]), TEXTS)
    | st.builds(lambda there: {"exists": there}, st.booleans())
)
LISTS = st.lists(OPERATIONS, min_size=1, max_size=2).map(tuple)


def holds(values: tuple[Any, ...], text: str | None) -> bool:
    if not values:
        return False
    test = compile_pattern([*values])
    return bool(test.missing if text is None else test.test(text))


@given(LISTS, LISTS, TEXTS | st.none())
def test_a_list_that_is_met_or_merged_holds_where_both_or_either_does(one: Any, other: Any, text: str | None) -> None:
    assert holds(either(one, other), text) == (holds(one, text) or holds(other, text))
    try:
        found = both(one, other)
    except ValueError as error:
        assert "cannot say" in str(error)  # noqa: PT017  # it is raised for some of them only
    else:
        assert holds(found, text) == (holds(one, text) and holds(other, text))


RANGES = (
    st.lists(st.integers(0, 3), min_size=2, max_size=2, unique=True)
    .map(sorted)
    .flatmap(lambda ends: st.sampled_from([[">=", ends[0]], ["<", ends[1]], [">=", ends[0], "<", ends[1]]]))
)


@given(RANGES, RANGES, st.integers(-1, 4))
def test_the_common_part_of_two_ranges_holds_where_both_do(one: Any, other: Any, number: int) -> None:
    def inside(values: tuple[Any, ...]) -> bool:
        return bool(values) and bool(compile_pattern([*values]).test(number))

    first, second = ({"numeric": one},), ({"numeric": other},)
    assert inside(both(first, second)) == (inside(first) and inside(second))


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=8))
def test_a_number_is_written_as_dynamodb_writes_it_back(number: Any) -> None:
    text = stored_number(serialize(number)["N"])
    assert text == (as_dynamodb_writes(number) if number else "0")
    assert stored_number(text) == text
