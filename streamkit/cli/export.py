"""``streamkit export``: a handler's mapping in the words of the tools that deploy it."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streamkit.cli.errors import BadInput
from streamkit.cli.loading import load_handler
from streamkit.cli.settings import mapping_options, resolve_mapping
from streamkit.deployment.exporting import SYNTAXES, TOOLS, ExportError
from streamkit.deployment.exporting import export as exported
from streamkit.deployment.exporting import notes as notes_of
from streamkit.errors import FilterPatternWarning
from streamkit.mapping import EventSourceMapping

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.deployment.exporting import Tool

__all__ = ["export"]

_OPTIONS = {"syntax": "format"}


@click.command()
@click.argument("tool", type=click.Choice(TOOLS))
@click.argument("target", metavar="MODULE:HANDLER")
@click.option("--mapping", "mapping_file", metavar="FILE", help="the mapping, as get-event-source-mapping answers")
@click.option(
    "--filters", is_flag=True, help="let only those events through that the handler's types name, as FilterCriteria"
)
@click.option("--table-name", metavar="NAME", help="the table whose stream is read, where its ARN is not given")
@click.option("--all", "everything", is_flag=True, help="every setting, those that are as Lambda's default too")
@click.option("--format", "syntax", type=click.Choice(SYNTAXES), help="of sam and cloudformation: yaml, if not given")
@click.option("--runtime", metavar="NAME", help="of sam: the function's, python3.13; if not given this Python's")
@click.option("--timeout", type=int, metavar="SECONDS", help="of sam: the function's, 30 if not given")
@click.option("--code-uri", metavar="PATH", help="of sam: where the function's code is, bundle/ if not given")
@click.option("--update", is_flag=True, help="of cli: change the mapping that is there, in place of creating it")
@click.option("--output", metavar="FILE", help="write FILE; one that is there and differs is kept, without --force")
@click.option("--force", is_flag=True, help="replace the FILE of --output")
@mapping_options
def export(  # noqa: PLR0913, PLR0917  # click passes each option by name
    tool: Tool,
    target: str,
    mapping_file: str | None,
    filters: bool,
    table_name: str | None,
    everything: bool,
    syntax: str | None,
    runtime: str | None,
    timeout: int | None,
    code_uri: str | None,
    update: bool,
    output: str | None,
    force: bool,
    **settings: Any,
) -> None:
    """Write the mapping of MODULE:HANDLER, and the least that its role must be allowed, for a tool that deploys them.

    sam: a template with the function; cloudformation: one with the mapping and the policy; terraform, cdk (Python): the
    same; iam: the policy alone; cli: commands of the AWS CLI. Settings that are not given are those of --mapping, else
    the handler's own. What nobody has said (the stream, the function, where to start) becomes a parameter of what is
    written. Exit code 2: input that cannot be used; nothing is written then.
    """
    if force and output is None:
        raise click.UsageError("--force is for --output FILE: add that, or leave it out")
    # What a module prints while it is imported must not get into the text, and filters are warned of below.
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore", FilterPatternWarning)
        handler = load_handler(target)
        mapping = resolve_mapping(handler, mapping_file, settings)
        options: Any = {
            "handler": target.replace(":", "."),
            "table_name": table_name,
            "everything": everything,
            "syntax": syntax,
            "runtime": runtime,
            "timeout": timeout,
            "code_uri": code_uri,
            "update": update,
        }
        try:
            _check_names(tool, target)
            mapping, said = _with_filters(mapping, handler) if filters else (mapping, [])
            text = exported(tool, mapping, **options)
            said += notes_of(tool, mapping, **options)
        except ExportError as error:
            raise BadInput(_in_options(str(error))) from None
    if mapping_file is None and not isinstance(getattr(handler, "mapping", None), EventSourceMapping):
        said.append(
            f"{target} is not decorated with streamkit, and there is no --mapping FILE: what no option says is "
            f"Lambda's default"
        )
    for note in said:
        click.echo(f"note: {note}", err=True)
    if output is None:
        click.echo(text, nl=False)
    else:
        click.echo(_write(output, text, force=force), err=True)


def _check_names(tool: str, target: str) -> None:
    attribute = target.partition(":")[2]
    if tool == "sam" and "." in attribute:
        raise ExportError(
            f"Lambda's Handler is MODULE.FUNCTION, and {attribute} is in an object of the module: give it a name of "
            f"its own there, handler = {attribute}"
        )


def _with_filters(mapping: EventSourceMapping, handler: Callable[..., Any]) -> tuple[EventSourceMapping, list[str]]:
    """Return the mapping with what the handler's types say in its filters, and what is to be said of that."""
    from streamkit.deployment.exporting.narrowing import narrowed  # noqa: PLC0415  # only --filters needs it
    from streamkit.deployment.typefilters import filters_for, why_no_filters  # noqa: PLC0415  # as above

    if not isinstance(getattr(handler, "mapping", None), EventSourceMapping):
        raise ExportError(
            "--filters reads the types of a handler that is decorated with streamkit, which this one is not: leave it "
            "out, or give --filter-criteria"
        )
    types = filters_for(handler)
    if types is None:
        return mapping, [f"--filters adds nothing to the handler's mapping: {why_no_filters(handler)}"]
    if mapping.tumbling_window_in_seconds:
        raise ExportError(
            "--filters does not go with a tumbling window, where Lambda refuses FilterCriteria: leave it out"
        )
    own = mapping.filter_criteria
    both = narrowed(own, types) if own else types
    said = ["the filters of the mapping and those of the handler's types are joined: a record has to pass both"]
    return mapping.model_copy(update={"filter_criteria": both}), said if own and both != own else []


def _in_options(text: str) -> str:
    """Return an error as who types options knows them: names with a bar anywhere, others where it begins."""
    text = re.sub("^(runtime|timeout|update|syntax) ", lambda match: f"--{_OPTIONS.get(match[1], match[1])} ", text)
    return re.sub("(event_source_arn|table_name|code_uri)", lambda match: f"--{match[1].replace('_', '-')}", text)


def _write(name: str, text: str, *, force: bool) -> str:
    """Write a file, in full or not at all; return what was done. Raises BadInput."""
    path, data = Path(name).resolve(), text.encode()
    try:
        if path.is_file():
            if path.read_bytes() == data:
                return f"{name} is as it would be written: nothing to do"
            if not force:
                raise BadInput(f"--output {name} is there and differs: --force replaces it, or name another file")
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        unfinished.write_bytes(data)
        try:
            unfinished.replace(path)
        except OSError:
            unfinished.unlink()
            raise
    except OSError as error:
        raise BadInput(f"--output {name} cannot be written: {error.strerror}") from None
    return f"wrote {name}"
