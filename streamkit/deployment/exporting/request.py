"""What is exported, checked: the mapping, and what is known of the function and the table around it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from typing_extensions import TypedDict

from streamkit.deployment.exporting.errors import ExportError

if TYPE_CHECKING:
    from streamkit.mapping import EventSourceMapping

__all__ = ["SYNTAXES", "TOOLS", "ExportOptions", "Request", "Syntax", "Tool"]

Tool: TypeAlias = Literal["sam", "cloudformation", "terraform", "cdk", "iam", "cli"]
Syntax: TypeAlias = Literal["yaml", "json"]
TOOLS: tuple[str, ...] = get_args(Tool)
SYNTAXES: tuple[str, ...] = get_args(Syntax)

_TEMPLATES = ("sam", "cloudformation")
_ARN = r"arn:aws[a-z-]*"
_STREAM = re.compile(rf"{_ARN}:dynamodb:[a-z0-9-]+:\d{{12}}:table/([\w.-]+)/stream/[\w:.-]+", re.ASCII)
_FUNCTION = re.compile(
    rf"({_ARN}:lambda:[a-z0-9-]+:\d{{12}}:function:|(?:\d{{12}}:)?(?:function:)?)([\w-]{{1,140}})"
    r"(?::(\$LATEST|[\w-]+))?",
    re.ASCII,
)
_KEY = re.compile(rf"{_ARN}:kms:[a-z0-9-]+:\d{{12}}:(?:key|alias)/[\w/-]+", re.ASCII)
_DESTINATION = re.compile(rf"{_ARN}:(?:(?:sqs|sns):[a-z0-9-]+:\d{{12}}:[\w-]+|s3:::[a-z0-9.-]+)", re.ASCII)
_TABLE = re.compile(r"[\w.-]{3,255}", re.ASCII)
_HANDLER = re.compile(r"[\w/]+(?:\.[\w/]+)*\.\w+")
_RUNTIME = re.compile(r"[a-z0-9.-]+")
_LONGEST = 900
"""A function's Timeout, in seconds."""
_EXAMPLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"


class ExportOptions(TypedDict, total=False):
    """What `export` takes besides the mapping."""

    handler: str
    """The function's Handler, as Lambda calls it: ``app.handler`` (the default), ``shop/orders.handler``."""
    table_name: str
    """The table whose stream is read. Where the mapping does not say which stream: Terraform and the CLI look it up,
    templates take only a stream of this table, and the policy allows only these. Not of CDK, where the table is at
    hand."""
    everything: bool
    """Every setting, those that are as Lambda's default too."""
    syntax: Syntax
    """How a template is written: ``"yaml"`` (the default) or ``"json"``. Of SAM and CloudFormation only."""
    runtime: str
    """The function's Runtime, by default the Python that this runs in: ``python3.13``. Of SAM only."""
    timeout: int
    """The function's Timeout, in seconds, by default 30. Of SAM only."""
    code_uri: str
    """Where the function's code is, by default the folder ``bundle/``. Of SAM only."""
    update: bool
    """Commands that change a mapping which is there, in place of one that creates it. Of the CLI only."""


_ONLY_OF: dict[str, tuple[str, ...]] = {
    "table_name": ("sam", "cloudformation", "terraform", "iam", "cli"),
    "syntax": _TEMPLATES,
    "runtime": ("sam",),
    "timeout": ("sam",),
    "code_uri": ("sam",),
    "update": ("cli",),
}


@dataclass(frozen=True, slots=True)
class Request:
    """A mapping to be exported, and all that is known; sound, as far as can be told here."""

    tool: str
    mapping: EventSourceMapping
    handler: str = "app.handler"
    table_name: str | None = None
    everything: bool = False
    syntax: Syntax = "yaml"
    runtime: str = f"python{sys.version_info.major}.{sys.version_info.minor}"
    timeout: int = 30
    code_uri: str = "bundle/"
    update: bool = False

    @classmethod
    def of(cls, tool: str, mapping: EventSourceMapping, options: Mapping[str, Any]) -> Request:
        """Return what is asked for. Raises ExportError."""
        known = {field.name for field in fields(cls)} - {"tool", "mapping"}
        for name, value in options.items():
            if name not in known:
                raise ExportError(f"an export has no option {name!r}: it has {', '.join(sorted(known))}")
            if value and tool not in _ONLY_OF.get(name, TOOLS):
                raise ExportError(f"{name} is for {' and '.join(_ONLY_OF[name])}, not for {tool}: leave it out")
        request = cls(tool, mapping, **{name: value for name, value in options.items() if value is not None})
        request.check()
        return request

    def check(self) -> None:
        """Raise ExportError for what no tool could deploy."""
        mapping = self.mapping
        _check("EventSourceArn", mapping.event_source_arn, _STREAM, f"a stream's ARN, as {_EXAMPLE}")
        _check("FunctionName", mapping.function_name, _FUNCTION, "a function's name or ARN, with or without qualifier")
        _check("KMSKeyArn", mapping.kms_key_arn, _KEY, "a key's ARN, as arn:aws:kms:eu-west-1:123456789012:key/ID")
        destination = mapping.on_failure_destination
        means = "the ARN of a standard queue, a standard topic or a bucket, with region and account where it has them"
        _check("OnFailure.Destination", destination, _DESTINATION, means)
        _check("table_name", self.table_name, _TABLE, "a table's name: 3 to 255 of A-Z, a-z, 0-9, _ - and .")
        _check("runtime", self.runtime, _RUNTIME, "one of Lambda's runtimes, as python3.13")
        if self.table_name and self.table and self.table != self.table_name:
            raise ExportError(
                f"the table is {self.table_name}, and the stream one of {self.table} ({mapping.event_source_arn}): "
                f"leave one of the two out"
            )
        _check("handler", self.handler, _HANDLER, "the function as Lambda's Handler names it: app.handler")
        if not 1 <= self.timeout <= _LONGEST:
            raise ExportError(f"timeout takes seconds from 1 to {_LONGEST}, not {self.timeout!r}")
        if self.syntax not in SYNTAXES:
            raise ExportError(f"a template is written as {' or '.join(SYNTAXES)}, not as {self.syntax!r}")
        for text in _texts([self.code_uri, self.handler, mapping.filter_criteria, mapping.tags]):
            if re.search("[\ud800-\udfff]", text):
                raise ExportError(
                    f"{text!a} has half a character (a lone surrogate), which no file can hold: replace it"
                )

    def with_everything(self) -> Request:
        """Return the same with every setting."""
        return replace(self, everything=True)

    @property
    def table(self) -> str | None:
        """The table's name, from the stream's ARN."""
        found = _STREAM.fullmatch(self.mapping.event_source_arn or "")
        return found[1] if found else None

    @property
    def function(self) -> tuple[str, str] | None:
        """The function's name and its qualifier, or nothing; None where the mapping does not say it."""
        found = _FUNCTION.fullmatch(self.mapping.function_name or "")
        return (found[2], found[3] or "") if found else None

    @property
    def title(self) -> str:
        """What is exported, in words."""
        return f"The event source mapping of {self.handler}, as streamkit export {self.tool} writes it"


def _check(name: str, text: str | None, expected: re.Pattern[str], means: str) -> None:
    if text is not None and not expected.fullmatch(text):
        raise ExportError(f"{name} {text!r} cannot be deployed: expected is {means}")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for pair in value.items():
            yield from _texts(pair)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
