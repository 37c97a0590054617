"""What becomes of records that fail for good, and of those behind them (SEMANTICS §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.deployment.checking.rule import Fault, Rule
from streamkit.deployment.checking.subject import UnknownError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.deployment.checking.subject import Subject

__all__ = ["DAY", "RULES"]

DAY = 86_400
"""How long a stream keeps a record, in seconds: an older MaximumRecordAgeInSeconds limits nothing (D)."""

_RETRIES = "MaximumRetryAttempts"
_AGE = "MaximumRecordAgeInSeconds"
_GATHERING = "MaximumBatchingWindowInSeconds"
_BISECT = "BisectBatchOnFunctionError"
_EXAMPLE = {"OnFailure": {"Destination": "arn:aws:sqs:REGION:ACCOUNT:QUEUE"}}

_LOST = {
    # By failure policy: what is discarded besides the record that failed.
    "stop": "so are the records behind it in its batch, which never ran",
    "isolate": "so are later changes of the same item in its batch, which never ran",
    "raise": "so is all of its batch, the records in front of it as well as those behind it",
    "whole": "so are the others of its batch, but for those in front of it if BatchItemFailure named it",
}


def _is_limited(subject: Subject) -> bool:
    return bool(subject.setting(_RETRIES) >= 0 or 0 < subject.setting(_AGE) < DAY)


def _has_destination(subject: Subject) -> bool:
    try:
        return subject.destination() is not None
    except UnknownError:
        return False


def _poison(subject: Subject) -> Iterator[Fault]:
    if _is_limited(subject):
        return
    age = subject.setting(_AGE)
    within = "" if age < 0 else f" and {_AGE} is {age}, a day or more, which is as long as the stream keeps a record"
    useless = "; the on-failure destination is told nothing" if _has_destination(subject) else ""
    bisects = "; halving the batch does not end it" if subject.if_known(_BISECT) else ""
    # A limit alone would have good records discarded with the bad one.
    cures = [subject.set(_RETRIES, 5)]
    if subject.if_known(_BISECT) is False and subject.if_known("BatchSize") != 1:
        cures.append(subject.set(_BISECT, True))
    yield Fault(
        subject.place(_RETRIES),
        f"{_RETRIES} is -1, without end{within or f', and so is {_AGE}'}",
        "a record that fails for good is retried until the stream forgets it after 24 hours; its shard (or lane) "
        f"stands still all the while, and records behind it that grow as old are gone, too{bisects}{useless}",
        "\n".join(cures),
    )


def _good_records(subject: Subject) -> Iterator[Fault]:
    handler = subject.handler
    # With "continue" what is discarded has run; of a plain handler nobody knows what it does behind a failure.
    lost = _LOST.get("whole" if handler.whole_batch else str(handler.on_failure))
    if lost is None or subject.if_known(_BISECT) or subject.if_known(_RETRIES) == -1:
        return
    retries, size = subject.setting(_RETRIES), subject.setting("BatchSize")
    # What Lambda does not read, it does not retry either: that is told by another rule.
    unread = handler.reports and not subject.setting("FunctionResponseTypes")
    if size == 1 or unread or subject.setting(_BISECT):
        return
    yield Fault(
        subject.place(_BISECT),
        f"{_RETRIES} is {retries}, BatchSize {size}, and {_BISECT} is off",
        f"when the retries of a record are used up, all that is left of its batch is discarded: {lost}",
        subject.set(_BISECT, True),
    )


def _no_trace(subject: Subject) -> Iterator[Fault]:
    if not _is_limited(subject) or subject.destination():
        return
    retries, age = subject.setting(_RETRIES), subject.setting(_AGE)
    limits = [f"{_RETRIES} is {retries}"] * (retries >= 0) + [f"{_AGE} is {age}"] * (0 < age < DAY)
    yield Fault(
        subject.place("DestinationConfig"),
        f"{' and '.join(limits)}, and there is no on-failure destination",
        "records that are given up leave no trace but a count: which ones they were cannot be told, nor can they be "
        "brought back",
        subject.set("DestinationConfig", _EXAMPLE),
    )


def _gathered_too_long(subject: Subject) -> Iterator[Fault]:
    gathering, age = subject.setting(_GATHERING), subject.setting(_AGE)
    if 0 < age < gathering:
        yield Fault(
            subject.place(_GATHERING),
            f"{_GATHERING} is {gathering}, and {_AGE} is {age}",
            f"a batch that is not full waits {gathering} s, and its records that are older than {age} s then are "
            "discarded before they were tried once",
            subject.set(_GATHERING, age // 2),
        )


RULES = (
    Rule(
        "poison-record-blocks",
        "warning",
        "retries without end, and no record age below a day: one bad record stops its shard for a day",
        "SEMANTICS §3, D; that no on-failure record is sent then is U",
        _poison,
    ),
    Rule(
        "good-records-discarded",
        "error",
        "limited retries of batches that are not halved: good records are discarded with the bad one",
        "SEMANTICS §3, O",
        _good_records,
    ),
    Rule(
        "discarded-without-trace",
        "warning",
        "limited retries or record age, and no on-failure destination",
        "SEMANTICS §3, D",
        _no_trace,
    ),
    Rule(
        "expired-while-gathered",
        "error",
        "records may be gathered for longer than their MaximumRecordAgeInSeconds",
        "SEMANTICS §2, D, and §3, O",
        _gathered_too_long,
    ),
)
