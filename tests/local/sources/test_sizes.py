"""The samples of SEMANTICS §7 are rows of tests/conformance."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.sources.sizes import item_size


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "abc"}, 3),
        ({"S": "äö€"}, 7),
        ({"N": "0"}, 1),
        ({"N": "7"}, 2),
        ({"N": "42"}, 2),
        ({"N": "427"}, 3),
        ({"N": "4200000"}, 2),
        ({"N": "0.0042"}, 2),
        ({"N": "-42"}, 3),
        ({"N": "1" * 38}, 20),
        ({"B": "AAECAw=="}, 4),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["a", "bc"]}, 3),
        ({"NS": ["1", "-222"]}, 6),
        ({"BS": ["AA==", "AAE="]}, 3),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"BOOL": True}]}, 3 + 1 + 2 + 1 + 1),
        ({"M": {}}, 3),
        ({"M": {"k": {"S": "ab"}, "ö": {"L": []}}}, 3 + 1 + (1 + 2) + 1 + (2 + 3)),
    ],
)
def test_every_type_has_its_size(value: dict[str, Any], size: int) -> None:
    assert item_size({"": value}) == size


def test_names_count_in_utf_8() -> None:
    assert item_size({"größe": {"BOOL": True}}) == 7 + 1


def test_what_is_not_there_has_no_size() -> None:
    assert item_size(None) == item_size({}) == 0


@given(st.dictionaries(st.text(), st.fixed_dictionaries({"S": st.text()})))
def test_an_items_size_is_that_of_its_attributes(item: dict[str, Any]) -> None:
    assert item_size(item) == sum(item_size({name: value}) for name, value in item.items())
