"""The group of all commands."""

from __future__ import annotations

import click

from streamkit.cli.check import check
from streamkit.cli.explain import explain
from streamkit.cli.export import export
from streamkit.cli.record import record
from streamkit.cli.redrive import redrive
from streamkit.cli.run import run
from streamkit.cli.serve import serve
from streamkit.cli.simulate import simulate
from streamkit.cli.tail import tail

__all__ = ["cli"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="streamkit-dynamodb", prog_name="streamkit")
def cli() -> None:
    """Run AWS Lambda handlers for DynamoDB Streams on your own machine."""


cli.add_command(run)
cli.add_command(record)
cli.add_command(redrive)
cli.add_command(simulate)
cli.add_command(serve)
cli.add_command(tail)
cli.add_command(explain)
cli.add_command(check)
cli.add_command(export)
