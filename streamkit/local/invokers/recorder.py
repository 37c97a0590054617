"""In the place of a function: writes what it is given to a file."""

from __future__ import annotations

import os
from collections import deque
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from streamkit.local.batching import read_event
from streamkit.local.invokers.invoker import Answer
from streamkit.local.records import RecordError

if TYPE_CHECKING:
    from streamkit.local.redaction import Redaction

__all__ = ["Recorder"]

_IN_FLIGHT = 100_000
"""So many records may have been written and not be known for done, when a recording is taken up again."""
_BEGIN = b'{"event'
"""How every line begins that a recorder writes: AWS's records, and so ours, have eventID or its like first."""


class Recorder:
    """An Invoker that writes each record as a line of JSON, redacted, and answers when the disk has them.

    ``file``: opened for appending, and for reading where it is a regular file that may hold a recording to go on with.
    Of a recording that was killed a half line is cut off, and what its last batches wrote is not written again: a
    record stands in it once. A pipe or a device only takes records.

    Raises RecordError for a file that holds something else; it is left as it is.
    """

    function_name = "record"

    def __init__(self, file: BinaryIO, redaction: Redaction | None = None) -> None:
        self._file = file
        self._redaction = redaction
        self._regular = _is_regular(file)
        self._written: set[str] = set()
        self.stream_arn: str | None = None
        """The stream whose records the file held before; None where it held none, or they do not say."""
        if self._regular and file.readable():
            self._take_up()
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
        if self._regular:
            os.fsync(self._file.fileno())
        self.count += len(lines)
        return Answer()

    def _take_up(self) -> None:
        """Note what the file holds already, and cut off what is no whole line."""
        numbers: deque[str] = deque(maxlen=_IN_FLIGHT)
        whole = 0
        self._file.seek(0)
        for place, line in enumerate(self._file, 1):
            if line.endswith(b"\n"):
                whole += len(line)
                record = _record_in(line, place)
                numbers.append(record["dynamodb"]["SequenceNumber"])
                self.stream_arn = record.get("eventSourceARN", self.stream_arn)
            elif line[: len(_BEGIN)] != _BEGIN[: len(line)]:
                raise _no_record(line, place)
        self._file.truncate(whole)
        self._file.seek(whole)
        self._written.update(numbers)


def _is_regular(file: BinaryIO) -> bool:
    try:
        return S_ISREG(os.fstat(file.fileno()).st_mode)
    except OSError:  # a file in memory has no number
        return False


def _record_in(line: bytes, place: int) -> dict[str, Any]:
    try:
        record: dict[str, Any] = orjson.loads(line)
        if isinstance(record["dynamodb"]["SequenceNumber"], str):
            return record
    except (orjson.JSONDecodeError, LookupError, TypeError):
        pass
    raise _no_record(line, place)


def _no_record(line: bytes, place: int) -> RecordError:
    return RecordError(
        f"line {place} is no stream record: {line[:60]!r}; a recording can go on in its own file only, which holds one "
        f"record a line"
    )
