"""Where a runner's records come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from streamkit.local.records import StreamRecord
    from streamkit.local.streams.reader import Note

__all__ = ["LiveSource", "Source"]


class Source(Protocol):
    """A stream: shards, each a list of records that only grows, read from a position on."""

    @property
    def stream_arn(self) -> str:
        """The stream's ARN."""
        ...

    @property
    def shard_ids(self) -> Sequence[str]:
        """The stream's shards, closed ones included, in the order in which they were made: parents before children."""
        ...

    def read(self, shard_id: str, position: int, limit: int, now: datetime) -> Sequence[StreamRecord]:
        """Return up to ``limit`` records from ``position`` on that are readable at ``now``."""
        ...

    def next_arrival(self, shard_id: str, position: int, now: datetime) -> datetime | None:
        """Return when the record at ``position`` becomes readable: ``now`` if it is, None where there is none."""
        ...

    def latest(self, shard_id: str, now: datetime) -> int:
        """Return the position behind the last record that is readable at ``now``."""
        ...

    def after(self, shard_id: str, sequence_number: str) -> int:
        """Return the position behind the last record whose number is not above this one."""
        ...

    def parents(self, shard_id: str) -> Sequence[str]:
        """Return the shards that must be done with before this one starts."""
        ...

    def ended(self, shard_id: str, position: int) -> bool:
        """Whether the shard is closed and has no record at ``position`` or behind it."""
        ...


@runtime_checkable
class LiveSource(Source, Protocol):
    """A stream that others write to while it is read. It is polled at its own pace, and says when something came."""

    @property
    def over(self) -> str | None:
        """Why nothing more will ever come, once everything was read; None while something may."""
        ...

    def begin_at(self, shard_id: str, created_since: datetime) -> int:
        """Begin a shard with what was created since then; return the position."""
        ...

    def listen(self, bell: Callable[[], object]) -> None:
        """Call ``bell``, from any thread, whenever there is reason to look again."""
        ...

    def take_notes(self) -> Sequence[Note]:
        """Return what happened to the reading since it was asked last; each is told once."""
        ...

    def caught_up(self, since: float) -> bool:
        """Whether everything was read that was in the stream at ``since``, by time.monotonic()."""
        ...

    def close(self) -> None:
        """Read no more."""
        ...
