"""SEMANTICS §8: what each metric counts."""

from __future__ import annotations

from tests.conformance.parts import BISECT, DAY, REPORT, SQS, age, named, only_items, retries, window
from tests.conformance.rules import RunRule


def _counts(**counts: int) -> dict[str, dict[str, int]]:
    """Return the counters that are not 0."""
    return {"metrics": counts}


METRICS = [
    RunRule(
        section=8,
        grade="D",
        says="PolledEventCount and InvokedEventCount count the records that were read and sent",
        settings={"BatchSize": 3},
        sees=_counts(PolledEventCount=4, InvokedEventCount=4),
    ),
    RunRule(
        section=8,
        grade="D",
        says="A poll that finds nothing counts 0",
        settings={"StartingPosition": "LATEST"},
        sees=_counts(),
    ),
    RunRule(
        section=8,
        grade="D",
        says="PolledEventCount counts before the filters, FilteredOutEventCount what they left out",
        settings=only_items(2, 3),
        sees=_counts(PolledEventCount=4, FilteredOutEventCount=2, InvokedEventCount=2),
    ),
    RunRule(
        section=8,
        grade="D",
        says="InvokedEventCount counts again on each retry, PolledEventCount does not",
        bad={2: 2},
        sees=_counts(PolledEventCount=4, InvokedEventCount=12, FailedInvokeEventCount=8),
    ),
    RunRule(
        section=8,
        grade="D",
        says="FailedInvokeEventCount counts all events of an attempt that failed in part",
        settings=REPORT,
        bad={3: 1},
        how="report",
        sees=_counts(PolledEventCount=4, InvokedEventCount=6, FailedInvokeEventCount=4),
    ),
    RunRule(
        section=8,
        grade="D",
        says="The events of halves count with each attempt",
        settings=BISECT | retries(1),
        bad={2: None},
        sees=_counts(PolledEventCount=4, InvokedEventCount=11, FailedInvokeEventCount=8, DroppedEventCount=1),
    ),
    RunRule(
        section=8,
        grade="D",
        says="DroppedEventCount counts what was given up after its attempts and went nowhere",
        settings=retries(0),
        bad={3: None},
        sees=_counts(PolledEventCount=4, InvokedEventCount=4, FailedInvokeEventCount=4, DroppedEventCount=4),
    ),
    RunRule(
        section=8,
        grade="D",
        says="DroppedEventCount counts what was given up for its age and went nowhere",
        settings=age(60),
        at=(-100, -90, 0),
        sees=_counts(PolledEventCount=3, InvokedEventCount=1, DroppedEventCount=2),
    ),
    RunRule(
        section=8,
        grade="D",
        says="What a destination takes is delivered, in events and not documents, and is not dropped",
        settings=SQS | retries(0),
        bad={3: None},
        destination="takes",
        sees=_counts(
            PolledEventCount=4,
            InvokedEventCount=4,
            FailedInvokeEventCount=4,
            OnFailureDestinationDeliveredEventCount=4,
        ),
    ),
    RunRule(
        section=8,
        grade="D",
        says="What was too old and a destination takes is delivered, and is not dropped",
        settings=SQS | age(60),
        at=(-100, -90, 0),
        destination="takes",
        sees=_counts(PolledEventCount=3, InvokedEventCount=1, OnFailureDestinationDeliveredEventCount=2),
    ),
    RunRule(
        section=8,
        grade="D",
        says="When a delivery fails Dropped rises by the events, DestinationDeliveryFailures by 1",
        settings=SQS | retries(0),
        bad={3: None},
        destination="raises",
        sees=_counts(
            PolledEventCount=4,
            InvokedEventCount=4,
            FailedInvokeEventCount=4,
            DroppedEventCount=4,
            DestinationDeliveryFailures=1,
        ),
    ),
    RunRule(
        section=8,
        grade="U",
        says="Records that left the stream after 24 hours are dropped",
        choice="they count in DroppedEventCount, although nobody is told of them",
        at=(-DAY - 1, 0),
        sees=_counts(PolledEventCount=2, InvokedEventCount=1, DroppedEventCount=1),
    ),
    RunRule(
        section=8,
        grade="I",
        says="Events of a throttled call were sent, and did not fail",
        choice="InvokedEventCount only",
        faults={1: "throttle"},
        sees=_counts(PolledEventCount=4, InvokedEventCount=8),
    ),
    RunRule(
        section=8,
        grade="I",
        says="Events that are delivered again, although they succeeded, are sent twice",
        choice="InvokedEventCount only",
        faults={1: "duplicate"},
        sees=_counts(PolledEventCount=4, InvokedEventCount=8),
    ),
    RunRule(
        section=8,
        grade="I",
        says="Events of an invalid response failed",
        choice="as those of an exception",
        settings=REPORT | retries(1),
        answers=(named(77),),
        sees=_counts(PolledEventCount=4, InvokedEventCount=8, FailedInvokeEventCount=4),
    ),
    RunRule(
        section=8,
        grade="I",
        says="PolledEventCount counts what is read, also while it waits for its window",
        choice="when it is read",
        settings=window(300),
        changes={200: {"Enabled": False}},
        sees=_counts(PolledEventCount=4),
    ),
]


AGES = [
    RunRule(
        section=8,
        grade="C",
        says="IteratorAge is taken when the batch is sent to the function, not when it is done with",
        choice="as the newest page says; older pages: when processing finished",
        at=(-30, -20),
        duration=100,
        sees={"iterator age": 20_000},
    ),
    RunRule(
        section=8,
        grade="D",
        says="IteratorAge is the age of the last record of a batch, not of its first",
        at=(-3000, -7),
        sees={"iterator age": 7000},
    ),
    RunRule(
        section=8,
        grade="D",
        says="IteratorAge grows while a failing batch holds up what is behind it",
        settings={"BatchSize": 1} | retries(0),
        at=(0, 0),
        bad={1: None},
        duration=(100, 0),
        sees={"iterator age": 100_000},
    ),
    RunRule(
        section=8,
        grade="I",
        says="Several batches have the greatest IteratorAge among theirs",
        choice="the total is the maximum; by the minute it is that of the minute",
        settings={"BatchSize": 1},
        at=(-5, -90, -40),
        sees={"iterator age": 90_000},
    ),
]

COUNTED = [*METRICS, *AGES]
