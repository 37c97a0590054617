"""Values of a type, many of them, small ones or any."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from pydantic import create_model

from streamkit.decoding import decoder_for
from streamkit.local.sources.items import stored_item
from streamkit.testing.making.hypothesisdraws import HypothesisDraws
from streamkit.testing.values import RandomDraws, item_maker_of

if TYPE_CHECKING:
    from hypothesis import strategies as st

    from streamkit.decoding import Decoder
    from streamkit.testing.values import Draws, ItemMaker

MANY = 60
FEW = 10
"""Examples for one type of many: it is their sum that counts."""


def small(annotation: Any, seed: int = 0, count: int = MANY) -> list[Any]:
    """Return small values of a type, as they are in items, None where an item lacks it."""
    (make, _), draws = _made(annotation), seeded(seed)
    return [make(draws).get("value") for _ in range(count)]


def read(annotation: Any, draws: Draws | None = None, count: int = MANY) -> list[Any]:
    """Return values of a type as a handler reads them."""
    make, decode = _made(annotation)
    draws = seeded(0) if draws is None else draws
    return [decode(stored_item(make(draws))).value for _ in range(count)]


def any_of(annotation: Any, data: st.DataObject) -> Any:
    """Return one of all the values of a type, as a handler reads it."""
    return read(annotation, HypothesisDraws(data.draw), 1)[0]


_known: dict[int, tuple[Any, ItemMaker, Decoder]] = {}


def _made(annotation: Any) -> tuple[ItemMaker, Decoder]:
    # By identity, since not every annotation has a hash; they are kept, so that no other gets the same.
    if id(annotation) not in _known:
        image_type = holder(annotation)
        decode = decoder_for(image_type, "a test")
        assert decode is not None
        _known[id(annotation)] = annotation, item_maker_of(image_type), decode
    return _known[id(annotation)][1:]


def seeded(seed: int) -> RandomDraws:
    """Return small draws."""
    return RandomDraws(Random(seed))  # noqa: S311  # nothing is secret here


def holder(annotation: Any) -> Any:
    """Return a model with an attribute of a type."""
    return create_model("Holder", id=(int, ...), value=(annotation, ...))
