"""CDK: a Python construct with the mapping, as CloudFormation's own resource, and the policy.

Not CDK's EventSourceMapping or DynamoEventSource: the construct of the resource itself has every setting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.deployment.exporting.chosen import chosen_settings, no_references
from streamkit.deployment.exporting.names import logical_id
from streamkit.deployment.exporting.pythontext import Call, Expression, written
from streamkit.deployment.found import Unknown
from streamkit.deployment.permissions import STREAM, statements_for

if TYPE_CHECKING:
    from streamkit.deployment.exporting.request import Request

__all__ = ["text"]

_NAMES = {
    "BatchSize": "batch_size",
    "BisectBatchOnFunctionError": "bisect_batch_on_function_error",
    "DestinationConfig": "destination_config",
    "Enabled": "enabled",
    "FilterCriteria": "filter_criteria",
    "FunctionResponseTypes": "function_response_types",
    "KMSKeyArn": "kms_key_arn",
    "MaximumBatchingWindowInSeconds": "maximum_batching_window_in_seconds",
    "MaximumRecordAgeInSeconds": "maximum_record_age_in_seconds",
    "MaximumRetryAttempts": "maximum_retry_attempts",
    "MetricsConfig": "metrics_config",
    "ParallelizationFactor": "parallelization_factor",
    "Tags": "tags",
    "TumblingWindowInSeconds": "tumbling_window_in_seconds",
}
"""Properties of aws_cdk.aws_lambda.CfnEventSourceMapping."""

_MAPPING = "lambda_.CfnEventSourceMapping"
_ASKED = {
    "stream_arn": "the stream to read, `table.table_stream_arn`",
    "function_name": "the function that gets the records: its name or ARN",
    "starting_position": '"TRIM_HORIZON" (the oldest record that the stream holds) or "LATEST"',
    "role": "the function's execution role, `function.role`",
}


def text(request: Request) -> str:
    """Return the module."""
    name, asked = logical_id(request, "Mapping"), _asked(request)
    policy = Call(
        "iam.Policy",
        (Expression("self"), "Policy"),
        {"statements": _statements(request), "roles": [Expression("role")]},
    )
    mapping = Call(_MAPPING, (Expression("self"), "Mapping"), _properties(request))
    types = {one: "iam.IRole" if one == "role" else "str" for one in asked}
    lines = [
        f'"""{request.title}."""',
        "",
        *_imports(request),
        "",
        "",
        f"class {name}(Construct):",
        '    """Brings the records of a stream to a function that is allowed to read it.',
        "",
        *(f"    {one}: {_ASKED[one]}" for one in asked),
        '    """',
        "",
        "    def __init__(",
        "        self,",
        "        scope: Construct,",
        "        construct_id: str,",
        "        *,",
        *(f"        {one}: {kind}," for one, kind in types.items()),
        "    ) -> None:",
        "        super().__init__(scope, construct_id)",
        f"        self.policy = {written(policy, 8, 22, 0)}",
        f"        self.mapping = {written(mapping, 8, 23, 0)}",
        "        # Lambda refuses a mapping whose function cannot read the stream yet.",
        "        self.mapping.node.add_dependency(self.policy)",
    ]
    return "\n".join(lines) + "\n"


def _asked(request: Request) -> list[str]:
    mapping = request.mapping
    known = {
        "stream_arn": mapping.event_source_arn,
        "function_name": mapping.function_name,
        "starting_position": mapping.starting_position,
    }
    return [one for one in _ASKED if known.get(one) is None]


def _imports(request: Request) -> list[str]:
    names = [
        *(["CfnTag"] if request.mapping.tags else []),
        *(["Fn"] if request.mapping.event_source_arn is None else []),
    ]
    return [
        *([f"from aws_cdk import {', '.join(names)}"] if names else []),
        "from aws_cdk import aws_iam as iam",
        "from aws_cdk import aws_lambda as lambda_",
        "from constructs import Construct",
    ]


def _statements(request: Request) -> list[Call]:
    return [
        Call(
            "iam.PolicyStatement",
            named={
                "actions": list(one.actions),
                "resources": [_resource(resource) for resource in one.resources],
            },
        )
        for one in statements_for(request.mapping)
    ]


def _resource(resource: str | Unknown) -> Any:
    if not isinstance(resource, Unknown):
        return resource
    if resource == STREAM:
        return Expression("stream_arn")
    # The ARN is known when it is deployed: Python could not take it apart.
    table = Call("Fn.select", (0, Call("Fn.split", ("/stream/", Expression("stream_arn")))))
    return Call("Fn.join", ("", [table, "/stream/*"]))


def _properties(request: Request) -> dict[str, Any]:
    mapping, settings = request.mapping, no_references(chosen_settings(request))
    return {
        "function_name": mapping.function_name or Expression("function_name"),
        "event_source_arn": mapping.event_source_arn or Expression("stream_arn"),
        "starting_position": mapping.starting_position or Expression("starting_position"),
        **{_NAMES[setting]: _property(setting, value) for setting, value in settings.items()},
    }


def _property(setting: str, value: Any) -> Any:
    match setting:
        case "DestinationConfig":
            on_failure = Call(f"{_MAPPING}.OnFailureProperty", named={"destination": value["OnFailure"]["Destination"]})
            return Call(f"{_MAPPING}.DestinationConfigProperty", named={"on_failure": on_failure})
        case "FilterCriteria":
            filters = [
                Call(f"{_MAPPING}.FilterProperty", named={"pattern": one["Pattern"]}) for one in value["Filters"]
            ]
            return Call(f"{_MAPPING}.FilterCriteriaProperty", named={"filters": filters})
        case "MetricsConfig":
            return Call(f"{_MAPPING}.MetricsConfigProperty", named={"metrics": value["Metrics"]})
        case "Tags":
            return [Call("CfnTag", named={"key": key, "value": text}) for key, text in value.items()]
        case _:
            return value
