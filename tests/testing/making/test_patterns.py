from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamkit.testing.making.hypothesisdraws import HypothesisDraws
from streamkit.testing.making.patterns import match_of
from streamkit.testing.making.walk import Place, UnmakeableError
from tests.testing.making.made import FEW, seeded

if TYPE_CHECKING:
    from streamkit.testing.making.walk import Make

PATTERNS = [
    r"^[A-Z]{3}-\d{4}$",
    r"\Aab+c?d*?\Z",
    r"^(ORDER|CUSTOMER)#\d+$",
    r"^(?P<quote>['\"])x(?P=quote)$",
    r"^(a)?(?(1)b|c)$",
    r"^(a)?(?(1)b)$",
    r"^[^a-z]$",
    r"^[^\d\s]\D\S\W$",
    r"^\w\s.$",
    r"^[^x]x[!-\uffff]$",
    r"^(?>ab|cd)++e$",
    r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$",
    r"",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_is_made_of_a_pattern_matches_it(pattern: str) -> None:
    make = match_of(pattern, Place())
    texts = {make(seeded(seed), 0) for seed in range(60)}
    assert [text for text in texts if not re.search(pattern, text)] == []


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(max_examples=FEW)
@given(data=st.data())
def test_and_so_does_what_hypothesis_makes_of_it(pattern: str, data: st.DataObject) -> None:
    assert re.search(pattern, match_of(pattern, Place())(HypothesisDraws(data.draw), 0))


def test_a_compiled_pattern_brings_its_flags() -> None:
    assert made(match_of(re.compile("a  b # a comment", re.VERBOSE), Place())) == {"ab"}


def test_rusts_end_of_the_text_is_known() -> None:
    assert made(match_of(r"^ab\z", Place())) == {"ab"}


def test_a_pattern_that_cannot_be_read_is_told() -> None:
    with pytest.raises(UnmakeableError, match=r"code: the pattern '\[' cannot be read \(unterminated character set"):
        match_of("[", Place("code"))


def made(make: Make) -> set[Any]:
    return {make(seeded(seed), 0) for seed in range(9)}
