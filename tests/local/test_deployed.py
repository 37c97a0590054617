"""A mapping as it is deployed: what is asked for it, and what is told of what may not be asked."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import closing
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from streamkit.deployment.checking.check import check_mappings
from streamkit.deployment.found import Statement, TemplateError, Unknown
from streamkit.local.aws import AwsAccess, AwsAccessError
from streamkit.local.deployed import read_deployed
from tests.build import STREAM_ARN
from tests.deployment.checking import app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.parts.fixtures import MotoServer

UUID = "14e0db71-5d35-4eb5-b481-8945cf9d10c2"
OWNER = "arn:aws:lambda:eu-west-1:123456789012"
FUNCTION = f"{OWNER}:function:orders"
HERE = "http://127.0.0.1:1"
AWS = "https://service.eu-west-1.amazonaws.com"
ANSWER: dict[str, Any] = {
    "UUID": UUID,
    "EventSourceMappingArn": f"{OWNER}:event-source-mapping:{UUID}",
    "EventSourceArn": STREAM_ARN,
    "FunctionArn": FUNCTION,
    "State": "Enabled",
    "StartingPosition": "TRIM_HORIZON",
    "BatchSize": 10,
    "MaximumRetryAttempts": 3,
    "BisectBatchOnFunctionError": True,
    "FunctionResponseTypes": [],
    "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:123456789012:failed"}},
    "ResponseMetadata": {"HTTPStatusCode": 200},
}
CONFIGURATION = {"Handler": "app.orders", "Timeout": 30, "Role": "arn:aws:iam::123456789012:role/service/orders"}
ALLOWED = {"Effect": "Allow", "Action": "dynamodb:GetRecords", "Resource": "*"}


class Service:
    """A client whose operations answer what they are given: a refusal is raised."""

    def __init__(self, endpoint_url: str, operations: dict[str, Any], used: list[str], name: str) -> None:
        self.meta = SimpleNamespace(endpoint_url=endpoint_url, region_name="eu-west-1")
        self._operations = operations
        self._used = used
        self._name = name

    def __getattr__(self, operation: str) -> Any:
        def call(**_arguments: Any) -> Any:
            self._used.append(f"{self._name} {operation} at {self.meta.endpoint_url}")
            answer = self._operations.get(operation, "AccessDeniedException")
            if isinstance(answer, str):
                raise ClientError({"Error": {"Code": answer, "Message": "not for you"}}, operation)
            return answer

        return call

    def get_paginator(self, operation: str) -> Any:
        return SimpleNamespace(paginate=lambda **arguments: [getattr(self, operation)(**arguments)])

    def close(self) -> None:
        self._used.append(f"{self._name} closed")


class Access(AwsAccess):
    """Gives services of the test's: ``configured`` is where the environment says that they are."""

    operations: ClassVar[dict[str, Any]] = {}
    configured: ClassVar[str] = AWS
    used: ClassVar[list[str]] = []

    def client(self, service: str, *_region: Any, **_options: Any) -> Any:
        return Service(self.endpoint_url or self.configured, self.operations, self.used, service)


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    operations = {
        "get_event_source_mapping": dict(ANSWER),
        "get_function_configuration": dict(CONFIGURATION),
        "describe_stream": {"StreamDescription": {"StreamViewType": "NEW_IMAGE"}},
        "list_role_policies": {"PolicyNames": ["stream"]},
        "get_role_policy": {"PolicyDocument": {"Statement": [ALLOWED]}},
        "list_attached_role_policies": {
            "AttachedPolicies": [
                {"PolicyArn": "arn:aws:iam::aws:policy/service-role/AWSLambdaDynamoDBExecutionRole"},
                {"PolicyArn": "arn:aws:iam::123456789012:policy/ours"},
            ]
        },
        "get_policy": {"Policy": {"DefaultVersionId": "v3"}},
        "get_policy_version": {"PolicyVersion": {"Document": {"Statement": {**ALLOWED, "Action": "sqs:*"}}}},
    }
    monkeypatch.setattr(Access, "operations", operations)
    monkeypatch.setattr(Access, "used", [])
    yield operations
    # Every client that was made is closed again.
    made = {line.split()[0] for line in Access.used}
    assert {line.split()[0] for line in Access.used if line.endswith("closed")} == made


@pytest.mark.usefixtures("operations")
def test_a_mapping_is_read_with_its_function_its_role_and_its_stream() -> None:
    found = read_deployed(UUID, Access())
    assert found.name == UUID
    assert str(found.place) == f"{OWNER}:event-source-mapping:{UUID}"
    assert found.settings["BatchSize"] == 10
    assert "ResponseMetadata" not in found.settings
    assert found.function is not None
    assert (found.function.name, found.function.handler, found.function.timeout) == ("orders", "app.orders", 30)
    assert found.table is not None
    assert (found.table.name, found.table.view_type) == ("orders", "NEW_IMAGE")
    assert [one.actions for one in found.function.statements or ()] == [
        ("dynamodb:GetRecords",),
        ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
        ("sqs:*",),
    ]


@pytest.mark.usefixtures("operations")
def test_what_is_found_is_changed_with_the_aws_cli() -> None:
    report = check_mappings(app.placed, [read_deployed(UUID, Access())], name="app:placed")
    assert {one.rule: one.change for one in report.findings} == {
        "failures-not-reported": f"aws lambda update-event-source-mapping --uuid {UUID} "
        f"--function-response-types ReportBatchItemFailures",
        "handler-mismatch": "aws lambda update-function-configuration --function-name orders --handler app.placed",
    }
    assert report.not_checked == []


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        ("get_function_configuration", "lambda:GetFunctionConfiguration is needed"),
        ("describe_stream", "dynamodb:DescribeStream is needed"),
        ("list_role_policies", "whether the role of orders allows"),
        ("get_policy_version", "whether the role of orders allows"),
    ],
)
def test_what_is_refused_is_told_and_no_finding(operations: dict[str, Any], refused: str, told: str) -> None:
    del operations[refused]
    operations["get_event_source_mapping"]["FunctionResponseTypes"] = ["ReportBatchItemFailures"]
    report = check_mappings(
        app.orders, [read_deployed(UUID, Access())], name="app:orders", ignore=["view-type-lacks-image"]
    )
    assert report.findings == []
    assert [one for one in report.not_checked if told in one.why]


def test_a_role_that_may_not_be_read_may_allow_anything(operations: dict[str, Any]) -> None:
    operations["list_attached_role_policies"] = "AccessDenied"
    found = read_deployed(UUID, Access())
    assert found.function is not None
    ((statement),) = found.function.statements or ()
    assert isinstance(statement, Statement)
    assert statement.actions == ("*",)
    assert isinstance(statement.resources[0], Unknown)
    assert "IAM read access is needed" in str(statement.resources[0])


@pytest.mark.usefixtures("operations")
def test_a_server_that_does_not_know_iam_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(*_: Any, **__: Any) -> Any:
        raise ResponseParserError("not well-formed")

    monkeypatch.setattr(Service, "get_paginator", unreadable)
    found = read_deployed(UUID, Access(HERE))
    assert found.function is not None
    ((statement),) = found.function.statements or ()
    assert str(statement.resources[0]) == f"{HERE} does not answer as IAM does"


@pytest.mark.parametrize(
    ("endpoint", "configured", "asked"),
    [(None, AWS, AWS), (None, HERE, HERE), (HERE, AWS, HERE), (HERE, f"{HERE}2", f"{HERE}2")],
)
@pytest.mark.usefixtures("operations")
def test_aws_is_never_asked_for_the_stream_of_a_mapping_that_is_elsewhere(
    monkeypatch: pytest.MonkeyPatch, endpoint: str | None, configured: str, asked: str
) -> None:
    monkeypatch.setattr(Access, "configured", configured)
    read_deployed(UUID, Access(endpoint))
    assert f"dynamodbstreams describe_stream at {asked}" in Access.used
    assert f"iam list_role_policies at {asked}" in Access.used


def test_a_mapping_that_is_not_there_is_told_with_what_helps(operations: dict[str, Any]) -> None:
    operations["get_event_source_mapping"] = "ResourceNotFoundException"
    with pytest.raises(
        AwsAccessError, match=r"reading the mapping 14e0\S+ at https:\S+ was refused .*list-event-source"
    ):
        read_deployed(UUID, Access())


def test_a_mapping_on_another_source_is_refused(operations: dict[str, Any]) -> None:
    operations["get_event_source_mapping"]["EventSourceArn"] = "arn:aws:sqs:eu-west-1:123456789012:orders"
    with pytest.raises(TemplateError, match="is on arn:aws:sqs:eu-west-1:123456789012:orders, which is no DynamoDB"):
        read_deployed(UUID, Access())


def test_a_server_that_does_not_answer_the_mappings_arn_has_one_made(operations: dict[str, Any]) -> None:
    del operations["get_event_source_mapping"]["EventSourceMappingArn"]
    assert read_deployed(UUID, Access()).place.file == f"{OWNER}:event-source-mapping:{UUID}"


# Some seconds: moto imports its Lambda when it is first asked for a function.
def test_a_mapping_of_moto_is_read(moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    # DynamoDB and IAM are asked at Lambda's endpoint: nothing else is configured, and AWS itself is not for tests.
    access = AwsAccess(moto_server.endpoint_url, "us-east-1")
    with (
        closing(access.client("dynamodb")) as dynamodb,
        closing(access.client("iam")) as iam,
        closing(access.client("lambda")) as functions,
    ):
        table = dynamodb.create_table(
            TableName="orders",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )
        role = iam.create_role(RoleName="orders", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        document = {"Version": "2012-10-17", "Statement": [ALLOWED]}
        iam.put_role_policy(RoleName="orders", PolicyName="stream", PolicyDocument=json.dumps(document))
        functions.create_function(
            FunctionName="orders",
            Runtime="python3.13",
            Role=role,
            Handler="app.orders",
            Code={"ZipFile": _zipped()},
            Timeout=30,
        )
        mapping = functions.create_event_source_mapping(
            EventSourceArn=table["TableDescription"]["LatestStreamArn"],
            FunctionName="orders",
            StartingPosition="LATEST",
            BatchSize=10,
        )
    report = check_mappings(app.orders, [read_deployed(mapping["UUID"], access)], name="app:orders")
    assert [one.rule for one in report.findings] == [
        "failures-not-reported",
        "view-type-lacks-image",
        "stream-permission-missing",
        "poison-record-blocks",
    ]
    assert report.not_checked == []


def _zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr("app.py", "def orders(event, context): ...")
    return held.getvalue()
