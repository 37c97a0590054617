"""The page of the command line, made from the commands: `python -m tests.docs.commandline` writes it."""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import TYPE_CHECKING

import click

from streamkit.cli.app import cli
from streamkit.cli.settings import mapping_options
from tests.docs.pages import DOCS

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = DOCS / "command-line.md"

INTRODUCTION = """\
# The command line

`pip install 'streamkit-dynamodb[local]'` brings `streamkit`. This page is made from the commands' own help
(`python -m tests.docs.commandline`), and a test fails when it differs; `streamkit COMMAND --help` says the same, and
`streamkit --version` which one it is.
"""

SETTINGS = """\
## Settings of the mapping

`run`, `tail`, `redrive`, `simulate` and `export` take every setting of [the mapping](mapping.md) under AWS's name. An
option counts before `--mapping FILE`, and that before what stands beside the handler.
"""


@click.command()
@mapping_options
def _settings() -> None:
    """Have the options that the commands share."""


def page() -> str:
    """Return the page's text."""
    parts = [INTRODUCTION]
    shared = {parameter.name for parameter in _settings.params}
    for name in sorted(cli.commands):
        command = cli.commands[name]
        context = click.Context(command, info_name=f"streamkit {name}")
        usage = " ".join([context.info_name or "", *command.collect_usage_pieces(context)])
        options = [one for one in command.get_params(context) if isinstance(one, click.Option)]
        has_all = shared <= {one.name for one in options}
        own = [one for one in options if "--help" not in one.opts and not (has_all and one.name in shared)]
        more = "\nAnd [the settings of the mapping](#settings-of-the-mapping).\n" if has_all else ""
        text = f"## streamkit {name}\n\n```text\n{usage}\n```\n\n{_prose(command.help or '')}\n\n"
        parts.append(text + _table(own, context) + more)
    parts.append(SETTINGS + "\n" + _table(_settings.params, click.Context(_settings)))
    return "\n".join(parts)


def _prose(text: str) -> str:
    # What begins with two dashes is an option: code.
    return re.sub(r"(?<![\w`-])(--[a-z][a-z-]+)", r"`\1`", cleandoc(text))


def _table(options: Iterable[click.Parameter], context: click.Context) -> str:
    rows = []
    for option in options:
        record = option.get_help_record(context)
        if record is not None:
            written, text = (_cell(part) for part in record)
            rows.append(f"| `{written}` | {_prose(text)} |")
    return "\n".join(["| option | |", "|---|---|", *rows]) + "\n"


def _cell(text: str) -> str:
    # Within a code span of a table GitHub and MyST take a bar that is escaped.
    return re.sub(r" {2,}", " ", text).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
