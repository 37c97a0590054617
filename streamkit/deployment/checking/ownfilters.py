"""Whether filters are those that the handler's decorator says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from streamkit.deployment.exporting.errors import ExportError
from streamkit.deployment.exporting.narrowing import narrowed
from streamkit.deployment.typefilters import filters_for

if TYPE_CHECKING:
    from streamkit.deployment.checking.handlerfacts import HandlerFacts
    from streamkit.settings import FilterCriteria

__all__ = ["are_own"]


def are_own(criteria: FilterCriteria | None, handler: HandlerFacts) -> bool:
    """Whether filters that Lambda takes are the decorator's, or those with the types' kinds of events beside them.

    The latter is what ``streamkit export --filters`` writes.
    """
    own: FilterCriteria | None = handler.explicit().get("FilterCriteria")
    if _patterns(criteria) == _patterns(own):
        return True
    types = filters_for(handler.handler)
    if own is None or types is None:
        return False
    try:
        return _patterns(criteria) == _patterns(narrowed(own, types))
    except ExportError:  # they cannot be joined
        return False


def _patterns(criteria: FilterCriteria | None) -> list[str]:
    """Return the patterns in one order and one spelling: which stands first makes no difference."""
    filters = (criteria or {}).get("Filters", [])
    return sorted(json.dumps(json.loads(one["Pattern"]), sort_keys=True) for one in filters)
