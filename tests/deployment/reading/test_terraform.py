"""Terraform's plans and states: settings, and what they refer to through modules, loops and variables."""

from pathlib import Path
from typing import Any

import pytest

from streamkit.deployment.found import Place, Unknown
from streamkit.deployment.reading import mapping_of
from tests.deployment.reading.plans import STREAM, PlanFile, constant, refers
from tests.deployment.reading.templates import here, read, refused, the

MAPPING = "aws_lambda_event_source_mapping.orders"
TABLE = "aws_dynamodb_table.orders"
FUNCTION = "aws_lambda_function.orders"


def test_attributes_that_a_plan_has_no_value_for_are_not_said(tmp_path: Path) -> None:
    nothing: dict[str, Any] = {
        "batch_size": None,
        "bisect_batch_on_function_error": None,
        "destination_config": [],
        "enabled": None,
        "filter_criteria": [],
        "function_response_types": None,
        "kms_key_arn": "",
        "maximum_batching_window_in_seconds": 0,
        "metrics_config": [],
        "tags": {},
        "topics": None,
        "tumbling_window_in_seconds": 0,
    }
    plan = PlanFile().resource(
        MAPPING,
        {"event_source_arn": STREAM, "function_name": "orders", "starting_position": "LATEST", **nothing},
        {"maximum_record_age_in_seconds": True, "maximum_retry_attempts": True, "parallelization_factor": True},
        {"event_source_arn": constant(STREAM)},
    )
    found = the(read(tmp_path, plan.plan()))
    assert found.settings == {"EventSourceArn": STREAM, "FunctionName": "orders", "StartingPosition": "LATEST"}


def test_the_zeros_that_the_provider_sends_are_said(tmp_path: Path) -> None:
    plan = PlanFile().mapping(maximum_retry_attempts=0, enabled=False, bisect_batch_on_function_error=False)
    settings = the(read(tmp_path, plan.plan())).settings
    assert (settings["MaximumRetryAttempts"], settings["Enabled"]) == (0, False)
    assert settings["BisectBatchOnFunctionError"] is False


def test_blocks_are_what_the_api_calls_them(tmp_path: Path) -> None:
    queue = "arn:aws:sqs:eu-west-1:123456789012:failed"
    plan = PlanFile().mapping(
        destination_config=[{"on_failure": [{"destination_arn": queue}]}],
        filter_criteria=[{"filter": [{"pattern": "{}"}, {"pattern": '{"eventName":["INSERT"]}'}]}],
        metrics_config=[{"metrics": ["EventCount"]}],
    )
    settings = the(read(tmp_path, plan.plan())).settings
    assert settings["DestinationConfig"] == {"OnFailure": {"Destination": queue}}
    assert settings["FilterCriteria"] == {"Filters": [{"Pattern": "{}"}, {"Pattern": '{"eventName":["INSERT"]}'}]}
    assert settings["MetricsConfig"] == {"Metrics": ["EventCount"]}


@pytest.mark.parametrize("name", ["destination_config", "filter_criteria", "metrics_config"])
def test_a_block_of_which_nothing_is_known_is_unknown(tmp_path: Path, name: str) -> None:
    unknown: dict[str, Any] = {name: refers("local.block")}
    found = the(read(tmp_path, PlanFile().mapping(**unknown).plan()))
    (setting,) = {"DestinationConfig", "FilterCriteria", "MetricsConfig"} & set(found.settings)
    assert "local.block" in repr(found.settings[setting])
    assert setting not in found.known()


def test_parts_of_blocks_that_are_unknown_are_unknown_alone(tmp_path: Path) -> None:
    plan = PlanFile().resource(
        MAPPING,
        {
            "event_source_arn": STREAM,
            "function_name": "orders",
            "starting_position": "LATEST",
            "destination_config": [{"on_failure": [{}]}],
            "filter_criteria": [{"filter": [{}, {"pattern": "{}"}]}],
        },
        {
            "destination_config": [{"on_failure": [{"destination_arn": True}]}],
            "filter_criteria": [{"filter": [{"pattern": True}, {}]}],
        },
        {
            "destination_config": {"on_failure": {"destination_arn": refers("aws_sns_topic.failed.arn")}},
            "filter_criteria": [{"filter": [{"pattern": refers("var.pattern")}, {"pattern": constant("{}")}]}],
        },
    )
    plan.resource("aws_sns_topic.failed", {}, {"arn": True, "name": True}, {})
    settings = the(read(tmp_path, plan.plan())).settings
    assert settings["DestinationConfig"]["OnFailure"]["Destination"] == Unknown(
        "aws_sns_topic.failed.arn", here("sns", "${aws_sns_topic.failed}")
    )
    assert settings["FilterCriteria"]["Filters"] == [{"Pattern": Unknown("var.pattern")}, {"Pattern": "{}"}]


def test_settings_of_other_event_sources_are_kept_to_be_refused(tmp_path: Path) -> None:
    found = the(read(tmp_path, PlanFile().mapping(scaling_config=[{"maximum_concurrency": 5}]).plan()))
    assert found.settings["ScalingConfig"] == [{"maximum_concurrency": 5}]
    with pytest.raises(ValueError, match="ScalingConfig belongs to mappings on SQS"):
        mapping_of(found)


@pytest.mark.parametrize(
    "source",
    [
        "arn:aws:sqs:eu-west-1:123456789012:jobs",
        refers("aws_sqs_queue.jobs.arn"),
        refers("aws_kinesis_stream.clicks.arn"),
        refers("var.kinesis_arn"),
        None,
    ],
    ids=str,
)
def test_mappings_on_other_sources_are_left_out(tmp_path: Path, source: Any) -> None:
    plan = PlanFile().mapping(event_source_arn=source, self_managed_event_source=None if source else [{"endpoints": 1}])
    plan.resource("aws_sqs_queue.jobs", {"name": "jobs"}, {"arn": True}, {})
    plan.resource("aws_kinesis_stream.clicks", {"name": "clicks"}, {"arn": True}, {})
    assert read(tmp_path, plan.plan()) == []


@pytest.mark.parametrize(
    "references",
    [
        [f"{TABLE}.stream_arn"],
        [TABLE],
        ["var.stream"],
        ["aws_dynamodb_table.all", "each.key"],
        ["data.aws_dynamodb_table.orders.stream_arn"],
        [],
        ["local.stream", f"{TABLE}.stream_arn"],
    ],
    ids=str,
)
def test_a_stream_that_is_unknown_is_kept_whatever_it_comes_from(tmp_path: Path, references: list[str]) -> None:
    plan = PlanFile().table().mapping(event_source_arn=refers(*references))
    found = the(read(tmp_path, plan.plan()))
    assert isinstance(found.settings["EventSourceArn"], Unknown)
    assert (found.table is None) == (references[-1:] not in ([TABLE], [f"{TABLE}.stream_arn"]))


def test_a_plan_without_its_configuration_says_where_the_unknown_is(tmp_path: Path) -> None:
    plan = PlanFile().resource(MAPPING, {"starting_position": "LATEST"}, {"event_source_arn": True, "batch_size": True})
    found = the(read(tmp_path, plan.plan()))
    assert found.settings["BatchSize"] == Unknown(f"{MAPPING}.batch_size")


@pytest.mark.parametrize("key", ["[0]", '["eu-west-1"]'])
def test_instances_of_loops_are_each_a_mapping_with_its_own_table(tmp_path: Path, key: str) -> None:
    looped = "count.index" if key == "[0]" else "each.key"
    other = "[1]" if key == "[0]" else '["us-east-1"]'
    plan = PlanFile()
    for index, name in ((key, "orders"), (other, "bills")):
        plan.table(f"{TABLE}{index}", name=name, stream_view_type=name.upper())
        plan.function(f"{FUNCTION}{index}", function_name=name)
        plan.mapping(
            f"{MAPPING}{index}", event_source_arn=refers(TABLE, looped), function_name=refers(FUNCTION, looped)
        )
    first, second = read(tmp_path, plan.plan())
    assert (first.name, second.name) == (f"{MAPPING}{key}", f"{MAPPING}{other}")
    assert first.place == Place(str(tmp_path / "template"), f"{MAPPING}{key}")
    assert first.table is not None
    assert second.table is not None
    assert (first.table.view_type, second.table.view_type) == ("ORDERS", "BILLS")
    assert first.function is not None
    assert first.function.name == f"{FUNCTION}{key}"


def test_which_of_several_instances_is_meant_is_not_guessed(tmp_path: Path) -> None:
    plan = PlanFile().table(f"{TABLE}[0]").table(f"{TABLE}[1]", name="bills").mapping(event_source_arn=refers(TABLE))
    assert the(read(tmp_path, plan.plan())).table is None
    plan = PlanFile().table(f"{TABLE}[0]").mapping(event_source_arn=refers(TABLE))
    assert the(read(tmp_path, plan.plan())).table is not None
    plan = PlanFile().table(f"{TABLE}[0]").mapping(event_source_arn=refers(f"{TABLE}[7].stream_arn"))
    assert the(read(tmp_path, plan.plan())).table is None


def test_variables_and_outputs_of_modules_lead_to_what_they_are_given(tmp_path: Path) -> None:
    plan = PlanFile()
    plan.table(f"module.tables.{TABLE}")
    plan.call("module.tables", {}, {"stream": refers(f"{TABLE}.stream_arn")})
    plan.function()
    plan.mapping(
        f"module.jobs.module.inner.{MAPPING}", event_source_arn=refers("var.stream"), function_name=refers("var.fn")
    )
    plan.call("module.jobs", {"stream": refers("module.tables.stream"), "fn": refers(f"{FUNCTION}.arn")})
    plan.call("module.jobs.module.inner", {"stream": refers("var.stream"), "fn": refers("var.fn")})
    found = the(read(tmp_path, plan.plan()))
    assert found.settings["EventSourceArn"] == Unknown(
        "var.stream", here("dynamodb", f"table/orders/stream/${{module.tables.{TABLE}.stream_label}}")
    )
    assert found.table is not None
    assert found.table.name == f"module.tables.{TABLE}"
    assert found.function is not None
    assert found.function.name == FUNCTION


def test_instances_of_modules_are_told_apart(tmp_path: Path) -> None:
    plan = PlanFile()
    for key in ("a", "b"):
        plan.table(f'module.shop["{key}"].{TABLE}', name=key)
        plan.mapping(f'module.jobs["{key}"].{MAPPING}', event_source_arn=refers("var.stream"))
    plan.call("module.shop", {}, {"stream": refers(f"{TABLE}.stream_arn")})
    plan.call("module.jobs", {"stream": refers("module.shop", "each.key")})
    plan.module("")["module_calls"]["jobs"]["expressions"]["stream"] = {
        "references": ['module.shop["a"].stream', 'module.shop["a"]', "module.shop"]
    }
    first, second = read(tmp_path, plan.plan())
    assert first.table is not None
    assert second.table is not None
    assert {first.table.name, second.table.name} == {f'module.shop["a"].{TABLE}'}


def test_variables_that_go_in_circles_and_those_of_the_root_lead_nowhere(tmp_path: Path) -> None:
    plan = PlanFile().mapping(f"module.m.{MAPPING}", event_source_arn=refers("var.stream"))
    plan.call("module.m", {"stream": refers("module.m.stream")}, {"stream": refers("var.stream")})
    assert the(read(tmp_path, plan.plan())).table is None
    plan = PlanFile().mapping(event_source_arn=refers("var.stream"))
    assert the(read(tmp_path, plan.plan())).settings["EventSourceArn"] == Unknown("var.stream")


def test_what_a_loop_goes_through_is_followed_where_it_leads_to_one_thing(tmp_path: Path) -> None:
    # As the most used module for functions has it: module.function.aws_lambda_event_source_mapping.this["stream"].
    address = f'module.function.{MAPPING}["stream"]'
    for mappings, known in (
        ([f"{TABLE}.stream_arn"], True),
        ([f"{TABLE}.stream_arn", "aws_sqs_queue.jobs.arn"], False),
    ):
        plan = PlanFile().table().resource("aws_sqs_queue.jobs", {"name": "jobs"}, {"arn": True}, {})
        plan.mapping(address, event_source_arn={"references": ["each.value.event_source_arn", "each.value"]})
        (config,) = plan.module("module.function")["resources"]
        config["for_each_expression"] = refers("var.mappings")
        plan.call("module.function", {"mappings": refers(*mappings)})
        found = the(read(tmp_path, plan.plan()))
        assert (found.table is not None) == known
        assert found.settings["EventSourceArn"].text == "each.value.event_source_arn"


@pytest.mark.parametrize(
    ("reference", "values"),
    [
        ("aws_lambda_function.orders.qualified_arn", {}),
        ("aws_lambda_alias.live.arn", {"function_name": "orders", "name": "live"}),
        ("aws_lambda_alias.live.arn", {"function_name": "arn:aws:lambda:eu-west-1:1:function:orders", "name": "live"}),
    ],
)
def test_aliases_and_versions_lead_to_their_function(tmp_path: Path, reference: str, values: dict[str, Any]) -> None:
    plan = PlanFile().function().mapping(function_name=refers(reference))
    plan.resource("aws_lambda_alias.live", values, {"arn": True}, {})
    found = the(read(tmp_path, plan.plan()))
    assert found.function is not None
    assert found.function.name == FUNCTION


def test_what_is_there_already_is_found_by_its_arn(tmp_path: Path) -> None:
    plan = PlanFile().mapping()
    plan.resource(TABLE, {"name": "orders", "stream_arn": STREAM, "stream_enabled": True, "stream_view_type": "X"})
    plan.resource(FUNCTION, {"function_name": "orders", "handler": "", "timeout": 0, "role": "arn:aws:iam::1:role/r"})
    found = the(read(tmp_path, plan.plan()))
    assert found.table is not None
    assert found.table.view_type == "X"
    assert found.function is not None
    assert (found.function.handler, found.function.timeout, found.function.statements) == (None, None, None)


def test_a_state_is_read_like_a_plan(tmp_path: Path) -> None:
    whole = PlanFile().mapping(batch_size=5).plan()
    state = {"format_version": "1.0", "values": whole["planned_values"]}
    assert the(read(tmp_path, state)).settings["BatchSize"] == 5


def test_a_table_that_is_only_read_is_found_behind_those_that_are_made(tmp_path: Path) -> None:
    plan = PlanFile().mapping()
    prior = {
        "root_module": {
            "resources": [
                {
                    "address": "data.aws_dynamodb_table.orders",
                    "mode": "data",
                    "type": "aws_dynamodb_table",
                    "values": {"name": "orders", "stream_enabled": True, "stream_view_type": "KEYS_ONLY"},
                },
                {
                    "address": "aws_dynamodb_table.gone",
                    "mode": "managed",
                    "type": "aws_dynamodb_table",
                    "values": {"name": "orders"},
                },
                {"address": 5},
            ]
        }
    }
    found = the(read(tmp_path, plan.plan(prior_state={"values": prior})))
    assert found.table is not None
    assert (found.table.name, found.table.view_type) == ("data.aws_dynamodb_table.orders", "KEYS_ONLY")


@pytest.mark.parametrize(
    ("values", "unknown", "view_type"),
    [
        ({"stream_enabled": False, "stream_view_type": ""}, {}, None),
        ({"stream_enabled": None, "stream_view_type": "NEW_IMAGE"}, {}, None),
        ({"stream_enabled": True, "stream_view_type": None}, {}, None),
        ({"stream_enabled": True}, {"stream_view_type": True}, Unknown("var.view")),
    ],
)
def test_a_table_has_the_view_type_that_it_says(tmp_path: Path, values: Any, unknown: Any, view_type: Any) -> None:
    plan = PlanFile().mapping()
    plan.resource(TABLE, {"name": "orders", **values}, unknown, {"stream_view_type": refers("var.view")})
    found = the(read(tmp_path, plan.plan()))
    assert found.table is not None
    assert found.table.view_type == view_type


def test_modules_without_end_are_refused(tmp_path: Path) -> None:
    module: dict[str, Any] = {}
    for _ in range(60):
        module = {"child_modules": [module]}
    plan = {"format_version": "1.2", "planned_values": {"root_module": module}}
    assert refused(tmp_path, plan) == "FILE: more than 50 modules stand inside of one another in this plan"


def test_values_too_deep_to_follow_are_refused(tmp_path: Path) -> None:
    deep = f"{'[' * 600}{']' * 600}"
    text = '{"format_version": "1.2", "planned_values": {"root_module": {"resources": [{"address": "a.b", "type": "T", '
    text = text.replace('"T"', '"aws_lambda_event_source_mapping"') + f'"values": {{"tags": {deep}}}}}]}}}}}}'
    assert refused(tmp_path, text) == "FILE: objects and lists stand too deep inside of one another to be read"
