"""On-failure records to an SNS topic."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from streamkit.local.aws import AwsAccessError, asked
from streamkit.local.destinations.document import as_text

if TYPE_CHECKING:
    from streamkit.local.aws import AwsAccess
    from streamkit.local.destinations.discards import OnFailureRecord

__all__ = ["TopicDestination"]

_TIMEOUT = 10.0
"""Seconds, as for a queue."""


class TopicDestination:
    """A standard SNS topic. ``arn``: the topic's.

    Raises AwsAccessError where there is no boto3, or what is configured cannot be used.
    """

    def __init__(self, arn: str, access: AwsAccess) -> None:
        self.arn = arn
        self._client = access.in_region(arn.split(":")[3]).client("sns", read_timeout=_TIMEOUT)
        weakref.finalize(self, self._client.close)

    def send(self, record: OnFailureRecord) -> None:
        """Publish one record. Raises AwsAccessError where the topic does not take it."""
        with asked(f"publishing to {self.arn}", "sns:Publish is needed"):
            self._client.publish(TopicArn=self.arn, Message=as_text(record))

    def check(self) -> None:
        """Raise AwsAccessError where it is known already that nothing could be delivered."""
        try:
            with asked(f"looking up the topic {self.arn} at {self._client.meta.endpoint_url}", "is it there?"):
                self._client.get_topic_attributes(TopicArn=self.arn)
        except AwsAccessError as error:
            # To publish is another permission than to look, and the one that counts.
            if error.code not in ("AuthorizationError", "AccessDenied", "AccessDeniedException"):
                raise
