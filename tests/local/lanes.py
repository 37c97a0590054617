"""What the tests of the pure machine of a lane are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from streamkit.local.lane import Arrived, Effect, Lane, Rules
from streamkit.local.outcomes import Failure
from streamkit.local.shard import step
from tests.local.builders import START, short, stream_record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from streamkit.local.lane import Signal
    from streamkit.local.records import StreamRecord

RULES = Rules(batch_size=3, maximum_retry_attempts=1, seed=0, shard_id="s")
FAILURE = Failure("Unhandled", "it raised")

E = TypeVar("E", bound=Effect)


def arrived(*numbers: int, at: datetime | None = START) -> Arrived:
    return Arrived(tuple(stream_record(number, at=at) for number in numbers))


def after_all(*signals: Signal, rules: Rules = RULES, now: datetime = START) -> tuple[Lane, list[Effect]]:
    """Return the lane after these signals, and the effects of the last one."""
    lane, effects = Lane(START), list[Effect]()
    for signal in signals:
        lane, effects = step(lane, signal, now, rules)
    return lane, effects


def numbers(records: Sequence[StreamRecord]) -> list[int]:
    return [short(record.sequence_number) for record in records]


def only(effects: list[Effect], kind: type[E]) -> E:
    (effect,) = [effect for effect in effects if isinstance(effect, kind)]
    return effect


def extents(lane: Lane) -> list[list[int]]:
    return [numbers(extent.records) for extent in lane.extents]
