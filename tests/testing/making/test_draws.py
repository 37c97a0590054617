from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamkit.testing.making.hypothesisdraws import HypothesisDraws
from tests.testing.making.made import seeded

if TYPE_CHECKING:
    from streamkit.testing.making.draws import Draws

WHOLE = st.integers(-(10**38), 10**38)
FLOATS = st.floats(-9e125, 9e125)
SIZES = st.integers(0, 40)


def either(data: st.DataObject) -> Draws:
    """Small draws, or Hypothesis' own."""
    if data.draw(st.booleans()):
        return HypothesisDraws(data.draw)
    return seeded(data.draw(st.integers(0, 9)))


@settings(max_examples=40)
@given(st.data(), WHOLE, WHOLE, st.integers(1, 20))
def test_a_whole_number_is_within_its_bounds(data: st.DataObject, one: int, other: int, usual: int) -> None:
    low, high = sorted((one, other))
    assert low <= either(data).integer(low, high, usual=usual) <= high


@settings(max_examples=40)
@given(st.data(), FLOATS, FLOATS)
def test_a_float_is_within_its_bounds(data: st.DataObject, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert low <= either(data).floating(low, high) <= high


@settings(max_examples=40)
@given(st.data(), SIZES, st.none() | SIZES)
def test_text_bytes_and_sizes_are_as_long_as_they_may_be(data: st.DataObject, least: int, more: int | None) -> None:
    draws, most = either(data), None if more is None else least + more
    for length in (len(draws.text(least, most)), len(draws.binary(least, most)), draws.size(least, most)):
        assert least <= length
        assert most is None or length <= most


@settings(max_examples=40)
@given(st.data(), st.lists(st.integers(), min_size=1))
def test_one_of_several_is_chosen(data: st.DataObject, options: list[int]) -> None:
    assert either(data).choice(options) in options


def test_small_values_are_what_people_read_best() -> None:
    draws = seeded(0)
    assert {draws.integer(-(10**38), 10**38) for _ in range(300)} == set(range(10))
    assert {draws.integer(500, 10**38) for _ in range(300)} == set(range(500, 510))
    assert {draws.integer(-(10**38), -7) for _ in range(300)} == set(range(-16, -6))
    assert {draws.integer(0, 99, usual=1) for _ in range(30)} == {0}
    assert {draws.floating(-1e9, 1e9) for _ in range(900)} == {half / 2 for half in range(20)}
    assert "cat" in {draws.text(0, None) for _ in range(99)}
    assert {draws.size(2, None) for _ in range(99)} == {2, 3, 4}
    assert {draws.chance(1) for _ in range(9)} == {True}
    assert {draws.chance(4) for _ in range(99)} == {True, False}


@settings(max_examples=40)
@given(st.integers())
def test_the_same_seed_draws_the_same(seed: int) -> None:
    assert drawn(seed) == drawn(seed)


def test_a_seed_draws_what_it_has_always_drawn() -> None:
    assert drawn(7) == [3, "bee", b"\x00\x05", 1, 0.5, False, "a"]


def drawn(seed: int) -> list[Any]:
    draws = seeded(seed)
    return [
        draws.integer(0, 99),
        draws.text(0, None),
        draws.binary(0, None),
        draws.size(0, None),
        draws.floating(0, 100),
        draws.chance(3),
        draws.choice("abc"),
    ]


@pytest.mark.parametrize(("shortest", "longest"), [(0, 0), (2, 2), (9, None)])
def test_a_word_is_cut_or_repeated(shortest: int, longest: int | None) -> None:
    words = {seeded(seed).text(shortest, longest) for seed in range(30)}
    assert {len(word) for word in words} == {shortest}
