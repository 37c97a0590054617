"""What SQS and SNS put around a message, taken off."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["opened"]

_DEEPEST = 8
"""SNS in SQS in a saved answer are three."""


def opened(document: Any) -> Any:
    """Return what is inside all envelopes: SNS's notification, a message of SQS, a saved answer with one message.

    Raises ValueError where what is inside should be JSON and is not.
    """
    for _ in range(_DEEPEST):
        inside = _inside(document)
        if inside is None:
            return document
        document = json.loads(inside) if isinstance(inside, str) else inside
    return document


def _inside(document: Any) -> Any:
    """Return what an envelope holds, None where it is none."""
    if not isinstance(document, dict) or "DDBStreamBatchInfo" in document:
        return None
    if document.get("Type") == "Notification":
        return document.get("Message")
    if isinstance(document.get("Body"), str) and ("MessageId" in document or "ReceiptHandle" in document):
        return document["Body"]
    # What `aws sqs receive-message` answers, and the events that Lambda functions get.
    for name in ("Messages", "Records"):
        several = document.get(name)
        if isinstance(several, list) and len(several) == 1 and isinstance(several[0], dict):
            return _of_event(several[0]) if name == "Records" else several[0]
    return None


def _of_event(record: dict[str, Any]) -> Any:
    if record.get("eventSource") == "aws:sqs":
        return record.get("body")
    sns = record.get("Sns")
    return sns.get("Message") if isinstance(sns, dict) else None
