"""What the function writes, where it runs outside of this process: shown as it would have been shown from inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from streamkit.local.journal import InvocationFinished
from streamkit.local.texts import function_log

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local.journal import Fact

__all__ = ["FunctionOutput"]


class FunctionOutput:
    """A listener that shows the log of each invocation. ``write`` gets whole lines."""

    def __init__(self, write: Callable[[str], None] = click.echo) -> None:
        self._write = write

    def note(self, fact: Fact) -> None:
        """Show the log, where there is one."""
        if isinstance(fact, InvocationFinished) and fact.log:
            self._write(function_log(fact.log))
