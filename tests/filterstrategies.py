"""Hypothesis strategies for filter patterns and for what they are matched against."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from decimal import Decimal

    from streamkit.settings import FilterCriteria


def criteria_of(*patterns: Any) -> FilterCriteria:
    """Return filters with these patterns: objects, or JSON text as it is."""
    return {"Filters": [{"Pattern": one if isinstance(one, str) else json.dumps(one)} for one in patterns]}


# Few of each, so that patterns and values meet.
NAMES = st.sampled_from(["a", "b", "S", "dynamodb", "NewImage"])
TEXTS = st.sampled_from(["", "a", "A", "ab", "ß", "1", "true", "null"])
NUMBERS = st.sampled_from([-1, 0, 1, 2, 300, 300.0, 0.5, 2**60])
LEAVES = st.none() | st.booleans() | TEXTS | NUMBERS
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=12
)
OBJECTS = st.dictionaries(NAMES, JSON, max_size=4)


@st.composite
def _comparisons(draw: st.DrawFn) -> list[Any]:
    low, high = sorted(draw(st.lists(NUMBERS, min_size=2, max_size=2, unique=True)))
    return draw(
        st.sampled_from(
            [*([sign, low] for sign in ("=", ">", ">=", "<", "<=")), [">", low, "<", high], [">=", low, "<=", high]]
        )
    )


EXCLUDED = TEXTS | NUMBERS | st.lists(TEXTS, min_size=1, max_size=3) | st.lists(NUMBERS, min_size=1, max_size=3)
OPERATIONS = st.one_of(
    st.fixed_dictionaries({"anything-but": EXCLUDED}),
    st.fixed_dictionaries({"exists": st.booleans()}),
    st.fixed_dictionaries({"numeric": _comparisons()}),
    *(st.fixed_dictionaries({name: TEXTS}) for name in ("equals-ignore-case", "prefix", "suffix")),
)
ELEMENTS = LEAVES | OPERATIONS
VALUES = st.lists(ELEMENTS, min_size=1, max_size=3)


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    plain = st.dictionaries(NAMES, inner, min_size=1, max_size=2)
    sides = st.lists(plain, min_size=2, max_size=2).map(lambda several: {"$or": several})
    return plain | sides | st.builds(lambda one, other: one | other, plain, sides)


def _small(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from("ab"), inner, min_size=1, max_size=2)


# Patterns and records that meet in arrays more often than not.
_ONE_OR_TWO = st.sampled_from([1, 2])
_ELEMENTS = _ONE_OR_TWO | st.sampled_from(
    [{"exists": False}, {"exists": True}, {"anything-but": 1}, {"numeric": [">", 1]}]
)
_SMALL_VALUES = st.lists(_ELEMENTS, min_size=1, max_size=2)
SMALL_PATTERNS = _small(_SMALL_VALUES | _small(_SMALL_VALUES | _small(_SMALL_VALUES)))
_IN_ARRAYS = st.lists(
    _ONE_OR_TWO | _small(_ONE_OR_TWO | st.lists(_ONE_OR_TWO | _small(_ONE_OR_TWO), max_size=2)), max_size=3
)
SMALL_OBJECTS = _small(_ONE_OR_TWO | _small(_ONE_OR_TWO) | _IN_ARRAYS)

# Level by level: Hypothesis' recursive() takes ten times as long for the same.
PATTERNS = _objects(VALUES | _objects(VALUES))


# --- DynamoDB's shape ----------------------------------------------------------------------------------------------

N_TEXTS = st.sampled_from(["0", "-1", "1", "5", "300", "0.5", "-12.25"])
S_TEXTS = st.sampled_from(["", "a", "PAID", "paid", "5", "true"])
B_TEXTS = st.sampled_from(["AAE=", "/w=="])
SCALARS: dict[str, st.SearchStrategy[Any]] = {"S": S_TEXTS, "N": N_TEXTS, "B": B_TEXTS}
OTHERS: dict[str, st.SearchStrategy[Any]] = {
    "BOOL": st.booleans(),
    "NULL": st.just(True),
    "SS": st.lists(S_TEXTS, min_size=1, max_size=2),
    "NS": st.lists(N_TEXTS, min_size=1, max_size=2),
    "BS": st.lists(B_TEXTS, min_size=1, max_size=2),
}
ATTRIBUTE_NAMES = st.sampled_from(["id", "status", "M", "S"])


def _tagged(tags: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(*(st.fixed_dictionaries({tag: values}) for tag, values in tags.items()))


ATTRIBUTES = st.recursive(
    _tagged(SCALARS | OTHERS),
    lambda inner: _tagged({"L": st.lists(inner, max_size=2), "M": st.dictionaries(ATTRIBUTE_NAMES, inner, max_size=2)}),
    max_leaves=4,
)
ITEMS = st.dictionaries(ATTRIBUTE_NAMES, ATTRIBUTES, max_size=3)
RECORDS = st.fixed_dictionaries(
    {
        "eventID": st.just("0" * 32),
        "eventName": st.sampled_from(["INSERT", "MODIFY", "REMOVE"]),
        "eventVersion": st.just("1.1"),
        "eventSource": st.just("aws:dynamodb"),
        "awsRegion": st.just("eu-west-1"),
        "dynamodb": st.fixed_dictionaries(
            {
                "ApproximateCreationDateTime": st.sampled_from([0.0, 1.0, 1767225600.0]),
                "Keys": st.dictionaries(ATTRIBUTE_NAMES, _tagged(SCALARS), min_size=1, max_size=2),
                "SequenceNumber": st.just("1" * 21),
                "SizeBytes": st.sampled_from([5, 300]),
                "StreamViewType": st.sampled_from(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]),
            },
            optional={"NewImage": ITEMS, "OldImage": ITEMS},
        ),
        "eventSourceARN": st.just("arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/2026-01-01T00:00:00.000"),
    },
    optional={"userIdentity": st.just({"type": "Service", "principalId": "dynamodb.amazonaws.com"})},
)

TAGS = st.sampled_from(["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M", "s", "city"])
_STEPS = ATTRIBUTE_NAMES | TAGS | st.sampled_from(["x", "dynamodb", "type"])
PATHS = st.one_of(
    st.lists(_STEPS, min_size=1, max_size=4),
    st.tuples(st.sampled_from(["eventName", "eventID", "eventSource", "userIdentity", "Records"])).map(list),
    st.tuples(
        st.just("dynamodb"),
        st.sampled_from(["ApproximateCreationDateTime", "SizeBytes", "StreamViewType", "Foo", "Keys"]),
    ).map(list),
    st.builds(
        lambda image, steps: ["dynamodb", image, *steps],
        st.sampled_from(["Keys", "NewImage", "OldImage"]),
        st.lists(_STEPS, max_size=5),
    ),
)
CONDITIONS = ELEMENTS | st.sampled_from(["INSERT", "insert", "NEW_IMAGE", "PAID", "5", "5.0", "x", "aws:dynamodb"])


def at(path: list[str], part: Any) -> Any:
    """Return the pattern that has a part at the end of a path."""
    for step in reversed(path):
        part = {step: part}
    return part


def as_dynamodb_writes(number: Decimal) -> str:
    """Return the text of a number as an event has it."""
    return format(number, "f").rstrip("0").rstrip(".") if "." in format(number, "f") else format(number, "f")
