"""Filters from a handler's types, and which of the records that it takes some filters never deliver.

The types say which kinds of event a handler takes, and that is all that a filter may be made of. That an item has the
fields of a model is no filter: an item that lacks one is to fail, where it is seen and quarantined or repaired, and
not to be dropped unseen. A default is not stored, pydantic reads more forms of a value than one, a union's telling
field may have a value that is new; and there would be nothing to tell of what such a filter dropped.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from streamkit.deployment.checking.deliverable import KINDS, kinds_through
from streamkit.filters import parse_pattern, shown
from streamkit.signature import signature_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamkit.settings import FilterCriteria

__all__ = ["dropped_by", "filters_for", "why_no_filters"]

_EVENT_NAME = "eventName"


def filters_for(handler: Callable[..., Any]) -> FilterCriteria | None:
    """Return the filters that take exactly the kinds of event that a handler's types name.

    None where there is nothing to filter or no way to, as `why_no_filters` says.
    """
    if why_no_filters(handler):
        return None
    return {"Filters": [{"Pattern": json.dumps({_EVENT_NAME: _kinds_of(handler)})}]}


def why_no_filters(handler: Callable[..., Any]) -> str:
    """Return why no filters follow from a handler's types, as the end of a sentence; nothing where some do."""
    if signature_of(handler) is None:
        return "it is no streamkit handler, so that nothing says which events it takes"
    if len(_kinds_of(handler)) == len(KINDS):
        return "its types take every kind of event"
    if hasattr(handler, "final"):
        return "Lambda refuses filters beside a tumbling window, whose fold skips what its types do not name"
    return ""


def dropped_by(criteria: FilterCriteria | None, handler: Callable[..., Any]) -> list[str]:
    """Return a sentence for each kind of event that a handler takes and that no filter ever lets through.

    Only what is certain is told: of a kind that is not, records match or may match. Nothing is known of a handler that
    streamkit did not make. Raises ValueError for a pattern that Lambda would refuse.
    """
    patterns = [one["Pattern"] for one in (criteria or {}).get("Filters") or []]
    delivered = {kind for pattern in patterns for kind in kinds_through(pattern)}
    if not patterns:
        return []
    return [_sentence(kind, patterns, handler) for kind in _kinds_of(handler) if kind not in delivered]


def _kinds_of(handler: Callable[..., Any]) -> list[str]:
    signature = signature_of(handler)
    return [kind for kind in KINDS if signature is not None and kind in signature.kinds]


def _sentence(kind: str, patterns: Sequence[str], handler: Any) -> str:
    signature = signature_of(handler)
    assert signature is not None  # noqa: S101  # it takes a kind
    event = signature.kinds[kind].event.__name__
    reasons = "; ".join(f"filter {number} {_reason(kind, pattern)}" for number, pattern in enumerate(patterns, 1))
    own = json.dumps({_EVENT_NAME: [kind]})
    return (
        f"no {kind} reaches {signature.function_name}(), whose types take {event}: {reasons}. Add a filter that takes "
        f"them, {own} for all, or leave {event} out of its types"
    )


def _reason(kind: str, pattern: str) -> str:
    """Return why a filter lets no record of a kind through."""
    if not kinds_through(pattern):
        return "matches no record at all"
    parsed = parse_pattern(pattern)
    names = parsed.get(_EVENT_NAME)
    if names is not None and kind not in kinds_through(json.dumps({_EVENT_NAME: names})):
        return f"wants an eventName of {shown(names)}"
    lacking = [image for image in ("NewImage", "OldImage") if image not in KINDS[kind]]
    return f"asks for what no {kind} has" + (f" (it has no {lacking[0]})" if lacking else "")
