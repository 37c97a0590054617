"""What following a live stream shows: a table that moves on a terminal, a line now and then without one; on stderr."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING, Self

import click
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from streamkit.cli.progress import event_line
from streamkit.cli.traffic import SPAN, Traffic

if TYPE_CHECKING:
    from rich.console import RenderableType

    from streamkit.local.journal import Fact

__all__ = ["LiveTable", "StatusLines"]

_STOPPING = "stopping: what is in flight is finished; once more stops at once"


class LiveTable:
    """A table that moves; what went wrong scrolls above it."""

    def __init__(self) -> None:
        self._shown: set[tuple[str, str]] = set()
        self._traffic = Traffic()
        self._stopping = False
        self._console = Console(stderr=True)
        self._live = Live(
            console=self._console,
            get_renderable=self._table,
            refresh_per_second=4,
            # What the handler prints goes above the table, unless it was sent elsewhere: there it arrives untouched.
            redirect_stdout=sys.stdout.isatty() or sys.stdout is sys.stderr,
        )

    def note(self, fact: Fact) -> None:
        """Show a fact."""
        self._traffic.note(fact)
        line = event_line(fact, self._shown)
        if line is not None:
            self.say(line)

    def say(self, text: str) -> None:
        """Show a text above the table; click.echo would write into it."""
        self._console.print(text, markup=False, highlight=False, emoji=False, soft_wrap=True)

    def stopping(self) -> None:
        """Show that it was asked to stop. From a signal handler: the table's own thread draws it."""
        self._stopping = True

    def _table(self) -> RenderableType:
        table = self._traffic.table(self._console.width, self._console.height)
        return Group(table, Text(_STOPPING, no_wrap=True)) if self._stopping else table

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()


class StatusLines:
    """One line for each thing that went wrong, and one about all when something happened for ``every`` seconds."""

    def __init__(self, every: float = SPAN) -> None:
        self._shown: set[tuple[str, str]] = set()
        self._traffic = Traffic()
        self._every = every
        self._told = time.monotonic()

    def note(self, fact: Fact) -> None:
        """Show a fact, if it is worth a line."""
        self._traffic.note(fact)
        line = event_line(fact, self._shown)
        if line is not None:
            self.say(line)
        if time.monotonic() >= self._told + self._every:
            self._told = time.monotonic()
            self.say(self._traffic.line())

    def say(self, text: str) -> None:
        """Show a text."""
        click.echo(text, err=True)

    def stopping(self) -> None:
        """Show that it was asked to stop. From a signal handler."""
        # Not click.echo: the signal may have come in the middle of another one.
        with contextlib.suppress(OSError):
            os.write(2, f"{_STOPPING}\n".encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass
