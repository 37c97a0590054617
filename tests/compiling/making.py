"""What makes a type and what makes images for it: one draw after another, much faster than strategies in strategies."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

_INDEXES = [st.integers(0, last) for last in range(400)]


class Maker:
    """Draws from Hypothesis; everything shrinks towards the first option, and towards what is plain.

    ``plain`` is whether only values are wanted that a type takes in the form in which it would be stored.
    """

    def __init__(self, draw: st.DrawFn, *, plain: bool = True) -> None:
        self._draw = draw
        self.plain = plain

    def upto(self, last: int) -> int:
        """A number from 0 to the last, both included."""
        return self._draw(_INDEXES[last] if last < len(_INDEXES) else st.integers(0, last))

    def pick(self, options: Sequence[T]) -> T:
        """One of several."""
        return options[self.upto(len(options) - 1)]

    def copy_of(self, options: Sequence[T]) -> T:
        """One of several, copied so that it can be changed."""
        return fresh(self.pick(options))  # type: ignore[no-any-return]  # a copy is of the same type

    def once_in(self, times: int) -> bool:
        """Whether something happens that happens once in so many times."""
        return self.upto(times - 1) == times - 1

    def some(self, options: Sequence[T], most: int) -> list[T]:
        """Up to so many of them, each at most once, in their order."""
        chosen = {self.upto(len(options) - 1) for _ in range(self.upto(most))}
        return [options[index] for index in sorted(chosen)]


Value: TypeAlias = Any
"""An attribute value in DynamoDB JSON, or, in a hostile image, what stands in its place."""

MakeValue: TypeAlias = Callable[[Maker], Value]


@dataclass(frozen=True, repr=False)
class Shape:
    """A type, and what makes an attribute value that it plausibly takes."""

    annotation: Any
    words: str
    value: MakeValue
    # The names that mean something to it, at any depth: for what changes images.
    names: frozenset[str] = field(default=frozenset())
    # Some of the values that it takes, for types of one value.
    listed: Sequence[Value] = ()

    def __repr__(self) -> str:
        return self.words


Inner: TypeAlias = Callable[[], Shape]
"""Draws the type of a part, which is less deep than the type that it is a part of."""

Builder: TypeAlias = Callable[[Maker, Inner], Shape]


def pool(plain: Sequence[Value], odd: Sequence[Value] = (), free: MakeValue | None = None) -> MakeValue:
    """Return what makes one of these values: of the odd ones (second tags, wrong values) only in images not plain.

    ``free`` makes others like them, of no list.
    """

    def make(maker: Maker) -> Value:
        if free is not None and maker.once_in(10 if maker.plain else 3):
            return free(maker)
        if odd and not maker.plain and maker.once_in(3):
            return maker.copy_of(odd)
        return maker.copy_of(plain)

    return make


def fresh(value: Any) -> Any:
    """Copy the plain dicts and lists, so that no two images share them; what is odd remains what it is."""
    if type(value) is dict:
        return {key: fresh(member) for key, member in value.items()}
    if type(value) is list:
        return [fresh(element) for element in value]
    if isinstance(value, (OrderedDict, bytearray)):
        return value.copy()
    return value


def shown(annotation: Any) -> str:
    """Return the words for a type that has no parts which were drawn."""
    if isinstance(annotation, type) and "[" not in repr(annotation):
        return annotation.__name__
    return repr(annotation).replace("typing.", "").replace("annotation=NoneType, required=True, ", "")


def settings_shown(settings: Mapping[str, Any]) -> str:
    """Return the words for keyword arguments."""
    return ", ".join(f"{name}={getattr(value, '__name__', None) or _shown(value)}" for name, value in settings.items())


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True) if isinstance(value, str) else repr(value)
