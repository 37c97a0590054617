from __future__ import annotations

import copy
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from streamkit.local.journal import (
    Checkpointed,
    MappingUpdated,
    RecordsDiscarded,
    RecordsExpired,
    RecordsFiltered,
    RecordsRead,
    Warned,
)
from streamkit.local.metrics import COUNTERS, ITERATOR_AGE, Metrics
from tests.local.builders import START, after, finished, started

if TYPE_CHECKING:
    from streamkit.local import Fact

NOTHING = dict.fromkeys((*COUNTERS, ITERATOR_AGE), 0)


def discarded(*, delivered: bool, error: BaseException | None = None) -> RecordsDiscarded:
    return RecordsDiscarded(START, "s", ("1", "2", "3"), {}, delivered, error)


@pytest.mark.parametrize(
    ("fact", "counted"),
    [
        (RecordsRead(START, "s", ("1", "2")), {"PolledEventCount": 2}),
        (RecordsFiltered(START, "s", ("1", "2")), {"FilteredOutEventCount": 2}),
        (started(), {"InvokedEventCount": 2}),
        (finished(outcome="partial"), {"FailedInvokeEventCount": 2}),
        (finished(), {}),
        (discarded(delivered=True), {"OnFailureDestinationDeliveredEventCount": 3}),
        (discarded(delivered=False), {"DroppedEventCount": 3}),
        (discarded(delivered=False, error=OSError()), {"DroppedEventCount": 3, "DestinationDeliveryFailures": 1}),
        (RecordsExpired(START, "s", ("1",), "w"), {"DroppedEventCount": 1}),
        (Checkpointed(START, "s", "1"), {}),
        (MappingUpdated(START, {}), {}),
        (Warned(START, "s", "text"), {}),
    ],
)
def test_each_fact_is_counted_where_aws_counts_it(fact: Fact, counted: dict[str, int]) -> None:
    metrics = Metrics()
    metrics.note(fact)
    metrics.note(fact)
    assert dict(metrics) == NOTHING | {name: 2 * count for name, count in counted.items()}


def test_every_metric_is_there_from_the_start() -> None:
    assert dict(Metrics()) == NOTHING


def test_metrics_can_be_copied_to_be_compared_later() -> None:
    metrics = Metrics()
    metrics.note(started())
    before = metrics.copy()
    also = copy.deepcopy(metrics)
    metrics.note(started())
    assert before == also
    assert before["InvokedEventCount"] == 2
    assert (metrics - before)["InvokedEventCount"] == 2


def test_iterator_age_is_the_greatest_of_the_run_and_of_each_minute() -> None:
    metrics = Metrics()
    for seconds, age in [(0, 100), (59, 2500), (60, 900), (61, None)]:
        metrics.note(started(at=after(seconds), age=age))
    assert metrics["IteratorAge"] == 2500
    minute = timedelta(minutes=1)
    assert {at: numbers["IteratorAge"] for at, numbers in metrics.minutes.items()} == {START: 2500, START + minute: 900}
    assert [numbers["InvokedEventCount"] for numbers in metrics.minutes.values()] == [4, 4]


def test_a_minute_in_which_nothing_is_counted_is_not_there() -> None:
    metrics = Metrics()
    metrics.note(Checkpointed(after(30), "s", "1"))
    metrics.note(finished())
    assert metrics.minutes == {}
    assert Metrics().copy().minutes == {}
