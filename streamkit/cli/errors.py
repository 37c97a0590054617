"""What the command line cannot work with."""

from __future__ import annotations

import click

__all__ = ["BadInput"]


class BadInput(click.ClickException):
    """Input that cannot be used: exit code 2, since 1 says that records were not handled."""

    exit_code = 2
