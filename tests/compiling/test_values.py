"""Every payload under every tag, for every type of one value: what the search leaves to chance, without chance."""

from collections.abc import Callable
from typing import Any, NamedTuple, Optional

import pytest
from pydantic import ConfigDict, TypeAdapter, create_model

from streamkit.compiling.doubts import NotCompiledError
from tests.compiling import payloads
from tests.compiling.agreement import Decoding
from tests.compiling.hostile import HOSTILE, PAYLOADS, TAGS
from tests.compiling.making import Shape, fresh
from tests.compiling.scalars import COMMON, RARE

_dict: Any = dict
_list: Any = list
_optional: Any = Optional


def _all_values() -> list[Any]:
    """Return each payload that the other tests have under one tag under all of them, and what is no attribute value."""
    lists = [values for name, values in vars(payloads).items() if name.isupper() and isinstance(values, list)]
    listed = [value for values in lists for value in values if isinstance(value, dict)]
    found = [payload for value in listed for payload in value.values()]
    found += [payload for several in PAYLOADS.values() for payload in several]
    different = {repr(payload): payload for payload in found}
    return [*({tag: payload} for payload in different.values() for tag in TAGS), *HOSTILE]


VALUES = _all_values()


class Place(NamedTuple):
    """Where a value stands: the type around its own, and the image."""

    words: str
    around: Callable[[Any], Any]
    image: Callable[[Any], Any]


def _held(value: Any) -> Any:
    return {"held": value}


PLACES = [
    Place("in a model", lambda one: create_model("Model", held=(one, ...)), _held),
    Place("where None may stand", lambda one: create_model("Nullable", held=(_optional[one], None)), _held),
    Place("in a list", lambda one: create_model("Several", held=(_list[one], ...)), lambda one: _held({"L": [one]})),
    Place("in a dict", lambda one: _dict[str, one], _held),
    Place(
        "in a strict model", lambda one: create_model("S", __config__=ConfigDict(strict=True), held=(one, ...)), _held
    ),
]


@pytest.mark.parametrize(
    ("shape", "place"),
    [
        *((shape, place) for shape in COMMON for place in PLACES),
        *((shape, place) for shape in RARE for place in PLACES[:2]),
    ],
    ids=lambda part: getattr(part, "words", None),
)
def test_every_payload_under_every_tag_is_what_it_is_to_the_reference_or_doubted(shape: Shape, place: Place) -> None:
    try:
        decoding = Decoding(TypeAdapter(place.around(shape.annotation)))
    except NotCompiledError:
        return
    for value in VALUES:
        problem = decoding.problem(place.image(fresh(value)))
        assert not problem, f"{value!r}\n{problem}"
