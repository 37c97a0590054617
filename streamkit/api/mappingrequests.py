"""What Create- and UpdateEventSourceMapping may be given, in the order in which AWS refuses (SEMANTICS §1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from streamkit.api.functionnames import parse_function_name
from streamkit.api.model import Flag, Keyed, Listed, Number, Structure, Text, Timestamp, checked
from streamkit.api.refusals import constraint, invalid_parameter, validation
from streamkit.filters import check_pattern
from streamkit.mapping import EventSourceMapping
from streamkit.settings import INTEGERS, NOT_FOR_DYNAMODB

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamkit.api.model import Members

__all__ = ["check_settings", "create_request", "update_request"]

_STREAM = re.compile(r"arn:aws[a-zA-Z0-9-]*:dynamodb:[^:]*:[^:]*:table/[^/]+/stream/.+")
_MIN_AGE = 60
_DESTINATION = Structure({"Destination": Text(0, 350)})

_UPDATE: Members = {
    "FunctionName": Text(1, 256),
    "Enabled": Flag(),
    "BisectBatchOnFunctionError": Flag(),
    **{one.aws_name: Number(one.low, one.high) for one in INTEGERS.values()},
    "DestinationConfig": Structure({"OnSuccess": _DESTINATION, "OnFailure": _DESTINATION}),
    "FilterCriteria": Structure({"Filters": Listed(Structure({"Pattern": Text(0, 4096)}))}),
    "FunctionResponseTypes": Listed(Text(values=("ReportBatchItemFailures",)), 1),
    "KMSKeyArn": Text(0, 10_000, pattern=r"(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()"),
    "MetricsConfig": Structure({"Metrics": Listed(Text(values=("EventCount", "ErrorCount", "KafkaMetrics")), 3)}),
    **{name: Structure() for name in NOT_FOR_DYNAMODB if name.endswith("Config") or name == "SelfManagedEventSource"},
    "SourceAccessConfigurations": Listed(Structure()),
}
_CREATE: Members = {
    **_UPDATE,
    "EventSourceArn": Text(0, 10_000),
    "StartingPosition": Text(values=("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON")),
    "StartingPositionTimestamp": Timestamp(),
    "Queues": Listed(Text(1, 1000), 1),
    "Topics": Listed(Text(1, 249), 1),
    "Tags": Keyed(),
}


def create_request(body: Any, unknown: Callable[[str], object]) -> dict[str, Any]:
    """Return the settings of a mapping to be made, under AWS's names. ``unknown``: see `model.checked`.

    Raises Refusal, in AWS's order: the model's constraints, the event source, the starting position, the rest. What it
    names is looked up afterwards.
    """
    given = checked(body, _CREATE, ("FunctionName",), unknown)
    parse_function_name(given["FunctionName"])
    arn = given.get("EventSourceArn", "")
    if not _STREAM.fullmatch(arn):
        raise invalid_parameter("Unrecognized event source.")
    position = given.get("StartingPosition")
    if position is None:
        problem = f"{constraint(None, 'startingPosition', 'not be null')}."
        raise validation(problem, kind="InvalidParameterValueException")
    if position == "AT_TIMESTAMP":
        raise invalid_parameter(f"Unsupported starting position for arn type: {arn}")
    if "StartingPositionTimestamp" in given:
        raise invalid_parameter("Timestamp only valid with StartingPosition AT_TIMESTAMP")
    _check_rules(given)
    # As in an update, "" is none: KMSKeyArn's pattern allows it.
    return {name: value for name, value in given.items() if value != ""}


def update_request(body: Any, unknown: Callable[[str], object]) -> dict[str, Any]:
    """Return the settings to be changed, under AWS's names. Raises Refusal, as `create_request` does."""
    given = checked(body, _UPDATE, (), unknown)
    if "FunctionName" in given:
        parse_function_name(given["FunctionName"])
    _check_rules(given)
    return given


def _check_rules(given: Mapping[str, Any]) -> None:
    """Refuse what the model allows and Lambda does not, as far as one request tells."""
    for name in NOT_FOR_DYNAMODB:
        if name in given:
            raise invalid_parameter(f"Unsupported {name} parameter for given event source mapping type.")
    if (given.get("DestinationConfig") or {}).get("OnSuccess"):
        raise invalid_parameter("OnSuccess configuration is not supported for event source mappings.")
    if 0 <= given.get("MaximumRecordAgeInSeconds", -1) < _MIN_AGE:
        raise invalid_parameter(
            "MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)"
        )
    for one in (given.get("FilterCriteria") or {}).get("Filters") or []:
        try:
            check_pattern(one.get("Pattern") or "")
        except ValueError as error:
            raise invalid_parameter("Invalid filter pattern definition.") from error


def check_settings(settings: Mapping[str, Any]) -> EventSourceMapping:
    """Return the mapping of these settings, under AWS's names.

    Raises Refusal for what does not go together, and for what `EventSourceMapping` knows besides.
    """
    try:
        return EventSourceMapping.model_validate(settings, context={"warned": True})
    except ValidationError as error:
        first = error.errors()[0]
        message = first["msg"].removeprefix("Value error, ")
        raise invalid_parameter(message) from None
