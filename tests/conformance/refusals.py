"""SEMANTICS §1: what Lambda's API refuses, with which error, status and text.

In what is given and in the texts stand for themselves: ``<stream>`` a stream that is there, ``<taken>`` one to which
``my-function`` is mapped, ``<uuid>`` the mapping's UUID; ``<windowed>`` and ``<lanes>`` the UUIDs of mappings with a
tumbling window and with a ParallelizationFactor of 2; ``<unknown>`` a UUID that none has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from tests.conformance.rules import ABSENT, Rule

if TYPE_CHECKING:
    from tests.conformance.rules import Grade

__all__ = ["REFUSALS", "RefusalRule"]

_INVALID = "InvalidParameterValueException"
_VALIDATION = "ValidationException"
_SERIALIZATION = "SerializationException"
_AGES = "MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)"
_LANES = "Parallelization factor must be equal to 1 when tumbling window period is configured"
_PATTERN = "Invalid filter pattern definition."
_SUCCESS = "OnSuccess configuration is not supported for event source mappings."
_NO_SUCH = "The resource you requested does not exist."
_NO_FUNCTION = "Function does not exist"
_GONE = "arn:aws:dynamodb:us-east-2:123456789012:table/gone/stream/2026-01-01T00:00:00.000"


@dataclass(frozen=True, kw_only=True)
class RefusalRule(Rule):
    """A request that is refused, and how."""

    call: Literal["create", "update", "get", "delete"] = "create"
    given: dict[str, Any] = field(default_factory=dict)
    """What differs from a request that would be taken; ABSENT is not sent."""
    error: str
    message: str | None
    """None: the text is not known, and nothing is held against it."""
    begins: bool = False
    """Whether the message is only the beginning of the text."""
    status: int = 400


def _row(
    grade: Grade, says: str, error: str, message: str | None, given: dict[str, Any] | None = None, **more: Any
) -> RefusalRule:
    return RefusalRule(section=1, grade=grade, says=says, error=error, message=message, given=given or {}, **more)


def _constraint(value: object, member: str, rule: str) -> str:
    return (
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must {rule}"
    )


_RANGES: dict[str, tuple[int, int]] = {
    "BatchSize": (1, 10_000),
    "MaximumBatchingWindowInSeconds": (0, 300),
    "ParallelizationFactor": (1, 10),
    "MaximumRecordAgeInSeconds": (-1, 604_800),
    "MaximumRetryAttempts": (-1, 10_000),
    "TumblingWindowInSeconds": (0, 900),
}


def _out_of_range(call: Literal["create", "update"], name: str, value: int, rule: str) -> RefusalRule:
    target = {} if call == "create" else {"UUID": "<uuid>"}
    return _row(
        "O" if (call, name) == ("create", "BatchSize") else "I",
        f"{name} {value:,} is out of range when a mapping is {call}d",
        _VALIDATION,
        _constraint(value, name[0].lower() + name[1:], rule),
        {**target, name: value},
        call=call,
        choice="the form that is recorded for BatchSize",
    )


_OF_RANGES = [
    rule
    for call in ("create", "update")
    for name, (low, high) in _RANGES.items()
    for rule in (
        _out_of_range(call, name, low - 1, f"have value greater than or equal to {low}"),
        _out_of_range(call, name, high + 1, f"have value less than or equal to {high}"),
    )
]

_BAD_PATTERNS: tuple[tuple[Grade, str, str], ...] = (
    ("O", "a text that is not JSON", "not JSON"),
    ("I", "a list", "[]"),
    ("I", "a value without a list around it", '{"eventName": "INSERT"}'),
    ("I", "an operator that there is not", '{"eventName": [{"sounds-like": "insert"}]}'),
)

_OF_CREATE = [
    _row(
        "O",
        "a mapping needs a StartingPosition",
        _INVALID,
        "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
        "Member must not be null.",
        {"StartingPosition": ABSENT},
    ),
    _row(
        "O",
        "a StartingPosition is one of three",
        _VALIDATION,
        _constraint("BOGUS", "startingPosition", "satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]"),
        {"StartingPosition": "BOGUS"},
    ),
    _row(
        "O",
        "a DynamoDB stream is not read from a time on",
        _INVALID,
        "Unsupported starting position for arn type: <stream>",
        {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": datetime(2026, 1, 1, tzinfo=UTC)},
    ),
    _row(
        "I",
        "AT_TIMESTAMP is refused without a time too",
        _INVALID,
        "Unsupported starting position for arn type: <stream>",
        {"StartingPosition": "AT_TIMESTAMP"},
        choice="the same text",
    ),
    _row(
        "O",
        "a time does not go with TRIM_HORIZON",
        _INVALID,
        "Timestamp only valid with StartingPosition AT_TIMESTAMP",
        {"StartingPositionTimestamp": datetime(2026, 1, 1, tzinfo=UTC)},
    ),
    *(
        _row(
            "O",
            f"a record cannot be too old at {age} seconds",
            _INVALID,
            _AGES,
            {"MaximumRecordAgeInSeconds": age},
        )
        for age in (0, 1, 59)
    ),
    _row(
        "O",
        "lanes do not go with a window",
        _INVALID,
        _LANES,
        {"ParallelizationFactor": 2, "TumblingWindowInSeconds": 60},
    ),
    _row(
        "O",
        "filters do not go with a window",
        _INVALID,
        None,
        {"FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]}, "TumblingWindowInSeconds": 60},
    ),
    *(
        _row(
            grade,
            f"{what} is no filter pattern",
            _INVALID,
            _PATTERN,
            {"FilterCriteria": {"Filters": [{"Pattern": pattern}]}},
            choice="the one text for every bad pattern",
        )
        for grade, what, pattern in _BAD_PATTERNS
    ),
    _row(
        "O",
        "ScalingConfig belongs to other sources",
        _INVALID,
        "Unsupported ScalingConfig parameter for given event source mapping type.",
        {"ScalingConfig": {"MaximumConcurrency": 2}},
    ),
    _row(
        "O",
        "there is no destination for success",
        _INVALID,
        _SUCCESS,
        {"DestinationConfig": {"OnSuccess": {"Destination": "arn:aws:sqs:us-east-2:123456789012:q"}}},
    ),
    _row(
        "O",
        "a stream and a function have one mapping",
        "ResourceConflictException",
        'The event source arn (" <taken> ") and function (" my-function ") provided mapping already exists. '
        "Please update or delete the existing mapping with UUID <uuid>",
        {"EventSourceArn": "<taken>"},
        status=409,
    ),
    _row("O", "a stream must be there", _INVALID, f"Stream not found: {_GONE}", {"EventSourceArn": _GONE}),
    _row("O", "a mapping needs a source", _INVALID, "Unrecognized event source.", {"EventSourceArn": ABSENT}),
    _row(
        "O",
        "the source is looked for before the function",
        _INVALID,
        "Unrecognized event source.",
        {"EventSourceArn": ABSENT, "FunctionName": "nobody"},
    ),
    _row("O", "a function must be there", _INVALID, _NO_FUNCTION, {"FunctionName": "nobody"}),
    _row(
        "I",
        "a version must be there",
        _INVALID,
        _NO_FUNCTION,
        {"FunctionName": "my-function:nobody"},
        choice="what an unknown function is told",
    ),
    _row(
        "I",
        "the body is looked through before the function is looked up",
        _VALIDATION,
        _constraint(0, "batchSize", "have value greater than or equal to 1"),
        {"BatchSize": 0, "FunctionName": "nobody"},
        choice="constraints, then the source, then the function",
    ),
    _row(
        "I",
        "every violated constraint is told at once",
        _VALIDATION,
        "2 validation errors detected: Value '",
        {"BatchSize": 0, "TumblingWindowInSeconds": 901},
        choice="the form of other services of AWS's",
        begins=True,
    ),
    _row(
        "I",
        "a mapping needs a function",
        _VALIDATION,
        "1 validation error detected: Value null at 'functionName' failed to satisfy constraint: "
        "Member must not be null",
        {"FunctionName": ABSENT},
        choice="the form of other constraints",
    ),
    _row(
        "D",
        "a function's name has letters, digits, hyphens, underscores and dots",
        _VALIDATION,
        "1 validation error detected: Value 'my function' at 'functionName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ",
        {"FunctionName": "my function"},
        begins=True,
    ),
    _row(
        "D",
        "a function's name has at most 256 characters",
        _VALIDATION,
        "1 validation error detected: Value '",
        {"FunctionName": "a" * 257},
        begins=True,
    ),
    _row(
        "D",
        "there is one response type",
        _VALIDATION,
        None,
        {"FunctionResponseTypes": ["ReportEverything"]},
    ),
    _row(
        "U",
        "a number is a number",
        _SERIALIZATION,
        None,
        {"BatchSize": "ten"},
        choice="the error's type, and a text of our own",
    ),
    _row(
        "U",
        "a flag is a flag",
        _SERIALIZATION,
        None,
        {"Enabled": "yes"},
        choice="the error's type, and a text of our own",
    ),
    *(
        _row(
            "I",
            f"{name} belongs to other sources",
            _INVALID,
            f"Unsupported {name} parameter for given event source mapping type.",
            {name: value},
            choice="the text that is recorded for ScalingConfig",
        )
        for name, value in (
            ("ProvisionedPollerConfig", {"MinimumPollers": 1}),
            ("SelfManagedEventSource", {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["a:9092"]}}),
            ("SourceAccessConfigurations", [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:x"}]),
            ("Topics", ["orders"]),
            ("Queues", ["orders"]),
            ("DocumentDBEventSourceConfig", {"DatabaseName": "orders"}),
        )
    ),
]

_OF_UPDATE = [
    _row(
        "I",
        "an update cannot make records too old at 59 seconds",
        _INVALID,
        _AGES,
        {"MaximumRecordAgeInSeconds": 59},
        call="update",
        choice="the text of Create",
    ),
    _row(
        "I",
        "lanes do not go with the window that a mapping has",
        _INVALID,
        _LANES,
        {"UUID": "<windowed>", "ParallelizationFactor": 2},
        call="update",
        choice="the text of Create",
    ),
    _row(
        "I",
        "a window does not go with the lanes that a mapping has",
        _INVALID,
        _LANES,
        {"UUID": "<lanes>", "TumblingWindowInSeconds": 60},
        call="update",
        choice="the text of Create",
    ),
    _row(
        "I",
        "an update brings no bad pattern in",
        _INVALID,
        _PATTERN,
        {"FilterCriteria": {"Filters": [{"Pattern": "{"}]}},
        call="update",
        choice="the text of Create",
    ),
    _row(
        "I",
        "an update brings no destination for success in",
        _INVALID,
        _SUCCESS,
        {"DestinationConfig": {"OnSuccess": {"Destination": "arn:aws:sqs:us-east-2:123456789012:q"}}},
        call="update",
        choice="the text of Create",
    ),
    _row(
        "I",
        "an update to a function needs one that is there",
        _INVALID,
        _NO_FUNCTION,
        {"FunctionName": "nobody"},
        call="update",
        choice="the text of Create",
    ),
    _row(
        "I",
        "the body of an update is looked through before the mapping is looked up",
        _VALIDATION,
        _constraint(0, "batchSize", "have value greater than or equal to 1"),
        {"UUID": "<unknown>", "BatchSize": 0},
        call="update",
        choice="constraints before anything is looked up",
    ),
]

_OF_UNKNOWN = [
    _row(
        "O",
        f"a mapping must be there to {verb}",
        "ResourceNotFoundException",
        _NO_SUCH,
        {"UUID": "<unknown>"},
        call=call,
        status=404,
    )
    for call, verb in (("get", "be looked at"), ("update", "be updated"), ("delete", "be deleted"))
]

REFUSALS: list[RefusalRule] = [*_OF_CREATE, *_OF_RANGES, *_OF_UPDATE, *_OF_UNKNOWN]
