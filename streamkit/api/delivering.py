"""Where the on-failure records of a mapping go: to whatever its DestinationConfig names at that time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.local.destinations.arns import aws_destination
from streamkit.local.destinations.bucket import S3Destination
from streamkit.local.destinations.destination import DestinationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local.aws import AwsAccess
    from streamkit.local.destinations.discards import OnFailureRecord
    from streamkit.local.destinations.queue import QueueDestination
    from streamkit.local.destinations.topic import TopicDestination

__all__ = ["CurrentDestination", "NowhereError"]


class NowhereError(DestinationError):
    """The mapping has no on-failure destination now."""


class CurrentDestination:
    """A destination that follows updates. ``arn``: asked at each delivery where it goes, None for nowhere."""

    def __init__(self, arn: Callable[[], str | None], access: AwsAccess) -> None:
        self._arn = arn
        self._access = access
        self._opened: QueueDestination | TopicDestination | S3Destination | None = None
        self._opened_for: str | None = None

    def send(self, record: OnFailureRecord) -> None:
        """Send a record to a queue or a topic. Raises StreamkitError where it is not taken."""
        to = self._current()
        if isinstance(to, S3Destination):
            raise DestinationError(f"{to.arn} is a bucket, which takes objects")
        to.send(record)

    def put(self, key: str, record: OnFailureRecord) -> None:
        """Write a record into a bucket. Raises StreamkitError where it is not taken."""
        to = self._current()
        if not isinstance(to, S3Destination):
            raise DestinationError(f"{to.arn} is no bucket")
        to.put(key, record)

    def _current(self) -> QueueDestination | TopicDestination | S3Destination:
        arn = self._arn()
        if arn is None:
            raise NowhereError("the mapping has no on-failure destination")
        if self._opened is None or arn != self._opened_for:
            self._opened, self._opened_for = aws_destination(arn, self._access), arn
        return self._opened
