"""The streams that on-failure records point to, asked through one client for each region."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from streamkit.local.aws import AwsAccessError, is_aws
from streamkit.local.redrive.extent import Fetched, fetch
from streamkit.local.streams.client import StreamsClient, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local.aws import AwsAccess
    from streamkit.local.redrive.document import FailedBatch

__all__ = ["Streams"]

_REGION_AT = 3
_LOCAL = "ddblocal"
"""What DynamoDB Local calls its region in ARNs."""


class Streams:
    """Fetches failed batches. A stream that cannot be asked once is not asked again."""

    def __init__(self, access: AwsAccess, sleep: Callable[[float], object] = time.sleep) -> None:
        self._access = access
        self._sleep = sleep
        self._clients: dict[str, StreamsClient] = {}
        self._unavailable: dict[str, UnavailableError] = {}

    def fetch(self, batch: FailedBatch) -> Fetched:
        """Read the records of a failed batch.

        Raises ExtentGoneError where none is left, UnavailableError or AwsAccessError where the stream cannot be asked.
        """
        arn = batch.stream_arn
        if arn in self._unavailable:
            raise self._unavailable[arn]
        try:
            return fetch(self._client(arn), batch, self._sleep)
        except UnavailableError as error:
            self._unavailable[arn] = UnavailableError(f"the stream {arn} cannot be read: {error}")
            raise self._unavailable[arn] from None

    def lanes_known(self, batch: FailedBatch) -> bool:
        """Whether it was an emulator that divided the stream's shards among lanes: AWS's own streams have AWS's way."""
        return not is_aws(self._client(batch.stream_arn).endpoint)

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            client.close()

    def _client(self, stream_arn: str) -> StreamsClient:
        parts = stream_arn.split(":")
        region = parts[_REGION_AT] if len(parts) > _REGION_AT else ""
        if region not in self._clients:
            # An endpoint of another may call its region as it likes: DynamoDB Local's ARNs say ddblocal.
            client = self._access.client("dynamodbstreams", region or "us-east-1")
            if is_aws(client.meta.endpoint_url):
                client.close()
                if region == _LOCAL:
                    raise AwsAccessError(
                        f"the stream {stream_arn} is DynamoDB Local's, and no endpoint is known: give --endpoint-url, "
                        f"or set AWS_ENDPOINT_URL_DYNAMODB_STREAMS"
                    )
                client = self._access.in_region(region).client("dynamodbstreams")
            self._clients[region] = StreamsClient(self._access, client)
        return self._clients[region]
