"""The items that a simulation writes: small ones, so that a schedule can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from streamkit.attributes import deserialize_item
from streamkit.decoding import decoder_for, is_untyped
from streamkit.errors import StreamkitError
from streamkit.local.sources.items import stored_item
from streamkit.testing.simulation.errors import SimulationError
from streamkit.testing.values import RandomDraws, UnmakeableError, item_maker_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

__all__ = ["Items"]


class Items:
    """Makes items: of an image type, out of a list, or by a function of random.Random.

    By default of the type that the handler asks for. Raises SimulationError where that is none, and for a list without
    items; UnmakeableError for a type of which none can be made.
    """

    def __init__(self, items: Any, handler: Any, key: Sequence[str]) -> None:
        self._key = tuple(key)
        self._decode: Callable[[Any], Any] | None = None
        """Refuses what is none of the image type; None where the items are the user's own."""
        self._make = self._source(items, handler)

    def make(self, random: Random) -> dict[str, Any]:
        """Return an item, as plain values. Raises SimulationError for one that no table can hold."""
        drawn = self._make(random)
        try:
            stored = stored_item(drawn)
        except StreamkitError as error:
            raise SimulationError(f"items= made {drawn!r:.200}, which no table can hold: {error}") from error
        made = {name: _shortened(value) for name, value in deserialize_item(stored).items()}
        missing = [name for name in self._key if name not in made]
        if missing:
            raise SimulationError(
                f"an item has no {' and no '.join(map(repr, missing))}, which is to be its key: {made!r:.200}. Say "
                f'which attribute is: key="order_id", or key=("pk", "sk")'
            )
        return made

    def allows(self, item: dict[str, Any]) -> bool:
        """Whether there may be this item, which none made: it is of the image type. Of the user's own items none is."""
        if self._decode is None:
            return False
        try:
            self._decode(stored_item(item))
        except Exception:  # noqa: BLE001  # validators of the user's may raise anything
            return False
        return True

    def _source(self, items: Any, handler: Any) -> Callable[[Random], Any]:
        if items is None:
            items = _image_type(handler)
            if items is None or is_untyped(items):
                raise SimulationError(
                    f"{getattr(handler, '__name__', handler)!s} does not say what its items are: give items=, an image "
                    f"type (items=Order), a list of example items, or a function of random.Random that returns one"
                )
        elif isinstance(items, Mapping):
            raise SimulationError(f"items takes several: a list of example items, items=[{items!r:.200}]")
        elif isinstance(items, Sequence) and not isinstance(items, str | bytes):
            if not items:
                raise SimulationError("items is an empty list: give at least one example item")
            examples = list(items)
            return lambda random: random.choice(examples)
        elif callable(items) and not isinstance(items, type) and not hasattr(items, "__origin__"):
            function: Callable[[Random], Any] = items
            return function
        try:
            make, self._decode = item_maker_of(items, self._key), decoder_for(items, "items=")
        except UnmakeableError:
            raise
        except (StreamkitError, TypeError) as error:
            raise SimulationError(
                f"items takes an image type, a list of example items, or a function of random.Random, not "
                f"{items!r:.200} ({error})"
            ) from error
        return lambda random: make(RandomDraws(random))


def _image_type(handler: Any) -> Any:
    """Return the image type that a streamkit handler asks for, None where it is none, or asks for no image."""
    signature = getattr(handler, "_streamkit_signature", None)
    kinds = {} if signature is None else signature.kinds
    images = [kinds[name].images.get(image) for name in kinds for image in ("NewImage", "OldImage")]
    return next((image for image in images if image not in (None, type(None))), None)


def _shortened(value: Any) -> Any:
    """Return a plain value with its whole numbers as ints, which read better than Decimals."""
    match value:
        case dict():
            return {name: _shortened(part) for name, part in value.items()}
        case list():
            return [_shortened(part) for part in value]
        case set():
            return {_shortened(part) for part in value}
        case Decimal() if value == value.to_integral_value():
            return int(value)
        case _:
            return value
