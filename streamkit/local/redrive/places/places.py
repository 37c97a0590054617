"""``--from ARN|DIR`` to the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.local.destinations.arns import service_of
from streamkit.local.redrive.places.bucket import Bucket
from streamkit.local.redrive.places.folder import Folder
from streamkit.local.redrive.places.place import PlaceError
from streamkit.local.redrive.places.queue import Queue

if TYPE_CHECKING:
    from streamkit.local.aws import AwsAccess
    from streamkit.local.redrive.places.place import Place

__all__ = ["place_of"]


def place_of(given: str, access: AwsAccess) -> Place:
    """Return where on-failure records are read from: a queue or a bucket by its ARN, else a folder or a file.

    Raises PlaceError, DestinationError or AwsAccessError for what cannot be read from.
    """
    if "://" in given:
        raise PlaceError(f"{given} is neither an ARN nor a folder: name a queue or a bucket by its ARN")
    if not given.startswith("arn:"):
        return Folder(given)
    match service_of(given):
        case "sqs":
            return Queue(given, access)
        case "s3":
            return Bucket(given, access)
        case _:
            raise PlaceError(
                f"{given} is a topic, which keeps nothing that could be read: subscribe a queue to it for the records "
                f"to come, and give the ARN of that queue"
            )
