"""Whether the stream of a mapping that is to be made is there."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from streamkit.api.refusals import invalid_parameter
from streamkit.local.aws import AwsAccessError
from streamkit.local.streams.client import StreamAskError, StreamGoneError, StreamsClient
from streamkit.local.streams.livestream import in_its_region

if TYPE_CHECKING:
    from streamkit.local.aws import AwsAccess

__all__ = ["check_stream"]


def check_stream(arn: str, access: AwsAccess) -> None:
    """Raise Refusal where there is no such stream, or nobody who could know answers."""
    try:
        with contextlib.closing(StreamsClient(in_its_region(access, arn))) as client:
            client.describe(arn)
    except StreamGoneError:
        raise invalid_parameter(f"Stream not found: {arn}") from None
    except (StreamAskError, AwsAccessError) as error:
        raise invalid_parameter(
            f"Cannot access stream {arn}. streamkit serve asked for it and got: {error}. Is DynamoDB running, and does "
            f"AWS_ENDPOINT_URL_DYNAMODB_STREAMS (or AWS_ENDPOINT_URL) of the server lead to it?"
        ) from None
