"""AWS's metrics of a mapping, counted as the facts come, in total and by the minute (SEMANTICS §8)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from streamkit.local.journal import (
    InvocationFinished,
    InvocationStarted,
    RecordsDiscarded,
    RecordsExpired,
    RecordsFiltered,
    RecordsRead,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from streamkit.local.journal import Fact

__all__ = ["COUNTERS", "ITERATOR_AGE", "Metrics"]

COUNTERS = (
    "PolledEventCount",
    "FilteredOutEventCount",
    "InvokedEventCount",
    "FailedInvokeEventCount",
    "DroppedEventCount",
    "OnFailureDestinationDeliveredEventCount",
    "DestinationDeliveryFailures",
)
"""The counters under AWS's names."""

ITERATOR_AGE = "IteratorAge"
"""How old the last record of a batch was when it was sent, in milliseconds; of several, the greatest."""


class Metrics(Counter[str]):
    """The totals of a run. Every name is there from the start.

    The counters are sums. ``IteratorAge`` is the maximum, as dashboards show it: the age in milliseconds of the last
    record of a batch when it was sent to the function (§8's newest page; older ones say: when processing finished).
    """

    def __init__(self, counts: Mapping[str, int] | None = None) -> None:
        super().__init__(dict.fromkeys((*COUNTERS, ITERATOR_AGE), 0) if counts is None else counts)
        self._minutes: dict[datetime, Metrics] = {}

    @property
    def minutes(self) -> Mapping[datetime, Metrics]:
        """The same numbers for each minute in which something happened; a minute's name is when it began."""
        return self._minutes

    def note(self, fact: Fact) -> None:
        """Count a fact."""
        counts = _counts(fact)
        age = fact.iterator_age if isinstance(fact, InvocationStarted) else None
        if not counts and age is None:
            return
        begun = fact.at.replace(second=0, microsecond=0)
        minute = self._minutes.get(begun)
        if minute is None:
            minute = self._minutes[begun] = Metrics()
        for numbers in (self, minute):
            for name, count in counts:
                numbers[name] += count
            if age is not None and age > numbers[ITERATOR_AGE]:
                numbers[ITERATOR_AGE] = age


def _counts(fact: Fact) -> Sequence[tuple[str, int]]:
    match fact:
        case RecordsRead():
            return [("PolledEventCount", len(fact.sequence_numbers))]
        case RecordsFiltered():
            return [("FilteredOutEventCount", len(fact.sequence_numbers))]
        case InvocationStarted():
            return [("InvokedEventCount", len(fact.sequence_numbers))]
        case InvocationFinished(failed=failed) if failed:
            return [("FailedInvokeEventCount", failed)]
        case RecordsDiscarded(delivered=True):
            return [("OnFailureDestinationDeliveredEventCount", len(fact.sequence_numbers))]
        case RecordsDiscarded():
            failures = [("DestinationDeliveryFailures", 1)] if fact.error is not None else []
            return [("DroppedEventCount", len(fact.sequence_numbers)), *failures]
        case RecordsExpired():
            return [("DroppedEventCount", len(fact.sequence_numbers))]
        case _:
            return ()
