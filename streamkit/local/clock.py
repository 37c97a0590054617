"""What time it is for the runner, and how it passes."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

__all__ = ["Clock", "SystemClock", "VirtualClock", "aware"]

_DEFAULT_START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Time as the runner sees it."""

    def now(self) -> datetime:
        """Return the current time, aware and in UTC."""
        ...

    def sleep_until(self, when: datetime) -> None:
        """Return when it is ``when``; at once if it is later already."""
        ...


class VirtualClock:
    """Time that passes only when it is told to: a day of retries takes as long as its invocations take.

    ``start``: an aware datetime, by default 2026-01-01T00:00:00Z, so that two runs have the same times.
    """

    def __init__(self, start: datetime = _DEFAULT_START) -> None:
        self._now = aware(start, "VirtualClock(start)")

    def now(self) -> datetime:
        """Return the virtual time."""
        return self._now

    def sleep_until(self, when: datetime) -> None:
        """Make it ``when``, unless it is later already."""
        self._now = max(self._now, aware(when, "sleep_until"))

    def __repr__(self) -> str:
        return f"VirtualClock({self._now.isoformat()})"


class SystemClock:
    """The real time: retries and records dated ahead are really waited for."""

    def now(self) -> datetime:
        """Return the machine's time, in UTC."""
        return datetime.now(UTC)

    def sleep_until(self, when: datetime) -> None:
        """Sleep until ``when``."""
        time.sleep(max(0.0, (aware(when, "sleep_until") - self.now()).total_seconds()))


def aware(when: datetime, where: str) -> datetime:
    """Return ``when`` in UTC. Raises ValueError for a datetime without a time zone, saying ``where`` it was given."""
    if when.tzinfo is None:
        raise ValueError(f"{where} takes a datetime with a time zone, not {when!r}: write datetime(…, tzinfo=UTC)")
    return when.astimezone(UTC)
