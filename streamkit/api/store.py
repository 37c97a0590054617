"""Where the mappings of a server are kept: an SQLite file, the same that holds their checkpoints."""

from __future__ import annotations

import json
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

from streamkit.errors import StreamkitError
from streamkit.mapping import EventSourceMapping

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["MappingStore", "StateFileError", "Stored"]


class StateFileError(StreamkitError):
    """The file that is to hold the mappings cannot be used: the text says why and what helps."""


class Stored:
    """A mapping as it is kept."""

    def __init__(self, number: int, mapping: EventSourceMapping, pending: Mapping[str, Any] | None = None) -> None:
        self.number = number
        """Its place in the order in which mappings were made."""
        self.mapping = mapping
        """What is in force, with what AWS answers besides: UUID, State, LastModified …"""
        self.pending = pending
        """The settings that an update is about to bring into force, under AWS's names."""


class MappingStore:
    """Keeps mappings in a file. Each change is there before `save` returns; the threads of a server share it.

    Raises StateFileError for a file that is none of SQLite's, or none that can be written.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS mappings "
                "(uuid TEXT PRIMARY KEY, number INTEGER, mapping TEXT, pending TEXT)"
            )
        except sqlite3.Error as error:
            raise StateFileError(
                f"the state file {path} cannot be used: {error}; name a file that an earlier `streamkit serve` made, "
                f"or a new one in a folder that is there"
            ) from None

    def load(self) -> list[Stored]:
        """Return every mapping, in the order in which they were made. Raises StateFileError for one that is damaged."""
        with self._lock:
            rows = self._db.execute("SELECT number, uuid, mapping, pending FROM mappings ORDER BY number").fetchall()
        return [self._stored(*row) for row in rows]

    def _stored(self, number: int, uuid: str, mapping: str, pending: str | None) -> Stored:
        try:
            # What was warned of when it was made need not be said twice.
            made = EventSourceMapping.model_validate(json.loads(mapping), context={"warned": True})
            return Stored(number, made, None if pending is None else json.loads(pending))
        except ValueError as error:
            raise StateFileError(
                f"the state file {self.path} holds a mapping, {uuid}, that cannot be read: {error}; "
                f"name another file, or a new one"
            ) from None

    def save(self, stored: Stored) -> None:
        """Keep a mapping, in place of what was kept of it before."""
        mapping = stored.mapping
        pending = None if stored.pending is None else json.dumps(stored.pending)
        with self._lock:
            self._db.execute(
                "INSERT OR REPLACE INTO mappings VALUES (?, ?, ?, ?)",
                (mapping.uuid, stored.number, json.dumps(mapping.to_aws()), pending),
            )

    def delete(self, uuid: str) -> None:
        """Forget a mapping."""
        with self._lock:
            self._db.execute("DELETE FROM mappings WHERE uuid = ?", (uuid,))

    def close(self) -> None:
        """Close the file."""
        self._db.close()
