"""The settings of a mapping on a DynamoDB stream: names, ranges, defaults and the rules between them (SEMANTICS §1).

Plain data and plain functions: a decorator checks its options with these at import time, in a Lambda's cold start,
without building the pydantic model that `streamkit.mapping` makes of the same rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "INTEGERS",
    "NOT_FOR_DYNAMODB",
    "READ_ONLY",
    "DestinationConfig",
    "FilterCriteria",
    "IntegerSetting",
    "MappingOptions",
    "MetricsConfig",
    "StartingPosition",
    "check_integer",
    "check_relations",
    "check_structure",
    "flaws_of",
]

StartingPosition: TypeAlias = Literal["TRIM_HORIZON", "LATEST"]


class OnFailure(TypedDict, total=False):
    """Where the record of a discarded batch goes: the ARN of a standard SQS queue, a standard SNS topic or a bucket."""

    Destination: str


class DestinationConfig(TypedDict, total=False):
    """AWS: DestinationConfig. A mapping has no OnSuccess."""

    OnFailure: OnFailure


class Filter(TypedDict):
    """One event pattern, as JSON text."""

    Pattern: str


class FilterCriteria(TypedDict, total=False):
    """AWS: FilterCriteria. A record that matches any of the filters is taken."""

    Filters: list[Filter]


class MetricsConfig(TypedDict, total=False):
    """AWS: MetricsConfig."""

    Metrics: list[Literal["EventCount"]]


class MappingOptions(TypedDict, total=False):
    """What a decorator takes of a mapping's settings, besides those that it sets itself; explained in `mapping`."""

    batch_size: int
    bisect_batch_on_function_error: bool
    destination_config: DestinationConfig
    enabled: bool
    event_source_arn: str
    filter_criteria: FilterCriteria
    function_name: str
    kms_key_arn: str
    maximum_batching_window_in_seconds: int
    maximum_record_age_in_seconds: int
    maximum_retry_attempts: int
    metrics_config: MetricsConfig
    parallelization_factor: int
    starting_position: StartingPosition
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class IntegerSetting:
    """A whole-number setting: AWS's name, its range (both ends included), its default."""

    aws_name: str
    low: int
    high: int
    default: int
    means: str

    def allowed(self) -> str:
        """Return the range in words."""
        return f"{self.low} to {self.high}"


INTEGERS: dict[str, IntegerSetting] = {
    "batch_size": IntegerSetting("BatchSize", 1, 10_000, 100, "most records in one invocation"),
    "maximum_batching_window_in_seconds": IntegerSetting(
        "MaximumBatchingWindowInSeconds", 0, 300, 0, "longest time to gather records before invoking"
    ),
    "parallelization_factor": IntegerSetting("ParallelizationFactor", 1, 10, 1, "invocations at once per shard"),
    "maximum_record_age_in_seconds": IntegerSetting(
        "MaximumRecordAgeInSeconds", -1, 604_800, -1, "records older than this are discarded; -1 is never"
    ),
    "maximum_retry_attempts": IntegerSetting(
        "MaximumRetryAttempts", -1, 10_000, -1, "retries after the first attempt; -1 is without end"
    ),
    "tumbling_window_in_seconds": IntegerSetting(
        "TumblingWindowInSeconds", 0, 900, 0, "length of a tumbling window; 0 is none"
    ),
}

_MIN_RECORD_AGE = 60
_MAX_FILTERS = 10
_MAX_PATTERN = 4096

READ_ONLY = {
    "UUID": "uuid",
    "EventSourceMappingArn": "event_source_mapping_arn",
    "FunctionArn": "function_arn",
    "LastModified": "last_modified",
    "LastProcessingResult": "last_processing_result",
    "State": "state",
    "StateTransitionReason": "state_transition_reason",
}
"""Members that AWS answers with and nobody sets."""

NOT_FOR_DYNAMODB = {
    "AmazonManagedKafkaEventSourceConfig": "Kafka",
    "DocumentDBEventSourceConfig": "DocumentDB",
    "LoggingConfig": "Kafka",
    "ProvisionedPollerConfig": "Kafka and SQS",
    "Queues": "MQ",
    "ScalingConfig": "SQS",
    "SelfManagedEventSource": "Kafka",
    "SelfManagedKafkaEventSourceConfig": "Kafka",
    "SourceAccessConfigurations": "Kafka and MQ",
    "StartingPositionTimestamp": "Kinesis and Kafka (AT_TIMESTAMP)",
    "Topics": "Kafka",
}
"""Members of AWS's API that belong to other event sources, and whose: refused, never ignored."""


def check_integer(name: str, value: Any) -> int:
    """Return the value if the setting ``name`` takes it; ValueError says what it takes."""
    setting = INTEGERS[name]
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{setting.aws_name} takes a whole number from {setting.allowed()}, not {value!r}")  # noqa: TRY004  # pydantic reports a ValueError, not a TypeError
    if name == "maximum_record_age_in_seconds" and setting.low < value < _MIN_RECORD_AGE:
        raise ValueError(
            f"MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive), not {value}"
        )
    if not setting.low <= value <= setting.high:
        raise ValueError(f"{setting.aws_name} takes {setting.allowed()} (default {setting.default}), not {value}")
    return value


def _check_starting_position(value: Any) -> Any:
    if value == "AT_TIMESTAMP":
        raise ValueError("StartingPosition AT_TIMESTAMP is not for DynamoDB streams: use TRIM_HORIZON or LATEST")
    if value not in ("TRIM_HORIZON", "LATEST", None):
        raise ValueError(f"StartingPosition takes TRIM_HORIZON or LATEST, not {value!r}")
    return value


def _check_bool(value: Any) -> Any:
    if not isinstance(value, bool):
        raise ValueError(f"takes true or false, not {value!r}")  # noqa: TRY004  # as above
    return value


def _check_function_name(value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, str) or not 1 <= len(value) <= 256:  # noqa: PLR2004  # AWS's limit, said in the next line
        raise ValueError(f"FunctionName takes 1 to 256 characters (a name, a partial or a full ARN), not {value!r}")
    return value


def _check_text(value: Any) -> Any:
    if value is not None and (not isinstance(value, str) or not value):
        raise ValueError(f"takes text, not {value!r}")
    return value


def _check_response_types(value: Any) -> Any:
    if value not in (None, [], ["ReportBatchItemFailures"]):
        raise ValueError(f'FunctionResponseTypes takes [] or ["ReportBatchItemFailures"], not {value!r}')
    return list(value or ())


def _members(what: str, value: Any, allowed: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} takes an object with {' or '.join(allowed)}, not {value!r}")  # noqa: TRY004  # as above
    for name in value:
        if name not in allowed:
            raise ValueError(f"{what} has no member {name!r}: it takes {' or '.join(allowed)}")
    return value


def _check_destination(value: Any) -> Any:
    if isinstance(value, dict) and value.get("OnSuccess"):
        raise ValueError("OnSuccess configuration is not supported for event source mappings: use OnFailure")
    config = _members("DestinationConfig", value or {}, ("OnFailure", "OnSuccess"))
    on_failure = _members("OnFailure", config.get("OnFailure") or {}, ("Destination",))
    destination = on_failure.get("Destination") or ""
    if not isinstance(destination, str):
        raise ValueError(f"OnFailure.Destination takes an ARN, not {destination!r}")  # noqa: TRY004  # as above
    if not destination:
        return {"OnFailure": {}}
    if not destination.startswith("arn:") or destination.split(":")[2:3] not in (["sqs"], ["sns"], ["s3"]):
        raise ValueError(
            f"OnFailure.Destination takes the ARN of a standard SQS queue, a standard SNS topic or an S3 bucket, "
            f"not {destination!r}"
        )
    if destination.endswith(".fifo"):
        raise ValueError(f"OnFailure.Destination takes a standard queue or topic, not the FIFO one {destination!r}")
    return {"OnFailure": {"Destination": destination}}


def _check_filters(value: Any) -> Any:
    import json  # noqa: PLC0415  # only a mapping with filters pays for it

    filters = _members("FilterCriteria", value or {}, ("Filters",)).get("Filters") or []
    if not isinstance(filters, list) or len(filters) > _MAX_FILTERS:
        raise ValueError(f"FilterCriteria takes a list of at most 5 filters (10 by quota), not {filters!r}")
    for one in filters:
        pattern = _members("Filter", one, ("Pattern",)).get("Pattern")
        if not isinstance(pattern, str) or len(pattern) > _MAX_PATTERN:
            raise ValueError(f"Pattern takes JSON text of at most {_MAX_PATTERN} characters, not {pattern!r}")
        try:
            parsed = json.loads(pattern)
        except ValueError as error:
            raise ValueError(f"Invalid filter pattern definition: {pattern!r} is not JSON ({error})") from None
        if not isinstance(parsed, dict):
            raise ValueError(f"Invalid filter pattern definition: {pattern!r} is not a JSON object")  # noqa: TRY004  # as above
    return {"Filters": filters} if filters else None


def _check_metrics(value: Any) -> Any:
    metrics = _members("MetricsConfig", value or {}, ("Metrics",)).get("Metrics")
    if metrics not in ([], ["EventCount"], None):
        raise ValueError(f'MetricsConfig takes {{"Metrics": ["EventCount"]}}, not {value!r}')
    return {"Metrics": metrics} if metrics else None


def _check_tags(value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, dict) or not all(isinstance(text, str) for pair in value.items() for text in pair):
        raise ValueError(f"Tags takes an object of texts, not {value!r}")
    return value


_STRUCTURES: dict[str, Callable[[Any], Any]] = {
    "bisect_batch_on_function_error": _check_bool,
    "destination_config": _check_destination,
    "enabled": _check_bool,
    "event_source_arn": _check_text,
    "filter_criteria": _check_filters,
    "function_name": _check_function_name,
    "function_response_types": _check_response_types,
    "kms_key_arn": _check_text,
    "metrics_config": _check_metrics,
    "starting_position": _check_starting_position,
    "tags": _check_tags,
}


def check_structure(name: str, value: Any) -> Any:
    """Return the value of a setting that is no number, in its normal form; ValueError says what it takes."""
    return _STRUCTURES[name](value)


def check_relations(values: Mapping[str, Any]) -> None:
    """Raise ValueError where settings that are sound one by one do not go together."""
    if not values.get("tumbling_window_in_seconds"):
        return
    if values.get("parallelization_factor", 1) > 1:
        raise ValueError("Parallelization factor must be equal to 1 when tumbling window period is configured")
    if (values.get("filter_criteria") or {}).get("Filters"):
        raise ValueError("FilterCriteria and TumblingWindowInSeconds do not go together: Lambda refuses the pair")


def flaws_of(values: Mapping[str, Any]) -> list[str]:
    """Every flaw of a set of settings under their Python names, in words; empty if Lambda would take them."""
    flaws = []
    for name, value in values.items():
        try:
            if name in INTEGERS:
                check_integer(name, value)
            elif name in _STRUCTURES:
                check_structure(name, value)
            else:
                flaws.append(f"{name} is not a setting of a mapping on a DynamoDB stream")
        except ValueError as error:
            flaws.append(f"{name}: {error}")
    if not flaws:
        try:
            check_relations(values)
        except ValueError as error:
            flaws.append(str(error))
    return flaws
