"""What a filter can let through: never less than it does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from streamkit.deployment.checking.deliverable import CARRIED, KINDS, kinds_through
from streamkit.filters import matcher
from tests.filterstrategies import CONDITIONS, PATHS, RECORDS, at


@pytest.mark.parametrize(
    ("pattern", "view_type", "kinds"),
    [
        ({"eventName": ["INSERT", "REMOVE"]}, None, ["INSERT", "REMOVE"]),
        ({"eventName": [{"anything-but": "REMOVE"}]}, None, ["INSERT", "MODIFY"]),
        ({"eventName": ["insert"]}, None, []),
        ({"eventNam": ["INSERT"]}, None, []),
        ({"dynamodb": {"NewImage": {"id": {"N": ["1"]}}}}, None, ["INSERT", "MODIFY"]),
        ({"dynamodb": {"OldImage": {"id": {"N": ["1"]}}}}, None, ["MODIFY", "REMOVE"]),
        ({"dynamodb": {"NewImage": {"id": {"N": ["1"]}}, "OldImage": {"id": {"N": ["1"]}}}}, None, ["MODIFY"]),
        ({"eventName": ["REMOVE"], "dynamodb": {"NewImage": {"id": {"N": ["1"]}}}}, None, []),
        ({"dynamodb": {"NewImage": {"id": {"N": ["1"]}}}}, "KEYS_ONLY", []),
        ({"dynamodb": {"NewImage": {"id": {"N": [{"exists": False}]}}}}, "KEYS_ONLY", list(KINDS)),
        ({"dynamodb": {"StreamViewType": ["NEW_IMAGE"]}}, "KEYS_ONLY", []),
        ({"dynamodb": {"NewImage": {"id": ["1"]}}}, None, []),
        ({"dynamodb": {"NewImage": {"id": {"N": {"x": ["1"]}}}}}, None, []),
        ({"$or": [{"eventName": ["INSERT"]}, {"dynamodb": {"OldImage": {"id": {"N": ["1"]}}}}]}, None, list(KINDS)),
        ({"$or": [{"eventName": ["insert"]}, {"body": ["1"]}]}, None, []),
        ({"userIdentity": {"type": ["Service"]}}, None, list(KINDS)),
        ({"userIdentity": ["Service"]}, None, list(KINDS)),
    ],
)
def test_the_kinds_that_a_pattern_can_let_through(pattern: Any, view_type: str | None, kinds: list[str]) -> None:
    assert kinds_through(json.dumps(pattern), view_type) == kinds


PARTS = st.builds(at, PATHS, st.lists(CONDITIONS, min_size=1, max_size=2))
PATTERNS = PARTS | st.builds(lambda one, other: {**one, **other}, PARTS, PARTS)
EITHER = PATTERNS | st.builds(lambda one, other: {"$or": [one, other]}, PATTERNS, PATTERNS)


@settings(max_examples=50)
@given(pattern=EITHER, one=RECORDS, view_type=st.sampled_from(list(CARRIED)))
def test_what_does_come_through_is_never_called_impossible(pattern: Any, one: dict[str, Any], view_type: str) -> None:
    text = json.dumps(pattern)
    kind = one["eventName"]
    data = {name: value for name, value in one["dynamodb"].items() if name not in ("NewImage", "OldImage")}
    images = {*KINDS[kind]} & {*CARRIED[view_type]}
    data |= {image: one["dynamodb"].get(image, {"id": {"N": "1"}}) for image in images}
    one = one | {"dynamodb": data | {"StreamViewType": view_type}}
    try:
        matches = matcher({"Filters": [{"Pattern": text}]})
    except ValueError:
        assume(condition=False)
        raise
    if matches(one):
        assert kind in kinds_through(text, view_type)
        assert kind in kinds_through(text)
