"""Lists of Lambda's API, page by page."""

from __future__ import annotations

import base64
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from streamkit.api.refusals import constraint, invalid_parameter, serialization, validation

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["page"]

_MOST = 50
"""How many AWS answers at once, whatever is asked for (ListFunctions)."""
_LARGEST = 10_000
"""The largest MaxItems that the API's model allows."""


def page(
    member: str,
    found: Sequence[tuple[str, dict[str, Any]]],
    marker: str | None,
    max_items: str | None,
    most: int = _MOST,
) -> dict[str, Any]:
    """Return one page of a list, under ``member``, and NextMarker if there are more.

    ``found``: what there is, in the order of its keys; a page begins behind the key that its marker holds, also where
    what had that key is gone meanwhile. ``most``: how many AWS answers at once, whatever is asked for.

    Raises Refusal for a number out of range, and for a marker that is none of this list's.
    """
    size = min(_size(max_items), most)
    start = _behind(marker, [key for key, _ in found]) if marker else 0
    shown = found[start : start + size]
    answer: dict[str, Any] = {member: [one for _, one in shown]}
    if start + size < len(found):
        answer["NextMarker"] = base64.urlsafe_b64encode(shown[-1][0].encode()).decode()
    return answer


def _size(max_items: str | None) -> int:
    if not max_items:
        return _LARGEST
    if re.fullmatch(r"-?\d{1,18}", max_items, re.ASCII) is None:
        raise serialization("STRING_VALUE can not be converted to an integer at maxItems")
    size = int(max_items)
    if size < 1:
        raise validation(constraint(max_items, "maxItems", "have value greater than or equal to 1"))
    if size > _LARGEST:
        raise validation(constraint(max_items, "maxItems", f"have value less than or equal to {_LARGEST}"))
    return size


def _behind(marker: str, keys: Sequence[str]) -> int:
    try:
        key = base64.b64decode(marker.encode("ascii"), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise invalid_parameter(
            f"Invalid marker: {marker:.80}: it takes the NextMarker of an answer to the same call"
        ) from None
    return keys.index(key) + 1 if key in keys else bisect_right(keys, key)
