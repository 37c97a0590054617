"""Every image that is one change away from one that is certainly decoded: no change is overlooked."""

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from streamkit.compiling.doubts import NotCompiledError
from tests.compiling.agreement import Decoding
from tests.compiling.changes import changed_items
from tests.compiling.itemstrategies import draw_plain_item
from tests.compiling.making import fresh
from tests.compiling.plainforms import EXAMPLES, Example
from tests.compiling.test_agreement import IMAGES_WANTED
from tests.compiling.typestrategies import draw_shape

# So many images are, more or less, one change away from a small one.
CHANGES_OF_AN_IMAGE = 1000


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.sentence)
def test_one_change_is_seen_by_the_compiled_decoder_as_the_reference_sees_it(example: Example) -> None:
    decoding = Decoding(TypeAdapter(example.type))
    for image in changed_items(example.image):
        problem = decoding.problem(fresh(image))
        assert not problem, f"{image!r}\n{problem}"


@settings(max_examples=max(1, 4 * IMAGES_WANTED // CHANGES_OF_AN_IMAGE), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_one_change_is_seen_in_images_of_all_types(data): ...
