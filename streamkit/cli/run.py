"""``streamkit run``: a recording, brought to a handler as Lambda would."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from streamkit.cli.faults import fault_rates
from streamkit.cli.files import journal_written, read_recording
from streamkit.cli.functionoutput import FunctionOutput
from streamkit.cli.invoking import invoker_options, opened_invoker
from streamkit.cli.onfailure import on_failure_option, resolve_on_failure
from streamkit.cli.progress import LiveProgress, PlainProgress
from streamkit.cli.running import own_log_quiet, refusals_told, running_options, show_report, stdout_kept, tried
from streamkit.cli.settings import mapping_options, resolve_mapping
from streamkit.local.aws import AwsAccess
from streamkit.local.clock import VirtualClock
from streamkit.local.journal import Journal
from streamkit.local.runner import LocalRunner
from streamkit.local.summary import RunSummary
from streamkit.local.texts import counted
from streamkit.local.windowlog import WindowLog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.cli.invoking import Invoking
    from streamkit.local.sources.recording import Recording

__all__ = ["run"]


@click.command()
@click.argument("target", metavar="MODULE:HANDLER")
@click.option(
    "--events",
    required=True,
    metavar="FILE",
    help="recorded records: a Lambda event, a list of records, or JSON lines; - is standard input",
)
@click.option("--mapping", "mapping_file", metavar="FILE", help="the mapping, as get-event-source-mapping answers")
@click.option("--backlog", is_flag=True, help="start the clock after the last record, as a mapping created late would")
@click.option(
    "--seed", type=int, default=0, show_default=True, help="of everything random: the same seed, the same run"
)
@click.option("--checkpoint", "checkpoint_file", metavar="FILE", help="keep checkpoints in FILE; a killed run goes on")
@click.option("--duration", type=float, default=0.0, metavar="SECONDS", help="how long each invocation takes")
@running_options
@on_failure_option
@invoker_options
@mapping_options
def run(  # noqa: PLR0913, PLR0917  # click passes each option by name
    target: str,
    events: str,
    mapping_file: str | None,
    backlog: bool,
    seed: int,
    as_json: bool,
    journal_file: str | None,
    checkpoint_file: str | None,
    duration: float,
    timeout: float,
    window_close_delay: float,
    faults: str | None,
    fail_fast: bool,
    on_failure: str | None,
    invoking: Invoking,
    **settings: Any,
) -> None:
    """Bring recorded stream records to MODULE:HANDLER, as Lambda's event source mapping would.

    Settings of the mapping that are not given are those of --mapping, else the handler's own.

    Time is virtual: a recording replays with its own times, and a day of retries passes in seconds. The exit code is
    0 if every record was handled, 1 if not, 2 for input that cannot be used.
    """
    with stdout_kept(as_json), opened_invoker(target, invoking, timeout) as (runs, handler):
        mapping = resolve_mapping(handler, mapping_file, settings)
        destination = None
        if on_failure is not None:  # else what the mapping names is played: a recording's failures are none of today's
            destination, mapping, _ = resolve_on_failure(on_failure, mapping, AwsAccess())
        recording = read_recording(events)
        if backlog and mapping.starting_position == "LATEST":
            raise click.UsageError(
                "--backlog with a mapping that starts at LATEST would read nothing: leave --backlog out, "
                "or add --starting-position TRIM_HORIZON"
            )
        windows = WindowLog(keep=False, enabled=mapping.enabled)
        summary, journal = RunSummary(len(recording), windows=windows), Journal(keep=False)
        journal.subscribe(summary)
        journal.subscribe(FunctionOutput())
        clock = VirtualClock(recording.last_created_at) if backlog and recording.last_created_at else None
        with refusals_told(checkpoint_file):
            runner = LocalRunner(
                runs,
                recording,
                mapping,
                destination=destination,
                clock=clock,
                seed=seed,
                duration=duration,
                timeout=timeout,
                faults=fault_rates(faults),
                checkpoints=checkpoint_file,
                journal=journal,
                window_close_delay=window_close_delay,
            )
        summary.records -= runner.done_before
        progress = LiveProgress(summary) if sys.stderr.isatty() else PlainProgress()
        journal.subscribe(progress)
        for note in _notes(recording, runner):
            click.echo(f"note: {note}", err=True)
        with journal_written(journal_file, journal, events, checkpoint_file), own_log_quiet(), progress:
            failure = tried(lambda: runner.run(fail_fast=fail_fast), fail_fast)
    show_report(summary, runner, target, failure, as_json=as_json)
    raise SystemExit(0 if summary.ok and failure is None else 1)


def _notes(recording: Recording, runner: LocalRunner) -> Iterator[str]:
    mapping = runner.mapping
    if runner.done_before:
        yield f"{counted(runner.done_before, 'record was', 'records were')} done before, as --checkpoint says"
    if not mapping.enabled:
        yield "the mapping is disabled (Enabled false): nothing is delivered; --enabled changes that"
    if recording.reordered:
        yield f"{recording.reordered} records were not in the order of their numbers; they are sorted"
    if recording.names_its_stream and mapping.event_source_arn not in (None, recording.stream_arn):
        yield f"the mapping is for {mapping.event_source_arn}, the recording is of {recording.stream_arn}"
