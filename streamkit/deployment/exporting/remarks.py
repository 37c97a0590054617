"""What somebody should know before deploying an export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.filterlint import never_matches

if TYPE_CHECKING:
    from streamkit.deployment.exporting.request import Request

__all__ = ["remarks"]


def remarks(request: Request) -> list[str]:
    """Return the sentences, the filters' first."""
    mapping = request.mapping
    found = never_matches(mapping.filter_criteria) if mapping.filter_criteria else []
    if request.tool == "iam":
        return found
    if not mapping.enabled:
        found.append("the mapping is disabled (Enabled false): what is deployed delivers nothing until it is enabled")
    if mapping.kms_key_arn:
        found.append(
            f"the key's own policy decides too who may decrypt: see that it lets Lambda (lambda.amazonaws.com) use "
            f"{mapping.kms_key_arn}"
        )
    if request.tool == "cli" and request.update:
        found.append("an update cannot change EventSourceArn, StartingPosition or Tags, nor take a KMSKeyArn away")
    elif mapping.starting_position is None:
        found.append("the mapping has no StartingPosition, which Lambda wants: it is asked for when this is deployed")
    return found
