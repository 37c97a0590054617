"""Where records stood in the input."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Origins", "place_of"]


class Origins(NamedTuple):
    """Where each record of a page stood in the input."""

    indexes: Sequence[int]
    """From 0 on."""
    places: Sequence[str | None]
    """In the words that came with them, if any did."""


def place_of(index: int, place: str | None) -> str:
    """Return in words where a record stands: in the words that came with it, else by its index."""
    return f"record {index + 1}" if place is None else place
