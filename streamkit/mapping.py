"""`EventSourceMapping`: a DynamoDB stream mapping's settings, under Python's and AWS's names (SEMANTICS §1)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetPydanticSchema,
    ModelWrapValidatorHandler,
    ValidationInfo,
    model_validator,
)
from pydantic.alias_generators import to_pascal
from pydantic_core import core_schema

from streamkit.errors import FilterPatternWarning
from streamkit.settingchecks import check_integer, check_relations, check_structure
from streamkit.settings import (
    INTEGERS,
    NOT_FOR_DYNAMODB,
    READ_ONLY,
    DestinationConfig,
    FilterCriteria,
    MetricsConfig,
    StartingPosition,
)

__all__ = ["EventSourceMapping"]

# AWS's names that are not the field's name in PascalCase.
_ALIASES = {"uuid": "UUID", "kms_key_arn": "KMSKeyArn"}
# boto3 puts it around every answer; it is about the HTTP call, not about the mapping.
_TRANSPORT = "ResponseMetadata"
_OFF = ("Disabled", "Disabling")


def _integer(name: str) -> Any:
    return BeforeValidator(lambda value: check_integer(name, value))


def _structure(name: str) -> Any:
    # The check is the whole schema: with the model's own, AWS's member names inside would be made Pascal case too.
    return GetPydanticSchema(
        lambda _type, _handler: core_schema.no_info_plain_validator_function(lambda value: check_structure(name, value))
    )


def _default(name: str) -> int:
    return INTEGERS[name].default


class EventSourceMapping(BaseModel, frozen=True):
    """What Lambda knows of a stream and a function, and how it is to bring the one to the other.

    Made from Python names (``EventSourceMapping(batch_size=10)``) or from AWS's
    (``EventSourceMapping.model_validate({"BatchSize": 10})``), the answer of ``aws lambda get-event-source-mapping``
    as it stands included. A setting out of range, one that does not go with another, and one that belongs to other
    event sources are each refused with pydantic's ValidationError, which says what is allowed.

    A part of a filter that no record can match is accepted, as by Lambda, with a FilterPatternWarning
    (`filterlint.never_matches`). Who validates again what was warned of passes ``context={"warned": True}``.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        alias_generator=lambda name: _ALIASES.get(name) or to_pascal(name),
        populate_by_name=True,
        extra="forbid",
    )

    event_source_arn: Annotated[str | None, _structure("event_source_arn")] = None
    """The stream's ARN."""
    function_name: Annotated[str | None, _structure("function_name")] = None
    """The function: name, partial or full ARN, with or without qualifier, 1 to 256 characters."""
    starting_position: Annotated[StartingPosition | None, _structure("starting_position")] = None
    """TRIM_HORIZON (the oldest record that the stream holds) or LATEST. AWS wants one; the local runner without one
    starts at TRIM_HORIZON."""
    enabled: Annotated[bool, _structure("enabled")] = True
    """Whether records are delivered. Disabling keeps the position."""
    batch_size: Annotated[int, _integer("batch_size")] = _default("batch_size")
    """Most records in one invocation: 1 to 10,000."""
    maximum_batching_window_in_seconds: Annotated[int, _integer("maximum_batching_window_in_seconds")] = _default(
        "maximum_batching_window_in_seconds"
    )
    """Longest time to gather records before invoking, in seconds: 0 to 300."""
    parallelization_factor: Annotated[int, _integer("parallelization_factor")] = _default("parallelization_factor")
    """Invocations at once per shard: 1 to 10. Order is kept per item."""
    maximum_record_age_in_seconds: Annotated[int, _integer("maximum_record_age_in_seconds")] = _default(
        "maximum_record_age_in_seconds"
    )
    """Records older than this are discarded, in seconds: 60 to 604,800, or -1 for never."""
    maximum_retry_attempts: Annotated[int, _integer("maximum_retry_attempts")] = _default("maximum_retry_attempts")
    """Retries of a failed batch after its first attempt: 0 to 10,000, or -1 for without end (until the stream's own
    24 hours are over)."""
    bisect_batch_on_function_error: Annotated[bool, _structure("bisect_batch_on_function_error")] = False
    """Whether a failed batch is halved before it is retried."""
    tumbling_window_in_seconds: Annotated[int, _integer("tumbling_window_in_seconds")] = _default(
        "tumbling_window_in_seconds"
    )
    """Length of a tumbling window, in seconds: 0 (none) to 900."""
    function_response_types: Annotated[list[str], _structure("function_response_types")] = Field(default_factory=list)
    """[] or ["ReportBatchItemFailures"]: whether Lambda reads which records failed from the function's response."""
    destination_config: Annotated[DestinationConfig, _structure("destination_config")] = Field(
        default_factory=lambda: DestinationConfig(OnFailure={})
    )
    """Where the record of a discarded batch goes: {"OnFailure": {"Destination": ARN of SQS, SNS or S3}}."""
    filter_criteria: Annotated[FilterCriteria | None, _structure("filter_criteria")] = None
    """Which records are delivered: {"Filters": [{"Pattern": JSON text}]}. Not with a tumbling window."""
    kms_key_arn: Annotated[str | None, _structure("kms_key_arn")] = None
    """The key that encrypts the filter criteria."""
    metrics_config: Annotated[MetricsConfig | None, _structure("metrics_config")] = None
    """{"Metrics": ["EventCount"]} for the metrics of SEMANTICS §8."""
    tags: Annotated[dict[str, str] | None, _structure("tags")] = None
    """Tags of the mapping."""

    uuid: str | None = None
    """Answered by AWS: the mapping's id."""
    event_source_mapping_arn: str | None = None
    """Answered by AWS: the mapping's ARN."""
    filter_criteria_error: Any = None
    """Answered by AWS: why it cannot decrypt the filter criteria."""
    function_arn: str | None = None
    """Answered by AWS: the function's ARN."""
    last_modified: Any = None
    """Answered by AWS: epoch seconds (AWS CLI) or a datetime (boto3)."""
    last_processing_result: str | None = None
    """Answered by AWS: "No records processed", "OK" or "PROBLEM: …"."""
    state: str | None = None
    """Answered by AWS: Creating, Enabling, Enabled, Disabling, Disabled, Updating or Deleting."""
    state_transition_reason: str | None = None
    """Answered by AWS: "User action", or "Lambda initiated"."""

    @model_validator(mode="before")
    @classmethod
    def _read_answers(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        values = {name: value for name, value in values.items() if name != _TRANSPORT}
        for name, owner in NOT_FOR_DYNAMODB.items():
            if values.pop(name, None):
                raise ValueError(
                    f"{name} belongs to mappings on {owner}: a mapping on a DynamoDB stream has no such setting"
                )
        # get-event-source-mapping answers with State where create-event-source-mapping takes Enabled.
        if values.get("State", values.get("state")) in _OFF and not {"Enabled", "enabled"} & set(values):
            values["Enabled"] = False
        return values

    @model_validator(mode="after")
    def _check_relations(self) -> Self:
        check_relations(self.__dict__)
        return self

    @model_validator(mode="wrap")
    @classmethod
    def _warn_of_filters(cls, values: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        mapping = handler(values)
        # pydantic comes here with a finished mapping too, which was warned of when it was made.
        warned = isinstance(values, cls) or (isinstance(info.context, Mapping) and info.context.get("warned"))
        if mapping.filter_criteria and not warned:
            from streamkit.filterlint import never_matches  # noqa: PLC0415  # only a mapping with filters pays for it

            for sentence in never_matches(mapping.filter_criteria):
                warnings.warn(sentence, FilterPatternWarning, stacklevel=3)
        return mapping

    @property
    def reports_batch_item_failures(self) -> bool:
        """Whether Lambda reads which records failed from the function's response."""
        return "ReportBatchItemFailures" in self.function_response_types

    @property
    def on_failure_destination(self) -> str | None:
        """The ARN that the records of discarded batches go to, None where they go nowhere."""
        return self.destination_config.get("OnFailure", {}).get("Destination")

    def to_aws(self) -> dict[str, Any]:
        """Every setting under AWS's name, those without a value left out; ``model_validate`` reads it back."""
        return self.model_dump(by_alias=True, exclude_none=True)

    def settings(self) -> dict[str, Any]:
        """Return the settings alone, under Python's names, without what AWS merely answers (UUID, State, …)."""
        return self.model_dump(exclude=set(READ_ONLY.values()), exclude_none=True)
