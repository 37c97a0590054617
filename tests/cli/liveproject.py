"""What the tests of following live streams start the command line with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tests.cli.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pytest
    from click.testing import Result

    from tests.cli.streamserver import StreamServer

__all__ = ["LiveProject", "handled", "lines_until"]

REPOSITORY = Path(__file__).parents[2]
QUICK = ("--poll-interval", "0.02")

APP = """
import os
import select
import signal
import sys
from pathlib import Path

def number_of(record):
    return record["dynamodb"]["SequenceNumber"]

def handler(event, context):
    for record in event["Records"]:
        print("handled", number_of(record))

def poison(event, context):
    if any("poison" in record["dynamodb"]["Keys"]["id"]["S"] for record in event["Records"]):
        raise ValueError("the order is bad")
    handler(event, context)

def stops(event, context):
    # As Ctrl-C does, in the middle of an invocation; FILE says when.
    if any(number_of(record) == Path("stop").read_text() for record in event["Records"]):
        os.kill(os.getpid(), getattr(signal, os.environ.get("STOP_BY", "SIGINT")))
    handler(event, context)

def waits(event, context):
    # Until the test lets it go on. A signal that comes just before a read is only seen behind it: so none waits long.
    print("began", number_of(event["Records"][0]), flush=True)
    while not select.select([sys.stdin], [], [], 0.05)[0]:
        pass
    sys.stdin.readline()
    handler(event, context)
    sys.stdout.flush()

def dies(event, context):
    handler(event, context)
    sys.stdout.flush()
    if any(number_of(record) == Path("stop").read_text() for record in event["Records"]):
        os.kill(os.getpid(), signal.SIGKILL)
"""


class LiveProject(Project):
    """A user's folder beside a DynamoDB that its environment leads to."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, server: StreamServer | None = None) -> None:
        super().__init__(folder, monkeypatch)
        if server is not None:
            monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", server.endpoint_url)
            monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", server.endpoint_url)
        self.app(APP)

    def stop_at(self, number: str) -> None:
        """Let the handlers ``stops`` and ``dies`` do so when they get this record."""
        self.write("stop", number)

    def arguments(self, handler: str, *options: str, table: str = "orders") -> Sequence[str]:
        return "tail", f"{self.module}:{handler}", "--table", table, *QUICK, *options

    def tail(self, handler: str, *options: str, table: str = "orders") -> Result:
        """Follow a table."""
        return self.call(*self.arguments(handler, *options, table=table))

    def record(self, *options: str, table: str = "orders", output: str = "out.jsonl") -> Result:
        """Record a table until everything is there."""
        return self.call("record", "--table", table, "--output", output, "--until-caught-up", *QUICK, *options)

    def recorded(self, output: str = "out.jsonl") -> list[dict[str, Any]]:
        """Return the records of a recording."""
        return [json.loads(line) for line in (self.folder / output).read_bytes().splitlines()]

    def numbers(self, output: str = "out.jsonl") -> list[str]:
        """Return the sequence numbers of a recording."""
        return [one["dynamodb"]["SequenceNumber"] for one in self.recorded(output)]

    @contextmanager
    def started(self, *arguments: str, stdout: int | IO[bytes] = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
        """Run the command line in a process of its own; it is killed at the end of the block if it runs still."""
        command = [sys.executable, "-c", "from streamkit.cli import main; main()", *arguments]
        environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(  # noqa: S603  # the command is ours
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def handled(output: str) -> list[str]:
    """Return the numbers of the records that the handlers say they handled."""
    return [line.removeprefix("handled ") for line in output.splitlines() if line.startswith("handled ")]


def lines_until(stream: IO[str] | None, beginning: str) -> list[str]:
    """Read lines up to one that begins so. Raises AssertionError where none does."""
    assert stream is not None
    lines = []
    for line in stream:
        lines.append(line)
        if line.startswith(beginning):
            return lines
    raise AssertionError(f"no line begins with {beginning!r}: {lines}")
