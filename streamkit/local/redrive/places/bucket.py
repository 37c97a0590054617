"""On-failure records in an S3 bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.local.aws import AwsAccessError, asked
from streamkit.local.redrive.places.place import MAX_DOCUMENT_BYTES, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamkit.local.aws import AwsAccess

__all__ = ["Bucket"]

_PREFIX = "aws/lambda/"
_GONE = ("NoSuchKey", "404")


class Bucket:
    """The objects of a bucket whose keys begin with ``aws/lambda/``, or with what the ARN has behind a slash."""

    def __init__(self, arn: str, access: AwsAccess) -> None:
        self._arn = arn
        self._bucket, _, prefix = arn.rpartition(":")[2].partition("/")
        self._prefix = prefix.rstrip("*") or _PREFIX
        self._client = access.client("s3", "us-east-1")

    def entries(self) -> Iterator[Sequence[Entry]]:
        """See `Place`."""
        last = ""
        while True:
            # Behind the last key, not at a page's token: what was handled is removed meanwhile.
            after = {"StartAfter": last} if last else {}
            with asked(f"listing {self._prefix} of {self._arn}", "s3:ListBucket is needed"):
                page: dict[str, Any] = self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, **after)
            found = page.get("Contents", [])
            for one in found:
                entry = self._read(one["Key"], one["Size"])
                if entry is not None:
                    yield [entry]
            if not page.get("IsTruncated") or not found:
                return
            last = found[-1]["Key"]

    def hold(self, entry: Entry) -> bool:  # noqa: ARG002  # Place: a bucket's objects cannot be held
        """See `Place`."""
        return True

    def remove(self, entry: Entry) -> None:
        """See `Place`."""
        with asked(f"deleting {entry.name} from {self._arn}", "s3:DeleteObject is needed"):
            self._client.delete_object(Bucket=self._bucket, Key=entry.handle)

    def close(self) -> None:
        """See `Place`: nothing is held but connections."""
        self._client.close()

    def _read(self, key: str, size: int) -> Entry | None:
        if key.endswith("/") and not size:  # what the console makes for a folder
            return None
        if size > MAX_DOCUMENT_BYTES:
            problem = f"it has more than {MAX_DOCUMENT_BYTES:,} bytes: no on-failure record is so large"
            return Entry(key, b"", problem, key)
        try:
            with asked(f"reading {key} of {self._arn}", "s3:GetObject is needed"):
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
                return Entry(key, answer["Body"].read(), handle=key)
        except AwsAccessError as error:
            if error.code in _GONE:  # somebody else took it meanwhile
                return None
            if not error.code:
                raise
            return Entry(key, b"", str(error), key)
