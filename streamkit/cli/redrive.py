"""``streamkit redrive``: on-failure records, brought to a handler again."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import click

from streamkit.cli.errors import BadInput
from streamkit.cli.functionoutput import FunctionOutput
from streamkit.cli.invoking import invoker_options, opened_invoker
from streamkit.cli.redrivereport import RedriveReport
from streamkit.cli.running import own_log_quiet, stdout_kept
from streamkit.cli.settings import mapping_options, resolve_mapping
from streamkit.cli.streamoptions import access_options
from streamkit.errors import StreamkitError
from streamkit.local.arguments import invoker_of
from streamkit.local.aws import AwsAccess
from streamkit.local.invokers.context import MAX_TIMEOUT
from streamkit.local.redrive.places.places import place_of
from streamkit.local.redrive.redriver import Redriver
from streamkit.local.redrive.rerun import PatientInvoker
from streamkit.local.redrive.streams import Streams

if TYPE_CHECKING:
    from streamkit.cli.invoking import Invoking
    from streamkit.local.redrive.places.place import Place

__all__ = ["redrive"]

_NOT_HERE = {
    "starting_position": "an on-failure record says where its records begin",
    "enabled": "there is no mapping that runs",
    "maximum_record_age_in_seconds": "records are run however old they are",
    "destination_config": "what fails again stays where it is",
}


@click.command()
@click.argument("target", metavar="MODULE:HANDLER")
@click.option(
    "--from",
    "place",
    required=True,
    metavar="ARN|DIR",
    help="where on-failure records are: the ARN of an SQS queue or an S3 bucket (/PREFIX), a folder or a file",
)
@click.option("--keep", is_flag=True, help="remove nothing, whatever was handled")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="run at most N on-failure records")
@click.option("--json", "as_json", is_flag=True, help="print the result as JSON; all else goes to stderr")
@click.option("--mapping", "mapping_file", metavar="FILE", help="the mapping, as get-event-source-mapping answers")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, max=MAX_TIMEOUT, min_open=True),
    default=MAX_TIMEOUT,
    metavar="SECONDS",
    help="how long an invocation may take: the function's Timeout",
)
@access_options
@invoker_options
@mapping_options
def redrive(  # noqa: PLR0913, PLR0917  # click passes each option by name
    target: str,
    place: str,
    keep: bool,
    limit: int | None,
    as_json: bool,
    mapping_file: str | None,
    timeout: float,
    endpoint_url: str | None,
    region: str | None,
    profile: str | None,
    invoking: Invoking,
    **settings: Any,
) -> None:
    """Bring the records of on-failure records to MODULE:HANDLER again.

    Each on-failure record is one invocation, with exactly the records of the batch that failed: from its payload, where
    it has one, else from the stream. What is handled is removed, what fails or is trimmed stays. Nothing is retried,
    halved or put together anew unless --maximum-retry-attempts and its like say so; filters and lanes of the mapping
    say which records of the stream the batch had.

    --endpoint-url is DynamoDB's; queues and buckets are found by AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL_S3 and the AWS
    configuration. The exit code is 0 if everything that was found was handled, 1 if not, 2 for input that cannot be
    used.
    """
    given = {name for name, value in settings.items() if value is not None}
    for name, why in _NOT_HERE.items():
        if name in given:
            raise click.UsageError(f"--{name.replace('_', '-')} has no meaning here: {why}; leave it out")
    access = AwsAccess(None, region, profile)
    with (
        stdout_kept(as_json),
        own_log_quiet(),
        opened_invoker(target, invoking, timeout, access) as (runs, handler),
        contextlib.closing(Streams(AwsAccess(endpoint_url, region, profile))) as streams,
    ):
        mapping = resolve_mapping(handler, mapping_file, settings)
        report = RedriveReport(target, place, keep=keep, as_json=as_json)
        result = Redriver(
            PatientInvoker(invoker_of(runs, timeout)),
            _opened(place, access),
            streams,
            mapping,
            given=given,
            keep=keep,
            limit=limit,
            timeout=timeout,
            listener=FunctionOutput(),
        ).run(report.tell)
    if result.trouble and not result.counts:
        raise BadInput(f"--from {place}: {result.trouble}")
    report.end(result)
    raise SystemExit(0 if result.ok else 1)


def _opened(place: str, access: AwsAccess) -> Place:
    try:
        return place_of(place, access)
    except StreamkitError as error:
        raise BadInput(f"--from {place}: {error}") from None
