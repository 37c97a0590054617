"""The event of one invocation of a tumbling window, for unit tests (SEMANTICS §5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from streamkit.errors import HandlerDefinitionError, WindowStateError
from streamkit.local.clock import VirtualClock, aware
from streamkit.local.records import to_json
from streamkit.local.sources.shards import ShardTree
from streamkit.local.sources.tablerecords import TableRecords
from streamkit.local.texts import second
from streamkit.local.window import NEW_STATE, TimeWindow, WindowPart, window_at
from streamkit.settings import INTEGERS
from streamkit.states.codec import StateCodec
from streamkit.states.problems import problem_of
from streamkit.states.statetypes import form_of
from streamkit.testing.events import ImpossibleEventError, batch
from streamkit.typeforms import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["window_event"]

_START = VirtualClock().now()
_LEAVES = (str, int, float, bool, type(None))


def window_event(  # noqa: PLR0913  # what the event of a window has; all have defaults
    *events: Any,
    state: Any = None,
    state_type: Any = None,
    keyed: bool = False,
    start: datetime | None = None,
    seconds: int = 60,
    final: bool = False,
    terminated_early: bool = False,
    shard_id: str | None = None,
    table: str = "table",
) -> dict[str, Any]:
    """Return the event of an invocation for a tumbling window, with the records of these events, numbered anew.

    ``state``: what the invocation before it returned: the ``"state"`` of its response as it stands, or the state
    itself, a model, a dataclass, or any other value that `tumbling_window` takes; by default none, as a window begins.
    ``state_type``: its type, where its own class does not say it all (``dict[str, Totals]``). ``keyed``: of a handler
    with ``by=``, whose state is a dict of states by key.

    ``start``: an aware datetime at which a window of so many ``seconds`` starts; by default the one of the first
    record, or without records 2026-01-01T00:00:00Z. ``final``: the invocation that ends the window, which has no
    records; ``terminated_early``: it ends because its state is too large. ``table``: of which table the shard is, where
    there are no records to say so.

    Raises ImpossibleEventError for a window that Lambda would not have, or for records that are not in it;
    WindowStateError for a state that could not be returned.
    """
    longest = INTEGERS["tumbling_window_in_seconds"].high
    if type(seconds) is not int or not 1 <= seconds <= longest:
        raise ImpossibleEventError(f"a window is from 1 to {longest} seconds long, not {seconds!r}")
    final = final or terminated_early
    if final and events:
        raise ImpossibleEventError(
            "the invocation that ends a window has no records (SEMANTICS §5): give those to a window_event(…) before "
            "it, and what that one returns as state="
        )
    records: list[dict[str, Any]] = batch(*events)["Records"] if events else []
    bounds = _bounds(records, start, timedelta(seconds=seconds))
    arn = records[0]["eventSourceARN"] if records else TableRecords.of(table, "id", "KEYS_ONLY", _START).stream_arn
    shard = next(iter(ShardTree(arn, 1, _START).all)) if shard_id is None else shard_id
    part = WindowPart(bounds, _state(state, state_type, keyed=keyed), final, terminated_early)
    made: dict[str, Any] = orjson.loads(b'{"Records":%b%b}' % (to_json(records), part.members(shard, arn)))
    return made


def _bounds(records: Sequence[dict[str, Any]], start: datetime | None, length: timedelta) -> TimeWindow:
    created = [when for when in map(_created, records) if when is not None]
    asked = (created[0] if created else _START) if start is None else aware(start, "start")
    bounds = window_at(asked, length)
    if start is not None and bounds.start != asked:
        raise ImpossibleEventError(
            f"no window of {length.total_seconds():.0f} seconds starts at {asked.isoformat()}: they are counted from "
            f"1970-01-01T00:00:00Z, and the one that this time is in starts at {second(bounds.start)}"
        )
    for when in created:
        # One from before the start has come late, and joins the window that is open (U).
        if when >= bounds.end:
            raise ImpossibleEventError(
                f"a record of {second(when)} is not in the window from {second(bounds.start)} to {second(bounds.end)}, "
                f"and an invocation never has records of two windows (SEMANTICS §5): give the factory another at=, or "
                f"call window_event() once for each window"
            )
    return bounds


def _created(record: dict[str, Any]) -> datetime | None:
    when = record["dynamodb"].get("ApproximateCreationDateTime")
    return None if when is None else datetime.fromtimestamp(when, UTC)


def _state(state: Any, state_type: Any, *, keyed: bool) -> bytes:
    if state is None and state_type is None:
        return NEW_STATE
    if state_type is None and type(state) is dict and _is_json(state):
        return orjson.dumps(state)  # of a response, or one that looks the same in it
    one = next(iter(state.values()), None) if keyed and isinstance(state, dict) else state
    kind = type(one) if state_type is None else state_type
    hint = "; say its type with state_type=" if state_type is None else ""
    form_of(kind, "state=")  # which tells of a type that none can have
    try:
        return StateCodec(kind, "state=", initial=lambda: one, keyed=keyed).encode(state).json
    except WindowStateError as error:
        raise WindowStateError(f"state= cannot go into an event: {error}{hint}") from error
    except HandlerDefinitionError as error:
        cause = error.__cause__
        problem = problem_of(cause if isinstance(cause, Exception) else error, one)
        raise WindowStateError(f"state= is not a valid {shown(kind)}: {problem}{hint}") from error


def _is_json(value: Any) -> bool:
    """Whether a value is in JSON's own types, all through."""
    if type(value) is dict:
        return all(type(name) is str for name in value) and all(map(_is_json, value.values()))
    if type(value) is list:
        return all(map(_is_json, value))
    return type(value) in _LEAVES
