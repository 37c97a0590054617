"""Filters from a handler's types, and what filters keep from it."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from streamkit import (
    Change,
    Insert,
    Modify,
    Remove,
    criteria,
    event_name,
    exists,
    stream_handler,
    tumbling_window,
    where,
)
from streamkit.deployment.typefilters import dropped_by, filters_for, why_no_filters
from streamkit.filters import matcher
from tests.filterstrategies import CONDITIONS, ITEMS, PATHS, at, criteria_of


class Order(BaseModel):
    id: int
    status: str = "placed"
    note: str | None = None


@stream_handler
def inserts(change: Insert[Order]) -> None: ...


@stream_handler
def both(change: Remove[Order] | Insert[Order]) -> None: ...


@stream_handler
def writes(change: Insert[Order] | Modify[Order]) -> None: ...


@stream_handler
def removals(change: Remove[Order]) -> None: ...


@stream_handler
def batches(changes: list[Insert[Order] | Modify[Order]]) -> None: ...


@stream_handler
def everything(change: Change[Order]) -> None: ...


@tumbling_window(seconds=60)
def folded(change: Insert[Order], state: dict[str, Any]) -> dict[str, Any]:
    return state


@tumbling_window(seconds=60)
def folded_all(change: Change[Order], state: dict[str, Any]) -> dict[str, Any]:
    return state


def plain(event: Any, context: Any) -> None: ...


HANDLERS = [inserts, both, writes, removals, batches, everything, folded, folded_all, plain]
IMAGES = {"INSERT": ["NewImage"], "MODIFY": ["NewImage", "OldImage"], "REMOVE": ["OldImage"]}
VIEWS = {
    "KEYS_ONLY": (),
    "NEW_IMAGE": ("NewImage",),
    "OLD_IMAGE": ("OldImage",),
    "NEW_AND_OLD_IMAGES": ("NewImage", "OldImage"),
}
TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


@st.composite
def records(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """Records of a kind as DynamoDB makes them, under any view type (SEMANTICS §7)."""
    view = draw(st.sampled_from(sorted(VIEWS)))
    images = {image: draw(ITEMS) for image in IMAGES[kind] if image in VIEWS[view]}
    by_ttl = {"userIdentity": TTL} if kind == "REMOVE" and draw(st.booleans()) else {}
    return {
        "eventID": "0" * 32,
        "eventName": kind,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": draw(st.sampled_from([0.0, 1.0, 1767225600.0])),
            "Keys": {"id": {"N": "1"}},
            **images,
            "SequenceNumber": "1" * 21,
            "SizeBytes": draw(st.sampled_from([5, 300])),
            "StreamViewType": view,
        },
        **by_ttl,
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/2026-01-01T00:00:00.000",
    }


KINDS = st.sampled_from(sorted(IMAGES))
RECORDS = KINDS.flatmap(records)


def kinds_of(handler: Any) -> set[str]:
    return set(handler._streamkit_signature.kinds)


@pytest.mark.parametrize(
    ("handler", "names"),
    [
        (inserts, ["INSERT"]),
        (both, ["INSERT", "REMOVE"]),
        (writes, ["INSERT", "MODIFY"]),
        (removals, ["REMOVE"]),
        (batches, ["INSERT", "MODIFY"]),
    ],
)
def test_the_filter_of_a_handler_names_the_kinds_of_its_types(handler: Any, names: list[str]) -> None:
    assert filters_for(handler) == {"Filters": [{"Pattern": json.dumps({"eventName": names})}]}
    assert why_no_filters(handler) == ""


@pytest.mark.parametrize(
    ("handler", "why"),
    [
        (everything, "take every kind"),
        (folded_all, "take every kind"),
        (folded, "beside a tumbling window"),
        (plain, "no streamkit handler"),
    ],
)
def test_where_there_is_no_filter_it_is_said_why(handler: Any, why: str) -> None:
    assert filters_for(handler) is None
    assert why in why_no_filters(handler)


def test_a_handler_under_other_decorators_is_still_read() -> None:
    @functools.wraps(inserts)
    def wrapped(event: Any, context: Any = None) -> Any:
        return inserts(event, context)

    assert filters_for(wrapped) == filters_for(inserts)
    assert len(dropped_by(criteria(event_name("REMOVE")), wrapped)) == 1


@given(st.sampled_from([inserts, both, writes, removals, batches]), RECORDS)
def test_the_filter_of_a_handler_takes_the_kinds_that_it_takes_and_no_others(handler: Any, record: Any) -> None:
    assert matcher(filters_for(handler))(record) == (record["eventName"] in kinds_of(handler))


def test_a_filter_of_another_kind_drops_what_the_handler_takes() -> None:
    here = "tests.deployment.test_typefilters"
    [sentence] = dropped_by(criteria(event_name("INSERT")), writes)
    assert sentence == (
        f'no MODIFY reaches {here}.writes(), whose types take Modify: filter 1 wants an eventName of ["INSERT"]. Add a '
        'filter that takes them, {"eventName": ["MODIFY"]} for all, or leave Modify out of its types'
    )
    [sentence] = dropped_by(criteria(where(Order).status == "PAID"), everything)
    assert "no REMOVE reaches" in sentence
    assert "filter 1 asks for what no REMOVE has (it has no NewImage)" in sentence
    sentences = dropped_by(
        criteria_of({"eventName": ["UPDATE"]}, {"dynamodb": {"OldImage": {"a": {"S": ["x"]}}}}), both
    )
    assert len(sentences) == 1
    assert "no INSERT" in sentences[0]
    assert "filter 1 matches no record at all; filter 2 asks for what no INSERT has" in sentences[0]
    either = {"$or": [{"eventName": ["INSERT"]}, {"eventName": ["REMOVE"]}]}
    [sentence] = dropped_by(criteria_of(either), writes)
    assert "no MODIFY" in sentence
    assert "filter 1 asks for what no MODIFY has." in sentence


@pytest.mark.parametrize("handler", HANDLERS)
def test_nothing_is_dropped_without_filters_nor_by_those_of_the_types(handler: Any) -> None:
    assert dropped_by(None, handler) == []
    assert dropped_by({}, handler) == []
    assert dropped_by({"Filters": []}, handler) == []
    assert dropped_by(filters_for(handler), handler) == []


def test_what_may_be_delivered_is_not_called_dropped() -> None:
    assert dropped_by(criteria(where(Order).status == "PAID"), writes) == []
    assert dropped_by(criteria(where(Order).status == "PAID", event_name("REMOVE")), everything) == []
    assert dropped_by(criteria_of({"dynamodb": {"NewImage": {"note": {"S": [{"exists": False}]}}}}), everything) == []
    assert len(dropped_by(criteria(~exists(where(Order).note)), everything)) == 1
    assert dropped_by(criteria_of({"eventName": ["UPDATE"]}), plain) == []


def test_a_pattern_that_lambda_refuses_is_refused() -> None:
    with pytest.raises(ValueError, match="Invalid filter pattern definition"):
        dropped_by(criteria_of("nonsense"), inserts)


PATTERNS = st.builds(at, PATHS, st.lists(CONDITIONS, min_size=1, max_size=2))
NAMED = st.builds(lambda kinds: {"eventName": kinds}, st.lists(KINDS, min_size=1, max_size=2))
PARTS = PATTERNS | NAMED
SEVERAL = st.lists(
    st.builds(lambda one, other: {**other, **one}, PARTS, PARTS)
    | st.builds(lambda one, other: {"$or": [one, other]}, PARTS, PARTS),
    min_size=1,
    max_size=2,
)


@given(SEVERAL, RECORDS)
def test_no_record_of_a_kind_that_is_called_dropped_matches(patterns: list[Any], record: Any) -> None:
    filters = criteria_of(*patterns)
    dropped = {sentence.split()[1] for sentence in dropped_by(filters, everything)}
    if matcher(filters)(record):
        assert record["eventName"] not in dropped
