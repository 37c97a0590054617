"""``streamkit record``: a live stream to a file that ``streamkit run`` replays."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from streamkit.cli.errors import BadInput
from streamkit.cli.files import are_one
from streamkit.cli.followed import Follower, known_streams, live_view, mapping_of
from streamkit.cli.running import own_log_quiet, refusals_told, troubles_told
from streamkit.cli.settings import resolve_mapping
from streamkit.cli.streamoptions import LiveStreams, stream_options
from streamkit.local.aws import AwsAccess
from streamkit.local.invokers.recorder import Recorder
from streamkit.local.journal import Journal
from streamkit.local.records import RecordError
from streamkit.local.redaction import Redaction
from streamkit.local.runner import LocalRunner
from streamkit.local.summary import RunSummary
from streamkit.local.texts import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from streamkit.local.streams.livestream import LiveStream
    from streamkit.mapping import EventSourceMapping

__all__ = ["record"]

_BATCH = 1000
_STDOUT = "-"


@click.command()
@stream_options
@click.option("--output", required=True, metavar="FILE", help="JSON lines, one record each; - is standard output")
@click.option(
    "--checkpoint", "checkpoint_file", metavar="FILE", help="keep checkpoints in FILE: the next record goes on"
)
@click.option(
    "--redact",
    multiple=True,
    metavar="PATH",
    help="replace what stands there, in keys and images: email, customer.email, lines.*.note; may be given again",
)
@click.option(
    "--redact-secret",
    metavar="TEXT",
    envvar="STREAMKIT_REDACT_SECRET",
    show_envvar=True,
    help="replace equal values alike in several recordings; without it each recording has a random one of its own",
)
@click.option("--starting-position", type=click.Choice(["TRIM_HORIZON", "LATEST"]), default="TRIM_HORIZON")
@click.option("--filter-criteria", metavar="JSON", help='record these only: AWS JSON, {"Filters": [{"Pattern": TEXT}]}')
@click.option("--until-caught-up", is_flag=True, help="end when everything was written that is in the stream now")
def record(  # noqa: PLR0913, PLR0917  # click passes each option by name
    table: str | None,
    stream_arn: str | None,
    endpoint_url: str | None,
    region: str | None,
    profile: str | None,
    poll_interval: float,
    output: str,
    checkpoint_file: str | None,
    redact: tuple[str, ...],
    redact_secret: str | None,
    until_caught_up: bool,
    **settings: Any,
) -> None:
    """Write the records of a live stream to FILE, in Lambda's form, one a line: `streamkit run` replays them.

    Every record is written once, also where --checkpoint lets a recording go on that was killed. Ctrl-C ends it, and so
    does the end of the stream: a recording is of one stream.

    The exit code is 0 if no record was lost, 1 if one was, 2 for input that cannot be used, 130 if it was stopped at
    once.
    """
    streams = LiveStreams(AwsAccess(endpoint_url, region, profile), table, stream_arn, poll_interval)
    mapping = resolve_mapping(None, None, settings | {"batch_size": _BATCH})
    redaction = _redaction(redact, redact_secret, checkpoint_file)
    with _opened(output, checkpoint_file) as file:
        recorder = _recorder(file, redaction, output)
        summary, journal = RunSummary(0, live=True), Journal(keep=False)
        journal.subscribe(summary)
        with refusals_told(checkpoint_file):
            known = known_streams(checkpoint_file, mapping, recorder)
            runner_of = _runner_of(recorder, mapping, checkpoint_file, journal)
            follower = Follower(streams, runner_of, known, one_stream=True)
        view = live_view(sys.stderr.isatty())
        journal.subscribe(view)
        with (
            contextlib.closing(follower),
            own_log_quiet(),
            _write_failures_told(output),
            troubles_told(checkpoint_file),
            view,
        ):
            _check_stream(recorder, follower.stream.stream_arn, output, known)
            follower.follow(view, until_caught_up=until_caught_up, fail_fast=False)
    click.echo(f"{counted(recorder.count, 'record')} written to {output}", err=True)
    for path in sorted(() if redaction is None or not recorder.count else redaction.unmatched):
        click.echo(f"warning: --redact {path} led to nothing in any record: is it misspelled?", err=True)
    _tell_of_next(streams, follower.stream)
    raise SystemExit(0 if summary.ok else 1)


def _recorder(file: BinaryIO, redaction: Redaction | None, output: str) -> Recorder:
    try:
        return Recorder(file, redaction)
    except RecordError as error:
        raise BadInput(f"--output {output} is no recording: {error}") from None


def _runner_of(
    recorder: Recorder, mapping: EventSourceMapping, checkpoint_file: str | None, journal: Journal
) -> Callable[[LiveStream, bool], LocalRunner]:
    def runner_of(stream: LiveStream, followed: bool) -> LocalRunner:
        own = mapping_of(mapping, followed)
        return LocalRunner(recorder, stream, own, checkpoints=checkpoint_file, journal=journal)

    return runner_of


def _check_stream(recorder: Recorder, stream_arn: str, output: str, known: Collection[str]) -> None:
    if recorder.stream_arn is None and stream_arn in known:
        click.echo(f"note: {output} is new; it begins where --checkpoint says that another recording ended", err=True)
    if recorder.stream_arn not in (None, stream_arn):
        raise BadInput(
            f"--output {output} holds records of {recorder.stream_arn}, and this is {stream_arn}: a recording is of "
            f"one stream; name another file"
        )


def _tell_of_next(streams: LiveStreams, stream: LiveStream) -> None:
    """Say which stream followed the one that was recorded, if that is over: it is not in the recording."""
    following = streams.after(stream.stream_arn) if stream.over else None
    if following is not None:
        following.close()
        click.echo(
            f"note: the table has another stream since, which a recording of its own takes: "
            f"--stream-arn {following.stream_arn}",
            err=True,
        )


def _redaction(paths: tuple[str, ...], secret: str | None, checkpoint_file: str | None) -> Redaction | None:
    if not paths:
        if secret is not None:
            raise click.UsageError("--redact-secret without --redact replaces nothing: name what to replace")
        return None
    if secret is None and checkpoint_file is not None:
        raise click.UsageError(
            "--redact with --checkpoint takes --redact-secret TEXT (or STREAMKIT_REDACT_SECRET): when the recording "
            "goes on, equal values are to be replaced alike"
        )
    if secret is not None and not secret.strip():
        raise click.UsageError("--redact-secret is empty: with it, anybody could find the values by trying them out")
    try:
        return Redaction(paths, secrets.token_bytes(32) if secret is None else secret.encode(errors="surrogateescape"))
    except ValueError as error:
        raise BadInput(f"--redact: {error}") from None


@contextlib.contextmanager
def _opened(output: str, checkpoint_file: str | None) -> Iterator[BinaryIO]:
    if output == _STDOUT:
        yield sys.stdout.buffer
        return
    path = Path(output)
    if checkpoint_file is not None and are_one(output, checkpoint_file):
        raise BadInput(f"--output {output} is the file of --checkpoint, too: name another one")
    try:
        # A pipe or a device has nothing to go on with, and may end without a reader.
        regular = not path.exists() or stat.S_ISREG(path.stat().st_mode)
        if checkpoint_file is None and regular and path.exists() and path.stat().st_size:
            raise BadInput(
                f"--output {output} is there already: name another file, or --checkpoint FILE to go on with a recording"
            )
        with path.open("a+b" if regular else "ab") as file:
            yield file
    except OSError as error:
        raise BadInput(f"--output {output} cannot be written: {error.strerror}") from None


@contextlib.contextmanager
def _write_failures_told(output: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        if output != _STDOUT:
            raise
        # Whoever read it has enough; what the interpreter flushes at its end has nowhere to go either.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except OSError as error:
        raise BadInput(f"--output {output} cannot be written: {error.strerror}") from None
