"""``--from`` to a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamkit.errors import StreamkitError
from streamkit.local.aws import AwsAccess
from streamkit.local.redrive.places.bucket import Bucket
from streamkit.local.redrive.places.folder import Folder
from streamkit.local.redrive.places.places import place_of
from streamkit.local.redrive.places.queue import Queue

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.usefixtures("aws_environment")
def test_an_arn_is_a_queue_or_a_bucket_and_all_else_a_folder(tmp_path: Path) -> None:
    for given, kind in [
        ("arn:aws:sqs:eu-west-1:123456789012:failed", Queue),
        ("arn:aws:s3:::failed", Bucket),
        ("arn:aws:s3:::failed/aws/lambda/uuid/", Bucket),
        (str(tmp_path), Folder),
    ]:
        place = place_of(given, AwsAccess())
        assert type(place) is kind
        place.close()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("arn:aws:sns:eu-west-1:123456789012:failed", "is a topic, which keeps nothing that could be read: subscribe"),
        ("arn:aws:sqs:eu-west-1:123456789012:failed.fifo", "is a FIFO one"),
        ("arn:aws:kinesis:eu-west-1:123456789012:stream/x", "is not the ARN of a destination"),
        ("s3://failed", "s3://failed is neither an ARN nor a folder: name a queue or a bucket by its ARN"),
        ("https://sqs.eu-west-1.amazonaws.com/1/failed", "is neither an ARN nor a folder"),
        ("nowhere", "there is no file or folder 'nowhere'"),
    ],
)
def test_what_cannot_be_read_from_is_told(given: str, told: str) -> None:
    with pytest.raises(StreamkitError, match=told):
        place_of(given, AwsAccess())
