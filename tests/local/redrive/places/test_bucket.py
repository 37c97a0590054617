"""On-failure records in buckets of moto's server, and in one that refuses."""

from __future__ import annotations

from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from streamkit.local.aws import AwsAccess, AwsAccessError
from streamkit.local.redrive.places.bucket import Bucket
from streamkit.local.redrive.places.place import MAX_DOCUMENT_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.parts.fixtures import MotoServer

ARN = "arn:aws:s3:::failed"


def keys(*names: str) -> list[str]:
    return [f"aws/lambda/uuid/shard/{name}" for name in names]


def filled(server: MotoServer, names: Sequence[str]) -> None:
    with closing(server.client("s3")) as s3:
        s3.create_bucket(Bucket="failed")
        for name in names:
            s3.put_object(Bucket="failed", Key=name, Body=name.encode())


def left_in(server: MotoServer) -> list[str]:
    with closing(server.client("s3")) as s3:
        return [one["Key"] for one in s3.list_objects_v2(Bucket="failed").get("Contents", [])]


@pytest.mark.parametrize("suffix", ["", "/aws/lambda/uuid", "/aws/lambda/uuid/*"])
def test_the_records_of_lambda_are_found_and_nothing_else(suffix: str, moto_server: MotoServer) -> None:
    filled(moto_server, ["aws/logs/x", "other", *keys("b", "a")])
    with closing(Bucket(ARN + suffix, AwsAccess())) as bucket:
        groups = list(bucket.entries())
    assert [[entry.name for entry in group] for group in groups] == [[key] for key in keys("a", "b")]
    assert [entry.content.decode() for group in groups for entry in group] == keys("a", "b")


def test_another_prefix_can_be_named(moto_server: MotoServer) -> None:
    filled(moto_server, ["copied/1", *keys("a")])
    with closing(Bucket(f"{ARN}/copied/", AwsAccess())) as bucket:
        assert [entry.name for group in bucket.entries() for entry in group] == ["copied/1"]


def test_an_empty_bucket_has_none(moto_server: MotoServer) -> None:
    filled(moto_server, [])
    with closing(Bucket(ARN, AwsAccess())) as bucket:
        assert list(bucket.entries()) == []


def test_an_object_is_gone_when_it_is_removed(moto_server: MotoServer) -> None:
    filled(moto_server, keys("a", "b"))
    with closing(Bucket(ARN, AwsAccess())) as bucket:
        ((first,), (second,)) = bucket.entries()
        assert bucket.hold(first)
        bucket.remove(first)
        assert left_in(moto_server) == keys("b")
        bucket.remove(first)
        bucket.remove(second)
    assert left_in(moto_server) == []


def test_more_objects_than_a_page_are_all_found_though_they_are_removed_meanwhile(
    moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "5")
    names = keys(*(f"{number:04}" for number in range(14)))
    filled(moto_server, names)
    seen = []
    with closing(Bucket(ARN, AwsAccess())) as bucket:
        for (entry,) in bucket.entries():
            seen.append(entry.name)
            if len(seen) % 2:
                bucket.remove(entry)
    assert seen == names
    monkeypatch.delenv("MOTO_S3_DEFAULT_MAX_KEYS")
    assert left_in(moto_server) == names[1::2]


def test_an_object_that_is_taken_meanwhile_is_passed_over(moto_server: MotoServer) -> None:
    filled(moto_server, keys("a", "b", "c"))
    with closing(Bucket(ARN, AwsAccess())) as bucket, closing(moto_server.client("s3")) as s3:
        entries = bucket.entries()
        next(entries)
        s3.delete_object(Bucket="failed", Key=keys("b")[0])
        assert [entry.name for group in entries for entry in group] == keys("c")


def test_a_bucket_that_is_not_there_is_told(moto_server: MotoServer) -> None:  # it is the server
    with closing(Bucket(ARN, AwsAccess())) as bucket, pytest.raises(AwsAccessError, match="NoSuchBucket"):
        next(bucket.entries())


class Scripted:
    """A client whose objects cannot be read, and which nothing can be deleted from."""

    def __init__(self, listed: Sequence[dict[str, Any]], error: Exception | None = None) -> None:
        self._listed = listed
        self._error = error

    def list_objects_v2(self, **_: Any) -> dict[str, Any]:
        return {"Contents": self._listed}

    def get_object(self, **_: Any) -> dict[str, Any]:
        if self._error is not None:
            raise self._error
        return {"Body": BytesIO(b"x")}

    def delete_object(self, **_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "DeleteObject")

    def close(self) -> None:
        """Nothing is open."""


def scripted(client: Scripted, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    monkeypatch.setattr(AwsAccess, "client", lambda *_, **__: client)
    return Bucket(ARN, AwsAccess())


def test_what_a_console_makes_for_folders_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [
        {"Key": "aws/lambda/", "Size": 0},
        {"Key": "aws/lambda/a/", "Size": 3},
        {"Key": "aws/lambda/b", "Size": 0},
    ]
    bucket = scripted(Scripted(listed), monkeypatch)
    assert [entry.name for group in bucket.entries() for entry in group] == ["aws/lambda/a/", "aws/lambda/b"]


def test_an_object_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = scripted(Scripted([{"Key": "aws/lambda/a", "Size": MAX_DOCUMENT_BYTES + 1}]), monkeypatch)
    ((entry,),) = bucket.entries()
    assert "no on-failure record is so large" in entry.problem


def test_an_object_that_may_not_be_read_says_so_and_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    error = ClientError({"Error": {"Code": "InvalidObjectState", "Message": "archived"}}, "GetObject")
    bucket = scripted(Scripted([{"Key": "aws/lambda/a", "Size": 1}] * 2, error), monkeypatch)
    problems = [entry.problem for group in bucket.entries() for entry in group]
    expected = f"reading aws/lambda/a of {ARN} was refused (InvalidObjectState: archived): s3:GetObject is needed"
    assert problems == [expected] * 2


def test_an_endpoint_that_goes_away_in_the_middle_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    error = EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
    bucket = scripted(Scripted([{"Key": "aws/lambda/a", "Size": 1}], error), monkeypatch)
    with pytest.raises(AwsAccessError, match=r"reading aws/lambda/a of .* got no answer"):
        next(bucket.entries())


def test_what_may_not_be_deleted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = scripted(Scripted([{"Key": "aws/lambda/a", "Size": 1}]), monkeypatch)
    ((entry,),) = bucket.entries()
    with pytest.raises(AwsAccessError, match=r"deleting aws/lambda/a from .*: s3:DeleteObject is needed"):
        bucket.remove(entry)
