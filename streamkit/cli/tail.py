"""``streamkit tail``: a live stream, brought to a handler as Lambda would."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import click

from streamkit.cli.faults import fault_rates
from streamkit.cli.files import journal_written
from streamkit.cli.followed import Follower, known_streams, live_view, mapping_of
from streamkit.cli.functionoutput import FunctionOutput
from streamkit.cli.invoking import invoker_options, opened_invoker
from streamkit.cli.onfailure import on_failure_option, resolve_on_failure
from streamkit.cli.running import (
    own_log_quiet,
    refusals_told,
    running_options,
    show_report,
    stdout_kept,
    tried,
    troubles_told,
)
from streamkit.cli.settings import mapping_options, resolve_mapping
from streamkit.cli.streamoptions import LiveStreams, stream_options
from streamkit.local.aws import AwsAccess
from streamkit.local.journal import Journal
from streamkit.local.runner import LocalRunner
from streamkit.local.summary import RunSummary
from streamkit.local.windowlog import WindowLog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.cli.invoking import Invoking
    from streamkit.local.streams.livestream import LiveStream

__all__ = ["tail"]


@click.command()
@click.argument("target", metavar="MODULE:HANDLER")
@stream_options
@click.option("--checkpoint", "checkpoint_file", metavar="FILE", help="keep checkpoints in FILE: the next tail goes on")
@on_failure_option
@click.option("--mapping", "mapping_file", metavar="FILE", help="the mapping, as get-event-source-mapping answers")
@click.option("--until-caught-up", is_flag=True, help="end when everything was handled that is in the stream now")
@click.option("--seed", type=int, default=0, show_default=True, help="of what is random: jitter, request ids, faults")
@running_options
@invoker_options
@mapping_options
def tail(  # noqa: PLR0913, PLR0917  # click passes each option by name
    target: str,
    table: str | None,
    stream_arn: str | None,
    endpoint_url: str | None,
    region: str | None,
    profile: str | None,
    poll_interval: float,
    checkpoint_file: str | None,
    on_failure: str | None,
    mapping_file: str | None,
    until_caught_up: bool,
    journal_file: str | None,
    as_json: bool,
    fail_fast: bool,
    timeout: float,
    window_close_delay: float,
    faults: str | None,
    seed: int,
    invoking: Invoking,
    **settings: Any,
) -> None:
    """Bring the records of a live stream to MODULE:HANDLER, as Lambda's event source mapping would, while they come.

    The stream is DynamoDB's, DynamoDB Local's, or of whatever answers as they do; it is only read. Where reading starts
    is the mapping's StartingPosition, unless --checkpoint knows better. Ctrl-C finishes what is in flight; a second one
    stops at once.

    The exit code is 0 if nothing was lost, 1 if something was, 2 for input that cannot be used, 130 if it was stopped
    at once.
    """
    streams = LiveStreams(AwsAccess(endpoint_url, region, profile), table, stream_arn, poll_interval)
    elsewhere = AwsAccess(None, region, profile)
    with stdout_kept(as_json), opened_invoker(target, invoking, timeout, elsewhere) as (runs, handler):
        mapping = resolve_mapping(handler, mapping_file, settings)
        destination, mapping, note = resolve_on_failure(on_failure, mapping, elsewhere)
        summary = RunSummary(0, windows=WindowLog(keep=False, enabled=mapping.enabled), live=True)
        journal = Journal(keep=False)
        journal.subscribe(summary)
        # Not click.echo, which would write into the table of a terminal.
        journal.subscribe(FunctionOutput(print))
        rates = fault_rates(faults)

        def runner_of(stream: LiveStream, followed: bool) -> LocalRunner:
            return LocalRunner(
                runs,
                stream,
                mapping_of(mapping, followed),
                destination=destination,
                seed=seed,
                timeout=timeout,
                faults=rates,
                checkpoints=checkpoint_file,
                journal=journal,
                window_close_delay=window_close_delay,
            )

        with refusals_told(checkpoint_file):
            follower = Follower(streams, runner_of, known_streams(checkpoint_file, mapping, runs))
        view = live_view(sys.stderr.isatty())
        journal.subscribe(view)
        for text in (note, *_notes(follower.runner, follower.stream.stream_arn)):
            if text is not None:
                click.echo(f"note: {text}", err=True)
        with (
            contextlib.closing(follower),
            journal_written(journal_file, journal, None, checkpoint_file),
            own_log_quiet(),
            troubles_told(checkpoint_file),
            view,
        ):
            failure = tried(
                lambda: follower.follow(view, until_caught_up=until_caught_up, fail_fast=fail_fast), fail_fast
            )
    show_report(summary, follower.runner, target, failure, as_json=as_json)
    raise SystemExit(0 if summary.ok and failure is None else 1)


def _notes(runner: LocalRunner, stream_arn: str) -> Iterator[str]:
    mapping = runner.mapping
    if not mapping.enabled:
        yield "the mapping is disabled (Enabled false): nothing is delivered; --enabled changes that"
    if mapping.event_source_arn not in (None, stream_arn):
        yield f"the mapping is for {mapping.event_source_arn}, the stream is {stream_arn}"
