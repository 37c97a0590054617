"""Clients as AWS's own tools make them, and their refusals in words."""

from __future__ import annotations

import builtins
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, PartialCredentialsError

from streamkit.local.aws import AwsAccess, AwsAccessError, _without_account_hosts, asked, is_aws

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_configuration(aws_environment: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's."""


def meta(access: AwsAccess, service: str, region: str | None = None) -> Any:
    with closing(access.client(service, region)) as client:
        return client.meta


def test_what_is_given_comes_before_what_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1")
    configured, given = meta(AwsAccess(), "sqs"), meta(AwsAccess("http://127.0.0.1:2", "eu-west-1"), "sqs")
    assert (configured.endpoint_url, configured.region_name) == ("http://127.0.0.1:1", "us-west-2")
    assert (given.endpoint_url, given.region_name) == ("http://127.0.0.1:2", "eu-west-1")


def test_a_region_serves_where_none_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    assert meta(AwsAccess(), "sqs", "eu-north-1").region_name == "eu-north-1"
    with pytest.raises(AwsAccessError, match="no region is known for sqs: give --region, or set AWS_REGION"):
        AwsAccess().client("sqs")


def test_the_region_of_an_arn_comes_before_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    access = AwsAccess("http://127.0.0.1:1", "eu-west-1", None)
    assert meta(access.in_region("ap-south-1"), "sqs").region_name == "ap-south-1"
    assert access.in_region("") is access


def test_a_profile_that_is_not_there_is_named() -> None:
    with pytest.raises(AwsAccessError, match=r"sqs cannot be asked: .*\(nobody\)"):
        AwsAccess(profile="nobody").client("sqs")


def test_an_endpoint_that_is_no_url_is_shown() -> None:
    with pytest.raises(AwsAccessError, match="sqs cannot be asked: Invalid endpoint: nowhere"):
        AwsAccess("nowhere", "eu-west-1").client("sqs")


def test_without_boto3_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "boto3":
            raise ModuleNotFoundError("no boto3", name="boto3")
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "boto3", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(AwsAccessError, match=r"boto3, which is not installed: pip install 'streamkit-dynamodb\["):
        AwsAccess().client("sqs")


@pytest.mark.parametrize("given", [True, False])
def test_a_bucket_of_another_server_is_a_path_and_no_host(given: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://localhost:1")
    access = AwsAccess("http://localhost:2" if given else None, "eu-west-1")
    assert meta(access, "s3").config.s3["addressing_style"] == "path"


def test_a_bucket_of_aws_is_addressed_as_boto3_does() -> None:
    assert not meta(AwsAccess(region="eu-west-1"), "s3").config.s3


def test_an_addressing_style_that_somebody_configured_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[default]\ns3 =\n  addressing_style = virtual\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    found = meta(AwsAccess("http://localhost:1", "eu-west-1"), "s3")
    assert found.config.s3["addressing_style"] == "virtual"


def test_no_host_is_named_after_the_account() -> None:
    assert meta(AwsAccess(region="eu-west-1"), "dynamodb").config.account_id_endpoint_mode == "disabled"


def test_a_boto3_that_knows_no_such_hosts_is_not_told_of_them() -> None:
    class OldConfig:
        OPTION_DEFAULTS: ClassVar = {"region_name": None}

    assert _without_account_hosts(OldConfig) == {}


def test_the_region_is_taken_from_either_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert meta(AwsAccess(), "sqs").region_name == "eu-west-1"
    monkeypatch.setenv("AWS_REGION", "eu-west-2")
    assert meta(AwsAccess(), "sqs").region_name == "eu-west-2"


def refused(error: Exception, advice: str = "") -> AwsAccessError:
    with pytest.raises(AwsAccessError) as caught, asked("reading the queue", advice):
        raise error
    return caught.value


def test_a_refusal_says_what_was_asked_and_keeps_its_name() -> None:
    error = ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "ReceiveMessage")
    told = refused(error, "sqs:ReceiveMessage is needed")
    assert str(told) == "reading the queue was refused (AccessDenied: not you): sqs:ReceiveMessage is needed"
    assert told.code == "AccessDenied"
    assert str(refused(ClientError({}, "X"))) == "reading the queue was refused (: )"


def test_missing_credentials_say_where_they_come_from() -> None:
    told = refused(NoCredentialsError())
    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (a local server takes any), or give --profile" in str(told)
    assert told.code


def test_an_endpoint_that_does_not_answer_has_no_code() -> None:
    told = refused(EndpointConnectionError(endpoint_url="http://127.0.0.1:1"))
    assert "reading the queue got no answer (" in str(told)
    assert str(told).endswith("is it running, and is this its endpoint?")
    assert told.code == ""


def test_whatever_else_boto3_has_is_shown() -> None:
    told = refused(PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"))
    assert "reading the queue failed: Partial credentials found in env" in str(told)
    assert told.code == "PartialCredentialsError"


def test_what_is_no_fault_of_awss_passes() -> None:
    with pytest.raises(KeyError), asked("reading"):
        raise KeyError("MessageId")
    with asked("reading"):
        pass


@pytest.mark.parametrize(
    ("endpoint", "own"),
    [
        ("https://sqs.eu-west-1.amazonaws.com", True),
        ("https://sqs.cn-north-1.amazonaws.com.cn", True),
        ("https://streams-dynamodb.eu-west-1.api.aws", True),
        ("http://127.0.0.1:8000", False),
        ("http://localhost:4566", False),
        ("the endpoint", False),
    ],
)
def test_aws_is_told_from_what_stands_for_it(endpoint: str, own: bool) -> None:
    assert is_aws(endpoint) is own
