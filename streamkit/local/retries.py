"""When a failed extent is tried again (SEMANTICS §3)."""

from __future__ import annotations

from datetime import timedelta

from streamkit.local.seeding import seeded

__all__ = ["STREAM_RETENTION", "back_off"]

STREAM_RETENTION = timedelta(hours=24)
"""How long a stream holds a record; after that it is gone, without an on-failure record (U)."""

_FIRST_SECONDS = 0.25
_CAP_SECONDS = 60.0
_JITTER = 0.25
_DOUBLINGS_TO_CAP = 8


def back_off(failures: int, *parts: object) -> timedelta:
    """Return the wait after so many failures in a row: 0.25 s doubling (O for two, then I), ±25 %, cap 60 s (U).

    ``parts`` seed the jitter.
    """
    seconds = min(_CAP_SECONDS, _FIRST_SECONDS * 2 ** min(failures - 1, _DOUBLINGS_TO_CAP))
    return timedelta(seconds=seconds * seeded(*parts, failures).uniform(1 - _JITTER, 1 + _JITTER))
