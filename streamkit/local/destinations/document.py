"""An on-failure record as text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamkit.local.destinations.discards import OnFailureRecord

__all__ = ["as_text"]


def as_text(record: OnFailureRecord) -> str:
    """Return the record as compact JSON, as AWS sends it."""
    # Not orjson: it refuses the half characters (lone surrogates) that a name may hold.
    return json.dumps(record, separators=(",", ":"))
