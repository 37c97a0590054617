"""Draws everything that DynamoDB can hold, from Hypothesis, which makes what fails as small as it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy

__all__ = ["HypothesisDraws"]

_Option = TypeVar("_Option")

_Drawn = TypeVar("_Drawn")

_MORE = 4


class _Draw(Protocol):
    """What Hypothesis gives to a composite strategy, or ``data.draw``."""

    def __call__(self, strategy: SearchStrategy[_Drawn], /) -> _Drawn: ...


class HypothesisDraws:
    """`Draws` within one example of a test."""

    def __init__(self, draw: _Draw) -> None:
        from hypothesis import strategies  # noqa: PLC0415  # it is there, see `streamkit.testing.strategies`

        self._draw = draw
        self._all = strategies
        self._characters = strategies.characters(codec="utf-8")

    def integer(self, low: int, high: int, *, usual: int = 10) -> int:  # noqa: ARG002  # all of them, here
        """See `Draws`."""
        return self._draw(self._all.integers(low, high))

    def floating(self, low: float, high: float) -> float:
        """See `Draws`."""
        return self._draw(self._all.floats(low, high, allow_nan=False, allow_infinity=False))

    def text(self, shortest: int, longest: int | None) -> str:
        """See `Draws`."""
        return self._draw(self._all.text(self._characters, min_size=shortest, max_size=longest))

    def binary(self, shortest: int, longest: int | None) -> bytes:
        """See `Draws`."""
        return self._draw(self._all.binary(min_size=shortest, max_size=longest))

    def size(self, least: int, most: int | None) -> int:
        """See `Draws`."""
        return self._draw(self._all.integers(least, least + _MORE if most is None else min(most, least + _MORE)))

    def chance(self, times: int) -> bool:
        """See `Draws`."""
        return self._draw(self._all.integers(1, times)) == times

    def choice(self, options: Sequence[_Option]) -> _Option:
        """See `Draws`."""
        return options[self._draw(self._all.integers(0, len(options) - 1))]
