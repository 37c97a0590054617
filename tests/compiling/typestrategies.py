"""Types that users ask a handler's images for."""

from __future__ import annotations

from typing import Any

from hypothesis import reject
from hypothesis import strategies as st
from pydantic import TypeAdapter
from pydantic.errors import PydanticUserError
from pydantic_core import SchemaError

from streamkit.compiling.doubts import NotCompiledError
from tests.compiling.agreement import Decoding
from tests.compiling.containers import CONTAINERS, layers, mappings, nullable, unions
from tests.compiling.families import families
from tests.compiling.making import Builder, Inner, Maker, Shape
from tests.compiling.records import record
from tests.compiling.recursive import NAMED, RECURSIVE, generics, roots, trees
from tests.compiling.scalars import COMMON, RARE
from tests.compiling.unions import called, discriminated


def _record(maker: Maker, inner: Inner) -> Shape:
    return record(maker, inner).shape


_COMPOUND: list[Builder] = [*CONTAINERS, _record, _record, _record, *RECURSIVE, *NAMED, discriminated, called, families]
# What an item can be: most of them records.
_WHOLE: list[Builder] = [
    *(_record, _record, _record, _record, _record, _record, _record),
    *(trees, generics, discriminated, discriminated, called, families, families, *RECURSIVE, mappings, roots),
]
_AROUND: list[Builder] = [nullable, layers, unions, roots]


class _Types:
    """Draws the types of parts, now and then one that it has drawn before: pydantic writes such types apart."""

    def __init__(self, maker: Maker) -> None:
        self._maker = maker
        self._known: list[Shape] = []

    def draw(self, depth: int) -> Shape:
        maker = self._maker
        if self._known and maker.once_in(6):
            return maker.pick(self._known)
        if depth and maker.once_in(2):
            shape = maker.pick(_COMPOUND)(maker, lambda: self.draw(depth - 1))
            self._known.append(shape)
            return shape
        return maker.pick(RARE) if maker.once_in(2) else maker.pick(COMMON)


def draw_decoding(draw: st.DrawFn) -> tuple[Shape, Decoding]:
    """Draw a type that an item can have and that is compiled, and what decodes its items."""
    shape, adapter = draw_shape(draw)
    try:
        return shape, Decoding(adapter)
    except NotCompiledError:
        reject()


def draw_shape(draw: st.DrawFn) -> tuple[Shape, TypeAdapter[Any]]:
    """Draw a type that an item can have, and pydantic's adapter of it."""
    maker = Maker(draw)
    # In a small type each change of an image meets what matters.
    depth, types = maker.pick([0, 1, 1, 2]), _Types(maker)

    def whole() -> Shape:
        return maker.pick(_WHOLE)(maker, lambda: types.draw(depth))

    try:
        shape = maker.pick(_AROUND)(maker, whole) if maker.once_in(8) else whole()
        return shape, TypeAdapter(shape.annotation)
    except (PydanticUserError, SchemaError, TypeError, RuntimeError):
        # Not every type can be a set's member, a discriminator, strict, …; pydantic says so when it is asked.
        reject()
