"""In the place of a function: writes what it is given to a file."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING, BinaryIO

import orjson

from streamkit.local.batching import read_event
from streamkit.local.invokers.invoker import Answer
from streamkit.local.records import RecordError

if TYPE_CHECKING:
    from streamkit.local.redaction import Redaction

__all__ = ["Recorder"]

_IN_FLIGHT = 100_000
"""So many records may have been written and not be known for done, when a recording is taken up again."""


class Recorder:
    """An Invoker that writes each record as a line of JSON, redacted, and answers when the disk has them.

    ``file``: opened for reading and appending. Of a recording that was killed a half line is cut off, and what its last
    batches wrote is not written again: a record stands in it once.

    Raises RecordError for a file that holds something else.
    """

    function_name = "record"

    def __init__(self, file: BinaryIO, redaction: Redaction | None = None) -> None:
        self._file = file
        self._redaction = redaction
        self._written = _last_numbers(file) if file.seekable() else set()
        self.count = 0
        """How many records were written."""

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:  # noqa: ARG002  # Invoker
        """See `Invoker`. Raises OSError where the file takes no more."""
        lines = []
        for record in read_event(event)["Records"]:
            if record["dynamodb"]["SequenceNumber"] not in self._written:
                kept = record if self._redaction is None else self._redaction.redact(record)
                lines.append(orjson.dumps(kept, option=orjson.OPT_APPEND_NEWLINE))
        self._file.write(b"".join(lines))
        self._file.flush()
        if self._file.seekable():
            os.fsync(self._file.fileno())
        self.count += len(lines)
        return Answer()


def _last_numbers(file: BinaryIO) -> set[str]:
    """Return the numbers of the last records in a file, and cut off what is no whole line."""
    numbers: deque[str] = deque(maxlen=_IN_FLIGHT)
    whole = 0
    file.seek(0)
    for place, line in enumerate(file, 1):
        if line.endswith(b"\n"):
            whole += len(line)
            numbers.append(_number_in(line, place))
    file.truncate(whole)
    file.seek(whole)
    return set(numbers)


def _number_in(line: bytes, place: int) -> str:
    try:
        number: str = orjson.loads(line)["dynamodb"]["SequenceNumber"]
    except (orjson.JSONDecodeError, LookupError, TypeError):
        raise RecordError(
            f"line {place} is no stream record: {line[:60]!r}; a recording can go on in its own file only"
        ) from None
    return number
