"""SAM's functions: Globals, events, and the policies that SAM adds of its own accord."""

import fnmatch
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from streamkit.deployment.found import Statement, Unknown
from streamkit.deployment.reading.cloudformation.policytemplates import POLICY_TEMPLATES, WITHOUT_EFFECT
from streamkit.deployment.reading.forms import form_of
from streamkit.deployment.reading.policies import managed_policy
from tests.deployment.reading.templates import STREAM, here, mapping, read, the

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:failed"
READS = Statement(
    ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"), ("*",)
)
NEEDED = {*READS.actions, "sqs:SendMessage", "sns:Publish", "s3:PutObject", "s3:ListBucket", "kms:Decrypt"}
"""SEMANTICS §9."""


def event(**properties: Any) -> dict[str, Any]:
    return {"Type": "DynamoDB", "Properties": {"Stream": STREAM, "StartingPosition": "LATEST", **properties}}


def function(events: Any = None, **properties: Any) -> dict[str, Any]:
    events = {"E": event()} if events is None else events
    return {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "a.h", "Events": events, **properties}}


def sam(resource: dict[str, Any], **sections: Any) -> dict[str, Any]:
    return {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"F": resource}, **sections}


def statements(folder: Path, resource: dict[str, Any], **sections: Any) -> Any:
    found = the(read(folder, sam(resource, **sections)))
    assert found.function is not None
    return found.function.statements


def test_globals_are_beneath_what_a_function_says(tmp_path: Path) -> None:
    shared = {
        "Timeout": 30,
        "Handler": "shared.handler",
        "CodeUri": "src",
        "Environment": {"Variables": {"A": "1"}},
        "Layers": ["a"],
        "Events": "not shared",
    }
    own = function(Timeout=60, Environment={"Variables": {"B": "2"}}, Layers=["b"])
    found = the(read(tmp_path, sam(own, Globals={"Function": shared})))
    assert found.function is not None
    assert (found.function.timeout, found.function.handler) == (60, "src/a.h")
    del own["Properties"]["Timeout"], own["Properties"]["Handler"]
    found = the(read(tmp_path, sam(own, Globals={"Function": shared})))
    assert found.function is not None
    assert (found.function.timeout, found.function.handler) == (30, "src/shared.handler")


def test_events_of_other_types_and_of_no_form_are_left_out(tmp_path: Path) -> None:
    others = {"Q": {"Type": "SQS", "Properties": {"Queue": QUEUE}}, "K": {"Type": "Kinesis"}, "X": 5, "E": event()}
    assert the(read(tmp_path, sam(function(others)))).name == "F.E"
    assert read(tmp_path, sam(function("none"))) == []


def test_a_mapping_of_a_function_with_an_alias_is_the_aliass(tmp_path: Path) -> None:
    found = the(read(tmp_path, sam(function(AutoPublishAlias="live"))))
    assert found.settings["FunctionName"] == Unknown("!Ref F.Alias", here("lambda", "function:${F}:live"))
    assert found.function is not None
    assert found.function.name == "F"
    shared = {"Function": {"AutoPublishAlias": "live"}}
    found = the(read(tmp_path, sam(function(FunctionName="orders"), Globals=shared)))
    assert found.settings["FunctionName"] == "orders:live"


@pytest.mark.parametrize("named", ["F.Alias", "FAliaslive"])
def test_a_mapping_beside_a_function_may_name_the_alias_that_sam_makes(tmp_path: Path, named: str) -> None:
    resources = {
        "F": function({}, AutoPublishAlias={"Ref": "Alias"}),
        "M": mapping(FunctionName={"Ref": named}),
    }
    declared = {"Resources": resources, "Parameters": {"Alias": {"Type": "String", "Default": "live"}}}
    found = the(read(tmp_path, declared))
    assert found.function is not None
    assert found.settings["FunctionName"].form == here("lambda", "function:${F}:live")
    resources["F"]["Properties"]["FunctionName"] = "orders"
    assert the(read(tmp_path, declared)).settings["FunctionName"] == "orders:live"


@pytest.mark.parametrize(
    ("kind", "added"),
    [
        ("SQS", [Statement(("sqs:SendMessage",), (QUEUE,))]),
        ("SNS", [Statement(("sns:Publish",), (QUEUE,))]),
        ("S3", [Statement(("s3:PutObject",), (f"{QUEUE}/*",)), Statement(("s3:ListBucket",), (QUEUE,))]),
        ("Kafka", []),
        (None, []),
        (7, []),
    ],
)
def test_sam_adds_the_right_to_send_only_where_the_destination_says_its_type(
    tmp_path: Path, kind: Any, added: list[Statement]
) -> None:
    on_failure = {"Destination": QUEUE} if kind is None else {"Destination": QUEUE, "Type": kind}
    resource = function({"E": event(DestinationConfig={"OnFailure": on_failure})})
    assert statements(tmp_path, resource) == [READS, *added]
    settings = the(read(tmp_path, sam(resource))).settings
    assert settings["DestinationConfig"] == {"OnFailure": {"Destination": QUEUE}}


def test_a_role_that_the_function_names_gets_nothing_from_sam(tmp_path: Path) -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {}}
    resource = function(Role={"Fn::GetAtt": ["R", "Arn"]}, Policies=["AmazonSQSFullAccess"])
    template = {"Resources": {"F": resource, "R": role}}
    found = the(read(tmp_path, template))
    assert found.function is not None
    assert found.function.statements == []
    assert statements(tmp_path, function(Role="arn:aws:iam::123456789012:role/r")) is None


@pytest.mark.parametrize(
    ("policy", "added"),
    [
        ("AmazonSQSFullAccess", [Statement(("sqs:*",), ("*",))]),
        ("AWSLambdaVPCAccessExecutionRole", []),
        ({"DynamoDBCrudPolicy": {"TableName": "t"}}, []),
        (
            {"SQSSendMessagePolicy": {"QueueName": {"Fn::GetAtt": ["Q", "QueueName"]}}},
            [Statement(("sqs:SendMessage",), (Unknown(here("sqs", "${Q.QueueName}"), here("sqs", "${Q.QueueName}")),))],
        ),
        (
            {"Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]},
            [Statement(("sqs:*",), ("*",))],
        ),
        (
            {"PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}},
            [Statement(("sqs:*",), ("*",))],
        ),
        ({"NewPolicy": {}}, [Statement(("*",), (Unknown("what the policy template NewPolicy of F allows"),))]),
        ({"a": 1, "b": 2}, [Statement(("*",), (Unknown("what the policies of F allow: {'a': 1, 'b': 2}"),))]),
        (5, [Statement(("*",), (Unknown("what the policies of F allow: 5"),))]),
        ({"Ref": "P"}, [Statement(("*",), (Unknown('what {"Ref": "P"} allows'),))]),
        (
            {"SNSCrudPolicy": None},
            [Statement(("sns:Publish",), (Unknown(here("sns", "<TopicName>*"), here("sns", "<TopicName>*")),))],
        ),
    ],
    ids=str,
)
def test_policies_are_managed_ones_templates_or_statements(tmp_path: Path, policy: Any, added: list[Statement]) -> None:
    assert statements(tmp_path, function(Policies=[policy])) == [READS, *added]
    assert statements(tmp_path, function(Policies=policy)) == [READS, *added]


def test_connectors_that_a_function_is_an_end_of_may_allow_anything(tmp_path: Path) -> None:
    def connector(source: Any, *destinations: Any) -> dict[str, Any]:
        ends = destinations[0] if len(destinations) == 1 else list(destinations)
        properties = {"Source": source, "Destination": ends, "Permissions": ["Write"]}
        return {"Type": "AWS::Serverless::Connector", "Properties": properties}

    own = {"Connectors": {"Send": {"Properties": {"Destination": {"Id": "Q"}, "Permissions": ["Write"]}}}}
    resources = {
        "F": {**function(), **own},
        "FromIt": connector({"Id": "F"}, {"Id": "Q"}),
        "ToIt": connector({"Id": "T"}, {"Id": "Q"}, {"Id": "F"}),
        "Others": connector({"Id": "T"}, {"Id": "Q"}),
        "T": {"Type": "AWS::DynamoDB::Table", "Connectors": {"Odd": 5}},
    }
    found = the(read(tmp_path, {"Resources": resources}))
    assert found.function is not None
    assert found.function.statements == [
        READS,
        *(Statement(("*",), (Unknown(f"what a connector of {name} allows"),)) for name in ("F", "FromIt", "ToIt")),
    ]


def test_a_dead_letter_queue_gives_the_right_to_send_to_it(tmp_path: Path) -> None:
    letters = {"Type": "SQS", "TargetArn": QUEUE}
    assert statements(tmp_path, function(DeadLetterQueue=letters)) == [READS, Statement(("sqs:SendMessage",), (QUEUE,))]
    assert statements(tmp_path, function(DeadLetterQueue={"Type": "SQS"})) == [
        READS,
        Statement(("sqs:SendMessage",), (Unknown("None"),)),
    ]


def test_policy_templates_are_sams_own() -> None:
    file = Path(str(import_module("samtranslator").__file__)).parent / "policy_templates_data" / "policy_templates.json"
    templates: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["Templates"]
    allowed = {
        name: {
            action
            for statement in template["Definition"]["Statement"]
            for pattern in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
            for action in fnmatch.filter([*NEEDED, "kms:GenerateDataKey"], pattern)
        }
        for name, template in templates.items()
    }
    ours = {name: {action for actions, _ in rights for action in actions} for name, rights in POLICY_TEMPLATES.items()}
    assert ours == {name: actions for name, actions in allowed.items() if actions}
    assert {name for name, actions in allowed.items() if not actions} == WITHOUT_EFFECT


@pytest.mark.parametrize(
    "name",
    [
        "AdministratorAccess",
        "AmazonDynamoDBFullAccess",
        "AmazonS3FullAccess",
        "AmazonSNSFullAccess",
        "AmazonSQSFullAccess",
        "AWSLambdaBasicExecutionRole",
        "AWSLambdaDynamoDBExecutionRole",
        "AWSLambdaExecute",
        "AWSLambdaInvocation-DynamoDB",
        "AWSLambdaKinesisExecutionRole",
        "AWSLambdaSQSQueueExecutionRole",
        "AWSLambdaVPCAccessExecutionRole",
        "AWSXRayDaemonWriteAccess",
        "CloudWatchLambdaInsightsExecutionRolePolicy",
    ],
)
def test_managed_policies_allow_what_aws_says_of_what_a_mapping_needs(name: str) -> None:
    policies: dict[str, Any] = json.loads(aws_managed_policies_data)
    wide = {f"{service}:*" for service in ("dynamodb", "sqs", "sns", "s3")} | {"*"}
    theirs = {
        (action, resource)
        for statement in policies[name]["Document"]["Statement"]
        for action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
        for resource in (statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]])
        if action in NEEDED | wide
    }
    ours = {(action, one.resources[0]) for one in managed_policy(name) for action in one.actions}
    assert ours == theirs


MANAGED = {"AmazonSQSFullAccess": "arn:aws:iam::aws:policy/AmazonSQSFullAccess"}
"""What SAM would ask IAM for."""

SAM_FUNCTIONS: dict[str, dict[str, Any]] = {
    "plain": function(),
    "alias": function(AutoPublishAlias="live", CodeUri="s3://bucket/code.zip"),
    "destination": function(
        {"E": event(DestinationConfig={"OnFailure": {"Type": "S3", "Destination": "arn:aws:s3:::failed"}})}
    ),
    "settings": function(
        {
            "E": event(
                BatchSize=10,
                BisectBatchOnFunctionError=True,
                Enabled=False,
                FilterCriteria={"Filters": [{"Pattern": "{}"}]},
                FunctionResponseTypes=["ReportBatchItemFailures"],
                KmsKeyArn="arn:aws:kms:eu-west-1:123456789012:key/1",
                MaximumBatchingWindowInSeconds=5,
                MaximumRecordAgeInSeconds=3600,
                MaximumRetryAttempts=0,
                MetricsConfig={"Metrics": ["EventCount"]},
                ParallelizationFactor=2,
                TumblingWindowInSeconds=0,
            )
        }
    ),
    "policies": function(
        Policies=[
            "AmazonSQSFullAccess",
            {"Statement": [{"Effect": "Allow", "Action": "sns:Publish", "Resource": "arn:aws:sns:eu-west-1:1:t"}]},
        ]
    ),
    "letters": function(DeadLetterQueue={"Type": "SNS", "TargetArn": "arn:aws:sns:eu-west-1:123456789012:t"}),
}


@pytest.mark.parametrize("name", SAM_FUNCTIONS)
def test_a_sam_template_says_what_sam_itself_makes_of_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    resource = json.loads(json.dumps(SAM_FUNCTIONS[name]))
    resource["Properties"] |= {"Runtime": "python3.12", "CodeUri": "s3://bucket/code.zip", "Handler": "a.h"}
    ours = the(read(tmp_path, sam(resource)))
    # It ships no types, so that it is imported by name.
    parser = import_module("samtranslator.parser.parser").Parser()
    translator = import_module("samtranslator.translator.translator").Translator(MANAGED, parser)
    made = translator.translate(sam(resource), {})
    theirs = the(read(tmp_path, made))
    assert ours.function is not None
    assert theirs.function is not None
    assert theirs.name == "FE"
    assert {**ours.settings, "FunctionName": None} == {**theirs.settings, "FunctionName": None}
    assert (ours.function.handler, ours.function.timeout) == (theirs.function.handler, theirs.function.timeout)
    assert set(map(rights, ours.function.statements or ())) == set(map(rights, theirs.function.statements or ()))


def rights(statement: Statement) -> tuple[Any, ...]:
    """Return a statement so that it compares: SAM writes ``sns:publish``, and IAM does not mind."""
    return (frozenset(map(str.lower, statement.actions)), tuple(map(form_of, statement.resources)), statement.effect)
