"""Which ARNs are those of destinations, and what they become."""

from __future__ import annotations

import pytest

from streamkit.local.aws import AwsAccess
from streamkit.local.destinations.arns import aws_destination, service_of
from streamkit.local.destinations.bucket import S3Destination
from streamkit.local.destinations.destination import BucketDestination, Destination, DestinationError
from streamkit.local.destinations.queue import QueueDestination
from streamkit.local.destinations.topic import TopicDestination


@pytest.mark.parametrize(
    ("arn", "kind", "contract"),
    [
        ("arn:aws:sqs:eu-west-1:123456789012:failed", QueueDestination, Destination),
        ("arn:aws-us-gov:sns:us-gov-west-1:123456789012:failed", TopicDestination, Destination),
        ("arn:aws-cn:s3:::failed", S3Destination, BucketDestination),
    ],
)
@pytest.mark.usefixtures("aws_environment")
def test_an_arn_says_which_service_takes_the_records(arn: str, kind: type, contract: type) -> None:
    destination = aws_destination(arn, AwsAccess())
    assert type(destination) is kind
    assert isinstance(destination, contract)
    assert destination.arn == arn


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:lambda:eu-west-1:123456789012:function:orders",
        "arn:aws:events:eu-west-1:123456789012:event-bus/failed",
        "arn",
        "queue",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/failed",
    ],
)
def test_nothing_else_takes_on_failure_records(arn: str) -> None:
    with pytest.raises(DestinationError, match="a standard SQS queue, a standard SNS topic or an S3 bucket") as caught:
        service_of(arn)
    assert str(caught.value).startswith(f"{arn} is not the ARN of a destination")


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sqs:eu-west-1:123456789012",
        "arn:aws:sqs:eu-west-1:123456789012:",
        "arn:aws:sqs::123456789012:failed",
        "arn:aws:sqs:eu-west-1::failed",
        "arn:aws:sns:eu-west-1:123456789012:failed:subscription",
        "arn:aws:s3:eu-west-1::failed",
        "arn:aws:s3:::",
    ],
)
def test_a_part_of_an_arn_is_none(arn: str) -> None:
    with pytest.raises(DestinationError, match=r"is not a whole ARN: expected arn:aws:sqs:REGION:ACCOUNT:QUEUE"):
        service_of(arn)


@pytest.mark.parametrize("service", ["sqs", "sns"])
def test_a_fifo_one_is_refused_with_awss_rule(service: str) -> None:
    with pytest.raises(DestinationError, match=r"is a FIFO one, which AWS refuses: .* standard SQS queue"):
        service_of(f"arn:aws:{service}:eu-west-1:123456789012:failed.fifo")


def test_a_place_in_a_bucket_is_no_destination() -> None:
    with pytest.raises(DestinationError, match=r"give the bucket's ARN, arn:aws:s3:::failed$"):
        aws_destination("arn:aws:s3:::failed/orders", AwsAccess())
