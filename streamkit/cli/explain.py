"""``streamkit explain``: how a handler's images are decoded, and what keeps parts of them from being compiled."""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import asdict

import click

import streamkit
from streamkit.cli.errors import BadInput
from streamkit.cli.loading import load_attribute
from streamkit.errors import HandlerDefinitionError

__all__ = ["explain"]


@click.command()
@click.argument("target", metavar="MODULE:HANDLER")
@click.option("--json", "as_json", is_flag=True, help="print the result as JSON")
def explain(target: str, as_json: bool) -> None:
    """Say how the images that MODULE:HANDLER asks for are decoded.

    A field that is compiled is read from DynamoDB's JSON by pydantic itself. One that is not is read by the slower
    reference, to the same value; its reason is told. MODULE:HANDLER is a handler, or a function that could be made one.
    """
    # What a module prints while it is imported must not get into the JSON.
    with contextlib.redirect_stdout(sys.stderr):
        handler = load_attribute(target)
        try:
            explanation = streamkit.explain(handler)
        except HandlerDefinitionError as error:
            raise BadInput(str(error)) from None
    click.echo(json.dumps(asdict(explanation), indent=2) if as_json else str(explanation))
