"""The files that a run reads and writes."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from streamkit.cli.errors import BadInput
from streamkit.local.factjson import fact_json
from streamkit.local.records import RecordError
from streamkit.local.sources.eventfiles import read_recorded
from streamkit.local.sources.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.local.journal import Fact, Journal

__all__ = ["are_one", "journal_written", "read_recording"]

_STDIN = "-"


def read_recording(events: str) -> Recording:
    """Read the records of a file, or of standard input for ``-``.

    Raises BadInput for a file that cannot be read, or that holds anything but records of one stream.
    """
    try:
        with _opened(events) as file:
            recording = Recording(read_recorded(file, "standard input" if events == _STDIN else events))
    except OSError as error:
        raise BadInput(f"--events {events} cannot be read: {error.strerror}") from None
    except RecordError as error:
        raise BadInput(str(error)) from None
    if not len(recording):
        raise BadInput(f"--events {events} holds no records: there is nothing to run")
    return recording


@contextlib.contextmanager
def _opened(events: str) -> Iterator[BinaryIO]:
    if events == _STDIN:
        if sys.stdin is None:
            raise BadInput("--events - cannot be read: standard input is closed")
        yield sys.stdin.buffer
        return
    with open(events, "rb") as file:  # noqa: PTH123  # the name is shown as it was given
        yield file


@contextlib.contextmanager
def journal_written(
    name: str | None, journal: Journal, events: str | None, checkpoints: str | None = None
) -> Iterator[None]:
    """Write every fact of the block to the file ``name``, as JSON lines; None writes nothing.

    Raises BadInput if it cannot be written, or is the file that the records come from or the checkpoints are in.
    """
    if name is None:
        yield
        return
    for option, other in (("--events", events), ("--checkpoint", checkpoints)):
        if other is not None and are_one(name, other):
            raise BadInput(f"--journal {name} is the file of {option}, and would overwrite it: name another one")
    try:
        with open(name, "wb") as file:  # noqa: PTH123  # as above
            journal.subscribe(_JournalWriter(file, name))
            yield
    except OSError as error:
        raise _unwritable(name, error) from None


def are_one(name: str, other: str) -> bool:
    """Whether two names are those of one file, which is there."""
    try:
        found = os.fstat(sys.stdin.fileno()) if other == _STDIN else Path(other).stat()
        return os.path.samestat(Path(name).stat(), found)
    except (OSError, ValueError):
        return False


class _JournalWriter:
    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name

    def note(self, fact: Fact) -> None:
        try:
            self._file.write(fact_json(fact) + b"\n")
        except OSError as error:
            raise _unwritable(self._name, error) from None


def _unwritable(name: str, error: OSError) -> BadInput:
    return BadInput(f"--journal {name} cannot be written: {error.strerror}")
