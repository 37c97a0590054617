"""Every setting of a mapping as an option under AWS's name, in kebab case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import ValidationError

from streamkit.cli.errors import BadInput
from streamkit.mapping import EventSourceMapping
from streamkit.settings import INTEGERS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["mapping_options", "resolve_mapping"]

_JSON = {
    "destination_config": 'AWS JSON, {"OnFailure": {"Destination": ARN}}',
    "filter_criteria": 'AWS JSON, {"Filters": [{"Pattern": TEXT}]}',
    "metrics_config": 'AWS JSON, {"Metrics": ["EventCount"]}',
    "tags": "AWS JSON, an object of texts",
}
_TEXTS = {
    "event_source_arn": "the stream's ARN",
    "function_name": "the function: name or ARN, as on-failure records name it",
    "kms_key_arn": "the key that encrypts the filter criteria",
}
_FLAGS = {
    "bisect_batch_on_function_error": "halve a failed batch before it is retried",
    "enabled": "whether records are delivered",
}


def mapping_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add every setting as an option; those that are not given are not passed on."""
    options = [
        click.option(
            "--starting-position",
            type=click.Choice(["TRIM_HORIZON", "LATEST"]),
            help="of a live stream; a recording is read from its start",
        ),
        click.option(
            "--function-response-types",
            type=click.Choice(["ReportBatchItemFailures", ""]),
            help="whether Lambda reads which records failed; a streamkit handler sets it itself",
        ),
    ]
    options += [
        click.option(
            _flag(name), type=int, metavar="N", help=f"{one.means}: {one.allowed()}, Lambda's default {one.default}"
        )
        for name, one in INTEGERS.items()
    ]
    options += [
        click.option(f"{_flag(name)}/--no-{_flag(name)[2:]}", default=None, help=text) for name, text in _FLAGS.items()
    ]
    options += [click.option(_flag(name), metavar="TEXT", help=text) for name, text in _TEXTS.items()]
    options += [click.option(_flag(name), metavar="JSON", help=text) for name, text in _JSON.items()]
    for option in reversed(options):
        command = option(command)
    return command


def resolve_mapping(handler: Any, file: str | None, given: dict[str, Any]) -> EventSourceMapping:
    """Return the mapping to run with: the handler's own, or the file's in its place, changed by the given options.

    Raises BadInput for a file or an option that Lambda would refuse.
    """
    options = {name: _parsed(name, value) for name, value in given.items() if value is not None}
    own = getattr(handler, "mapping", None)
    base = _from_file(file) if file else own if isinstance(own, EventSourceMapping) else EventSourceMapping()
    # What was warned of when the mapping was made need not be said twice.
    context = None if "filter_criteria" in options else {"warned": True}
    try:
        return EventSourceMapping.model_validate(base.model_dump() | options, context=context)
    except ValidationError as error:
        raise BadInput(_in_options(error, options)) from None


def _from_file(file: str) -> EventSourceMapping:
    try:
        values = json.loads(Path(file).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadInput(f"--mapping {file} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise BadInput(f"--mapping {file} is not JSON: {error}") from None
    if not isinstance(values, dict):
        raise BadInput(
            f"--mapping {file} holds {values!r:.60}: expected an object, as aws lambda get-event-source-mapping answers"
        )
    try:
        return EventSourceMapping.model_validate(values)
    except ValidationError as error:
        raise BadInput(f"--mapping {file}: {_problems(error)}") from None


def _parsed(name: str, value: Any) -> Any:
    if name == "function_response_types":
        return [value] if value else []
    if name not in _JSON:
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise BadInput(f"{_flag(name)} {value!r} is not JSON ({error}): expected {_JSON[name]}") from None


def _in_options(error: ValidationError, options: dict[str, Any]) -> str:
    lines = []
    for one in error.errors():
        name = str(one["loc"][0]) if one["loc"] else ""
        given = ", ".join(_flag(option) for option in options)
        lines.append(
            f"{_flag(name)}: {_text(one['msg'])}" if name in options else f"{_text(one['msg'])} (with {given})"
        )
    return "; ".join(lines)


def _problems(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, one['loc']))}: {_text(one['msg'])}".removeprefix(": ") for one in error.errors()
    )


def _text(message: str) -> str:
    return message.removeprefix("Value error, ").replace(
        "Extra inputs are not permitted", "not a setting of a mapping on a DynamoDB stream"
    )


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
