"""What stands in for AWS and for other services, as tests have it: each method is one request, all or nothing."""

from __future__ import annotations

from collections import Counter


class TotalsTable:
    """A table of counters: UpdateItem with ADD; with ``once``, TransactWriteItems with a condition."""

    def __init__(self) -> None:
        self.totals: Counter[str] = Counter()
        self.done: set[str] = set()

    def add(self, *, once: str | None = None, **amounts: int) -> None:
        """Add to counters; with ``once``, only where nothing was added under this id before."""
        if once is not None:
            if once in self.done:
                return
            self.done.add(once)
        self.totals.update(amounts)


class Mailer:
    """A mail service. It drops a mail whose ``idempotency_key`` it has seen."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self._keys: set[str] = set()

    def send(self, to: str, *, idempotency_key: str | None = None) -> None:
        """Send a mail."""
        if idempotency_key is not None:
            if idempotency_key in self._keys:
                return
            self._keys.add(idempotency_key)
        self.sent.append(to)


class SearchIndex:
    """Documents by their ids."""

    def __init__(self) -> None:
        self.documents: dict[int, str] = {}

    def put(self, number: int, text: str) -> None:
        """Create or replace a document."""
        self.documents[number] = text

    def delete(self, number: int) -> None:
        """Delete a document. Raises KeyError where there is none."""
        del self.documents[number]
