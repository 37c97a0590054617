"""The streams of a table: each time that streams are switched off and on again, a new one follows the old."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.local.streams.client import StreamGoneError

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from streamkit.local.aws import AwsAccess
    from streamkit.local.streams.client import StreamsClient

__all__ = ["TableStreams"]

_SHOWN_TABLES = 10


class TableStreams:
    """The streams that a table has, or had within 24 hours."""

    def __init__(self, client: StreamsClient, access: AwsAccess, table: str) -> None:
        self._client = client
        self._access = access
        self.table = table

    def first(self, known: Container[str]) -> str:
        """Return the stream to begin with: the oldest of those that are ``known`` from before, else the newest.

        Raises StreamGoneError, which says what to do, where the table has none or is none.
        """
        arns = self._arns()
        if not arns:
            raise StreamGoneError(self._why_none())
        return next((arn for arn in arns if arn in known), arns[-1])

    def after(self, stream_arn: str) -> str | None:
        """Return the stream that followed, None while there is none."""
        return next((arn for arn in self._arns() if _label(arn) > _label(stream_arn)), None)

    def _arns(self) -> Sequence[str]:
        """Return the streams, the oldest first."""
        arns: list[str] = [stream["StreamArn"] for stream in self._client.streams_of(self.table)]
        return sorted(arns, key=_label)

    def _why_none(self) -> str:
        client = self._access.client("dynamodb")
        try:
            return _explained(client, self.table)
        finally:
            client.close()


def _label(stream_arn: str) -> str:
    """Return a stream's label: when it was made, and in that order as a text."""
    return stream_arn.rpartition("/stream/")[2]


def _explained(client: Any, table: str) -> str:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # boto3 is an extra

    endpoint = client.meta.endpoint_url
    try:
        names: list[str] = client.list_tables()["TableNames"]
    except (BotoCoreError, ClientError) as error:
        return f"table {table!r} has no stream at {endpoint} (its tables could not be listed: {error})"
    if table in names:
        return (
            f"table {table!r} has no stream: aws dynamodb update-table --table-name {table} "
            f"--stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES"
        )
    others = ", ".join(names[:_SHOWN_TABLES]) or "none; DynamoDB Local has other tables for each access key and region"
    return f"there is no table {table!r} at {endpoint}; there are: {others}"
