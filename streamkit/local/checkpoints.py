"""Checkpoints that survive a restart."""

from __future__ import annotations

import sqlite3
import weakref
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

from streamkit.local.window import OpenWindow, TimeWindow

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CheckpointFile", "Checkpoints", "LiveCheckpoints", "ShardCheckpoint", "mappings_in"]


@dataclass(frozen=True, slots=True)
class ShardCheckpoint:
    """How far a shard is done with."""

    sequence_number: str | None
    """Everything up to this record is done with; None: nothing is, the shard is read from its start."""
    of: int = 1
    """How many lanes it had."""
    lanes: Mapping[int, str] = field(default_factory=dict)
    """How far each lane had got, ahead of the checkpoint: what it did is not done again, if there are as many lanes."""
    window: OpenWindow | None = None
    """The tumbling window that was open there, with its state."""
    since: datetime | None = None
    """Where nothing is done with: when the mapping was made that starts at LATEST; None: it starts at the oldest."""
    finished: bool = False
    """Whether the shard is closed, and every record of it done with."""


class Checkpoints(Protocol):
    """Where the checkpoints of one mapping are kept."""

    def load(self) -> Mapping[str, ShardCheckpoint]:
        """Return the checkpoints of all shards that were ever started."""
        ...

    def save(self, shard_id: str, sequence_number: str | None, window: OpenWindow | None = None) -> None:
        """Everything up to this record of the shard is done with; None: the shard is started, and nothing is.

        ``window``: the tumbling window that is open there. Both are kept or neither is: with a state of another
        checkpoint, records would count twice or not at all.
        """
        ...

    def save_window(self, shard_id: str, window: OpenWindow | None) -> None:
        """Keep the checkpoint as it is; this tumbling window is open there now."""
        ...

    def save_lane(self, shard_id: str, lane: int, of: int, sequence_number: str) -> None:
        """One of ``of`` lanes is done with all of its own records up to this one."""
        ...


@runtime_checkable
class LiveCheckpoints(Checkpoints, Protocol):
    """Checkpoints that also know the beginning and the end of a live stream's shards.

    With others a shard that began at LATEST, and of which nothing was done, starts all over.
    """

    def save_start(self, shard_id: str, since: datetime) -> None:
        """Note that the shard is started at LATEST, at this time: nothing is done, and no record is known to go by."""
        ...

    def save_finished(self, shard_id: str) -> None:
        """Note that the shard is closed, and every record of it done with."""
        ...


class CheckpointFile:
    """Checkpoints in an SQLite file, written after every step: a run that was killed goes on where it was.

    What was in flight then is delivered again, nothing else is, and nothing is lost. One file serves several mappings:
    ``stream_arn`` and ``function_arn`` say which one this is.

    Raises ValueError for a name of no file, sqlite3.Error for a file that is none of SQLite's or cannot be written.
    """

    def __init__(self, path: str | Path, stream_arn: str, function_arn: str) -> None:
        if str(path) in ("", ".", ":memory:"):
            raise ValueError(f"checkpoint takes the name of a file; {str(path)!r} is none, and would keep nothing")
        # Each statement is a transaction of its own: what was written is there after a kill. Only the runner's thread
        # writes; the garbage collector may close it in any.
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._close = weakref.finalize(self, self._db.close)
        self._mapping = (stream_arn, function_arn)
        # Not waiting for the disk at every step: if the machine itself dies, the last steps may be done again.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS shards (stream TEXT, function TEXT, shard TEXT, sequence_number TEXT, "
            "PRIMARY KEY (stream, function, shard)) WITHOUT ROWID"
        )
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS lanes (stream TEXT, function TEXT, shard TEXT, lane INTEGER, lanes INTEGER, "
            "sequence_number TEXT, PRIMARY KEY (stream, function, shard, lane)) WITHOUT ROWID"
        )
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS windows (stream TEXT, function TEXT, shard TEXT, window_start REAL, "
            "window_end REAL, state BLOB, PRIMARY KEY (stream, function, shard)) WITHOUT ROWID"
        )
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS starts (stream TEXT, function TEXT, shard TEXT, since REAL, "
            "PRIMARY KEY (stream, function, shard)) WITHOUT ROWID"
        )
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS finished (stream TEXT, function TEXT, shard TEXT, "
            "PRIMARY KEY (stream, function, shard)) WITHOUT ROWID"
        )

    def load(self) -> Mapping[str, ShardCheckpoint]:
        """See `Checkpoints`."""
        lanes: dict[str, dict[int, dict[int, str]]] = {}
        query = "SELECT shard, lanes, lane, sequence_number FROM lanes WHERE stream = ? AND function = ?"
        for shard, of, lane, number in self._db.execute(query, self._mapping):
            lanes.setdefault(shard, {}).setdefault(of, {})[lane] = number
        query = "SELECT shard, sequence_number FROM shards WHERE stream = ? AND function = ?"
        windows, starts, finished, found = self._windows(), self._starts(), self._finished(), {}
        for shard, number in self._db.execute(query, self._mapping):
            of, ahead = max(lanes.get(shard, {1: {}}).items(), key=lambda pair: len(pair[1]))
            found[shard] = ShardCheckpoint(number, of, ahead, windows.get(shard), starts.get(shard), shard in finished)
        return found

    def _finished(self) -> set[str]:
        query = "SELECT shard FROM finished WHERE stream = ? AND function = ?"
        return {shard for (shard,) in self._db.execute(query, self._mapping)}

    def _starts(self) -> dict[str, datetime]:
        query = "SELECT shard, since FROM starts WHERE stream = ? AND function = ?"
        return {shard: datetime.fromtimestamp(at, UTC) for shard, at in self._db.execute(query, self._mapping)}

    def _windows(self) -> dict[str, OpenWindow]:
        query = "SELECT shard, window_start, window_end, state FROM windows WHERE stream = ? AND function = ?"
        return {
            shard: OpenWindow(TimeWindow(*(datetime.fromtimestamp(at, UTC) for at in bounds)), state, started=True)
            for shard, *bounds, state in self._db.execute(query, self._mapping)
        }

    def save(self, shard_id: str, sequence_number: str | None, window: OpenWindow | None = None) -> None:
        """See `Checkpoints`."""
        with self._db:
            self._db.execute("BEGIN")
            self._db.execute(
                "INSERT OR REPLACE INTO shards VALUES (?, ?, ?, ?)", (*self._mapping, shard_id, sequence_number)
            )
            self.save_window(shard_id, window)

    def save_start(self, shard_id: str, since: datetime) -> None:
        """See `Checkpoints`."""
        with self._db:
            self._db.execute("BEGIN")
            self._db.execute(
                "INSERT OR REPLACE INTO starts VALUES (?, ?, ?, ?)", (*self._mapping, shard_id, since.timestamp())
            )
            self._db.execute("INSERT OR REPLACE INTO shards VALUES (?, ?, ?, NULL)", (*self._mapping, shard_id))

    def save_finished(self, shard_id: str) -> None:
        """See `LiveCheckpoints`."""
        self._db.execute("INSERT OR REPLACE INTO finished VALUES (?, ?, ?)", (*self._mapping, shard_id))

    def save_window(self, shard_id: str, window: OpenWindow | None) -> None:
        """See `Checkpoints`."""
        key = (*self._mapping, shard_id)
        if window is None:
            self._db.execute("DELETE FROM windows WHERE stream = ? AND function = ? AND shard = ?", key)
            return
        bounds = (when.timestamp() for when in window.bounds)
        self._db.execute("INSERT OR REPLACE INTO windows VALUES (?, ?, ?, ?, ?, ?)", (*key, *bounds, window.state))

    def save_lane(self, shard_id: str, lane: int, of: int, sequence_number: str) -> None:
        """See `Checkpoints`."""
        key = (*self._mapping, shard_id)
        # Another number of lanes divides the items otherwise: what the old ones did ahead says nothing then.
        self._db.execute("DELETE FROM lanes WHERE stream = ? AND function = ? AND shard = ? AND lanes <> ?", (*key, of))
        self._db.execute("INSERT OR REPLACE INTO lanes VALUES (?, ?, ?, ?, ?, ?)", (*key, lane, of, sequence_number))

    def forget(self) -> None:
        """Drop everything that is known of this mapping: another one begins anew."""
        with self._db:
            self._db.execute("BEGIN")
            for table in ("shards", "lanes", "windows", "starts", "finished"):
                self._db.execute(f"DELETE FROM {table} WHERE stream = ? AND function = ?", self._mapping)  # noqa: S608  # ours

    def close(self) -> None:
        """Close the file."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def mappings_in(path: str | Path) -> set[tuple[str, str]]:
    """Return whose checkpoints a file holds: pairs of a stream's ARN and a function's; none where there is no file.

    Raises sqlite3.Error for a file that is none of SQLite's.
    """
    if not Path(path).exists():
        return set()
    with closing(sqlite3.connect(path)) as db:
        tables = db.execute("SELECT name FROM sqlite_master WHERE name = 'shards'").fetchall()
        return set(db.execute("SELECT DISTINCT stream, function FROM shards")) if tables else set()
