"""What a redrive came to: a line for each on-failure record and a sum, or JSON for machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, assert_never

import click

from streamkit.local.texts import counted, printable

if TYPE_CHECKING:
    from streamkit.local.redrive.result import Redriven, RedriveResult, Status

__all__ = ["RedriveReport"]

_STATUSES: tuple[Status, ...] = ("handled", "failed", "trimmed", "left")


class RedriveReport:
    """Tells of each on-failure record as it is done, and of the whole at the end.

    ``as_json``: one JSON document on standard output; the lines go to standard error.
    """

    def __init__(self, target: str, place: str, *, keep: bool, as_json: bool) -> None:
        self._target = target
        self._place = place
        self._keep = keep
        self._as_json = as_json
        self._told: list[dict[str, Any]] = []

    def tell(self, one: Redriven) -> None:
        """Show what became of one."""
        click.echo(printable(_line(one)), err=self._as_json)
        for note in one.notes:
            click.echo(f"  note: {printable(note)}", err=self._as_json)
        if self._as_json:
            self._told.append(_as_json(one))

    def end(self, result: RedriveResult) -> None:
        """Show the whole."""
        if result.trouble:
            click.echo(f"stopped: {printable(result.trouble)}", err=self._as_json)
        if self._as_json:
            click.echo(json.dumps(self._whole(result), indent=2))
        else:
            click.echo(self._sum(result))

    def _sum(self, result: RedriveResult) -> str:
        if not result.counts:
            return f"nothing was found in {self._place}"
        counts = [f"{result.counts[name]} {name}" for name in _STATUSES if result.counts[name]]
        stays = "" if result.ok else "; what was not handled is still there"
        kept = "; nothing was removed (--keep)" if self._keep else stays
        found = counted(result.counts.total(), "document")
        return f"{found} found: {', '.join(counts)}; {counted(result.handled, 'record')} handled{kept}"

    def _whole(self, result: RedriveResult) -> dict[str, Any]:
        return {
            "handler": self._target,
            "from": self._place,
            "ok": result.ok,
            "kept": self._keep,
            "found": result.counts.total(),
            **{name: result.counts[name] for name in _STATUSES},
            "records": {"handled": result.handled, "failed": result.failed},
            "trouble": result.trouble or None,
            "documents": self._told,
        }


def _line(one: Redriven) -> str:
    match one.status:
        case "handled":
            what = f"{_span(one.handled)}{one.why and f'; {one.why}'}"
        case "failed":
            before = f", after {counted(len(one.handled), 'record')} that succeeded," if one.handled else ""
            what = f"{_span(one.failed)}{before} failed: {one.why}"
        case "trimmed":
            rest = f"; {_span(one.handled)}, which it still has, handled" if one.handled else ""
            what = f"{one.why}{rest}"
        case "left":
            what = one.why
        case _:
            assert_never(one.status)
    return f"{one.status} {one.name}: {what}"


def _span(numbers: tuple[str, ...]) -> str:
    if not numbers:
        return "the final invocation of a window"
    first, last = numbers[0], numbers[-1]
    return f"{counted(len(numbers), 'record')} ({first if first == last else f'{first} to {last}'})"


def _as_json(one: Redriven) -> dict[str, Any]:
    batch = one.batch
    about = (
        {}
        if batch is None
        else {
            "function_arn": batch.function_arn,
            "condition": batch.condition,
            "stream_arn": batch.stream_arn,
            "shard_id": batch.shard_id,
            "start": batch.start or None,
            "end": batch.end or None,
            "batch_size": batch.size,
            "payload": batch.payload is not None,
        }
    )
    return {
        "name": one.name,
        "status": one.status,
        "why": one.why or None,
        "handled": list(one.handled),
        "failed": list(one.failed),
        "notes": list(one.notes),
        "removed": one.removed,
        **about,
    }
