"""The response table of SEMANTICS §4 is in tests/conformance; here is what its rows do not say."""

from __future__ import annotations

from typing import Any

import pytest

from streamkit.local.outcomes import Failure, Partial, Success, read_response, warnings_of
from streamkit.local.recordlist import Records
from streamkit.local.records import StreamRecord
from tests.local.builders import full, stream_record

RECORDS = Records.of(stream_record(number) for number in (1, 2, 3))


def failures(*identifiers: Any) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


def test_a_partial_failure_says_which_number_it_starts_at() -> None:
    outcome = read_response(failures(full(3), full(2)), RECORDS)
    assert isinstance(outcome, Partial)
    assert outcome.index == 1
    assert full(2) in outcome.why


def test_the_lowest_number_is_the_lowest_integer() -> None:
    records = Records.of(StreamRecord(number, None, b"{}") for number in ("9", "10"))
    assert read_response(failures("10", "9"), records) == read_response(failures("9"), records)
    assert isinstance(outcome := read_response(failures("10"), records), Partial)
    assert outcome.index == 1


@pytest.mark.parametrize(
    ("response", "named"),
    [
        ({"ok": True}, "batchItemFailures"),
        ("done", "'done'"),
        ({"batchItemFailures": "none"}, "not a list"),
        (failures("999"), "'999'"),
        ({"batchItemFailures": [5]}, "5 names no record"),
    ],
)
def test_an_invalid_response_fails_the_batch_and_says_what_was_wrong(response: Any, named: str) -> None:
    outcome = read_response(response, RECORDS)
    assert isinstance(outcome, Failure)
    assert outcome.function_error is None
    assert named in outcome.why


@pytest.mark.parametrize(
    ("response", "wrong", "right"),
    [
        ({"BatchItemFailures": []}, "BatchItemFailures", "batchItemFailures"),
        ({"batchItemFailures": [{"ItemIdentifier": full(1)}]}, "ItemIdentifier", "itemIdentifier"),
    ],
)
def test_pascal_case_is_explained_with_both_spellings(response: Any, wrong: str, right: str) -> None:
    outcome = read_response(response, RECORDS)
    assert isinstance(outcome, Failure)
    assert f"the key is {right!r}, not {wrong!r}" in outcome.why


def test_a_long_response_is_cut_in_the_explanation() -> None:
    outcome = read_response("x" * 10_000, RECORDS)
    assert isinstance(outcome, Failure)
    assert len(outcome.why) < 400


def test_a_success_is_a_success() -> None:
    assert read_response(None, RECORDS) == Success()


@pytest.mark.parametrize(
    ("response", "unread"),
    [(failures("x"), True), (failures(), False), ({}, False), (None, False), ([failures("x")], False)],
)
def test_failures_are_unread_only_where_some_are_named(response: Any, unread: bool) -> None:
    warnings = warnings_of(response, reporting=False)
    assert len(warnings) == unread
    assert all("lost" in text and loses for text, loses in warnings)


@pytest.mark.parametrize(
    ("response", "spellings"),
    [
        ({"BatchItemFailures": []}, [("BatchItemFailures", "batchItemFailures")]),
        ({"batchItemFailures": [{"ItemIdentifier": "1"}] * 3}, [("ItemIdentifier", "itemIdentifier")]),
        ({"batchItemFailures": [], "BatchItemFailures": []}, [("BatchItemFailures", "batchItemFailures")]),
        (failures("x"), []),
        ({"batchItemFailures": None}, []),
        ({}, []),
        (None, []),
    ],
)
def test_pascal_case_is_warned_of_once_for_each_key(response: Any, spellings: list[tuple[str, str]]) -> None:
    warnings = warnings_of(response, reporting=True)
    assert len(warnings) == len(spellings)
    for (text, loses), (wrong, right) in zip(warnings, spellings, strict=True):
        assert f"the key is {right!r}, not {wrong!r}" in text
        assert not loses
