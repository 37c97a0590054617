"""The streams of a table: each time that streams are switched off and on again, a new one follows the old."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from streamkit.local.aws import is_aws
from streamkit.local.streams.client import StreamGoneError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from streamkit.local.aws import AwsAccess
    from streamkit.local.streams.client import StreamsClient

__all__ = ["TableStreams"]

_SHOWN_TABLES = 10
_NOT_THERE = "ResourceNotFoundException"


class TableStreams:
    """The streams that a table has, or had within 24 hours."""

    def __init__(self, client: StreamsClient, access: AwsAccess, table: str) -> None:
        self._client = client
        self._access = access
        self.table = table

    def first(self, known: Collection[str] = ()) -> tuple[str, str | None]:
        """Return the stream to begin with, and the one that is missed before it.

        ``known``: streams that were read before. The oldest of them goes on; if none is there any more, the one that
        followed them does, and the last of them is missed. Of a table that is new the newest stream is read.

        Raises StreamGoneError, which says what to do, where the table has none or is none.
        """
        arns = self._arns()
        if not arns:
            raise StreamGoneError(self._why_none())
        mine = sorted((arn for arn in known if _table_of(arn) == _table_of(arns[0])), key=_label)
        going_on = next((arn for arn in arns if arn in mine), None)
        if going_on is not None or not mine:
            return going_on or arns[-1], None
        return next((arn for arn in arns if _label(arn) > _label(mine[-1])), arns[-1]), mine[-1]

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
            return self._explained(client)
        finally:
            client.close()

    def _explained(self, client: Any) -> str:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # boto3 is an extra

        table, endpoint = self.table, client.meta.endpoint_url
        try:
            described = client.describe_table(TableName=table)["Table"]
        except (BotoCoreError, ClientError) as error:
            if getattr(error, "response", {}).get("Error", {}).get("Code") != _NOT_THERE:
                return f"table {table!r} has no stream at {self._client.endpoint} (the table cannot be seen: {error})"
            return f"there is no table {table!r} at {endpoint}{_others(client)}"
        if described.get("StreamSpecification", {}).get("StreamEnabled"):
            return (
                f"table {table!r} at {endpoint} has a stream, and {self._client.endpoint} knows none of it: "
                f"AWS_ENDPOINT_URL_DYNAMODB and AWS_ENDPOINT_URL_DYNAMODB_STREAMS lead to different places"
            )
        return f"table {table!r} has no stream; this gives it one: {self._enabling(client)}"

    def _enabling(self, client: Any) -> str:
        """Return the command that switches streams on, as it can be pasted into the same shell."""
        command = ["aws", "dynamodb", "update-table", "--table-name", self.table, "--stream-specification"]
        command += ["StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES", "--region", client.meta.region_name]
        if not is_aws(client.meta.endpoint_url):
            command += ["--endpoint-url", client.meta.endpoint_url]
        if self._access.profile is not None:
            command += ["--profile", self._access.profile]
        return shlex.join(command)


def _others(client: Any) -> str:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # as above

    try:
        names: list[str] = client.list_tables(Limit=_SHOWN_TABLES + 1)["TableNames"]
    except (BotoCoreError, ClientError):
        return ""  # not allowed to everybody, and no more than a help
    more = ", …" if len(names) > _SHOWN_TABLES else ""
    shown = ", ".join(names[:_SHOWN_TABLES]) + more
    return f"; there are: {shown or 'none; DynamoDB Local has other tables for each access key and region'}"


def _table_of(stream_arn: str) -> str:
    return stream_arn.rpartition("/stream/")[0]


def _label(stream_arn: str) -> str:
    """Return a stream's label: when it was made, and in that order as a text."""
    return stream_arn.rpartition("/stream/")[2]
