"""What a run shows while it goes on: a live line on a terminal, plain lines without one; both on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from streamkit.local.journal import (
    InvocationFinished,
    RecordsDiscarded,
    RecordsExpired,
    SourceNoted,
    Warned,
    WindowClosed,
)
from streamkit.local.texts import counted, described, second

if TYPE_CHECKING:
    from streamkit.local.journal import Fact
    from streamkit.local.summary import RunSummary

__all__ = ["LiveProgress", "PlainProgress", "event_line"]


def event_line(fact: Fact, shown: set[tuple[str, str]]) -> str | None:
    """Return what is worth a line, None for what is not; ``shown`` holds what had its line already.

    A record that fails the same way a thousand times has one line.
    """
    match fact:
        case InvocationFinished(outcome="partial" | "failure"):
            return _failure_line(fact, shown)
        case RecordsDiscarded():
            why = f" after {counted(fact.attempts, 'attempt')}"
            if fact.record["requestContext"]["condition"] == "RecordAgeExceeded":
                why = ": older than MaximumRecordAgeInSeconds"
            # Tried once (SEMANTICS §3): this line is all that is left of it.
            lost = "" if fact.error is None else f"; its on-failure record was not delivered: {described(fact.error)}"
            return f"discarded {_span(fact.sequence_numbers)}{why}{lost}"
        case RecordsExpired():
            return f"expired {_span(fact.sequence_numbers)}: {fact.why}"
        case WindowClosed(how="expired"):
            return f"expired the result of window {second(fact.start)} to {second(fact.end)}: tried for 24 hours"
        case SourceNoted():
            of = fact.shard_id and f"{fact.shard_id}: "
            return f"{'lost' if fact.loses_records else 'stream'}: {of}{fact.text}"
        case Warned() if (fact.text, "") not in shown:
            shown.add((fact.text, ""))
            return f"warning: {fact.text}"
        case _:
            return None


def _failure_line(fact: InvocationFinished, shown: set[tuple[str, str]]) -> str | None:
    causes = [(f"record {failure.sequence_number}", described(failure.error)) for failure in fact.failures]
    if fact.error is not None:
        causes.append((_span(fact.sequence_numbers), described(fact.error)))
    lines = []
    for what, why in causes or [(_span(fact.sequence_numbers), fact.why)]:
        if (what, why) not in shown:
            shown.add((what, why))
            lines.append(f"{what} failed: {why}")
    return "\n".join(lines) or None


def _span(numbers: tuple[str, ...]) -> str:
    if not numbers:
        return "the final invocation of a window"
    if len(numbers) == 1:
        return f"record {numbers[0]}"
    return f"{len(numbers)} records ({numbers[0]} to {numbers[-1]})"


class PlainProgress:
    """One line for each thing that went wrong."""

    def __init__(self) -> None:
        self._shown: set[tuple[str, str]] = set()

    def note(self, fact: Fact) -> None:
        """Show a fact, if it is worth a line."""
        line = event_line(fact, self._shown)
        if line is not None:
            click.echo(line, err=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class LiveProgress:
    """A line that moves: records done, invocations, retries, losses; what went wrong scrolls above it."""

    def __init__(self, summary: RunSummary) -> None:
        self._summary = summary
        self._shown: set[tuple[str, str]] = set()
        self._progress = Progress(
            TextColumn("{task.completed}/{task.total} records"),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            # What the handler prints goes above the line, unless it was sent elsewhere, where it must arrive untouched.
            redirect_stdout=sys.stdout.isatty() or sys.stdout is sys.stderr,
        )
        self._task = self._progress.add_task("starting", total=summary.records)

    def note(self, fact: Fact) -> None:
        """Show a fact."""
        line = event_line(fact, self._shown)
        if line is not None:
            self._progress.console.print(line, markup=False, highlight=False, emoji=False)
        total = self._summary.total
        lost = total.discarded + total.expired
        self._progress.update(
            self._task,
            completed=total.handled + total.filtered + lost,
            description=f"{total.invocations} invocations, {total.retries} retries, {lost} lost",
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
