"""Terraform: the mapping and the policy, as resources of the provider hashicorp/aws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.deployment.exporting.chosen import chosen_settings, composed
from streamkit.deployment.exporting.hcl import Block, Expression, written
from streamkit.deployment.exporting.names import snake_name
from streamkit.deployment.found import Unknown
from streamkit.deployment.permissions import STREAM, statements_for

if TYPE_CHECKING:
    from streamkit.deployment.exporting.request import Request

__all__ = ["text"]

_NAMES = {
    "BatchSize": "batch_size",
    "BisectBatchOnFunctionError": "bisect_batch_on_function_error",
    "Enabled": "enabled",
    "FunctionResponseTypes": "function_response_types",
    "KMSKeyArn": "kms_key_arn",
    "MaximumBatchingWindowInSeconds": "maximum_batching_window_in_seconds",
    "MaximumRecordAgeInSeconds": "maximum_record_age_in_seconds",
    "MaximumRetryAttempts": "maximum_retry_attempts",
    "ParallelizationFactor": "parallelization_factor",
    "Tags": "tags",
    "TumblingWindowInSeconds": "tumbling_window_in_seconds",
}
"""Arguments of aws_lambda_event_source_mapping, as the provider's documentation lists them."""


def text(request: Request) -> str:
    """Return the configuration."""
    name = snake_name(request)
    policy = Block(
        "resource",
        ("aws_iam_role_policy", name),
        {
            "name": f"{name}_stream",
            "role": Expression(f"var.{name}_role_name"),
            "policy": Expression(f"data.aws_iam_policy_document.{name}.json"),
        },
    )
    blocks = [
        *_variables(request, name),
        *_table(request, name),
        _document(request, name),
        policy,
        _mapping(request, name),
    ]
    return written(blocks, f"{request.title}.")


def _variables(request: Request, name: str) -> list[Block]:
    # After the function, so that a module may have exports of several.
    mapping, blocks = request.mapping, []
    if mapping.event_source_arn is None and request.table_name is None:
        blocks.append(_variable(f"{name}_stream_arn", "The ARN of the stream: aws_dynamodb_table.NAME.stream_arn"))
    if mapping.function_name is None:
        blocks.append(_variable(f"{name}_function_name", "The function that gets the records: its name or ARN"))
    blocks.append(_variable(f"{name}_role_name", "The name of the function's execution role"))
    if mapping.starting_position is None:
        validation = Block(
            "validation",
            (),
            {
                "condition": Expression(f'contains(["TRIM_HORIZON", "LATEST"], var.{name}_starting_position)'),
                "error_message": "The starting position is TRIM_HORIZON or LATEST.",
            },
        )
        description = "TRIM_HORIZON (the oldest record that the stream holds) or LATEST"
        blocks.append(_variable(f"{name}_starting_position", description, (validation,)))
    return blocks


def _variable(name: str, description: str, blocks: tuple[Block, ...] = ()) -> Block:
    return Block("variable", (name,), {"description": description, "type": Expression("string")}, blocks)


def _table(request: Request, name: str) -> list[Block]:
    if request.mapping.event_source_arn or request.table_name is None:
        return []
    return [Block("data", ("aws_dynamodb_table", name), {"name": request.table_name})]


def _stream(request: Request, name: str) -> Any:
    if request.mapping.event_source_arn:
        return request.mapping.event_source_arn
    return Expression(f"data.aws_dynamodb_table.{name}.stream_arn" if request.table_name else f"var.{name}_stream_arn")


def _resource(resource: str | Unknown, request: Request, name: str) -> Any:
    if not isinstance(resource, Unknown):
        return resource
    if resource == STREAM:
        return _stream(request, name)
    table = (
        f"data.aws_dynamodb_table.{name}.arn" if request.table_name else f'split("/stream/", var.{name}_stream_arn)[0]'
    )
    return Expression(f'"${{{table}}}/stream/*"')


def _document(request: Request, name: str) -> Block:
    statements = [
        Block(
            "statement",
            (),
            {
                "actions": one.actions,
                "resources": [_resource(resource, request, name) for resource in one.resources],
            },
        )
        for one in statements_for(request.mapping)
    ]
    return Block("data", ("aws_iam_policy_document", name), {}, statements)


def _mapping(request: Request, name: str) -> Block:
    mapping, settings = request.mapping, composed(chosen_settings(request))
    attributes = {
        "function_name": mapping.function_name or Expression(f"var.{name}_function_name"),
        "event_source_arn": _stream(request, name),
        "starting_position": mapping.starting_position or Expression(f"var.{name}_starting_position"),
        **{_NAMES[setting]: value for setting, value in settings.items() if setting in _NAMES},
    }
    blocks = []
    if destination := mapping.on_failure_destination:
        blocks.append(Block("destination_config", (), {}, (Block("on_failure", (), {"destination_arn": destination}),)))
    if "FilterCriteria" in settings:
        filters = [Block("filter", (), {"pattern": one["Pattern"]}) for one in settings["FilterCriteria"]["Filters"]]
        blocks.append(Block("filter_criteria", (), {}, filters))
    if "MetricsConfig" in settings:
        blocks.append(Block("metrics_config", (), {"metrics": settings["MetricsConfig"]["Metrics"]}))
    # Lambda refuses a mapping whose function cannot read the stream yet.
    last = {"depends_on": [Expression(f"aws_iam_role_policy.{name}")]}
    return Block("resource", ("aws_lambda_event_source_mapping", name), attributes, blocks, last)
