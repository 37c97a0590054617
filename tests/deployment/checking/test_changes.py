"""What to write, in the language of each place."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import yaml

from streamkit.deployment.checking.changes import dialect_of, statement
from streamkit.deployment.checking.handlerfacts import facts_of, own_mapping
from streamkit.deployment.found import FoundMapping, Place, Unknown
from tests.deployment.checking import app
from tests.deployment.checking.deployments import QUEUE, deployed, filters

UUID = "14e0db71-5d35-4eb5-b481-8945cf9d10c2"
TERRAFORM = replace(deployed(file="plan.json"), place=Place("plan.json", "module.a.aws_lambda_event_source_mapping.b"))
DESTINATION = {"OnFailure": {"Destination": QUEUE}}


def written(found: FoundMapping, handler: Any = app.orders) -> Any:
    return dialect_of(found, facts_of(handler, "app:orders"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BatchSize", 10),
        ("BisectBatchOnFunctionError", True),
        ("FunctionResponseTypes", ["ReportBatchItemFailures"]),
        ("DestinationConfig", DESTINATION),
        ("FilterCriteria", filters('{"eventName": ["INSERT"]}')),
        ("StartingPosition", "TRIM_HORIZON"),
    ],
)
def test_a_line_of_a_template_is_read_back_as_the_setting(name: str, value: Any) -> None:
    assert yaml.safe_load(written(deployed()).setting(name, value)) == {name: value}
    assert json.loads(f"{{{written(deployed(file='template.json')).setting(name, value)}}}") == {name: value}


def test_terraform_has_blocks_and_names_of_its_own() -> None:
    terraform = written(TERRAFORM)
    assert terraform.setting("BatchSize", 10) == "batch_size = 10"
    assert terraform.setting("FunctionResponseTypes", ["ReportBatchItemFailures"]) == (
        'function_response_types = ["ReportBatchItemFailures"]'
    )
    assert terraform.setting("DestinationConfig", DESTINATION).splitlines() == [
        "destination_config {",
        "  on_failure {",
        f'    destination_arn = "{QUEUE}"',
        "  }",
        "}",
    ]
    assert terraform.setting("FilterCriteria", filters("{}", "[]")).splitlines() == [
        "filter_criteria {",
        "  filter {",
        '    pattern = "{}"',
        "  }",
        "  filter {",
        '    pattern = "[]"',
        "  }",
        "}",
    ]
    assert terraform.without("FilterCriteria") == "(remove) filter_criteria …"
    assert terraform.function("Timeout", 30) == "timeout = 30"
    assert 'stream_view_type = "NEW_IMAGE"' in terraform.view_type("NEW_IMAGE")


def test_what_is_deployed_is_changed_with_commands() -> None:
    update = f"aws lambda update-event-source-mapping --uuid {UUID}"
    cli = written(deployed(UUID=UUID))
    assert cli.setting("BatchSize", 10) == f"{update} --batch-size 10"
    assert cli.setting("BisectBatchOnFunctionError", True) == f"{update} --bisect-batch-on-function-error"
    assert cli.setting("Enabled", False) == f"{update} --no-enabled"
    assert cli.setting("FunctionResponseTypes", []) == f"{update} --function-response-types []"
    assert cli.setting("DestinationConfig", DESTINATION) == f"{update} --destination-config '{json.dumps(DESTINATION)}'"
    assert cli.setting("KMSKeyArn", "arn") == f"{update} --kms-key-arn arn"
    assert cli.without("FilterCriteria") == f"{update} --filter-criteria '{{}}'"
    assert cli.view_type("NEW_IMAGE").splitlines()[0].endswith("--stream-specification StreamEnabled=false")
    assert "StreamEnabled=true,StreamViewType=NEW_IMAGE" in cli.view_type("NEW_IMAGE")
    # Of a function and a table that are not known, the places are named.
    bare = written(FoundMapping(UUID, Place("mapping.json", ""), {"UUID": UUID}))
    assert (
        bare.function("Timeout", 30) == "aws lambda update-function-configuration --function-name FUNCTION --timeout 30"
    )
    assert "--table-name TABLE " in bare.view_type("NEW_IMAGE")


def test_the_handlers_own_settings_are_changed_at_its_decorator() -> None:
    def own(handler: Any) -> Any:
        facts = facts_of(handler, "app:it")
        return dialect_of(own_mapping(facts), facts)

    assert own(app.orders).setting("BatchSize", 10) == "batch_size=10"
    assert own(app.revenue).setting("BatchSize", 10) == "batch_size=10"
    assert own(app.orders).without("FilterCriteria") == "(remove) filter_criteria=…"
    assert own(app.orders).view_type("NEW_IMAGE") == 'LocalTable(…, view_type="NEW_IMAGE")'
    assert own(app.orders).function("Timeout", 30) == "Timeout: 30"


def test_templates_are_changed_in_their_own_form() -> None:
    assert written(deployed()).without("BatchSize") == "(remove) BatchSize: …"
    assert written(deployed()).function("Handler", "app.orders") == "Handler: app.orders"
    assert written(deployed()).setting("KMSKeyArn", Unknown("!Ref Key")) == "KMSKeyArn: !Ref Key"
    in_json = written(deployed(file="template.json"))
    assert in_json.without("BatchSize") == '(remove) "BatchSize": …'
    assert in_json.function("Timeout", 30) == '"Timeout": 30'
    assert in_json.view_type("NEW_IMAGE").startswith('"StreamSpecification": {"StreamViewType": "NEW_IMAGE"}')


def test_a_statement_is_json() -> None:
    assert json.loads(statement(["sqs:SendMessage"], QUEUE)) == {
        "Effect": "Allow",
        "Action": ["sqs:SendMessage"],
        "Resource": QUEUE,
    }
