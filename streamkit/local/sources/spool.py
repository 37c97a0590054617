"""Where the pages of a log are put away until they are read again."""

from __future__ import annotations

import pickle
import tempfile
import weakref
from typing import Any

__all__ = ["Spool"]

# Little: the system's own cache of a file takes less time than memory that the process has to ask for.
_MEMORY = 2**20


class Spool:
    """Values in a temporary file that is gone with this object. ``memory``: from so many bytes on it is on disk.

    Raises OSError, with the folder in its text, where the disk cannot take it.
    """

    def __init__(self, memory: int = _MEMORY) -> None:
        self._file = tempfile.SpooledTemporaryFile(memory)  # noqa: SIM115  # it lives as long as this object
        self._end = 0
        weakref.finalize(self, self._file.close)

    def add(self, value: Any) -> tuple[int, int]:
        """Put ``value`` away and return its address, by which `get` finds it."""
        blob, offset = pickle.dumps(value), self._end
        try:
            self._file.seek(offset)
            self._file.write(blob)
        except OSError as error:
            folder = tempfile.gettempdir()
            text = f"{error.strerror} (records are put away in {folder}; TMPDIR names another folder)"
            raise OSError(error.errno, text) from None
        self._end += len(blob)
        return offset, len(blob)

    def get(self, address: tuple[int, int]) -> Any:
        """Return the value of an address."""
        offset, size = address
        self._file.seek(offset)
        return pickle.loads(self._file.read(size))  # noqa: S301  # our own temporary file
