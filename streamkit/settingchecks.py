"""Which values the settings of a mapping take, and which go together (SEMANTICS §1).

Plain functions: a decorator checks its options with these at import time, in a Lambda's cold start, without building
the pydantic model that `streamkit.mapping` makes of the same rules. Every flaw is a ValueError that says what is
allowed; pydantic reports those, and no TypeErrors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.settings import INTEGERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["check_integer", "check_relations", "check_structure", "flaws_of"]

_MIN_RECORD_AGE = 60
_MAX_FILTERS = 10
_MAX_PATTERN = 4096


def check_integer(name: str, value: Any) -> int:
    """Return the value if the setting ``name`` takes it; ValueError says what it takes."""
    setting = INTEGERS[name]
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{setting.aws_name} takes a whole number from {setting.allowed()}, not {value!r}")
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
    if value not in ("TRIM_HORIZON", "LATEST"):
        raise ValueError(f"StartingPosition takes TRIM_HORIZON or LATEST, not {value!r}")
    return value


def _check_bool(value: Any) -> Any:
    if not isinstance(value, bool):
        raise ValueError(f"takes true or false, not {value!r}")
    return value


def _check_function_name(value: Any) -> Any:
    if not isinstance(value, str) or not 1 <= len(value) <= 256:  # noqa: PLR2004  # AWS's limit, said in the next line
        raise ValueError(f"FunctionName takes 1 to 256 characters (a name, a partial or a full ARN), not {value!r}")
    return value


def _check_text(value: Any) -> Any:
    if not isinstance(value, str) or not value:
        raise ValueError(f"takes text, not {value!r}")
    return value


def _check_response_types(value: Any) -> Any:
    if value not in ([], ["ReportBatchItemFailures"]):
        raise ValueError(f'FunctionResponseTypes takes [] or ["ReportBatchItemFailures"], not {value!r}')
    return list(value)


def _members(what: str, value: Any, allowed: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} takes an object with {' or '.join(allowed)}, not {value!r}")
    for name in value:
        if name not in allowed:
            raise ValueError(f"{what} has no member {name!r}: it takes {' or '.join(allowed)}")
    return value


def _check_destination(value: Any) -> Any:
    if isinstance(value, dict) and value.get("OnSuccess"):
        raise ValueError("OnSuccess configuration is not supported for event source mappings: use OnFailure")
    config = _members("DestinationConfig", value, ("OnFailure", "OnSuccess"))
    on_failure = _members("OnFailure", config.get("OnFailure") or {}, ("Destination",))
    destination = on_failure.get("Destination") or ""
    if not isinstance(destination, str):
        raise ValueError(f"OnFailure.Destination takes an ARN, not {destination!r}")
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
    filters = _members("FilterCriteria", value, ("Filters",)).get("Filters") or []
    if not isinstance(filters, list) or len(filters) > _MAX_FILTERS:
        raise ValueError(f"FilterCriteria takes a list of at most 5 filters (10 by quota), not {filters!r}")
    for one in filters:
        pattern = _members("Filter", one, ("Pattern",)).get("Pattern")
        if not isinstance(pattern, str) or len(pattern) > _MAX_PATTERN:
            raise ValueError(f"Pattern takes JSON text of at most {_MAX_PATTERN} characters, not {pattern!r}")
        from streamkit.filters import check_pattern  # noqa: PLC0415  # only a mapping with filters pays for it

        check_pattern(pattern)
    return {"Filters": filters} if filters else None


def _check_metrics(value: Any) -> Any:
    metrics = _members("MetricsConfig", value, ("Metrics",)).get("Metrics")
    if metrics not in ([], ["EventCount"], None):
        raise ValueError(f'MetricsConfig takes {{"Metrics": ["EventCount"]}}, not {value!r}')
    return {"Metrics": metrics} if metrics else None


def _check_tags(value: Any) -> Any:
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


# What AWS answers where one of these was not made; the others are then not there at all.
_EMPTY: dict[str, Any] = {"destination_config": {}, "function_response_types": []}


def check_structure(name: str, value: Any) -> Any:
    """Return the value of a setting that is no number, in its normal form; ValueError says what it takes.

    None is a setting that was not made, except where AWS knows true and false only.
    """
    check = _STRUCTURES[name]
    if value is not None or check is _check_bool:
        return check(value)
    return check(_EMPTY[name]) if name in _EMPTY else None


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
