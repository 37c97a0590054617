"""IAM: the policy alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from streamkit.deployment.exporting.errors import ExportError
from streamkit.deployment.exporting.policies import policy_document

if TYPE_CHECKING:
    from streamkit.deployment.exporting.request import Request

__all__ = ["text"]


def text(request: Request) -> str:
    """Return the policy document. Raises ExportError where nothing is known of the stream: JSON has no parameters."""
    if request.mapping.event_source_arn is None and request.table_name is None:
        raise ExportError(
            "a policy names the stream that may be read, and nothing says which: give event_source_arn, or table_name"
        )
    streams = f"arn:aws:dynamodb:*:*:table/{request.table_name}/stream/*"
    document = policy_document(request.mapping, lambda _: streams)
    return json.dumps(document, indent=2) + "\n"
