"""Where the mappings of a server are kept: an SQLite file, the same that holds their checkpoints."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

from streamkit.errors import StreamkitError
from streamkit.mapping import EventSourceMapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
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

    While it is open no other has the same file, in this process or another: mappings would be at work twice. A file
    beside it, ``…-lock``, says so; a process that is killed holds it no longer.

    Raises StateFileError for a file that is none of SQLite's, that cannot be written, or that another has.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._closed = False
        with contextlib.ExitStack() as failing, self._usable():
            if str(path) in ("", ".", ":memory:"):
                raise sqlite3.OperationalError("that is the name of no file")
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            failing.callback(self._db.close)
            self._alone = sqlite3.connect(f"{path}-lock", timeout=0, isolation_level=None, check_same_thread=False)
            failing.callback(self._alone.close)
            self._be_alone()
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS mappings "
                "(uuid TEXT PRIMARY KEY, number INTEGER, mapping TEXT, pending TEXT)"
            )
            failing.pop_all()

    def _be_alone(self) -> None:
        try:
            self._alone.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            raise StateFileError(
                f"the state file {self.path} is in use by another streamkit serve, and its mappings would deliver "
                f"everything twice: end that one, or name another file"
            ) from None

    def load(self) -> list[Stored]:
        """Return every mapping, in the order in which they were made. Raises StateFileError for one that is damaged."""
        with self._lock, self._usable():
            rows = self._db.execute("SELECT number, uuid, mapping, pending FROM mappings ORDER BY number").fetchall()
        return [self._stored(*row) for row in rows]

    def _stored(self, number: int, uuid: str, mapping: str, pending: str | None) -> Stored:
        try:
            # What was warned of when it was made need not be said twice.
            made = EventSourceMapping.model_validate(json.loads(mapping), context={"warned": True})
            return Stored(number, made, None if pending is None else dict(json.loads(pending)))
        except (TypeError, ValueError) as error:
            raise StateFileError(
                f"the state file {self.path} holds a mapping, {uuid}, that cannot be read: {error}; "
                f"name another file, or a new one"
            ) from None

    def save(self, stored: Stored) -> None:
        """Keep a mapping, in place of what was kept of it before."""
        mapping = stored.mapping
        pending = None if stored.pending is None else json.dumps(stored.pending)
        values = (mapping.uuid, stored.number, json.dumps(mapping.to_aws()), pending)
        self._write("INSERT OR REPLACE INTO mappings VALUES (?, ?, ?, ?)", values)

    def delete(self, uuid: str) -> None:
        """Forget a mapping."""
        self._write("DELETE FROM mappings WHERE uuid = ?", (uuid,))

    def _write(self, statement: str, values: Sequence[Any]) -> None:
        with self._lock:
            if not self._closed:
                self._db.execute(statement, values)

    def close(self) -> None:
        """Close the file. What a thread that ends later has to say is not kept: the next server finds it out itself."""
        with self._lock:
            self._closed = True
            self._db.close()
            self._alone.close()

    @contextlib.contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StateFileError(
                f"the state file {self.path} cannot be used: {error}; name a file that an earlier `streamkit serve` "
                f"made, or a new one in a folder that is there"
            ) from None
