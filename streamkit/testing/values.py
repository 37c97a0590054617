"""Values of an image type: the items that its table might hold, and the images that a handler gets of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from streamkit.decoding import adapter_for, decoder_for, is_untyped, problem_of
from streamkit.images import changes_between
from streamkit.local.sources.items import stored_item
from streamkit.testing.making.builders import BUILDERS
from streamkit.testing.making.draws import Draws, RandomDraws
from streamkit.testing.making.walk import Place, TooDeepError, UnmakeableError, Walk
from streamkit.typeforms import shown

if TYPE_CHECKING:
    from streamkit.attributes import AttributeValue
    from streamkit.decoding import Decoder
    from streamkit.testing.making.walk import Make

__all__ = ["Draws", "ItemMaker", "RandomDraws", "UnmakeableError", "decoder_of", "item_maker_of", "maker_of"]

ItemMaker: TypeAlias = Callable[[Draws], dict[str, Any]]
"""Makes one item, a plain dict as `LocalTable.put` takes it."""

_TRIES = 200
_ROOM = 3
_KEY_TYPES = ("S", "N", "B")
_WHERE = "the image type"


def maker_of(image_type: Any, key: str | tuple[str, ...] = "id") -> Callable[[Draws], Any]:
    """Return what makes images of a type, each one as a handler would get it.

    Written to a table, an image comes back equal. ``key``: the names of the table's key attributes, which every item
    has to have. Raises UnmakeableError, at once or when a value is made, for a type that has no such values.
    """
    decode = decoder_of(image_type)
    made = _maker(image_type, key, decode, _TRIES)

    def make(draws: Draws) -> Any:
        _, image = made(draws)
        try:
            again = decode(stored_item(image))
        except Exception as error:  # a type's serializers may raise anything
            problem = f"{image!r} cannot be written to a table and read again ({problem_of(error, {})})"
            raise _unmakeable(image_type, problem) from error
        if again != image and changes_between(again, image):
            raise _unmakeable(image_type, f"{image!r} comes back from a table as {again!r}")
        return image

    return make


def item_maker_of(image_type: Any, key: str | tuple[str, ...] = "id", *, tries: int = _TRIES) -> ItemMaker:
    """Return what makes items, as plain dicts, that a handler reads as images of a type.

    ``key``: the names of the table's key attributes, which every item has to have. ``tries``: how many are made where a
    validator of the user's own refuses them. Raises UnmakeableError, at once or when an item is made, for a type that
    has no items.
    """
    made = _maker(image_type, key, decoder_of(image_type), tries)
    return lambda draws: made(draws)[0]


def decoder_of(image_type: Any) -> Decoder:
    """Return what reads images of a type, as a handler does. Raises UnmakeableError where it reads none."""
    decode = decoder_for(image_type, _WHERE)
    if decode is None:
        raise _unmakeable(image_type, "it stands for an image that is not wanted")
    return decode


def _maker(
    image_type: Any, key: str | tuple[str, ...], decode: Decoder, tries: int
) -> Callable[[Draws], tuple[dict[str, Any], Any]]:
    """Return what makes items that are valid, each with its image."""
    keys = (key,) if isinstance(key, str) else key
    make = _built(image_type, keys)

    def valid(draws: Draws) -> tuple[dict[str, Any], Any]:
        problem, cause = "", None
        for _ in range(tries):
            stored: dict[str, AttributeValue] = {}
            try:
                item = make(draws, _ROOM)
                stored = stored_item(item)
                image = decode(stored)
            except TooDeepError as error:
                raise _unmakeable(image_type, "its values hold values of their own type, without end") from error
            except Exception as error:  # noqa: BLE001  # validators of the user's own may raise anything
                problem, cause = problem_of(error, stored), error
                continue
            problem, cause = _problem_of_keys(stored, keys, image_type), None
            if not problem:
                return item, image
        raise _unmakeable(image_type, f"of {tries} items none was valid, the last one since {problem}") from cause

    return valid


def _built(image_type: Any, keys: tuple[str, ...]) -> Make:
    schema: Any = {"type": "dict"} if is_untyped(image_type) else adapter_for(image_type, _WHERE).core_schema
    try:
        return Walk(BUILDERS).build(schema, Place(keys=keys))
    except UnmakeableError as error:
        raise _unmakeable(image_type, str(error)) from error


def _problem_of_keys(item: dict[str, AttributeValue], keys: tuple[str, ...], image_type: Any) -> str:
    """Return what is wrong with the keys of this item, nothing if they are good ones.

    Raises UnmakeableError if the type has no such attributes.
    """
    for name in keys:
        if name not in item:
            attributes = ", ".join(item) or "none"
            raise UnmakeableError(
                f"{shown(image_type)} has no attribute {name!r}, which is the key of its table; it has {attributes}: "
                f"say which of them is the key (key='order_id'), or which two are (key=('pk', 'sk'))"
            )
        ((tag, payload),) = item[name].items()
        if tag not in _KEY_TYPES or payload == "":
            return f"the key attribute {name!r} must be text that is not empty, a number or bytes, not {item[name]!r}"
    return ""


def _unmakeable(image_type: Any, problem: str) -> UnmakeableError:
    return UnmakeableError(
        f"no values of {shown(image_type)} can be made: {problem}. Say what the items are: items=[…] with examples, or "
        f"a function of random.Random (simulate), images= with a Hypothesis strategy (changes, streams)"
    )
