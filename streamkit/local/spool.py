"""Bytes put away until they are read again: in memory as long as they are few, else in a temporary file."""

from __future__ import annotations

import tempfile
import weakref

__all__ = ["Spool"]

_MEMORY = 16 * 2**20


class Spool:
    """A temporary file that is gone with this object. ``memory``: from so many bytes on it is on disk.

    Raises OSError, with the folder in its text, where the disk cannot take it.
    """

    def __init__(self, memory: int = _MEMORY) -> None:
        self._file = tempfile.SpooledTemporaryFile(memory)  # noqa: SIM115  # it lives as long as this object
        self._end = 0
        weakref.finalize(self, self._file.close)

    def add(self, blob: bytes) -> int:
        """Put ``blob`` away and return its offset, by which `get` finds it."""
        offset = self._end
        try:
            self._file.seek(offset)
            self._file.write(blob)
        except OSError as error:
            folder = tempfile.gettempdir()
            text = f"{error.strerror} (records are put away in {folder}; TMPDIR names another folder)"
            raise OSError(error.errno, text) from None
        self._end += len(blob)
        return offset

    def get(self, offset: int, size: int) -> bytes:
        """Return the ``size`` bytes from ``offset`` on."""
        self._file.seek(offset)
        return self._file.read(size)
