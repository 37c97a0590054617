"""Every image that is one change away from one that is certainly decoded: no change is overlooked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tests.compiling.agreement import IMAGES_WANTED, Decoding, search
from tests.compiling.changes import changed_items
from tests.compiling.itemstrategies import Image, draw_plain_image
from tests.compiling.making import Shape, fresh
from tests.compiling.plainforms import EXAMPLES, Example
from tests.compiling.typestrategies import draw_decoding

# So many images are, more or less, one change away from an image.
CHANGES_OF_AN_IMAGE = 1500


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.sentence)
def test_one_change_is_to_the_compiled_decoder_what_it_is_to_the_reference(example: Example) -> None:
    decoding = Decoding(TypeAdapter(example.type))
    for image in changed_items(example.image):
        problem = decoding.problem(fresh(image))
        assert not problem, f"{image!r}\n{problem}"


@st.composite
def plain_cases(draw: st.DrawFn) -> tuple[Shape, Decoding, Image]:
    shape, decoding = draw_decoding(draw)
    return shape, decoding, draw_plain_image(draw, shape)


# They are looked at ten times as fast as images that are drawn.
@search(10 * IMAGES_WANTED, of_a_type=CHANGES_OF_AN_IMAGE)
@given(case=plain_cases())
def test_one_change_of_a_drawn_image_is_to_the_compiled_decoder_what_it_is_to_the_reference(
    case: tuple[Shape, Decoding, Image],
) -> None:
    shape, decoding, plain = case
    for image in changed_items(plain) if type(plain) is dict else ():
        problem = decoding.problem(fresh(image))
        assert not problem, f"{shape}\nimage:     {image!r}\n{problem}"
