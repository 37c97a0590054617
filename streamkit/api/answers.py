"""A mapping as the API answers it (SEMANTICS §1: which members, and when)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamkit.mapping import EventSourceMapping

__all__ = ["configuration"]

_NOT_ANSWERED = ("Enabled", "FunctionName", "Tags")
"""What is set under these names is answered under others, or by another call."""


def configuration(mapping: EventSourceMapping) -> dict[str, Any]:
    """Return an EventSourceMappingConfiguration: 18 members, and of the optional ones those that are set."""
    return {name: value for name, value in mapping.to_aws().items() if name not in _NOT_ANSWERED}
