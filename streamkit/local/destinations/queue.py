"""On-failure records to an SQS queue."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from streamkit.local.aws import AwsAccessError, asked
from streamkit.local.destinations.document import as_text

if TYPE_CHECKING:
    from streamkit.local.aws import AwsAccess
    from streamkit.local.destinations.discards import OnFailureRecord

__all__ = ["QueueDestination", "queue_url"]

_TIMEOUT = 10.0
"""Seconds: a shard waits for a delivery, and one that fails is not repeated (SEMANTICS §3)."""


class QueueDestination:
    """A standard SQS queue. ``arn``: the queue's, which says its region, owner and name.

    Raises AwsAccessError where there is no boto3, or what is configured cannot be used.
    """

    def __init__(self, arn: str, access: AwsAccess) -> None:
        self.arn = arn
        self._client = access.in_region(arn.split(":")[3]).client("sqs", read_timeout=_TIMEOUT)
        weakref.finalize(self, self._client.close)
        self._url: str | None = None

    def send(self, record: OnFailureRecord) -> None:
        """Send one record. Raises AwsAccessError where the queue does not take it."""
        url = self._found()
        with asked(f"sending a message to {self.arn}", "sqs:SendMessage is needed"):
            self._client.send_message(QueueUrl=url, MessageBody=as_text(record))

    def check(self) -> None:
        """Raise AwsAccessError where it is known already that nothing could be delivered."""
        self._found()

    def _found(self) -> str:
        if self._url is None:
            self._url = queue_url(self._client, self.arn)
        return self._url


def queue_url(client: Any, arn: str) -> str:
    """Return the URL of a queue. Raises AwsAccessError where there is none, or nobody answers."""
    _, _, _, region, account, name = arn.split(":", 5)
    advice = f"the account {account} has no such queue in {region} there, or does not show it"
    try:
        with asked(f"looking up the queue {arn} at {client.meta.endpoint_url}", advice):
            url: str = client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
    except AwsAccessError as error:
        if "AccessDenied" not in error.code:
            raise
        # Lambda needs sqs:SendMessage alone, and so do we: this is how AWS forms the URL.
        return f"{client.meta.endpoint_url}/{account}/{name}"
    return url
