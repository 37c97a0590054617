"""How a handler's images are decoded: which parts of their types are compiled, which are not, and why.

Nothing depends on it, since the values are the same. It is for those who wonder where the time goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from streamkit.decoding import adapter_for, is_untyped
from streamkit.errors import HandlerDefinitionError
from streamkit.signature import read_signature, read_window_signature, signature_of
from streamkit.typeforms import shown, unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamkit.compiling.compiler import Part
    from streamkit.signature import EventKind, HandlerSignature

__all__ = ["Explanation", "How", "ImageExplanation", "explain"]

How: TypeAlias = Literal["compiled", "reference", "untyped", "not read"]
"""How an image type is decoded: ``"compiled"`` (its fields may still be the reference's, see their reasons),
``"reference"``, ``"untyped"`` (to Python's own values), or not at all, since the handler asks for None."""

_ATTRIBUTES = {"NewImage": "new", "OldImage": "old"}


@dataclass(frozen=True)
class ImageExplanation:
    """How one of a handler's image types is decoded."""

    images: Sequence[str]
    """Where the handler asks for it: ``Insert.new``, ``Modify.old``…"""
    type: str
    how: How
    reason: str
    """Why it is left to the reference as a whole; empty where it is not."""
    parts: Sequence[Part]
    """Its fields, where it is compiled."""

    def __str__(self) -> str:
        how = self.how + (f": {self.reason}" if self.reason else "")
        width = max((len(part.path) for part in self.parts), default=0)
        lines = [
            f"  {one.path:{width}}  {'reference: ' + one.reason if one.reason else 'compiled'}" for one in self.parts
        ]
        return "\n".join([f"{', '.join(self.images)}: {self.type}, {how}", *lines])


@dataclass(frozen=True)
class Explanation:
    """How all images of a handler are decoded; ``str()`` of it is a text to be read."""

    handler: str
    images: Sequence[ImageExplanation]

    def __str__(self) -> str:
        return "\n".join([self.handler, *map(str, self.images)])


def explain(handler: Callable[..., object]) -> Explanation:
    """Say how the images that a handler asks for are decoded: ``print(explain(handler))``.

    ``handler``: what `stream_handler` or `tumbling_window` made, or a function that could be given to one of them.
    Raises HandlerDefinitionError for anything else, and for a type that no item can have.
    """
    signature = _signature_of(handler)
    asked: list[tuple[Any, list[str]]] = []
    for kind in signature.kinds.values():
        for wanted, attribute in _types_of(kind):
            found = next((images for known, images in asked if known is wanted or known == wanted), None)
            if found is None:
                asked.append((wanted, found := []))
            found.append(f"{kind.event.__name__}.{attribute}")
    where = f"parameter {signature.parameter!r} of {signature.function_name}()"
    return Explanation(signature.function_name, [_explained(wanted, images, where) for wanted, images in asked])


def _types_of(kind: EventKind) -> list[tuple[Any, str]]:
    """Return the types that an event asks for: untyped keys are not worth a word."""
    images = [(wanted, _ATTRIBUTES[image]) for image, wanted in kind.images.items()]
    return images if is_untyped(kind.keys) else [*images, (kind.keys, "keys")]


def _signature_of(handler: Callable[..., object]) -> HandlerSignature:
    made = signature_of(handler)
    if made is not None:
        return made
    try:
        return read_signature(handler, {})
    except HandlerDefinitionError:
        try:
            return read_window_signature(handler, {}).handler
        except HandlerDefinitionError:
            pass
        raise


def _explained(wanted: Any, images: Sequence[str], where: str) -> ImageExplanation:
    if unwrapped(wanted) in (None, type(None)):
        return ImageExplanation(images, "None", "not read", "", ())
    if is_untyped(wanted):
        return ImageExplanation(images, shown(wanted), "untyped", "", ())
    from pydantic.errors import PydanticUserError  # noqa: PLC0415  # pydantic is there where there are types

    from streamkit.compiling.decoder import compiled_decoder  # noqa: PLC0415  # as above

    adapter = adapter_for(wanted, where)
    try:
        parts = compiled_decoder(adapter.core_schema).parts
    except PydanticUserError as error:
        raise HandlerDefinitionError(f"{where}: pydantic cannot read {shown(wanted)} ({error})") from error
    except Exception as error:  # noqa: BLE001  # as in decoding: whatever it is, the reference reads
        return ImageExplanation(images, shown(wanted), "reference", str(error), ())
    return ImageExplanation(images, shown(wanted), "compiled", "", parts)
