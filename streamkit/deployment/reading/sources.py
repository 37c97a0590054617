"""Whether what a mapping reads is the stream of a DynamoDB table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.deployment.found import Unknown
from streamkit.deployment.reading.forms import form_of, parts_of
from streamkit.settings import NOT_FOR_DYNAMODB

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["reads_dynamodb"]

_POSITIONS = ("TRIM_HORIZON", "LATEST")
_OTHERS = ("kinesis", "kafka", "msk", "queue", "sqs", "broker", "docdb")


def reads_dynamodb(settings: Mapping[str, Any], notes: list[str]) -> bool:
    """Whether a mapping reads a DynamoDB stream. What had to be assumed for it goes to ``notes``.

    A source of which nothing is known is taken for one where the other settings fit a stream and its name tells of no
    other service.
    """
    source = settings.get("EventSourceArn")
    parts = parts_of(form_of(source), ":")
    if parts[0] == "arn" and len(parts) > 2:  # noqa: PLR2004  # arn:partition:service
        return parts[2] == "dynamodb"
    if any(settings.get(name) for name in NOT_FOR_DYNAMODB):
        return False
    if isinstance(source, Unknown):
        named = source.text.lower()
        position = settings.get("StartingPosition")
        if any(other in named for other in _OTHERS) or not (isinstance(position, Unknown) or position in _POSITIONS):
            return False
        notes.append(f"what it reads, {source}, is known only once it is deployed: it is taken for a DynamoDB stream")
        return True
    return True
