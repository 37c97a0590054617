"""Every payload under every tag, for every type of one value: what the search leaves to chance, without chance."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Optional

import pytest
from pydantic import TypeAdapter, create_model
from typing_extensions import TypedDict

from streamkit.compiling.doubts import NotCompiledError
from tests.compiling import payloads
from tests.compiling.agreement import Decoding
from tests.compiling.hostile import HOSTILE, PAYLOADS, TAGS
from tests.compiling.making import Shape, fresh
from tests.compiling.scalars import COMMON, RARE

_dict: Any = dict
_list: Any = list
_optional: Any = Optional
_typed_dict: Any = TypedDict


def _under_all_tags(values: Iterable[Any]) -> list[Any]:
    """Return each payload of the values under each tag."""
    payloads = [payload for value in values if isinstance(value, dict) for payload in value.values()]
    # Not by equality: an enum's member may be equal to its text.
    different = {repr(payload): payload for payload in payloads}
    return [{tag: payload} for payload in different.values() for tag in TAGS]


def _shared_values() -> list[Any]:
    """Return what the other tests have under one tag, under all of them, and what is no attribute value."""
    lists = [values for name, values in vars(payloads).items() if name.isupper() and isinstance(values, list)]
    listed = [value for values in lists for value in values]
    listed += [{tag: payload} for tag, several in PAYLOADS.items() for payload in several]
    return [*_under_all_tags(listed), *HOSTILE]


VALUES = _shared_values()


class Place(NamedTuple):
    """Where a value stands: the type around its own, and the image."""

    words: str
    around: Callable[[Any], Any]
    image: Callable[[Any], Any]


def _held(value: Any) -> Any:
    return {"held": value}


def _held_by(**config: Any) -> Callable[[Any], Any]:
    return lambda one: create_model("Model", __cls_kwargs__=config, held=(one, ...))


_CHANGING: dict[str, Any] = {"str_strip_whitespace": True, "str_to_lower": True, "coerce_numbers_to_str": True}
_BOUND: dict[str, Any] = {
    "str_to_upper": True,
    "str_max_length": 4,
    "allow_inf_nan": False,
    "regex_engine": "python-re",
}

PLACES = [
    Place("in a model", _held_by(), _held),
    Place("where None may stand", lambda one: create_model("Nullable", held=(_optional[one], None)), _held),
    Place("in a strict model", _held_by(strict=True), _held),
    Place("in a list", lambda one: create_model("Several", held=(_list[one], ...)), lambda one: _held({"L": [one]})),
    Place("in a dict", lambda one: _dict[str, one], _held),
    Place("in a model that changes its texts", _held_by(**_CHANGING), _held),
    Place("in a model that bounds its texts", _held_by(**_BOUND), _held),
    Place("where it need not be", lambda one: _typed_dict("Typed", {"held": one}, total=False), _held),
]


@pytest.mark.parametrize(
    ("shape", "place"),
    [
        *((shape, place) for shape in COMMON for place in PLACES),
        *((shape, place) for shape in RARE for place in PLACES[:3]),
    ],
    ids=lambda part: getattr(part, "words", None),
)
def test_every_payload_under_every_tag_is_what_it_is_to_the_reference_or_doubted(shape: Shape, place: Place) -> None:
    try:
        decoding = Decoding(TypeAdapter(place.around(shape.annotation)))
    except NotCompiledError:
        return
    for value in [*_under_all_tags(shape.listed), *VALUES]:
        problem = decoding.problem(place.image(fresh(value)))
        assert not problem, f"{value!r}\n{problem}"
