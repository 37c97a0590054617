"""On-failure records in an SQS queue."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from streamkit.local.aws import AwsAccessError, asked
from streamkit.local.destinations.queue import queue_url
from streamkit.local.redrive.places.place import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from streamkit.local.aws import AwsAccess

__all__ = ["Queue"]

_AT_ONCE = 10
"""What one receive call brings at the most."""
_TOGETHER = 100
"""How many are received before they are sorted and run: a standard queue has no order, their numbers have."""
_HIDDEN = 1200
"""Seconds for which a message that was received is hidden from others."""
_RENEWED = 300
"""How old that may be when a message is run, in seconds: the longest function runs for 900."""
_GONE = "ReceiptHandleIsInvalid"
"""What is said of a message that is not there any more."""
_WAIT = 2
"""Seconds that a receive call waits: so it asks all of SQS's servers, and no message means that there is none."""


class Queue:
    """A standard SQS queue. What is received and not handled is visible again when the redrive ends."""

    def __init__(self, arn: str, access: AwsAccess, *, now: Callable[[], float] = time.monotonic) -> None:
        self._arn = arn
        self._now = now
        self._client = access.in_region(arn.split(":")[3]).client("sqs")
        self._url = ""
        self._held: dict[str, tuple[str, float]] = {}
        """Message ids, with the newest receipt handle and when it was got or renewed."""
        self._seen: set[str] = set()

    def entries(self) -> Iterator[Sequence[Entry]]:
        """See `Place`."""
        self._url = queue_url(self._client, self._arn)
        more = True
        while more:
            found: list[Entry] = []
            while more and len(found) < _TOGETHER:
                messages = self._receive()
                more = bool(messages)
                found += [_entry(one) for one in messages]
            # A message that comes a second time, because it was hidden for too short, was looked at.
            fresh = [entry for entry in found if entry.name not in self._seen]
            self._seen.update(entry.name for entry in fresh)
            if fresh:
                yield fresh

    def hold(self, entry: Entry) -> bool:
        """See `Place`."""
        handle, since = self._held[entry.handle]
        if self._now() - since < _RENEWED:
            return True
        try:
            self._hide(handle, _HIDDEN)
        except AwsAccessError as error:
            if not error.code:
                raise
            del self._held[entry.handle]
            return False
        self._held[entry.handle] = (handle, self._now())
        return True

    def remove(self, entry: Entry) -> None:
        """See `Place`."""
        handle, _ = self._held[entry.handle]
        try:
            with asked(f"deleting message {entry.name} from {self._arn}", "sqs:DeleteMessage is needed"):
                self._client.delete_message(QueueUrl=self._url, ReceiptHandle=handle)
        except AwsAccessError as error:
            if error.code != _GONE:
                raise
        del self._held[entry.handle]

    def close(self) -> None:
        """See `Place`. What cannot be given back now is visible again after 20 minutes."""
        for handle, _ in self._held.values():
            with contextlib.suppress(AwsAccessError):
                self._hide(handle, 0)
        self._held.clear()
        self._client.close()

    def _receive(self) -> Sequence[dict[str, Any]]:
        with asked(f"receiving messages from {self._arn}", "sqs:ReceiveMessage is needed"):
            answer: dict[str, Any] = self._client.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=_AT_ONCE, VisibilityTimeout=_HIDDEN, WaitTimeSeconds=_WAIT
            )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        self._held.update({one["MessageId"]: (one["ReceiptHandle"], self._now()) for one in messages})
        return messages

    def _hide(self, handle: str, seconds: int) -> None:
        with asked(f"hiding a message of {self._arn}", "sqs:ChangeMessageVisibility is needed"):
            self._client.change_message_visibility(QueueUrl=self._url, ReceiptHandle=handle, VisibilityTimeout=seconds)


def _entry(message: dict[str, Any]) -> Entry:
    content = message["Body"].encode(errors="surrogatepass")
    return Entry(message["MessageId"], content, handle=message["MessageId"])
