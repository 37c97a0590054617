"""The guard against a handler that writes, without end, to the table whose stream it reads."""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from typing import TYPE_CHECKING

from streamkit.errors import StreamkitError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DEFAULT_LIMIT", "CascadeError", "caused_by", "check_cascade", "depth_of_writes"]

DEFAULT_LIMIT = 100
"""How many invocations may lead one to the next before it counts as endless."""

_depth: ContextVar[int] = ContextVar("streamkit_depth", default=0)


class CascadeError(StreamkitError):
    """A handler's writes cause its own invocations, one after the other, without end."""


def depth_of_writes() -> int:
    """Return how many invocations led to what is being written now: 0 outside of any.

    What a thread of the handler's own writes counts as written outside.
    """
    return _depth.get()


def check_cascade(depth: int, limit: int | None, function_name: str, stream_arn: str) -> None:
    """Raise CascadeError where a chain of ``limit`` invocations led to the next; None is no limit."""
    if limit is None or depth < limit:
        return
    table = stream_arn.partition(":table/")[2].partition("/")[0] or stream_arn
    raise CascadeError(
        f"{function_name} writes to table {table!r}, whose stream it reads, and every invocation causes the next: "
        f"{depth} so far, one leading to the other. On Lambda this goes on, and costs, until somebody stops it. "
        f"Write to another table, filter out what the handler writes itself (FilterCriteria), or write only what "
        f"changes an item (a write that changes nothing makes no record); LocalRunner(cascade_limit=…) allows "
        f"longer chains"
    )


@contextlib.contextmanager
def caused_by(depth: int) -> Iterator[None]:
    """Let everything that is written in the block count as caused by an invocation that so many led to."""
    token = _depth.set(depth + 1)
    try:
        yield
    finally:
        _depth.reset(token)
