"""On-failure records to an S3 bucket."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from streamkit.local.aws import AwsAccessError, asked
from streamkit.local.destinations.document import as_text

if TYPE_CHECKING:
    from streamkit.local.aws import AwsAccess
    from streamkit.local.destinations.discards import OnFailureRecord

__all__ = ["S3Destination"]

_TIMEOUT = 20.0
"""Seconds: an object holds up to 6 MB, a message is small."""


class S3Destination:
    """An S3 bucket. ``arn``: the bucket's, ``arn:aws:s3:::name``.

    Raises AwsAccessError where there is no boto3, or what is configured cannot be used.
    """

    def __init__(self, arn: str, access: AwsAccess) -> None:
        self.arn = arn
        self.bucket = arn.rpartition(":")[2]
        # A bucket's ARN has no region; S3 says where it is, and boto3 goes there.
        self._client = access.client("s3", "us-east-1", read_timeout=_TIMEOUT)
        weakref.finalize(self, self._client.close)

    def put(self, key: str, record: OnFailureRecord) -> None:
        """Write one record as an object. Raises AwsAccessError where the bucket does not take it."""
        with asked(f"writing {key} to {self.arn}", "s3:PutObject is needed"):
            self._client.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=as_text(record).encode(),
                ContentType="application/octet-stream",
            )

    def check(self) -> None:
        """Raise AwsAccessError where it is known already that nothing could be delivered."""
        try:
            with asked(f"looking up the bucket {self.arn} at {self._client.meta.endpoint_url}", "is it there?"):
                self._client.head_bucket(Bucket=self.bucket)
        except AwsAccessError as error:
            # To write is another permission than to look, and the one that counts.
            if error.code not in ("403", "AccessDenied"):
                raise
