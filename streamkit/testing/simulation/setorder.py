"""Sets have no order: an event with the elements of its images' sets in another one."""

from __future__ import annotations

from typing import Any

import orjson

from streamkit.local.batching import read_event

__all__ = ["reordered"]

_SETS = ("SS", "NS", "BS")


def reordered(event: bytes) -> bytes | None:
    """Return an event, given and returned as JSON, with the elements of each set the other way around.

    None where that changes nothing.
    """
    document: dict[str, Any] = read_event(event)
    images = [record["dynamodb"].get(image, {}) for record in document["Records"] for image in ("NewImage", "OldImage")]
    return orjson.dumps(document) if sum(_reversed({"M": image}) for image in images) else None


def _reversed(value: dict[str, Any]) -> int:
    """Turn the sets in a value around, and return how many have more than one element."""
    ((tag, content),) = value.items()
    if tag in _SETS:
        content.reverse()
        return len(content) > 1
    if tag in ("M", "L"):
        return sum(map(_reversed, content.values() if tag == "M" else content))
    return 0
