"""How far a handler gets with a batch when records fail: the three failure policies (DESIGN §1)."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

__all__ = ["POLICIES", "BatchProgress", "FailurePolicy", "item_of"]

FailurePolicy: TypeAlias = Literal["stop", "isolate", "continue"]
"""``stop`` at the first failing record; ``isolate`` its item and go on with others; ``continue`` with every record."""

POLICIES = ("stop", "isolate", "continue")


def item_of(record: Any) -> str:
    """Return a text that is equal for records of the same item, and for all records whose keys cannot be read."""
    try:
        return str(sorted(record["dynamodb"]["Keys"].items()))
    except (KeyError, TypeError, AttributeError):
        return ""


class BatchProgress:
    """Which records of one batch may still run, and the lowest that has to be retried.

    Lambda takes one number and retries from there (SEMANTICS §3), so whatever the policy, every record before the
    lowest failed one must have been dealt with when the batch ends.
    """

    def __init__(self, policy: FailurePolicy, size: int) -> None:
        self._policy = policy
        self._failed_items: set[str] = set()
        self._end = size
        self.failed_from: int | None = None
        """The index of the lowest record to retry, None while none has failed."""

    def admits(self, index: int, item: str) -> bool:
        """Whether the record at ``index``, of this item, is to run."""
        return index < self._end and item not in self._failed_items

    def fail(self, index: int, item: str) -> None:
        """Note that the record at ``index`` failed."""
        self._retry_from(index)
        if self._policy == "stop":
            self._end = min(self._end, index)
        elif self._policy == "isolate":
            self._failed_items.add(item)

    def stop_before(self, index: int) -> None:
        """Let no record from ``index`` on run: they are to be retried, although none of them failed."""
        self._retry_from(index)
        self._end = min(self._end, index)

    def _retry_from(self, index: int) -> None:
        self.failed_from = index if self.failed_from is None else min(self.failed_from, index)
