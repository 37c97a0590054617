"""What a handler tells Lambda: the response, and the exception by which a whole-batch handler says where it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from streamkit.errors import StreamkitError

if TYPE_CHECKING:
    from streamkit.events import Insert, Modify, Remove

__all__ = ["BatchItemFailure", "BatchItemFailureEntry", "BatchResponse", "WindowResponse", "batch_response"]


class BatchItemFailureEntry(TypedDict):
    """One failed record, named by its sequence number."""

    itemIdentifier: str


class BatchResponse(TypedDict):
    """AWS: the response of a function whose mapping has ReportBatchItemFailures; an empty list is success."""

    batchItemFailures: list[BatchItemFailureEntry]


class WindowResponse(BatchResponse):
    """AWS: TimeWindowEventResponse, of a function whose mapping has a tumbling window. Without ``state`` it fails."""

    state: dict[str, Any]


def batch_response(failed_from: str | None) -> BatchResponse:
    """Report that records from this sequence number on are to be retried; None reports success (SEMANTICS §4)."""
    return {"batchItemFailures": [] if failed_from is None else [{"itemIdentifier": failed_from}]}


class BatchItemFailure(StreamkitError):
    """Raise it from a whole-batch handler: the batch failed from ``change`` on, everything before it succeeded.

    Lambda then retries from that record (SEMANTICS §3). ``raise BatchItemFailure(change) from error`` keeps the cause.
    """

    def __init__(
        self, change: Insert[object, object] | Modify[object, object, object] | Remove[object, object]
    ) -> None:
        self.change = change
        super().__init__(f"failed from record {change.meta.sequence_number} on")
