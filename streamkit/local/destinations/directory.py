"""On-failure records to a directory: the destination that needs nothing but a disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from streamkit.local.destinations.destination import DestinationError
from streamkit.local.destinations.document import as_text

if TYPE_CHECKING:
    from streamkit.local.destinations.discards import OnFailureRecord

__all__ = ["DirectoryDestination"]

_NO_NAME = re.compile(r"[^A-Za-z0-9_$.-]")
_LONGEST_PART = 64


class DirectoryDestination:
    """A directory of JSON files, one for each record, in the form that a bucket gets: with the event as ``payload``.

    So they can be redriven even when the stream has forgotten their records. The names sort by time; the same record
    delivered twice is one file. A file is there as a whole or not at all, whatever happens to the process.

    The directory is made when the first record comes. Raises DestinationError, here already, where that cannot be.
    """

    keeps_event = True

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if str(path) == "":
            raise DestinationError("a directory for on-failure records needs a name, not ''")
        there = next((one for one in (self.path, *self.path.absolute().parents) if os.path.lexists(one)), self.path)
        if not there.is_dir():
            raise DestinationError(f"on-failure records cannot go to {self.path}: {there} is no directory")
        if not os.access(there, os.W_OK | os.X_OK):
            raise DestinationError(f"on-failure records cannot go to {self.path}: {there} cannot be written to")

    def send(self, record: OnFailureRecord) -> None:
        """Write one record. Raises DestinationError where the disk does not take it."""
        text = as_text(record).encode()
        name = _file_name(record, text)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            _write(self.path, name, text)
        except OSError as error:
            raise DestinationError(f"{self.path / name} cannot be written: {error.strerror or error}") from None


def _file_name(record: OnFailureRecord, text: bytes) -> str:
    info, context = record["DDBStreamBatchInfo"], record["requestContext"]
    parts = (
        record["timestamp"].replace(":", "."),
        context["functionArn"].rpartition(":function:")[2],
        info.get("startSequenceNumber", "window"),
        # Two functions may fail at the same record in the same millisecond.
        hashlib.sha256(text).hexdigest()[:12],
    )
    return "-".join(_NO_NAME.sub("_", part)[:_LONGEST_PART] for part in parts) + ".json"


def _write(folder: Path, name: str, text: bytes) -> None:
    # A name that `redrive` passes over, until it is whole.
    unfinished = folder / f".{name}.{os.getpid()}.unfinished"
    try:
        with unfinished.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / name)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise
