"""The command line: ``streamkit run app:handler --events events.jsonl``."""

from __future__ import annotations

import sys
from io import TextIOWrapper

__all__ = ["main"]


def main() -> None:
    """Run the command line; the entry point of the ``streamkit`` script."""
    try:
        import click  # noqa: F401, PLC0415  # the extra may be missing
        import rich  # noqa: F401, PLC0415  # as above
    except ImportError as error:
        print(
            f"the streamkit command needs {error.name}, which is not part of the core that goes to Lambda: "
            f"pip install 'streamkit-dynamodb[local]'",
            file=sys.stderr,
        )
        raise SystemExit(2) from None
    from streamkit.cli.app import cli  # noqa: PLC0415  # it needs both

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal of another encoding shows an escape where it has no letter, rather than losing the report.
            stream.reconfigure(errors="backslashreplace")
    cli()
