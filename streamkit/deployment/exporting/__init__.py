"""A mapping in the words of the tools that deploy it: SAM, CloudFormation, Terraform, CDK, IAM, the AWS CLI.

`export` gives a text; `notes` what somebody should know of it. Every setting that differs from Lambda's default is
in the text, and the least that the function's role must be allowed (SEMANTICS §9).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from streamkit.deployment.exporting.errors import ExportError
from streamkit.deployment.exporting.request import SYNTAXES, TOOLS, ExportOptions, Request, Syntax, Tool

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from streamkit.mapping import EventSourceMapping

__all__ = ["SYNTAXES", "TOOLS", "ExportError", "ExportOptions", "Syntax", "Tool", "export", "notes"]


def export(tool: Tool, mapping: EventSourceMapping, **options: Unpack[ExportOptions]) -> str:
    """Return the text with which ``tool`` deploys a mapping.

    ``tool``: ``"sam"`` (a template with the function), ``"cloudformation"``, ``"terraform"``, ``"cdk"`` (a Python
    construct), ``"iam"`` (the policy alone, as JSON) or ``"cli"`` (a shell script of AWS CLI commands). What the
    mapping does not say (the stream, the function, where to start) is asked for in the tool's own way: a parameter, a
    variable, an argument. Options, each with a default: see `ExportOptions`.

    Raises ExportError for what the tool could not deploy.
    """
    request = _request(tool, mapping, options)
    module = import_module(f"streamkit.deployment.exporting.{tool}")
    text: str = module.text(request)
    return text


def notes(tool: Tool, mapping: EventSourceMapping, **options: Unpack[ExportOptions]) -> list[str]:
    """Return what somebody should know before deploying what `export` returns, in sentences; often none.

    Raises ExportError, as `export` does.
    """
    from streamkit.deployment.exporting.remarks import remarks  # noqa: PLC0415  # who only exports does without

    return remarks(_request(tool, mapping, options))


def _request(tool: str, mapping: EventSourceMapping, options: Any) -> Request:
    if tool not in TOOLS:
        raise ExportError(f"there is no export {tool!r}: there are {', '.join(TOOLS)}")
    return Request.of(tool, mapping, options)
