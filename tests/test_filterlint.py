"""Parts of filters that can never be true of a DynamoDB stream record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.filterlint import RECORD, Leaf, Node, never_matches
from streamkit.filters import matcher
from tests.filterstrategies import CONDITIONS, PATHS, PATTERNS, RECORDS, as_dynamodb_writes, at, criteria_of

if TYPE_CHECKING:
    from decimal import Decimal

N_WHY = 'there is a number of DynamoDB, which is text in the event ("5", never 5 or "5.0")'
CHANGE = "ApproximateCreationDateTime, Keys, NewImage, OldImage, SequenceNumber, SizeBytes, StreamViewType"
TAGS = "S, N, B, BOOL, NULL, SS, NS, BS, M, L"
TOP = "eventID, eventName, eventVersion, eventSource, awsRegion, dynamodb, eventSourceARN, userIdentity"
OBJECT = "there is an object, and no value"
KINDS = "there is one of INSERT, MODIFY, REMOVE"
RANGE = {"numeric": [">", 5]}
THERE, ABSENT = {"exists": True}, {"exists": False}


def new(**attributes: Any) -> dict[str, Any]:
    return {"dynamodb": {"NewImage": attributes}}


def told(pattern: Any) -> list[str]:
    sentences = never_matches(criteria_of(pattern))
    assert all(sentence.startswith("filter 1, ") for sentence in sentences)
    return [sentence.removeprefix("filter 1, ") for sentence in sentences]


NEVER: list[tuple[dict[str, Any], str, Any, str, str]] = [
    (
        new(age={"N": [RANGE]}),
        "dynamodb.NewImage.age.N",
        [RANGE],
        N_WHY,
        'compare in the handler, or list the texts: {"N": ["5"]}',
    ),
    *(
        (new(age={"N": [given]}), "dynamodb.NewImage.age.N", [given], N_WHY, 'write {"N": ["5"]}')
        for given in (5, 5.0, "5.0", "+05", {"numeric": ["=", 5]})
    ),
    *(
        (new(ages={"NS": [given]}), "dynamodb.NewImage.ages.NS", [given], N_WHY, "list what can be there")
        for given in ("abc", True)
    ),
    *(
        (new(status=[given]), "dynamodb.NewImage.status", [given], OBJECT, f'write {{"status": {fix}}}')
        for given, fix in (
            ("PAID", '{"S": ["PAID"]}'),
            (5, '{"N": ["5"]}'),
            (0.5, '{"N": ["0.5"]}'),
            (True, '{"BOOL": [true]}'),
            (None, '{"NULL": [true]}'),
            ({"prefix": "PA"}, '{"S": [{"prefix": "PA"}]}'),
            ({"numeric": ["=", 5]}, '{"N": ["5"]}'),
            ({"exists": True}, '{"S": [{"exists": true}]}'),
            ({"exists": False}, '{"S": [{"exists": false}]}'),
        )
    ),
    (
        new(age=[RANGE]),
        "dynamodb.NewImage.age",
        [RANGE],
        OBJECT,
        "numbers of DynamoDB are text in the event, so compare in the handler",
    ),
    (
        {"dynamodb": {"NewImage": [THERE]}},
        "dynamodb.NewImage",
        [THERE],
        OBJECT,
        'write {"NewImage": {"<attribute>": {"S": [{"exists": true}]}}}',
    ),
    (new(tags={"L": ["a"]}), "dynamodb.NewImage.tags.L", ["a"], OBJECT, 'write {"L": {"S": ["a"]}}'),
    (new(a={"M": {"b": ["c"]}}), "dynamodb.NewImage.a.M.b", ["c"], OBJECT, 'write {"b": {"S": ["c"]}}'),
    ({"dynamodb": [ABSENT]}, "dynamodb", [ABSENT], OBJECT, f"its members are {CHANGE}"),
    ({"dynamodb": {"Keys": {"id": [True]}}}, "dynamodb.Keys.id", [True], OBJECT, "its members are S, N, B"),
    ({"dynamodb": {"Keys": [True]}}, "dynamodb.Keys", [True], OBJECT, "name an attribute and its type: S, N, B"),
    *(
        ({key: {"a": ["b"]}}, key, {"a": ["b"]}, f'a record has no member "{key}"', fix)
        for key, fix in (
            ("NewImage", 'write {"dynamodb": {"NewImage": …}}'),
            ("Records", "a pattern describes one record: write what stands inside of Records"),
            ("body", 'messages of SQS have a body: the data of a change are at {"dynamodb": {"NewImage": …}}'),
            ("data", 'records of Kinesis have data: those of a change are at {"dynamodb": {"NewImage": …}}'),
            ("EventName", "it is written eventName"),
            ("x", f"its members are {TOP}"),
        )
    ),
    ({"x": {"y": [ABSENT]}}, "x", {"y": [ABSENT]}, 'a record has no member "x"', f"its members are {TOP}"),
    ({"dynamodb": {"x": ["a"]}}, "dynamodb.x", ["a"], 'dynamodb has no member "x"', f"its members are {CHANGE}"),
    (new(a={"s": ["x"]}), "dynamodb.NewImage.a.s", ["x"], 'an attribute has no member "s"', "it is written S"),
    (new(a={"T": [1]}), "dynamodb.NewImage.a.T", [1], 'an attribute has no member "T"', f"its members are {TAGS}"),
    *(
        (
            {"dynamodb": {"NewImage": pattern}},
            f"dynamodb.NewImage.{place}",
            {"S": ["x"]},
            f'an attribute has no member "{place.rpartition(".")[2]}"',
            fix,
        )
        for pattern, place, fix in (
            (
                {"address": {"city": {"S": ["x"]}}},
                "address.city",
                'an attribute of a map is under M: write {"address": {"M": {"city": …}}}',
            ),
            (
                {"lines": {"L": {"sku": {"S": ["x"]}}}},
                "lines.L.sku",
                'an attribute of a map is under M: write {"L": {"M": {"sku": …}}}',
            ),
            ({"a": {"$or": [{"c": {"S": ["x"]}}, {"S": ["y"]}]}}, "a.$or[0].c", f"its members are {TAGS}"),
        )
    ),
    ({"eventName": ["insert"]}, "eventName", ["insert"], KINDS, 'write {"eventName": ["INSERT"]}'),
    ({"eventName": [{"prefix": "ins"}]}, "eventName", [{"prefix": "ins"}], KINDS, "list what can be there"),
    (
        {"eventName": {"S": ["INSERT"]}},
        "eventName",
        {"S": ["INSERT"]},
        f"{KINDS}, and no object",
        "put the values into a list here",
    ),
    (
        {"eventSource": ["aws:sqs"]},
        "eventSource",
        ["aws:sqs"],
        "there is aws:dynamodb and nothing else",
        "list what can be there",
    ),
    ({"dynamodb": {"SizeBytes": ["5"]}}, "dynamodb.SizeBytes", ["5"], "there is a number", 'write {"SizeBytes": [5]}'),
    (
        {"dynamodb": {"SizeBytes": [{"prefix": "5"}]}},
        "dynamodb.SizeBytes",
        [{"prefix": "5"}],
        "there is a number",
        "list what can be there",
    ),
    *(
        (new(a={tag: [given]}), f"dynamodb.NewImage.a.{tag}", [given], f"there is {holds}", fix)
        for tag, given, holds, fix in (
            ("BOOL", "True", "true or false", 'write {"BOOL": [true]}'),
            ("BOOL", "x", "true or false", "list what can be there"),
            ("BOOL", 1, "true or false", "list what can be there"),
            ("NULL", None, "true and nothing else", 'write {"NULL": [true]}'),
            ("NULL", False, "true and nothing else", 'write {"NULL": [true]}'),
            ("S", True, "text", 'write {"S": ["true"]}'),
            ("B", 1.5, "base64 text", 'write {"B": ["1.5"]}'),
            (
                "S",
                None,
                "text",
                'a null in DynamoDB is an attribute of its own type: write {"NULL": [true]} in place of S',
            ),
        )
    ),
    (
        new(a={"N": RANGE}),
        "dynamodb.NewImage.a.N",
        RANGE,
        f"{N_WHY}, and no object",
        'put the operator into a list: [{"numeric": [">", 5]}]',
    ),
]


@pytest.mark.parametrize(("pattern", "place", "part", "why", "fix"), NEVER)
def test_what_can_never_match_is_told_with_the_place_the_reason_and_the_fix(
    pattern: Any, place: str, part: Any, why: str, fix: str
) -> None:
    verdict = "always" if '"exists": false' in json.dumps(part) else "never"
    assert told(pattern) == [f"{place}: {json.dumps(part)} {verdict} matches, since {why}; {fix}"]


@pytest.mark.parametrize(
    "pattern",
    [
        {"eventName": ["INSERT", {"prefix": "MOD"}, {"anything-but": ["REMOVE"]}, {"equals-ignore-case": "insert"}]},
        {"userIdentity": {"type": ["Service"], "sessionContext": {"x": [1, {"exists": False}]}}},
        {"dynamodb": {"ApproximateCreationDateTime": [{"numeric": [">", 5]}], "SizeBytes": [5, {"anything-but": 1}]}},
        {"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "user#"}]}, "sk": {"N": ["5", {"exists": True}]}}}},
        new(a={"S": [ABSENT]}, b={"NULL": [True]}, c={"BOOL": [False]}, d={"N": ["-0.5", "1e3", {"suffix": "0"}]}),
        new(a={"M": {"b": {"L": {"M": {"c": {"SS": ["x"]}, "S": {"S": [""]}}}}}}),
        new(a={"$or": [{"S": ["x"]}, {"N": ["1"]}]}),
    ],
)
def test_what_can_match_is_not_spoken_of(pattern: Any) -> None:
    assert told(pattern) == []


@pytest.mark.parametrize("criteria", [None, {}, {"Filters": []}])
def test_without_filters_nothing_is_told(criteria: Any) -> None:
    assert never_matches(criteria) == []


def test_every_part_is_told_in_order_with_the_number_of_its_filter() -> None:
    first = {"eventName": ["insert"], "$or": [{"eventID": [1]}, {"x": ["y"]}]}
    sentences = never_matches(criteria_of({"eventName": ["INSERT"]}, first, new(a=["b"])))
    assert [sentence.partition(": ")[0] for sentence in sentences] == [
        "filter 2, eventName",
        "filter 2, $or[0].eventID",
        "filter 2, $or[1].x",
        "filter 3, dynamodb.NewImage.a",
    ]


def test_a_bad_pattern_is_refused_here_too() -> None:
    with pytest.raises(ValueError, match=r"^Invalid filter pattern definition: a: an empty list"):
        never_matches(criteria_of({"a": []}))


@given(pattern=PATTERNS)
def test_every_pattern_can_be_looked_at(pattern: Any) -> None:
    assert all(sentence.startswith("filter 1, ") for sentence in never_matches(criteria_of(pattern)))


@given(record=RECORDS, path=PATHS, condition=CONDITIONS)
def test_what_is_said_never_to_match_matches_no_record_and_what_always_every(
    record: Any, path: list[str], condition: Any
) -> None:
    criteria = criteria_of(at(path, [condition]))
    for sentence in never_matches(criteria):
        assert matcher(criteria)(record) == (" always matches, since " in sentence)
        assert " never matches, since " in sentence or " always matches, since " in sentence


@given(record=RECORDS)
def test_the_table_of_a_record_knows_every_record(record: Any) -> None:
    def check(value: Any, shape: Leaf | Node | None) -> None:
        assert shape is not None
        if isinstance(value, list):
            for element in value:
                check(element, shape)
        elif isinstance(value, dict):
            assert isinstance(shape, Node)
            for key, inner in value.items():
                check(inner, shape.member(key))
        else:
            assert shape is RECORD.members["userIdentity"] or (isinstance(shape, Leaf) and shape.may_be(value))

    check(record, RECORD)


@given(number=st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=15))
def test_a_number_as_dynamodb_writes_it_is_never_complained_of_and_any_other_is_led_to_it(number: Decimal) -> None:
    text = as_dynamodb_writes(number)
    assert told(new(a={"N": [text]})) == []
    (sentence,) = told(new(a={"N": [f"{text}.0" if "." not in text else f"{text}0"]}))
    assert sentence.endswith(f'write {{"N": ["{text}"]}}')
