"""Which kinds of records a filter can let through at all, as the table of what a record looks like tells."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from streamkit.filterlint import RECORD, Leaf, Node
from streamkit.filters import ABSENT, OR, compile_pattern, parse_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamkit.filterlint import Shape

__all__ = ["CARRIED", "KINDS", "VIEW_TYPES", "kinds_through"]

KINDS: Mapping[str, tuple[str, ...]] = {
    "INSERT": ("NewImage",),
    "MODIFY": ("NewImage", "OldImage"),
    "REMOVE": ("OldImage",),
}
"""The images that a kind of record may have (SEMANTICS §7)."""

CARRIED: Mapping[str, tuple[str, ...]] = {
    "KEYS_ONLY": (),
    "NEW_IMAGE": ("NewImage",),
    "OLD_IMAGE": ("OldImage",),
    "NEW_AND_OLD_IMAGES": ("NewImage", "OldImage"),
}
"""The images that a view type carries."""

VIEW_TYPES = tuple(CARRIED)


def kinds_through(pattern: str, view_type: str | None = None) -> list[str]:
    """Return the kinds of records that a sound pattern can match; ``view_type``: on a stream of this one.

    It says yes where the table of a record's members does not know better.
    """
    parsed = parse_pattern(pattern)
    views = VIEW_TYPES if view_type is None else (view_type,)
    return [kind for kind in KINDS if any(_can_match(parsed, _record(kind, view)) for view in views)]


def _record(kind: str, view_type: str) -> Node:
    change = RECORD.members["dynamodb"]
    name = RECORD.members["eventName"]
    view = change.members["StreamViewType"] if isinstance(change, Node) else None
    assert isinstance(change, Node) and isinstance(name, Leaf) and isinstance(view, Leaf)  # noqa: PT018, S101  # the table's own
    there = {*KINDS[kind], "Keys"} & {*CARRIED[view_type], "Keys"}
    absent = {"NewImage", "OldImage"} - there
    members = {member: shape for member, shape in change.members.items() if member not in absent}
    members["StreamViewType"] = replace(view, choices=(view_type,))
    dynamodb = Node(change.what, members)
    return Node(RECORD.what, {**RECORD.members, "dynamodb": dynamodb, "eventName": replace(name, choices=(kind,))})


def _can_match(part: Any, shape: Shape | None) -> bool:
    if compile_pattern(part).missing == ABSENT:
        # It asks for nothing to be there, or is satisfied by that: whether it is, depends on the record.
        return True
    if shape is None:
        return False
    if isinstance(part, list):
        if isinstance(shape, Leaf):
            return any(shape.may_be(value) for value in part)
        return shape.others is shape  # of userIdentity nothing is known
    return isinstance(shape, Node) and all(
        any(_can_match(branch, shape) for branch in inner) if key == OR else _can_match(inner, shape.member(key))
        for key, inner in part.items()
    )
