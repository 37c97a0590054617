"""Whether Lambda reads what the handler answers, and calls it for windows if it is made for them (SEMANTICS §4, §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.deployment.checking.rule import Fault, Rule
from streamkit.deployment.checking.subject import UnknownError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.deployment.checking.subject import Subject

__all__ = ["RULES"]

_TYPES = "FunctionResponseTypes"
_WINDOW = "TumblingWindowInSeconds"
_REPORT = "ReportBatchItemFailures"


def _failures_not_reported(subject: Subject) -> Iterator[Fault]:
    handler = subject.handler
    if handler.kind == "plain":
        raise UnknownError(f"{handler.name} is no streamkit handler: nothing is known of what it answers")
    if not handler.reports or _REPORT in subject.setting(_TYPES):
        return
    yield Fault(
        subject.place(_TYPES),
        f"{handler.name} answers with the records that failed, and {_TYPES} has no {_REPORT}",
        "Lambda ignores the answer and takes every batch for handled: a record that fails is lost at its first "
        "failure, without a retry, without an on-failure record, without a trace in Lambda's metrics",
        subject.set(_TYPES, [_REPORT]),
    )


def _window_missing(subject: Subject) -> Iterator[Fault]:
    handler = subject.handler
    if handler.kind != "window" or subject.setting(_WINDOW):
        return
    seconds = handler.explicit()[_WINDOW]
    yield Fault(
        subject.place(_WINDOW),
        f"{handler.name} is a @tumbling_window(seconds={seconds}), and the mapping has no {_WINDOW}",
        "an event without a window is an EventError to it: every invocation fails, and no record is handled",
        subject.set(_WINDOW, seconds),
    )


def _window_length(subject: Subject) -> Iterator[Fault]:
    handler = subject.handler
    deployed = subject.setting(_WINDOW) if handler.kind == "window" else 0
    seconds = handler.explicit().get(_WINDOW)
    if deployed and deployed != seconds:
        yield Fault(
            subject.place(_WINDOW),
            f"{handler.name} is a @tumbling_window(seconds={seconds}), and the mapping's {_WINDOW} is {deployed}",
            f"Lambda makes windows of {deployed} s: every result is of another span of time than the code says",
            subject.set(_WINDOW, seconds),
        )


def _window_unexpected(subject: Subject) -> Iterator[Fault]:
    handler = subject.handler
    if handler.kind == "stream" and subject.setting(_WINDOW):
        yield Fault(
            subject.place(_WINDOW),
            f"{handler.name} is a @stream_handler, and the mapping's {_WINDOW} is {subject.setting(_WINDOW)}",
            "it answers without a state, which Lambda takes for a failed invocation: every batch is handled again and "
            "again, until it is discarded or too old",
            subject.set(_WINDOW, 0),
        )


RULES = (
    Rule(
        "failures-not-reported",
        "error",
        "the handler answers with the records that failed, and ReportBatchItemFailures is missing: silent loss",
        "SEMANTICS §4, D and O",
        _failures_not_reported,
    ),
    Rule(
        "window-missing",
        "error",
        "a window handler, and no TumblingWindowInSeconds",
        "SEMANTICS §5, O",
        _window_missing,
    ),
    Rule(
        "window-length",
        "error",
        "TumblingWindowInSeconds is not the handler's `seconds`",
        "SEMANTICS §5, O",
        _window_length,
    ),
    Rule(
        "window-unexpected",
        "error",
        "TumblingWindowInSeconds, and the handler is a `@stream_handler`",
        "SEMANTICS §5, D",
        _window_unexpected,
    ),
)
