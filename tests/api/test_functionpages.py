from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.api.functionpages import page
from streamkit.api.refusals import Refusal


def listed(count: int) -> list[tuple[str, dict[str, Any]]]:
    return [(f"ключ {number}", {"Number": number}) for number in range(count)]


@given(st.integers(0, 120), st.integers(1, 10_000))
def test_pages_together_are_the_list(count: int, size: int) -> None:
    marker, seen, pages = None, [], 0
    while True:
        answer = page("Numbers", listed(count), marker, str(size))
        assert len(answer["Numbers"]) <= min(size, 50)
        seen += answer["Numbers"]
        pages += 1
        marker = answer.get("NextMarker")
        if marker is None:
            break
    assert [one["Number"] for one in seen] == list(range(count))
    assert pages == max(1, -(-count // min(size, 50)))


def test_without_a_number_there_are_fifty() -> None:
    for nothing in (None, ""):
        assert len(page("Numbers", listed(51), "", nothing)["Numbers"]) == 50


def test_a_page_goes_on_where_the_last_one_ended_though_that_is_gone() -> None:
    marker = page("Numbers", listed(3), None, "2")["NextMarker"]
    without = [one for one in listed(3) if one[1]["Number"] != 1]
    assert page("Numbers", without, marker, "2") == {"Numbers": [{"Number": 2}]}


def test_a_list_may_have_pages_of_another_size() -> None:
    answer = page("Numbers", listed(101), None, None, 100)
    assert len(answer["Numbers"]) == 100
    assert page("Numbers", listed(101), answer["NextMarker"], "500", 100) == {"Numbers": [{"Number": 100}]}


@pytest.mark.parametrize("marker", ["x", "é", "////", "\ud800"])
def test_a_marker_of_another_list_is_refused(marker: str) -> None:
    with pytest.raises(
        Refusal, match=r"^InvalidParameterValueException: Invalid marker: .*: it takes the NextMarker of"
    ):
        page("Numbers", listed(3), marker, None)


@pytest.mark.parametrize(
    ("max_items", "told"),
    [
        ("0", "ValidationException: .* Value '0' at 'maxItems' .* value greater than or equal to 1$"),
        ("-5", "ValidationException: .* Value '-5' at 'maxItems' .* value greater than or equal to 1$"),
        ("10001", "ValidationException: .* Value '10001' at 'maxItems' .* value less than or equal to 10000$"),
        ("ten", "SerializationException: STRING_VALUE can not be converted to an integer at maxItems"),
        ("9" * 5000, "SerializationException"),
        ("\u0661", "SerializationException"),
    ],
)
def test_a_number_of_items_that_cannot_be_is_refused(max_items: str, told: str) -> None:
    with pytest.raises(Refusal, match=told):
        page("Numbers", listed(3), None, max_items)
