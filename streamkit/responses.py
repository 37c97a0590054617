"""What a handler returns to Lambda."""

from __future__ import annotations

from typing_extensions import TypedDict

__all__ = ["BatchItemFailureEntry", "BatchResponse", "batch_response"]


class BatchItemFailureEntry(TypedDict):
    """One failed record, named by its sequence number."""

    itemIdentifier: str


class BatchResponse(TypedDict):
    """AWS: the response of a function whose mapping has ReportBatchItemFailures; an empty list is success."""

    batchItemFailures: list[BatchItemFailureEntry]


def batch_response(failed_from: str | None) -> BatchResponse:
    """Report that records from this sequence number on are to be retried; None reports success (SEMANTICS §4)."""
    return {"batchItemFailures": [] if failed_from is None else [{"itemIdentifier": failed_from}]}
