"""Hypothesis' strategies of what a handler gets: typed changes, and whole streams of records."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from streamkit.attributes import deserialize_item
from streamkit.decoding import problem_of
from streamkit.errors import StreamkitError
from streamkit.events import Insert, Modify, Remove
from streamkit.local.sources.items import stored_item
from streamkit.reading import EventReader
from streamkit.signature import EventKind, HandlerSignature
from streamkit.testing.making.draws import RandomDraws
from streamkit.testing.making.history import Action, History, Step, draw_step
from streamkit.testing.making.hypothesisdraws import HypothesisDraws
from streamkit.testing.values import UnmakeableError, decoder_of, item_maker_of
from streamkit.typeforms import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DrawFn, SearchStrategy

    from streamkit.events import Change, ViewType
    from streamkit.testing.making.draws import Draws

__all__ = ["HypothesisMissingError", "changes", "streams"]

T = TypeVar("T")

_Key = str | tuple[str, ...]
_FEW = 5
_MANY = 300
_SEEDS = 2**16
_WITH_NEW, _WITH_OLD = ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"), ("OLD_IMAGE", "NEW_AND_OLD_IMAGES")
_LAST: tuple[Action | None, ...] = (None, "update", "replace", "delete", "expire")


class HypothesisMissingError(StreamkitError, ImportError):
    """Strategies are Hypothesis', which is not installed."""


@overload
def changes(
    image_type: type[T],
    *,
    key: str | tuple[str, ...] = ...,
    images: SearchStrategy[Any] | None = ...,
    view_type: Literal["NEW_AND_OLD_IMAGES"] = ...,
    table: str = ...,
) -> SearchStrategy[Change[T]]: ...
@overload
def changes(
    image_type: type[T],
    *,
    key: str | tuple[str, ...] = ...,
    images: SearchStrategy[Any] | None = ...,
    view_type: Literal["NEW_IMAGE"],
    table: str = ...,
) -> SearchStrategy[Insert[T] | Modify[T, None] | Remove[None]]: ...
@overload
def changes(
    image_type: type[T],
    *,
    key: str | tuple[str, ...] = ...,
    images: SearchStrategy[Any] | None = ...,
    view_type: Literal["OLD_IMAGE"],
    table: str = ...,
) -> SearchStrategy[Insert[None] | Modify[None, T] | Remove[T]]: ...
@overload
def changes(
    image_type: Any,
    *,
    key: str | tuple[str, ...] = ...,
    images: SearchStrategy[Any] | None = ...,
    view_type: ViewType = ...,
    table: str = ...,
) -> SearchStrategy[Change[Any]]: ...
def changes(
    image_type: Any,
    *,
    key: _Key = "id",
    images: SearchStrategy[Any] | None = None,
    view_type: ViewType = "NEW_AND_OLD_IMAGES",
    table: str = "table",
) -> SearchStrategy[Any]:
    """Return the strategy of changes of items of a type, as a handler gets them: Insert, Modify or Remove.

    ``image_type``: what a handler's ``Change[…]`` takes: a pydantic model, a dataclass, a TypedDict, a union of them,
    ``dict[str, Any]``. All values are drawn that DynamoDB can hold and the type accepts; or what ``images`` says, a
    strategy of images or of items as dicts. ``key``, ``view_type``, ``table``: as of `streamkit.testing.insert`; an
    image that the view type does not carry is None.

    Raises HypothesisMissingError without Hypothesis, and UnmakeableError for a type of which no values can be made.
    """
    decode, make_item = decoder_of(image_type), _items(image_type, key, images)
    from hypothesis import strategies  # noqa: PLC0415  # found just now

    reader = _reader(image_type, view_type)

    @strategies.composite
    def change(draw: DrawFn) -> Any:
        draws, items = HypothesisDraws(draw), make_item(draw)
        history = History(decode, key=key, view_type=view_type, table=table, most=1)
        history.take(Step("put", items(draws)))
        action = draws.choice(_LAST)
        if action is not None:
            # What is deleted is there already: nothing else is drawn that would have to be made smaller.
            item = items(draws) if action in ("update", "replace") else {}
            history.take(Step(action, item, draws.integer(0, _MANY), draws.integer(0, _MANY)))
        return reader.read(history.records[-1])

    return change()


def streams(  # noqa: PLR0913  # what a stream has; all but the type have defaults
    image_type: Any,
    *,
    key: _Key = "id",
    images: SearchStrategy[Any] | None = None,
    view_type: ViewType = "NEW_AND_OLD_IMAGES",
    table: str = "table",
    min_size: int = 1,
    max_size: int = 10,
    distinct_keys: int = 3,
) -> SearchStrategy[list[dict[str, Any]]]:
    """Return the strategy of streams: lists of records in Lambda's form, as `LocalRunner` takes them.

    They are what could have been written to one table: an item is inserted before it is modified or removed, its old
    image is what its last new image was, and after a removal, by the user or by its time to live, it is inserted again.
    ``{"Records": records}`` makes an event of them.

    ``min_size``, ``max_size``: how many records. ``distinct_keys``: how many different items they are about, as far as
    the type lets an item be put under another one's key. The others: as of `changes`, and so are the errors.
    """
    decode, make_item = decoder_of(image_type), _items(image_type, key, images)
    from hypothesis import strategies  # noqa: PLC0415  # found just now

    if distinct_keys < 1:
        raise ValueError(f"distinct_keys takes a whole number from 1 on, not {distinct_keys!r}")

    @strategies.composite
    def step(draw: DrawFn) -> Step:
        return draw_step(HypothesisDraws(draw), make_item(draw))

    def records(steps: list[Step]) -> list[dict[str, Any]]:
        history = History(decode, key=key, view_type=view_type, table=table, most=distinct_keys)
        for one in steps:
            history.take(one)
        return history.records

    return strategies.lists(step(), min_size=min_size, max_size=max_size).map(records)


def _items(
    image_type: Any, key: _Key, images: SearchStrategy[Any] | None
) -> Callable[[DrawFn], Callable[[Draws], dict[str, Any]]]:
    """Return what makes items within an example. Raises HypothesisMissingError and UnmakeableError."""
    try:
        import hypothesis  # noqa: F401, PLC0415  # only whether it is there; and not at the start of every pytest
    except ImportError as error:
        raise HypothesisMissingError(
            "changes() and streams() are strategies of Hypothesis, which is not installed: "
            "pip install 'streamkit-dynamodb[test]'"
        ) from error
    if images is not None:
        decode = decoder_of(image_type)

        def given(draw: DrawFn) -> dict[str, Any]:
            image = draw(images)
            stored = stored_item(image)
            try:
                decode(stored)
            except Exception as error:  # validators of the user's own may raise anything
                problem = f"{shown(image_type)} is not what a handler reads of it: {problem_of(error, stored)}"
                raise UnmakeableError(f"images= gave {image!r}, and {problem}") from error
            return deserialize_item(stored)

        return lambda draw: lambda _: given(draw)
    any_item, item = item_maker_of(image_type, key), item_maker_of(image_type, key, tries=_FEW)
    any_item(_small(0))  # what cannot be made is told here, not in the midst of a test

    def made(draws: Draws) -> dict[str, Any]:
        try:
            return item(draws)
        except UnmakeableError:
            # A validator that refuses most values takes small ones rather than others.
            return any_item(_small(draws.integer(0, _SEEDS - 1)))

    return lambda _: made


def _small(seed: int) -> RandomDraws:
    return RandomDraws(Random(seed))  # noqa: S311  # nothing is secret here


def _reader(image_type: Any, view_type: ViewType) -> EventReader:
    new, old = (image_type if view_type in carrying else None for carrying in (_WITH_NEW, _WITH_OLD))
    keys = dict[str, Any]
    kinds = {
        "INSERT": EventKind(Insert, {"NewImage": new}, keys),
        "MODIFY": EventKind(Modify, {"NewImage": new, "OldImage": old}, keys),
        "REMOVE": EventKind(Remove, {"OldImage": old}, keys),
    }
    signature = HandlerSignature("changes", "image_type", False, False, False, kinds)
    return EventReader(signature)
