"""SEMANTICS §6: which records a filter takes; §1: which patterns are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.conformance.rules import Grade, Rule


@dataclass(frozen=True, kw_only=True)
class FilterRule(Rule):
    """What a pattern says of a record."""

    pattern: Any
    """One pattern, several in a tuple (one filter each), or the text of one."""
    record: dict[str, Any]
    matches: bool | None
    """None: Lambda refuses the pattern."""
    warns: bool = False
    """Whether streamkit says that a part of the pattern can never match (or always does)."""


RECORD: dict[str, Any] = {
    "eventID": "0" * 32,
    "eventName": "MODIFY",
    "eventVersion": "1.1",
    "eventSource": "aws:dynamodb",
    "awsRegion": "eu-west-1",
    "dynamodb": {
        "ApproximateCreationDateTime": 1767225600.0,
        "Keys": {"id": {"S": "a"}},
        "NewImage": {
            "id": {"S": "a"},
            "status": {"S": "PAID"},
            "count": {"N": "300"},
            "empty": {"S": ""},
            "paid": {"BOOL": True},
            "note": {"NULL": True},
            "tags": {"SS": ["new", "vip"]},
            "address": {"M": {"city": {"S": "Rome"}}},
            "lines": {"L": [{"S": "x"}, {"M": {"sku": {"S": "b"}, "qty": {"N": "1"}}}, {"M": {"sku": {"S": "c"}}}]},
        },
        "SequenceNumber": "1" * 21,
        "SizeBytes": 300,
        "StreamViewType": "NEW_IMAGE",
    },
    "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"},
    "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000",
}


def new(**attributes: Any) -> dict[str, Any]:
    """Return the pattern of a new image."""
    return {"dynamodb": {"NewImage": attributes}}


def data(**members: Any) -> dict[str, Any]:
    """Return the pattern of members of dynamodb."""
    return {"dynamodb": members}


def _rule(
    grade: Grade,
    says: str,
    pattern: Any,
    matches: bool,
    *,
    warns: bool = False,
    record: dict[str, Any] | None = None,
    choice: str = "",
) -> FilterRule:
    return FilterRule(
        section=6,
        grade=grade,
        says=says,
        pattern=pattern,
        record=record or RECORD,
        matches=matches,
        warns=warns,
        choice=choice,
        setting="FilterCriteria",
    )


INSERT, MODIFY = {"eventName": ["INSERT"]}, {"eventName": ["MODIFY"]}
PAID, PLACED = new(status={"S": ["PAID"]}), new(status={"S": ["PLACED"]})
NULLS = {"userIdentity": {"a": None, "b": "", "c": {"d": 1}, "e": [], "f": [[1], {"g": 2}], "n": 5, "t": True}}


def _other(**members: Any) -> dict[str, Any]:
    return {"userIdentity": members}


LOGIC = [
    _rule("D", "filters are ORed: the second matches", (INSERT, MODIFY), True),
    _rule("D", "filters are ORed: neither matches", (INSERT, PLACED), False),
    _rule("D", "keys are ANDed: both match", MODIFY | PAID, True),
    _rule("D", "keys are ANDed: one does not match", MODIFY | PLACED, False),
    _rule("D", "values are ORed", {"eventName": ["INSERT", "MODIFY"]}, True),
    _rule("D", "values are ORed: none matches", {"eventName": ["INSERT", "REMOVE"]}, False),
    _rule("D", "$or: one side matches", {"$or": [INSERT, PAID]}, True),
    _rule("D", "$or: no side matches", {"$or": [INSERT, PLACED]}, False),
    _rule("D", "$or is ANDed with the keys beside it", {"$or": [INSERT, PAID], **MODIFY}, True),
    _rule("D", "$or is ANDed with the keys beside it: they do not match", {"$or": [MODIFY, PAID], **INSERT}, False),
    _rule("D", "$or within", new(**{"$or": [{"status": {"S": ["x"]}}, {"paid": {"BOOL": [True]}}]}), True),
]

VALUES = [
    _rule("D", "equals: text", PAID, True),
    _rule("D", "text is exact: case", new(status={"S": ["paid"]}), False),
    _rule("D", "text is exact: whole", new(status={"S": ["PAI"]}), False),
    _rule(
        "C",
        "300.0 matches 300",
        data(SizeBytes=[300.0]),
        True,
        choice="by value, after the recording; the documentation says: by their text",
    ),
    _rule("D", "a number and its text differ", data(SizeBytes=["300"]), False, warns=True),
    _rule("D", "empty text", new(empty={"S": [""]}), True),
    _rule("D", "empty text is not null", _other(b=[None]), False, record=NULLS),
    _rule("D", "null", _other(a=[None]), True, record=NULLS),
    _rule("D", "null is not what is missing", _other(z=[None]), False, record=NULLS),
    _rule("D", "true", new(paid={"BOOL": [True]}), True),
    _rule("I", "1 is not true", _other(t=[1]), False, record=NULLS),
    _rule("D", "prefix", new(status={"S": [{"prefix": "PA"}]}), True),
    _rule("D", "prefix: exact", new(status={"S": [{"prefix": "pa"}]}), False),
    _rule("D", "suffix", new(status={"S": [{"suffix": "ID"}]}), True),
    _rule("D", "suffix: not there", new(status={"S": [{"suffix": "PA"}]}), False),
    _rule("D", "equals-ignore-case", new(status={"S": [{"equals-ignore-case": "paid"}]}), True),
    _rule("D", "equals-ignore-case: whole", new(status={"S": [{"equals-ignore-case": "pai"}]}), False),
    _rule(
        "U",
        "equals-ignore-case: ß is not ss",
        _other(b=[{"equals-ignore-case": "SS"}]),
        False,
        record=_other(b="ß"),
        choice="letters of another length are other letters",
    ),
    _rule("D", "anything-but: another text", new(status={"S": [{"anything-but": ["PLACED"]}]}), True),
    _rule("D", "anything-but: the text", new(status={"S": [{"anything-but": "PAID"}]}), False),
    _rule("I", "anything-but needs a value", new(gone={"S": [{"anything-but": ["PAID"]}]}), False),
    _rule("I", "anything-but needs a leaf", _other(c=[{"anything-but": ["x"]}]), False, record=NULLS),
    _rule(
        "U",
        "anything-but takes any kind of leaf",
        _other(a=[{"anything-but": ["x"]}]),
        True,
        record=NULLS,
        choice="null is another value too",
    ),
    _rule(
        "U",
        "anything-but 1 is also true",
        _other(t=[{"anything-but": [1]}]),
        True,
        record=NULLS,
        choice="a boolean is no number",
    ),
    _rule("D", "what is missing does not match", new(gone={"S": ["PAID"]}), False),
    _rule("D", "what has another type does not match", new(count={"S": ["300"]}), False),
]

EXISTS = [
    _rule("D", "exists on a leaf that is there", new(status={"S": [{"exists": True}]}), True),
    _rule("D", "exists on a leaf that is not there", new(gone={"S": [{"exists": True}]}), False),
    _rule("D", "exists false on a leaf that is not there", new(gone={"S": [{"exists": False}]}), True),
    _rule("D", "exists false on a leaf that is there", new(status={"S": [{"exists": False}]}), False),
    _rule("O", "exists never matches on an attribute", new(status=[{"exists": True}]), False, warns=True),
    _rule("O", "exists false matches on an attribute", new(status=[{"exists": False}]), True, warns=True),
    _rule("I", "exists false where the parents are missing", data(OldImage={"id": {"S": [{"exists": False}]}}), True),
    _rule("I", "exists false beyond a scalar", _other(n={"x": [{"exists": False}]}), True, record=NULLS),
    _rule("I", "null exists", _other(a=[{"exists": True}]), True, record=NULLS),
    _rule("I", "nothing exists in an empty array", _other(e=[{"exists": False}]), True, record=NULLS),
    _rule("I", "exists false or a value", new(status={"S": [{"exists": False}, "PAID"]}), True),
]

ARRAYS = [
    _rule("I", "any element of an array", new(tags={"SS": ["vip"]}), True),
    _rule("I", "no element of an array", new(tags={"SS": ["old"]}), False),
    _rule("I", "any element is another", new(tags={"SS": [{"anything-but": ["vip"]}]}), True),
    _rule("I", "arrays on the way", new(lines={"L": {"M": {"sku": {"S": ["c"]}}}}), True),
    _rule(
        "I", "one element matches all keys", new(lines={"L": {"M": {"sku": {"S": ["b"]}, "qty": {"N": ["1"]}}}}), True
    ),
    _rule("I", "two elements share", new(lines={"L": {"M": {"sku": {"S": ["c"]}, "qty": {"N": ["1"]}}}}), False),
    _rule("I", "absent from every element", new(lines={"L": {"M": {"gone": {"S": [{"exists": False}]}}}}), True),
    _rule("I", "absent from one element only", new(lines={"L": {"M": {"qty": {"N": [{"exists": False}]}}}}), False),
    _rule(
        "I",
        "absent from the element that matches the rest",
        new(lines={"L": {"M": {"sku": {"S": ["c"]}, "qty": {"N": [{"exists": False}]}}}}),
        True,
    ),
    _rule("I", "arrays in arrays", _other(f=[1]), True, record=NULLS),
    _rule("I", "objects in an array", _other(f={"g": [2]}), True, record=NULLS),
]

TIME, SIZE = "ApproximateCreationDateTime", "SizeBytes"
NUMERIC = [
    _rule("O", "numeric never matches an N", new(count={"N": [{"numeric": [">", 5]}]}), False, warns=True),
    _rule("D", "a number never equals an N", new(count={"N": [300]}), False, warns=True),
    _rule("D", "the text of an N", new(count={"N": ["300"]}), True),
    _rule("O", "numeric on the creation time", data(**{TIME: [{"numeric": [">", 1767225599]}]}), True),
    _rule("O", "numeric on the creation time: not so", data(**{TIME: [{"numeric": [">", 1767225600]}]}), False),
    *(
        _rule("D", f"numeric {' '.join(map(str, given))} of 300", data(**{SIZE: [{"numeric": given}]}), matches)
        for given, matches in [
            (["=", 300], True),
            (["=", 301], False),
            ([">=", 300], True),
            (["<", 300], False),
            (["<=", 300.5], True),
            ([">", 299, "<=", 300], True),
            ([">", 300, "<", 301], False),
            ([">=", 0, "<", 300], False),
        ]
    ),
]

WHOLE = [
    _rule("O", "eventName", MODIFY, True),
    _rule("O", "eventSource", {"eventSource": ["aws:dynamodb"]}, True),
    _rule("D", "userIdentity: deleted by TTL", _other(type=["Service"], principalId=["dynamodb.amazonaws.com"]), True),
    _rule("D", "another key at the top", {"NewImage": {"status": {"S": ["PAID"]}}}, False, warns=True),
    _rule("D", "an attribute without its type", new(status=["PAID"]), False, warns=True),
    _rule("D", "no filter takes everything", (), True),
]

_REFUSALS: list[tuple[Grade, str, Any]] = [
    ("O", "text that is not JSON", "simple string"),
    ("O", "a value without a list", {"eventName": "INSERT"}),
    ("O", "an empty list", {"eventName": []}),
    ("I", "an empty object", {"dynamodb": {}}),
    ("I", "an empty pattern", {}),
    ("I", "a pattern that is no object", ["INSERT"]),
    ("I", "a list in a list", {"eventName": [["INSERT"]]}),
    ("I", "an operator that only EventBridge has", {"eventName": [{"wildcard": "*"}]}),
    ("I", "a nested anything-but, which only EventBridge has", {"eventName": [{"anything-but": {"prefix": "I"}}]}),
    ("I", "two operators in one object", {"eventName": [{"prefix": "I", "suffix": "T"}]}),
    ("I", "$or with one side", {"$or": [INSERT]}),
    ("I", "$or with something else", {"$or": INSERT}),
    ("I", "an operator with a value of another type", {"eventName": [{"prefix": 1}]}),
    ("I", "an empty anything-but", {"eventName": [{"anything-but": []}]}),
    ("I", "an anything-but of texts and numbers mixed", {"eventName": [{"anything-but": ["INSERT", 1]}]}),
    ("I", "exists that is no boolean", {"eventName": [{"exists": 1}]}),
    ("I", "an empty range", data(SizeBytes=[{"numeric": [">", 5, "<", 3]}])),
    ("I", "a range of one number", data(SizeBytes=[{"numeric": [">=", 5, "<=", 5]}])),
    ("I", "a range from above", data(SizeBytes=[{"numeric": ["<", 5, ">", 3]}])),
    ("I", "a comparison without a number", data(SizeBytes=[{"numeric": [">", True]}])),
    ("U", "the same key twice", '{"eventName": ["INSERT"], "eventName": ["MODIFY"]}'),
    ("U", "a number beyond a double", '{"dynamodb": {"SizeBytes": [1e999]}}'),
    ("U", "a pattern deeper than any record", '{"a": ' * 102 + "[1]" + "}" * 102),
]
_WHY = {"I": "refused, as by EventBridge's own matcher", "U": "refused: it can only be a mistake"}

REFUSED = [
    FilterRule(
        section=1,
        grade=grade,
        says=f"A filter pattern is refused: {says}",
        pattern=pattern,
        record=RECORD,
        matches=None,
        choice=_WHY.get(grade, ""),
        setting="FilterCriteria",
    )
    for grade, says, pattern in _REFUSALS
]

FILTERS: list[FilterRule] = [*LOGIC, *VALUES, *EXISTS, *ARRAYS, *NUMERIC, *WHOLE, *REFUSED]
