"""The settings of a mapping on a DynamoDB stream as data: names, ranges, defaults, types (SEMANTICS §1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from typing_extensions import TypedDict

__all__ = [
    "INTEGERS",
    "MAX_STATE_BYTES",
    "NOT_FOR_DYNAMODB",
    "READ_ONLY",
    "DestinationConfig",
    "FilterCriteria",
    "IntegerSetting",
    "MappingOptions",
    "MappingUpdates",
    "MetricsConfig",
    "StartingPosition",
    "WindowMappingOptions",
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


class _Changeable(TypedDict, total=False):
    batch_size: int
    bisect_batch_on_function_error: bool
    destination_config: DestinationConfig
    enabled: bool
    function_name: str
    kms_key_arn: str
    maximum_batching_window_in_seconds: int
    maximum_record_age_in_seconds: int
    maximum_retry_attempts: int
    metrics_config: MetricsConfig


class _WithoutWindow(TypedDict, total=False):
    filter_criteria: FilterCriteria
    parallelization_factor: int


class WindowMappingOptions(_Changeable, total=False):
    """What `tumbling_window` takes of a mapping's settings: Lambda refuses filters and lanes beside a window."""

    event_source_arn: str
    starting_position: StartingPosition
    tags: dict[str, str]


class MappingOptions(WindowMappingOptions, _WithoutWindow, total=False):
    """What a decorator takes of a mapping's settings, besides those that it sets itself; explained in `mapping`."""


class MappingUpdates(_Changeable, _WithoutWindow, total=False):
    """What can be changed while a mapping runs."""

    function_response_types: list[Literal["ReportBatchItemFailures"]]
    tumbling_window_in_seconds: int


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

MAX_STATE_BYTES = 1_048_576
"""The largest state of a tumbling window, in bytes of compact JSON (I): a larger one ends its window early."""

READ_ONLY = {
    "UUID": "uuid",
    "EventSourceMappingArn": "event_source_mapping_arn",
    "FilterCriteriaError": "filter_criteria_error",
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
