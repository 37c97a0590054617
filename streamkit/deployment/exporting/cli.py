"""The AWS CLI: a shell script that gives the role its policy and creates, or changes, the mapping."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from streamkit.deployment.exporting.chosen import chosen_settings
from streamkit.deployment.exporting.names import logical_id
from streamkit.deployment.exporting.policies import policy_document
from streamkit.deployment.permissions import STREAM

if TYPE_CHECKING:
    from streamkit.deployment.exporting.request import Request

__all__ = ["text"]

# No ARN has such a letter in it.
_STREAM, _STREAMS = "\0one", "\0all"
_VARIABLES = {_STREAM: '"$STREAM_ARN"', _STREAMS: '"${STREAM_ARN%/stream/*}/stream/*"'}
_FIXED = "Tags"
"""A setting that only the creation takes."""
# What an update says of a setting that the mapping does not have: otherwise the one that is there stays.
_CLEARED: dict[str, Any] = {
    "FunctionResponseTypes": [],
    "DestinationConfig": {"OnFailure": {"Destination": ""}},
    "FilterCriteria": {},
    "MetricsConfig": {"Metrics": []},
}


def text(request: Request) -> str:
    """Return the script."""
    lines = ["#!/bin/sh", f"# {request.title}.", "set -eu", "", *_variables(request), "", *_policy(request), ""]
    return "\n".join([*lines, *(_update(request) if request.update else _create(request))]) + "\n"


def _variables(request: Request) -> list[str]:
    mapping = request.mapping
    lines = [_asked("ROLE_NAME", "the name of the execution role of the function")]
    if request.update and mapping.uuid is None:
        lines.append(_asked("UUID", "the UUID of the mapping"))
    if mapping.function_name is None and not request.update:
        lines.append(_asked("FUNCTION_NAME", "the name or ARN of the function"))
    if mapping.event_source_arn is None:
        asked = [_asked("STREAM_ARN", "the ARN of the stream")]
        lines += _looked_up(request.table_name) if request.table_name else asked
    if mapping.starting_position is None and not request.update:
        lines.append(_asked("STARTING_POSITION", "TRIM_HORIZON or LATEST"))
    return lines


def _asked(name: str, what: str) -> str:
    return f': "${{{name}:?{what}}}"'


def _looked_up(table: str) -> list[str]:
    return [
        f"STREAM_ARN=$(aws dynamodb describe-table --table-name {table} --query Table.LatestStreamArn --output text)",
        f'[ "$STREAM_ARN" != None ] || {{ echo "the table {table} has no stream" >&2; exit 1; }}',
    ]


def _policy(request: Request) -> list[str]:
    document = policy_document(request.mapping, lambda one: _STREAM if one == STREAM else _STREAMS)
    written = shlex.quote(json.dumps(document, indent=2))
    for mark, variable in _VARIABLES.items():
        # The quotes are closed before the variable and opened after it.
        written = written.replace(json.dumps(mark)[1:-1], f"'{variable}'")
    return _command(
        "aws iam put-role-policy",
        '--role-name "$ROLE_NAME"',
        f"--policy-name {logical_id(request, 'StreamPolicy')}",
        f"--policy-document {written}",
    )


def _create(request: Request) -> list[str]:
    mapping = request.mapping
    return _command(
        "aws lambda create-event-source-mapping",
        f"--function-name {_given(mapping.function_name, 'FUNCTION_NAME')}",
        f"--event-source-arn {_given(mapping.event_source_arn, 'STREAM_ARN')}",
        f"--starting-position {_given(mapping.starting_position, 'STARTING_POSITION')}",
        *(_option(name, value) for name, value in chosen_settings(request).items()),
    )


def _update(request: Request) -> list[str]:
    mapping = request.mapping
    settings = chosen_settings(request.with_everything())
    cleared = {setting: value for setting, value in _CLEARED.items() if setting not in settings}
    name = mapping.function_name
    return _command(
        "aws lambda update-event-source-mapping",
        f"--uuid {_given(mapping.uuid, 'UUID')}",
        *([f"--function-name {_given(name, '')}"] if name else []),
        *(_option(setting, value) for setting, value in (settings | cleared).items() if setting != _FIXED),
    )


def _given(value: str | None, variable: str) -> str:
    return f'"${variable}"' if value is None else shlex.quote(value)


def _option(name: str, value: Any) -> str:
    flag = _flag(name)
    if isinstance(value, bool):
        return f"--{flag}" if value else f"--no-{flag}"
    if value == ["ReportBatchItemFailures"]:
        return f"--{flag} ReportBatchItemFailures"
    return f"--{flag} {shlex.quote(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))}"


def _flag(name: str) -> str:
    """Return the AWS CLI's name of a setting: ``BatchSize`` gives ``batch-size``."""
    if name == "KMSKeyArn":
        return "kms-key-arn"
    return "".join(f"-{one.lower()}" if one.isupper() else one for one in name).lstrip("-")


def _command(command: str, *options: str) -> list[str]:
    *first, last = [command, *(f"    {option}" for option in options)]
    return [*(f"{line} \\" for line in first), last]
