"""The policy of a mapping's role as a document of IAM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.deployment.found import Unknown
from streamkit.deployment.permissions import statements_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.mapping import EventSourceMapping

__all__ = ["policy_document"]


def policy_document(mapping: EventSourceMapping, asked: Callable[[Unknown], Any]) -> dict[str, Any]:
    """Return the least that the role must be allowed; ``asked`` gives what stands for a resource that is not known."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": one.effect,
                "Action": [*one.actions],
                "Resource": [asked(each) if isinstance(each, Unknown) else each for each in one.resources],
            }
            for one in statements_for(mapping)
        ],
    }
