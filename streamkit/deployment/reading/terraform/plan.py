"""Terraform's plan as JSON (``terraform show -json``), and its state: mappings, functions and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.deployment.found import FoundFunction, FoundMapping, FoundTable, Place, TemplateError, Unknown
from streamkit.deployment.reading.forms import form_of, function_in, table_in
from streamkit.deployment.reading.sources import reads_dynamodb
from streamkit.deployment.reading.terraform.roles import role_statements
from streamkit.deployment.reading.terraform.values import Plan

if TYPE_CHECKING:
    from streamkit.deployment.reading.terraform.instances import Instance

__all__ = ["ATTRIBUTES", "is_plan", "planned"]

ATTRIBUTES = {
    "batch_size": "BatchSize",
    "bisect_batch_on_function_error": "BisectBatchOnFunctionError",
    "enabled": "Enabled",
    "event_source_arn": "EventSourceArn",
    "function_name": "FunctionName",
    "function_response_types": "FunctionResponseTypes",
    "kms_key_arn": "KMSKeyArn",
    "maximum_batching_window_in_seconds": "MaximumBatchingWindowInSeconds",
    "maximum_record_age_in_seconds": "MaximumRecordAgeInSeconds",
    "maximum_retry_attempts": "MaximumRetryAttempts",
    "parallelization_factor": "ParallelizationFactor",
    "starting_position": "StartingPosition",
    "tags": "Tags",
    "tumbling_window_in_seconds": "TumblingWindowInSeconds",
    # Other event sources', so that a mapping that has them is refused as by Lambda.
    "amazon_managed_kafka_event_source_config": "AmazonManagedKafkaEventSourceConfig",
    "document_db_event_source_config": "DocumentDBEventSourceConfig",
    "provisioned_poller_config": "ProvisionedPollerConfig",
    "queues": "Queues",
    "scaling_config": "ScalingConfig",
    "self_managed_event_source": "SelfManagedEventSource",
    "self_managed_kafka_event_source_config": "SelfManagedKafkaEventSourceConfig",
    "source_access_configuration": "SourceAccessConfigurations",
    "starting_position_timestamp": "StartingPositionTimestamp",
    "topics": "Topics",
}
"""Attributes of ``aws_lambda_event_source_mapping`` by the provider's names, but for its blocks."""

_MAPPING, _FUNCTION, _TABLE = "aws_lambda_event_source_mapping", "aws_lambda_function", "aws_dynamodb_table"
_WANTED = {"event_source_arn": "stream_arn"}
_SUPPORTED = {"0", "1"}


def is_plan(value: dict[str, Any]) -> bool:
    """Whether an object is a plan or a state of Terraform's, in the form for other programs."""
    return "format_version" in value and "Resources" not in value


def planned(value: dict[str, Any], file: str) -> list[FoundMapping]:
    """Return the mappings on DynamoDB streams as they are once the plan is applied.

    Raises TemplateError for a version of the format that is not known, and for a plan that failed.
    """
    version = str(value["format_version"])
    if version.partition(".")[0] not in _SUPPORTED:
        raise TemplateError(
            f"{file} is of Terraform's JSON format {version}: versions 0 and 1 are read (Terraform from 0.12 on, and "
            f"OpenTofu)"
        )
    if value.get("errored") is True:
        raise TemplateError(f"{file} is a plan that failed, so that it lacks values: run terraform plan again")
    if not {"planned_values", "values"} & set(value):
        raise TemplateError(
            f"{file} has Terraform's format_version, and neither planned_values nor values: give the whole answer of "
            f"terraform show -json PLAN"
        )
    plan = Plan(value, file)
    found = (_mapping(plan, instance, file) for instance in plan.of_kind(_MAPPING))
    return [one for one in found if one is not None]


def _mapping(plan: Plan, instance: Instance, file: str) -> FoundMapping | None:
    settings: dict[str, Any] = {}
    places: dict[str, Place] = {}

    def say(attribute: str, name: str, value: Any) -> None:
        # The provider sends no zero values but one: to it they are what is not said.
        if value is not None and (value or value is False or attribute == "maximum_retry_attempts"):
            settings[name] = value
            places[name] = Place(file, f"{instance.address}.{attribute}")

    for attribute, name in ATTRIBUTES.items():
        say(attribute, name, plan.value(instance, (attribute,), _WANTED.get(attribute, "arn")))
    say("destination_config", "DestinationConfig", _destination(plan, instance))
    say("filter_criteria", "FilterCriteria", _filters(plan, instance))
    metrics = _block(plan.value(instance, ("metrics_config",)))
    say("metrics_config", "MetricsConfig", metrics if isinstance(metrics, Unknown) else _renamed(metrics, "metrics"))
    notes: list[str] = []
    if not reads_dynamodb(settings, notes):
        return None
    function = _named(plan, _FUNCTION, function_in(form_of(settings.get("FunctionName"))))
    table = _named(plan, _TABLE, table_in(form_of(settings.get("EventSourceArn"))))
    return FoundMapping(
        instance.address,
        Place(file, instance.address),
        settings,
        None if function is None else _function(plan, function, file),
        None if table is None else _table(plan, table, file),
        places,
        notes,
    )


def _destination(plan: Plan, instance: Instance) -> Any:
    config = _block(plan.value(instance, ("destination_config",)))
    on_failure = config if isinstance(config, Unknown) else _block(_member(config, "on_failure"))
    arn = on_failure if isinstance(on_failure, Unknown) else _member(on_failure, "destination_arn")
    return {"OnFailure": {"Destination": arn}} if arn else None


def _filters(plan: Plan, instance: Instance) -> Any:
    criteria = _block(plan.value(instance, ("filter_criteria",)))
    filters = criteria if isinstance(criteria, Unknown) else _member(criteria, "filter")
    if not isinstance(filters, list):
        return filters
    patterns = [one if isinstance(one, Unknown) else _member(one, "pattern") for one in filters]
    return {"Filters": [{"Pattern": pattern} for pattern in patterns]} if patterns else None


def _block(value: Any) -> Any:
    """Return the one block of a kind that takes one at most."""
    return (value[0] if value else None) if isinstance(value, list) else value


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _renamed(value: Any, name: str) -> Any:
    member = _member(value, name)
    return {name.capitalize(): member} if member else None


def _named(plan: Plan, kind: str, name: str | None) -> Instance | None:
    # What the plan makes comes before what it only reads.
    return next((one for one in [*plan.of_kind(kind), *plan.of_kind(f"data.{kind}")] if plan.name(one) == name), None)


def _function(plan: Plan, instance: Instance, file: str) -> FoundFunction:
    handler, timeout, name = (plan.value(instance, (one,)) for one in ("handler", "timeout", "function_name"))
    return FoundFunction(
        instance.address,
        Place(file, instance.address),
        handler if isinstance(handler, str | Unknown) and handler else None,
        timeout if isinstance(timeout, int | Unknown) and timeout else None,
        role_statements(plan, form_of(plan.value(instance, ("role",)))),
        name if isinstance(name, str | Unknown) and name else None,
    )


def _table(plan: Plan, instance: Instance, file: str) -> FoundTable:
    enabled, view_type, name = (plan.value(instance, (one,)) for one in ("stream_enabled", "stream_view_type", "name"))
    streams = enabled is True or isinstance(enabled, Unknown)
    return FoundTable(
        instance.address,
        Place(file, instance.address),
        view_type if streams and isinstance(view_type, str | Unknown) and view_type else None,
        name if isinstance(name, str | Unknown) and name else None,
    )
