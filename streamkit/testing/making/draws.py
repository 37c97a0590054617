"""What the values of a type are drawn with: a seeded generator, to be read, or Hypothesis, for everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

__all__ = ["Draws", "RandomDraws"]

_Option = TypeVar("_Option")

_WORDS = ("ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen", "ibis", "jay")
_LONGEST_BINARY = 3
_MORE = 3


class Draws(Protocol):
    """Draws one plain thing after another. Bounds are both included, and ``low <= high``."""

    def integer(self, low: int, high: int, *, usual: int = 10) -> int:
        """Draw a whole number; ``usual`` is how many of them are enough where values are to be read."""
        ...

    def floating(self, low: float, high: float) -> float:
        """Draw a finite float."""
        ...

    def text(self, shortest: int, longest: int | None) -> str:
        """Draw text of so many characters."""
        ...

    def binary(self, shortest: int, longest: int | None) -> bytes:
        """Draw so many bytes."""
        ...

    def size(self, least: int, most: int | None) -> int:
        """Draw how many elements something has."""
        ...

    def chance(self, times: int) -> bool:
        """Draw whether something happens that happens once in so many times."""
        ...

    def choice(self, options: Sequence[_Option]) -> _Option:
        """Draw one of several."""
        ...


class RandomDraws:
    """Draws small, readable values: numbers from 0 to 9, short words, one or two elements.

    The same seed draws the same for ever: only ``Random.random`` is used, whose numbers Python promises to keep.
    """

    def __init__(self, random: Random) -> None:
        self._random = random.random

    def integer(self, low: int, high: int, *, usual: int = 10) -> int:
        """See `Draws`."""
        start = low if low > 0 else 0 if high >= 0 else max(low, high - usual + 1)
        return start + int(self._random() * min(usual, high - start + 1))

    def floating(self, low: float, high: float) -> float:
        """See `Draws`: halves, where the bounds have any between them."""
        value = self.integer(0, 19, usual=20) / 2
        if low <= value <= high:
            return value
        # Not high - low, which may be more than a float can be; and rounding may lead over a bound.
        return min(max(low * (1 - value / 10) + high * (value / 10), low), high)

    def text(self, shortest: int, longest: int | None) -> str:
        """See `Draws`: the name of an animal, made longer or shorter where it has to be."""
        word = self.choice(_WORDS)
        if len(word) < shortest:
            word = (word * (shortest // len(word) + 1))[:shortest]
        return word if longest is None else word[:longest]

    def binary(self, shortest: int, longest: int | None) -> bytes:
        """See `Draws`."""
        most = max(shortest, _LONGEST_BINARY) if longest is None else min(longest, max(shortest, _LONGEST_BINARY))
        return bytes(self.integer(0, 9) for _ in range(self.integer(max(shortest, min(1, most)), most)))

    def size(self, least: int, most: int | None) -> int:
        """See `Draws`: at most two more than there have to be."""
        return least + int(self._random() * (_MORE if most is None else min(_MORE, most - least + 1)))

    def chance(self, times: int) -> bool:
        """See `Draws`."""
        return self._random() * times < 1

    def choice(self, options: Sequence[_Option]) -> _Option:
        """See `Draws`."""
        return options[int(self._random() * len(options))]
