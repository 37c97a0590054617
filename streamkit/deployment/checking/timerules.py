"""The function's time against its batches: only what follows from the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.deployment.checking.rule import Fault, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.deployment.checking.subject import Subject

__all__ = ["RULES"]

_ONE_BY_ONE_MS = 10
"""Less than this is left for a record: about as long as one call of another service takes (I)."""
_AT_ONCE_MS = 1
"""The same for functions that get the batch at once, and may go through it in any way."""
_LONGEST = 900


def _within_margin(subject: Subject) -> Iterator[Fault]:
    margin = subject.handler.margin_ms
    timeout = subject.timeout() if margin else 0
    if margin and timeout * 1000 <= margin:
        yield Fault(
            subject.function().place,
            f"the function's Timeout is {timeout} s, and {subject.handler.name} starts no record with less than "
            f"{margin} ms left (deadline_margin_ms)",
            "every invocation handles the first record of its batch, reports the second and ends",
            subject.dialect.function("Timeout", _enough(subject)),
        )


def _mostly_margin(subject: Subject) -> Iterator[Fault]:
    margin = subject.handler.margin_ms
    timeout = subject.timeout() * 1000 if margin else 0
    if margin and margin < timeout < 2 * margin:
        yield Fault(
            subject.function().place,
            f"the function's Timeout is {timeout} ms, and {subject.handler.name} starts no record with less than "
            f"{margin} ms left (deadline_margin_ms)",
            f"no record is started after {timeout - margin} ms: more than half of the time is kept free",
            subject.dialect.function("Timeout", _enough(subject)),
        )


def _for_batch(subject: Subject) -> Iterator[Fault]:
    handler = subject.handler
    # A fold does nothing but compute: its records take microseconds.
    if handler.kind == "window":
        return
    timeout, size = subject.timeout(), subject.setting("BatchSize")
    left = timeout * 1000 - handler.margin_ms
    at_once = handler.kind == "plain" or handler.whole_batch
    each = left * handler.concurrency / size
    if size == 1 or left <= 0 or each >= (_AT_ONCE_MS if at_once else _ONE_BY_ONE_MS):
        return
    why = (
        "what it does not do in time is reported and delivered again at once, in invocations that count as failed"
        if handler.margin_ms
        else "what it does not do in time fails the whole batch, which is tried again from its beginning, with as "
        "little time as before"
    )
    beside = f", {handler.concurrency} at once" if handler.concurrency > 1 else ""
    yield Fault(
        subject.function().place,
        f"the function's Timeout is {timeout} s and BatchSize is {size}: a full batch leaves {each:.2g} ms for a "
        f"record{beside}",
        why,
        subject.dialect.function("Timeout", _enough(subject)),
    )


def _enough(subject: Subject) -> int:
    handler = subject.handler
    needed = subject.setting("BatchSize") * _ONE_BY_ONE_MS / handler.concurrency + 2 * handler.margin_ms
    return int(min(_LONGEST, max(30, needed // 1000 + 1)))


RULES = (
    Rule(
        "timeout-within-margin",
        "error",
        "the function's Timeout is not above the handler's `deadline_margin_ms`: one record an invocation",
        "the handler's own rule (deadline_margin_ms)",
        _within_margin,
    ),
    Rule(
        "timeout-mostly-margin",
        "warning",
        "most of the function's Timeout lies within `deadline_margin_ms`",
        "the handler's own rule (deadline_margin_ms)",
        _mostly_margin,
    ),
    Rule(
        "timeout-for-batch",
        "warning",
        "a full batch leaves less than 10 ms for a record (1 ms where the function gets the batch at once)",
        "arithmetic; the 10 ms are ours, I",
        _for_batch,
    ),
)
