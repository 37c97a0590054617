"""Why an assertion about a run failed, in the words of its story: pytest would show a page of events."""

from __future__ import annotations

import sys
from difflib import unified_diff
from typing import TYPE_CHECKING, Any, NamedTuple

from streamkit.local.journal import RecordsRead
from streamkit.local.recordnames import RecordNames
from streamkit.local.story import names_in
from streamkit.local.summary import RunSummary
from streamkit.local.texts import counted, described
from streamkit.local.views import Invocation
from streamkit.local.windowlog import WindowRun
from streamkit.testing.reporting import runners_around

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["explained"]

_MOST = 20
"""How many lines an explanation has."""


def explained(operator: str, left: Any, right: Any) -> list[str] | None:
    """Return lines that say why ``left == right`` does not hold, None for what is not about a run."""
    if operator != "==" or not all(isinstance(side, list | tuple | dict) for side in (left, right)):
        return None
    if left and right:
        return _other_records(left, right)
    return _unexpected(left or right, "[] == {}" if right else "{} == []")


def _unexpected(found: Any, comparison: str) -> list[str] | None:
    """Explain calls, on-failure records or windows where there should be none."""
    if not found or isinstance(found, dict):
        return None
    # type() and no isinstance: a mock of one has nothing to tell.
    if all(type(one) is Invocation for one in found):
        told, lines = counted(len(found), "invocation"), _calls(found)
    elif all(type(one) is WindowRun for one in found):
        told, lines = counted(len(found), "window"), list(map(str, found))
    elif all(_is_on_failure_record(one) for one in found):
        told, lines = counted(len(found), "on-failure record"), _losses(found)
    else:
        return None
    more = [f"… and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    return [comparison.format(told), *lines[:_MOST], *more]


def _is_on_failure_record(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(name), dict) for name in ("requestContext", "DDBStreamBatchInfo")
    )


def _calls(found: Sequence[Invocation]) -> list[str]:
    names = RecordNames()
    for one in found:
        names.learn(one)
    return [
        f"{names.of(one.sequence_numbers, one.shard_id)}: {one.outcome or 'no answer so far'}"
        + ("" if one.error is None else f": {described(one.error)}")
        for one in found
    ]


def _losses(found: Sequence[dict[str, Any]]) -> list[str]:
    for runner in runners_around(sys._getframe()):  # noqa: SLF001  # the runner is in the test's variables
        summary, names = RunSummary(0), names_in(runner)
        for fact in runner.journal:
            summary.note(fact)
        losses = [loss for loss in summary.losses if any(loss.on_failure_record is one for one in found)]
        if losses:
            return [
                f"{names.of(loss.sequence_numbers, loss.shard_id)}, {loss.what}; last cause: "
                f"{names.within(loss.cause, loss.shard_id)}"
                for loss in losses
            ]
    infos = [(one["requestContext"].get("condition"), one["DDBStreamBatchInfo"]) for one in found]
    return [
        f"{counted(info.get('batchSize', 0), 'record')}, {info.get('startSequenceNumber')} to "
        f"{info.get('endSequenceNumber')}: {condition}"
        for condition, info in infos
    ]


def _other_records(left: Any, right: Any) -> list[str] | None:
    """Explain sequence numbers, lists of them, or checkpoints that are others than expected: by the records' names."""
    expected, got = _rows(right), _rows(left)
    numbers = {number for row in (*expected, *got) for number in row.numbers if isinstance(number, str)}
    for runner in runners_around(sys._getframe()):  # noqa: SLF001  # as above
        shards = {
            number: fact.shard_id
            for fact in runner.journal
            if isinstance(fact, RecordsRead)
            for number in fact.sequence_numbers
        }
        if numbers & shards.keys():
            names = names_in(runner)
            sides = [[row.named(names, shards) for row in rows] for rows in (expected, got)]
            return ["left == right, by the names of the records (+ left, - right):", *_difference(*sides)]
    return None


class _Row(NamedTuple):
    """A sequence number, or a list of them; of a dict under its key."""

    key: str
    numbers: Sequence[Any]

    def named(self, names: RecordNames, shards: Mapping[str, str]) -> str:
        known = (names.of([one], shards[one]) if one in shards else f"{one!r:.60}" for one in self.numbers)
        return self.key + (", ".join(known) or "no records")


def _rows(side: Any) -> list[_Row]:
    pairs = [(f"{key}: ", row) for key, row in side.items()] if isinstance(side, dict) else [("", row) for row in side]
    return [_Row(key, row if isinstance(row, list | tuple) else [row]) for key, row in pairs]


def _difference(expected: Sequence[str], got: Sequence[str]) -> list[str]:
    """Return what differs and the lines around it. Not by difflib.ndiff, which takes minutes for thousands of lines."""
    lines = list(unified_diff(expected, got, n=2, lineterm=""))[3:]
    shown = ["…" if line.startswith("@@") else f"{line[0]} {line[1:]}" for line in lines[:_MOST]]
    return [*shown, f"… and {len(lines) - _MOST} more"] if len(lines) > _MOST else shown
