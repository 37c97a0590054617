"""Whole templates as people write them, and tools do: SAM, CloudFormation, CDK's output, Terraform's plan."""

import json
from typing import Any

import pytest

from streamkit import EventSourceMapping
from streamkit.deployment.found import FoundFunction, FoundTable, Place, Statement, Unknown
from streamkit.deployment.reading import mapping_of, read_template
from tests.deployment.reading.templates import DATA, here, the

READ_STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
REPORT = ["ReportBatchItemFailures"]


def place(file: str, path: str, line: int | None = None) -> Place:
    return Place(str(DATA / file), path, line)


def test_a_sam_template_tells_the_mapping_its_function_with_globals_and_its_table() -> None:
    found = the(read_template(DATA / "orders.sam.yaml"))
    failed = Unknown("!GetAtt Failed.Arn", here("sqs", "${Failed}"))
    stream = Unknown(
        "!GetAtt Orders.StreamArn", here("dynamodb", "table/${AWS::StackName}-orders/stream/${Orders.StreamLabel}")
    )
    events = "Resources.OrdersFunction.Properties.Events.Stream"
    assert found.name == "OrdersFunction.Stream"
    assert found.place == place("orders.sam.yaml", events, 45)
    assert found.settings == {
        "BatchSize": 25,
        "BisectBatchOnFunctionError": True,
        "DestinationConfig": {"OnFailure": {"Destination": failed}},
        "EventSourceArn": stream,
        "FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]},
        "FunctionName": Unknown("!Ref OrdersFunction", "${OrdersFunction}"),
        "FunctionResponseTypes": REPORT,
        "MaximumRetryAttempts": 3,
        "ParallelizationFactor": Unknown('!If ["IsProduction", 10, 1]'),
        "StartingPosition": "TRIM_HORIZON",
    }
    assert found.place_of("BatchSize") == place("orders.sam.yaml", f"{events}.Properties.BatchSize", 50)
    assert found.place_of("EventSourceArn") == place("orders.sam.yaml", f"{events}.Properties.Stream", 48)
    assert found.place_of("Enabled") == found.place
    assert found.notes == ["BatchSize is the default of the parameter BatchSize"]
    assert found.function == FoundFunction(
        "OrdersFunction",
        place("orders.sam.yaml", "Resources.OrdersFunction", 37),
        handler="src/app.handler",
        timeout=30,
        statements=[
            Statement((*READ_STREAM, "dynamodb:ListStreams"), ("*",)),
            Statement(("sqs:SendMessage",), (failed,)),
        ],
    )
    assert found.table == FoundTable(
        "Orders",
        place("orders.sam.yaml", "Resources.Orders", 22),
        "NEW_AND_OLD_IMAGES",
        Unknown("!Sub ${AWS::StackName}-orders", "${AWS::StackName}-orders"),
    )


def test_a_cloudformation_template_is_evaluated_as_far_as_it_tells() -> None:
    found = the(read_template(DATA / "orders.cfn.yaml"))
    failed = here("sqs", "${Failed}")
    account = "!Ref AWS::Region, !Ref AWS::AccountId"
    written = f'!Join [":", ["arn", !Ref AWS::Partition, "sqs", {account}, !GetAtt Failed.QueueName]]'
    assert found.settings == {
        "BatchSize": 10,
        "BisectBatchOnFunctionError": True,
        "DestinationConfig": {"OnFailure": {"Destination": Unknown(written, failed)}},
        "EventSourceArn": Unknown(
            "!GetAtt Orders.StreamArn", here("dynamodb", "table/orders-test/stream/${Orders.StreamLabel}")
        ),
        "FilterCriteria": {
            "Filters": [
                {"Pattern": '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"status":{"S":["PAID"]}}}}'},
                {"Pattern": '{"eventName": ["${literal}"]}'},
            ]
        },
        "FunctionName": Unknown("!Ref Live", here("lambda", "function:${Function}:live")),
        "FunctionResponseTypes": REPORT,
        "KMSKeyArn": Unknown("!Ref Key", "${Key}"),
        "MaximumBatchingWindowInSeconds": 5,
        "MaximumRecordAgeInSeconds": 3600,
        "MetricsConfig": {"Metrics": ["EventCount"]},
        "ParallelizationFactor": 2,
        "StartingPosition": "TRIM_HORIZON",
        "Tags": {"owner": "billing", "stage": "test"},
    }
    assert found.function is not None
    assert (found.function.name, found.function.handler, found.function.timeout) == (
        "Function",
        "build/app.handler",
        20,
    )
    assert found.function.statements == [
        Statement(READ_STREAM, (found.settings["EventSourceArn"],)),
        Statement(("dynamodb:ListStreams",), ("*",)),
        Statement(
            ("sqs:SendMessage",),
            (
                Unknown(
                    "!Sub arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Failed.QueueName}",
                    failed,
                ),
            ),
        ),
    ]
    assert found.table is not None
    assert (found.table.view_type, found.table.table_name) == ("NEW_AND_OLD_IMAGES", "orders-test")


def test_parameters_that_are_given_take_the_place_of_defaults_and_of_the_account() -> None:
    account = {"AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012", "AWS::Partition": "aws"}
    found = the(read_template(DATA / "orders.cfn.yaml", {"Window": "7", **account}))
    assert found.settings["MaximumBatchingWindowInSeconds"] == 7
    assert found.settings["EventSourceArn"].form == (
        "arn:aws:dynamodb:eu-west-1:123456789012:table/orders-test/stream/${Orders.StreamLabel}"
    )
    assert "MaximumBatchingWindowInSeconds is the default of the parameter Window" not in found.notes
    assert read_template(DATA / "orders.cfn.yaml", {"Stage": "prod"}) == []


def test_what_cdk_synthesises_is_read_with_the_role_that_it_made() -> None:
    found = the(read_template(DATA / "orders.cdk.template.json"))
    stream = Unknown(
        '{"Fn::GetAtt": ["Orders1A2B3C4D", "StreamArn"]}',
        here("dynamodb", "table/${Orders1A2B3C4D}/stream/${Orders1A2B3C4D.StreamLabel}"),
    )
    queue = Unknown('{"Fn::GetAtt": ["Failed5E6F7A8B", "Arn"]}', here("sqs", "${Failed5E6F7A8B}"))
    assert found.settings["EventSourceArn"] == stream
    assert found.place == place("orders.cdk.template.json", "Resources.HandlerDynamoDBEventSourceShopOrders", 59)
    assert found.place_of("BatchSize").line == 62
    assert found.function is not None
    assert found.function.statements == [
        Statement(("sqs:SendMessage",), (queue,)),
        Statement(("dynamodb:ListStreams",), ("*",)),
        Statement(READ_STREAM, (stream,)),
    ]
    assert found.function.timeout is None
    assert found.table is not None
    assert found.table.view_type == "NEW_IMAGE"


def test_a_terraform_plan_tells_what_is_unknown_by_what_it_refers_to() -> None:
    found = the(read_template(DATA / "orders.plan.json"))
    file = "orders.plan.json"
    stream = Unknown(
        "aws_dynamodb_table.orders.stream_arn",
        here("dynamodb", "table/orders/stream/${aws_dynamodb_table.orders.stream_label}"),
    )
    failed = Unknown("aws_sqs_queue.failed.arn", here("sqs", "orders-failed"))
    assert found.name == "aws_lambda_event_source_mapping.orders"
    assert found.place == place(file, "aws_lambda_event_source_mapping.orders")
    assert found.settings == {
        "BatchSize": 50,
        "BisectBatchOnFunctionError": True,
        "DestinationConfig": {"OnFailure": {"Destination": failed}},
        "Enabled": True,
        "EventSourceArn": stream,
        "FilterCriteria": {"Filters": [{"Pattern": '{"eventName":["INSERT"]}'}]},
        "FunctionName": Unknown("aws_lambda_function.orders.arn", here("lambda", "function:orders")),
        "FunctionResponseTypes": REPORT,
        "MaximumRetryAttempts": 3,
        "StartingPosition": "TRIM_HORIZON",
        "Tags": {"team": "orders"},
    }
    assert found.place_of("BatchSize") == place(file, "aws_lambda_event_source_mapping.orders.batch_size")
    assert found.function == FoundFunction(
        "aws_lambda_function.orders",
        place(file, "aws_lambda_function.orders"),
        "app.handler",
        30,
        [
            Statement((*READ_STREAM, "dynamodb:ListStreams"), (stream,)),
            Statement(("sqs:SendMessage",), (failed,)),
        ],
        "orders",
    )
    assert found.table == FoundTable(
        "aws_dynamodb_table.orders", place(file, "aws_dynamodb_table.orders"), "NEW_AND_OLD_IMAGES", "orders"
    )


@pytest.mark.parametrize("name", ["create-event-source-mapping.json", "get-event-source-mapping.json"])
def test_an_answer_of_aws_is_the_mapping_that_the_model_reads_of_it(name: str) -> None:
    file = DATA.parent / name
    answer: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    read = EventSourceMapping.model_validate(answer)
    made = mapping_of(the(read_template(file)))
    assert made.model_copy(update={"function_name": read.function_name}) == read
    assert made.function_name == read.function_arn


@pytest.mark.parametrize("name", ["orders.sam.yaml", "orders.cfn.yaml", "orders.cdk.template.json", "orders.plan.json"])
def test_what_is_known_of_an_example_is_a_mapping(name: str) -> None:
    found = the(read_template(DATA / name))
    made = mapping_of(found).to_aws()
    assert found.known().items() <= made.items()
