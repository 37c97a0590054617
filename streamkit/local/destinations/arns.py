"""The ARN of a destination, to what delivers there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.local.destinations.bucket import S3Destination
from streamkit.local.destinations.destination import DestinationError
from streamkit.local.destinations.queue import QueueDestination
from streamkit.local.destinations.topic import TopicDestination

if TYPE_CHECKING:
    from streamkit.local.aws import AwsAccess

__all__ = ["aws_destination", "service_of"]

_PARTS = 6
_RULE = "Lambda sends on-failure records to a standard SQS queue, a standard SNS topic or an S3 bucket (SEMANTICS §1)"
_FORMS = "arn:aws:sqs:REGION:ACCOUNT:QUEUE, arn:aws:sns:REGION:ACCOUNT:TOPIC or arn:aws:s3:::BUCKET"


def aws_destination(arn: str, access: AwsAccess) -> QueueDestination | TopicDestination | S3Destination:
    """Return what delivers to a queue, a topic or a bucket. Nothing is asked yet; ``check()`` of it does.

    Raises DestinationError for an ARN of anything else, AwsAccessError where what is configured cannot be used.
    """
    match service_of(arn):
        case "sqs":
            return QueueDestination(arn, access)
        case "sns":
            return TopicDestination(arn, access)
        case _:
            if "/" in arn:
                raise DestinationError(
                    f"{arn} names something in a bucket, and Lambda's own keys begin with aws/lambda/: "
                    f"give the bucket's ARN, {arn.partition('/')[0]}"
                )
            return S3Destination(arn, access)


def service_of(arn: str) -> str:
    """Return ``sqs``, ``sns`` or ``s3``. Raises DestinationError for an ARN that no on-failure record can go to."""
    parts = arn.split(":")
    service = parts[2] if len(parts) > 2 else ""  # noqa: PLR2004  # arn:partition:service
    if parts[0] != "arn" or service not in ("sqs", "sns", "s3"):
        raise DestinationError(f"{arn} is not the ARN of a destination: {_RULE}, {_FORMS}")
    located = all(parts[3:5]) if service != "s3" else not any(parts[3:5])
    if len(parts) != _PARTS or not parts[5] or not located:
        raise DestinationError(f"{arn} is not a whole ARN: expected {_FORMS}")
    if arn.endswith(".fifo"):
        raise DestinationError(f"{arn} is a FIFO one, which AWS refuses: {_RULE}")
    return service
