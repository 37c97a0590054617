"""Filter patterns that Lambda refuses, in AWS's words first and then in ours (SEMANTICS §1, §6)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from streamkit.filteroperators import OPERATORS
from streamkit.filters import check_pattern, matcher, shown
from tests.filterstrategies import JSON, PATTERNS, at, criteria_of

WORDS = "Invalid filter pattern definition: "
ALL_OPERATORS = "anything-but, equals-ignore-case, exists, numeric, prefix, suffix"
NUMERIC = 'numeric takes a list of a comparison, [">", 0], or of a lower and a greater upper bound, [">", 0, "<=", 5]'
ANYTHING_BUT = "anything-but takes text, a number, or a list of texts or of numbers (EventBridge takes more)"


def refusal(pattern: Any) -> str:
    with pytest.raises(ValueError, match=f"^{WORDS}") as caught:
        check_pattern(pattern if isinstance(pattern, str) else json.dumps(pattern))
    return str(caught.value).removeprefix(WORDS)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("[1]", "'[1]' is not a JSON object"),
        ({}, "an empty object {} is not allowed: name what must match in it, or leave it out"),
        (
            {"dynamodb": {"NewImage": {}}},
            "dynamodb.NewImage: an empty object {} is not allowed: name what must match in it, or leave it out",
        ),
        (
            {"a": {"b": []}},
            "a.b: an empty list [] is not allowed: list the values to match, or leave the key out",
        ),
        (
            {"dynamodb": {"NewImage": {"status": {"S": "PAID"}}}},
            'dynamodb.NewImage.status.S: "PAID" must be a list of the values to match: put it in a list: ["PAID"]',
        ),
        ({"a": None}, "a: null must be a list of the values to match: put it in a list: [null]"),
        (
            {"S": {"prefix": "PA"}},
            'S.prefix: an operator goes into a list: write [{"prefix": "PA"}] in place of the object',
        ),
        (
            {"a": [["b"]]},
            (
                'a: ["b"] is a list in a list: a list takes text, numbers, true, false, null and operators, and arrays '
                "in a record match by any of their elements"
            ),
        ),
        (
            {"a": [{"prefix": "b", "suffix": "c"}]},
            'a: {"prefix": "b", "suffix": "c"} must have exactly one operator: put each into an object of its own',
        ),
        ({"a": [{}]}, "a: {} must have exactly one operator: put each into an object of its own"),
        (
            {"a": {"b": ["c", {"wildcard": "*"}]}},
            (
                f'a.b: Lambda has no operator "wildcard": it has {ALL_OPERATORS}, and $or among keys (EventBridge has '
                f"more)"
            ),
        ),
        ({"a": [{"anything-but": {"prefix": "b"}}]}, f'a: {ANYTHING_BUT}, not {{"prefix": "b"}}'),
        ({"a": [{"anything-but": []}]}, f"a: {ANYTHING_BUT}, not []"),
        ({"a": [{"anything-but": [None]}]}, f"a: {ANYTHING_BUT}, not [null]"),
        ({"a": [{"anything-but": ["b", 1]}]}, f'a: {ANYTHING_BUT}, not ["b", 1]'),
        ({"a": [{"anything-but": True}]}, f"a: {ANYTHING_BUT}, not true"),
        ({"a": [{"prefix": 1}]}, "a: prefix takes text, not 1"),
        ({"a": [{"suffix": None}]}, "a: suffix takes text, not null"),
        ({"a": [{"equals-ignore-case": ["b"]}]}, 'a: equals-ignore-case takes text, not ["b"]'),
        ({"a": [{"exists": "true"}]}, 'a: exists takes true or false, not "true"'),
        *(
            ({"a": [{"numeric": given}]}, f"a: {NUMERIC}, not {json.dumps(given)}")
            for given in (
                5,
                [],
                [5],
                [">"],
                ["!=", 5],
                [">", "5"],
                [">", True],
                [5, ">"],
                [">", 5, "<", 3],
                [">=", 5, "<=", 5],
                ["<", 3, ">", 1],
                ["=", 3, "<", 5],
                [">", 1, "<"],
                [">", 1, "<", "5"],
                [">", 1, "<", 5, "<", 6],
            )
        ),
        (
            {"a": {"$or": [{"b": [1]}]}},
            'a.$or: $or takes a list of two objects or more, [{"a": [1]}, {"b": [2]}], not [{"b": [1]}]',
        ),
        ({"$or": "a"}, '$or: $or takes a list of two objects or more, [{"a": [1]}, {"b": [2]}], not "a"'),
        ({"$or": [{"a": [1]}, "b"]}, '$or[1]: $or takes objects that are patterns themselves, not "b"'),
        (
            {"a": {"$or": [{"b": [1]}, {"c": 2}]}},
            "a.$or[1].c: 2 must be a list of the values to match: put it in a list: [2]",
        ),
        (
            {"$or": [{"a": [1]}, {}]},
            "$or[1]: an empty object {} is not allowed: name what must match in it, or leave it out",
        ),
        (
            '{"a": {"b": [1], "b": [2]}}',
            'the key "b" is there twice in one object, as [1] and as [2]: only the last would count; name it once',
        ),
        ('{"a": [NaN]}', "NaN is not JSON: a number has digits"),
        ('{"a": [-Infinity]}', "-Infinity is not JSON: a number has digits"),
        ('{"a": [-1e400]}', "-1e400 is too large for a number"),
        (at(["a"] * 102, [1]), "a.a.a: the pattern nests deeper than any record: 100 levels are allowed"),
        (
            {"a\ud800": "b\ud800"},
            r"""'a\ud800': "b\ud800" must be a list of the values to match: put it in a list: ["b\ud800"]""",
        ),
    ],
)
def test_what_lambda_would_refuse_is_refused_with_the_place_and_the_fix(pattern: Any, text: str) -> None:
    assert refusal(pattern) == text


@pytest.mark.parametrize("text", ["", "{", "{'a': [1]}", "eventName", "[" * 4096])
def test_what_is_no_json_is_refused(text: str) -> None:
    assert "is not JSON (" in refusal(text)


def test_a_pattern_is_refused_when_it_is_compiled_too() -> None:
    with pytest.raises(ValueError, match=f"^{WORDS}a: an empty list"):
        matcher(criteria_of({"a": [1]}, {"a": []}))


def test_a_refusal_stays_short_however_long_the_pattern_is() -> None:
    assert len(refusal({"a": "x" * 4000})) < 400
    assert shown("x" * 4000).endswith("x…")


def test_a_pattern_as_deep_as_any_record_is_taken() -> None:
    nested = ["dynamodb", "NewImage", "x", *["M", "x"] * 32, "S"]
    assert matcher(criteria_of(at(nested, ["a"])))(at(nested, "a"))
    assert not matcher(criteria_of(at(nested, ["a"])))(at(nested, "b"))


@given(pattern=PATTERNS)
def test_every_pattern_of_the_grammar_is_taken(pattern: Any) -> None:
    check_pattern(json.dumps(pattern))


@given(value=JSON)
def test_any_json_is_either_taken_or_refused_in_awss_words(value: Any) -> None:
    try:
        check_pattern(json.dumps(value))
    except ValueError as error:
        assert str(error).startswith(WORDS)  # noqa: PT017  # not every JSON is refused
    else:
        assert isinstance(matcher(criteria_of(value))({}), bool)


def test_the_operators_are_those_that_lambda_documents() -> None:
    assert ", ".join(OPERATORS) == ALL_OPERATORS
