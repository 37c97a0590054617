"""The AWS CLI's commands on AWS's page, and the answers that it shows."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

__all__ = ["PAGE", "Shown", "today"]

_TEXT = Path(__file__).resolve().parents[2] / "data/aws-lambda-with-dynamodb-commands.txt"
_STREAM = re.compile(r"arn:aws:dynamodb:\S+:(?:table|stream)/\S+")
_UUID = re.compile(r"(?<=--uuid )\S+")


@dataclass(frozen=True)
class Shown:
    """A command as the page shows it, from ``lambda`` on, and its answer; None where it shows none."""

    command: str
    answer: dict[str, Any] | None

    def arguments(self, *, stream: str = "", uuid: str = "") -> list[str]:
        """Return it as a shell would split it, for another stream and another mapping: those that are there."""
        command = _STREAM.sub(stream, self.command) if stream else self.command
        return shlex.split(_UUID.sub(uuid, command) if uuid else command)


def _read() -> list[Shown]:
    text = "\n".join(line for line in _TEXT.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    shown = []
    for one in text.strip().split("\n\n"):
        command, brace, answer = one.partition("\n{")
        lines = [line.removesuffix("\\").strip() for line in command.splitlines()]
        shown.append(
            Shown(" ".join(lines).removeprefix("$ aws "), json.loads(brace + answer) if brace else None),
        )
    return shown


PAGE: Final = _read()
"""In the page's order."""

_SINCE: Final[dict[str, dict[Any, Any]]] = {
    "MaximumRecordAgeInSeconds": {604800: -1},
    "MaximumRetryAttempts": {10000: -1},
}
"""Defaults of the page's time, and what they are today (SEMANTICS §1)."""


def today(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of the page with today's defaults in place of those of its time."""
    now = {
        name: _SINCE.get(name, {}).get(value, value) if not isinstance(value, dict) else value
        for name, value in answer.items()
    }
    return now | {"DestinationConfig": answer["DestinationConfig"] or {"OnFailure": {}}}
