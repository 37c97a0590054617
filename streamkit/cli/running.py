"""What every command that runs a handler has in common."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import sys
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from streamkit.cli.errors import BadInput
from streamkit.cli.report import json_report, plain_report, table_report
from streamkit.local.invokers.context import MAX_TIMEOUT
from streamkit.local.records import RecordError
from streamkit.local.window import CLOSE_DELAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamkit.local.runner import LocalRunner
    from streamkit.local.summary import RunSummary

__all__ = ["own_log_quiet", "refusals_told", "running_options", "show_report", "stdout_kept", "tried", "troubles_told"]

_WIDEST = 6
"""A table with a column for each of more shards is no table."""


def running_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what a run may be told, whatever it runs on."""
    options: list[Callable[..., Any]] = [
        click.option(
            "--json", "as_json", is_flag=True, help="print the result as JSON; what the handler prints goes to stderr"
        ),
        click.option(
            "--journal", "journal_file", metavar="FILE", help="write everything that happens to FILE, as JSON lines"
        ),
        click.option(
            "--timeout",
            type=float,
            default=MAX_TIMEOUT,
            metavar="SECONDS",
            help="how long an invocation may take: the function's Timeout",
        ),
        click.option(
            "--window-close-delay",
            type=float,
            default=CLOSE_DELAY.total_seconds(),
            metavar="SECONDS",
            help="how long after its end a tumbling window without later records is closed (default 120)",
        ),
        click.option(
            "--faults", metavar="RATES", help="what goes wrong around the function: throttle=0.1,crash=0.05 …"
        ),
        click.option("--fail-fast", is_flag=True, help="stop at the first failing invocation and show its traceback"),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@contextlib.contextmanager
def refusals_told(checkpoint_file: str | None) -> Iterator[None]:
    """Raise BadInput, with the option's name, for what a runner refuses to be made with."""
    try:
        yield
    except sqlite3.Error as error:
        raise BadInput(
            f"--checkpoint {checkpoint_file} cannot be used: {error}; "
            f"name a file that an earlier run made, or a new one"
        ) from None
    except ValueError as error:
        # Of a name of no file, a duration, a timeout or a delay: it says which.
        name, space, rest = str(error).partition(" ")
        raise BadInput(f"--{name.replace('_', '-')}{space}{rest}") from None


@contextlib.contextmanager
def troubles_told(checkpoint_file: str | None) -> Iterator[None]:
    """Raise BadInput for what ends the following of a stream and is not the function's: a full disk, a bad answer."""
    try:
        yield
    except sqlite3.Error as error:
        raise BadInput(
            f"--checkpoint {checkpoint_file} cannot be written: {error}; "
            f"what was handled since its last checkpoint is delivered again by the next run"
        ) from None
    except RecordError as error:
        raise BadInput(f"the stream holds something that is none of its records: {error}") from None


@contextlib.contextmanager
def own_log_quiet() -> Iterator[None]:
    """Keep streamkit's own log quiet: progress shows each cause once, where a day of retries would log thousands."""
    logger = logging.getLogger("streamkit")
    before = logger.propagate, logger.handlers[:]
    logger.propagate, logger.handlers = False, [logging.NullHandler()]
    try:
        yield
    finally:
        logger.propagate, logger.handlers = before


def stdout_kept(as_json: bool) -> contextlib.AbstractContextManager[object]:
    """Keep what a handler prints out of the JSON: it goes to stderr then."""
    return contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext()


def tried(run: Callable[[], object], fail_fast: bool) -> BaseException | None:
    """Run, and return the handler's exception that ended it: with ``fail_fast`` one does."""
    try:
        run()
    except BaseException as error:  # with fail_fast it is the handler's own
        if not fail_fast or isinstance(error, KeyboardInterrupt | click.ClickException | click.exceptions.Exit):
            raise
        return error
    return None


def show_report(
    summary: RunSummary, runner: LocalRunner, target: str, failure: BaseException | None, *, as_json: bool
) -> None:
    """Print what it came to: JSON, a table on a terminal, else lines. ``failure``: what ended it, shown on stderr."""
    if failure is not None:
        sys.excepthook(type(failure), failure, failure.__traceback__)
    if as_json:
        click.echo(json_report(summary, runner, target))
    elif sys.stdout.isatty() and len(summary.shards) <= _WIDEST:
        Console().print(table_report(summary, target, runner.seed))
    else:
        click.echo(plain_report(summary, target, runner.seed))
