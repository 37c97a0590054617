"""Compiled decoders of all types that can be drawn, and images of all sorts: the law, and that it is not empty."""

from collections import Counter
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tests.compiling.agreement import IMAGES_WANTED, Decoding, search
from tests.compiling.itemstrategies import Image, draw_image
from tests.compiling.making import Shape
from tests.compiling.plainforms import EXAMPLES, Example
from tests.compiling.sameness import same
from tests.compiling.typestrategies import draw_decoding

# Fewer would be shared out better, but it takes a hundred times as long to build a type as to decode an image.
IMAGES_OF_A_TYPE = 16


class Case(NamedTuple):
    """A type, its decoders, and images for it."""

    shape: Shape
    decoding: Decoding
    images: list[Image]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    shape, decoding = draw_decoding(draw)
    return Case(shape, decoding, [draw_image(draw, shape) for _ in range(IMAGES_OF_A_TYPE)])


@search(IMAGES_WANTED, of_a_type=IMAGES_OF_A_TYPE)
@given(case=cases())
def test_a_compiled_decoder_gives_what_the_reference_gives_or_is_in_doubt(case: Case) -> None:
    for image in case.images:
        problem = case.decoding.problem(image)
        assert not problem, f"{case.shape}\nimage:     {image!r}\n{problem}"


def test_a_compiled_decoder_is_rarely_in_doubt_about_what_the_reference_can_decode() -> None:
    decoded: Counter[str] = Counter()

    @search(800, of_a_type=IMAGES_OF_A_TYPE, derandomize=True, database=None)
    @given(case=cases())
    def count(case: Case) -> None:
        for image in case.images:
            if _succeeds(case.decoding.reference, image):
                decoded["by the reference"] += 1
                decoded["by the compiled"] += _succeeds(case.decoding.compiled, image)

    count()
    assert decoded["by the reference"] > 200
    assert decoded["by the compiled"] > 0.7 * decoded["by the reference"]


def _succeeds(decode: Any, image: Image) -> bool:
    try:
        decode(image)
    except Exception:  # noqa: BLE001  # a validator may raise anything
        return False
    return True


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.sentence)
def test_it_is_compiled(example: Example) -> None:
    decoding = Decoding(TypeAdapter(example.type))
    value = decoding.compiled(example.image)
    assert same(value, decoding.reference(example.image))
    assert not decoding.problem(example.image)


@pytest.mark.parametrize("depth", [1, 50, 200, 1000, 10_000])
def test_images_of_any_depth_are_decoded_or_doubted(depth: int) -> None:
    example = next(example for example in EXAMPLES if "tree" in example.sentence)
    image = example.image
    for _ in range(depth):
        image = {"value": {"S": "x"}, "kids": {"L": [{"M": image}]}}
    decoding = Decoding(TypeAdapter(example.type))
    if _succeeds(decoding.compiled, image):
        assert decoding.compiled(image) == decoding.reference(image)
