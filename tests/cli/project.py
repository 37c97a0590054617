"""What the tests of the command line start it with."""

from __future__ import annotations

import importlib
import json
import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from click.testing import CliRunner

from streamkit.cli.app import cli
from tests.build import record

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from click.testing import Result

THREE = (record(1), record(2), record(3))

APP = """
from typing import Any
from streamkit import Change, stream_handler

print("the module is imported")

@stream_handler
def handler(change: Change[dict[str, Any]]) -> None:
    print("handled", change.meta.sequence_number)

@stream_handler
def poison(change: Change[dict[str, Any]]) -> None:
    if change.meta.sequence_number == "2":
        raise ValueError("order 2 is bad")

def plain(event, context):
    print("batch of", len(event["Records"]))

def failing(event, context):
    raise ValueError("no table")
"""


class Project:
    """A user's folder: the current directory, with a handler module of its own and a recording of three records."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        # Imported modules stay in sys.modules, so that no two tests may have one of the same name.
        self.module = f"app_{uuid4().hex}"
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "path", sys.path[:])
        self.app(APP)
        self.recording(*THREE)

    def write(self, name: str, content: object) -> str:
        """Write bytes and text as they are, anything else as JSON; return the name."""
        text = content if isinstance(content, str | bytes) else json.dumps(content)
        (self.folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def app(self, code: str) -> None:
        """Write the module that `run` looks for handlers in."""
        self.write(f"{self.module}.py", dedent(code))
        importlib.invalidate_caches()

    def recording(self, *records: dict[str, Any]) -> None:
        """Write what `run` reads, unless it is told otherwise."""
        self.write("events.jsonl", "".join(json.dumps(one) + "\n" for one in records))

    def call(self, *arguments: str, stdin: str | bytes | None = None) -> Result:
        """Run the command line; an exception that it does not catch is the test's failure, not an exit code of 1."""
        return CliRunner().invoke(cli, arguments, input=stdin, catch_exceptions=False)

    def run(
        self, handler: str, *options: str, events: str = "events.jsonl", stdin: str | bytes | None = None
    ) -> Result:
        """Run a handler of the project's module with the recording."""
        return self.call("run", f"{self.module}:{handler}", "--events", events, *options, stdin=stdin)

    def report(self, handler: str, *options: str) -> dict[str, Any]:
        """Run with ``--json`` and return the report."""
        report: dict[str, Any] = json.loads(self.run(handler, "--json", *options).stdout)
        return report

    def journal(self, handler: str, *options: str) -> list[dict[str, Any]]:
        """Run with ``--journal`` and return the facts."""
        self.run(handler, "--journal", "journal.jsonl", *options)
        return [json.loads(line) for line in (self.folder / "journal.jsonl").read_bytes().splitlines()]

    def refusal(self, *arguments: str, stdin: str | bytes | None = None) -> str:
        """Return the message with which the command line refuses these arguments before it calls any handler."""
        result = self.call(*arguments, stdin=stdin)
        assert result.exit_code == 2
        assert "handled" not in result.stdout
        assert "batch of" not in result.stdout
        return result.stderr
