"""``--on-failure ARN|DIR``: where the on-failure records of a run go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from streamkit.cli.errors import BadInput
from streamkit.errors import StreamkitError
from streamkit.local.destinations.arns import aws_destination
from streamkit.local.destinations.destination import DestinationError
from streamkit.local.destinations.directory import DirectoryDestination
from streamkit.mapping import EventSourceMapping

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local.aws import AwsAccess
    from streamkit.local.destinations.destination import BucketDestination, Destination

__all__ = ["DEFAULT_DIRECTORY", "on_failure_option", "resolve_on_failure"]

DEFAULT_DIRECTORY = "streamkit-failures"
"""Where records go whose mapping names a destination on AWS that nobody asked to be used."""


def on_failure_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--on-failure``, passed on as ``on_failure``."""
    return click.option(
        "--on-failure",
        metavar="ARN|DIR",
        help="where records that are given up go: the ARN of an SQS queue, an SNS topic or an S3 bucket, or a folder",
    )(command)


def resolve_on_failure(
    value: str | None, mapping: EventSourceMapping, access: AwsAccess
) -> tuple[Destination | BucketDestination | None, EventSourceMapping, str | None]:
    """Return what takes the on-failure records, the mapping to run with, and what there is to say about it.

    An ARN becomes the mapping's destination, and is looked up; anything else is a directory. Without the option a
    mapping's own destination is not touched: it is production's, and gets nothing from a run that did not name it.

    ``access``: of the destinations. Raises BadInput for what cannot take any records.
    """
    try:
        if value is None:
            return _not_given(mapping)
        if not value.startswith("arn:"):
            return DirectoryDestination(_folder(value)), mapping, None
        destination = aws_destination(value, access)
        destination.check()
    except StreamkitError as error:
        raise BadInput(f"--on-failure: {error}") from None
    settings = mapping.model_dump() | {"destination_config": {"OnFailure": {"Destination": value}}}
    # What was warned of when the mapping was made need not be said twice.
    return destination, EventSourceMapping.model_validate(settings, context={"warned": True}), None


def _not_given(
    mapping: EventSourceMapping,
) -> tuple[Destination | BucketDestination | None, EventSourceMapping, str | None]:
    arn = mapping.on_failure_destination
    if arn is None:
        return None, mapping, None
    note = (
        f"the mapping's on-failure destination {arn} is left alone: on-failure records go to the folder "
        f"{DEFAULT_DIRECTORY}; --on-failure {arn} sends them there"
    )
    return DirectoryDestination(DEFAULT_DIRECTORY), mapping, note


def _folder(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    if separator:
        arn = f"arn:aws:s3:::{rest.partition('/')[0]}" if scheme == "s3" else "arn:aws:sqs:REGION:ACCOUNT:QUEUE"
        raise DestinationError(f"{value} is neither an ARN nor a folder: name it by its ARN, like {arn}")
    return value
