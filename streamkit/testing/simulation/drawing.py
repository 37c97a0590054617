"""Drawing a schedule: what a table's users, DynamoDB and Lambda may do, by chance and by a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.local.seeding import seeded
from streamkit.testing.simulation.faults import COLD_START, SET_ORDER, Killed, Raises, Slow, counts
from streamkit.testing.simulation.schedule import Advance, Delete, Pause, Put, Run, Schedule, Split

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from streamkit.mapping import EventSourceMapping
    from streamkit.testing.simulation.faults import SimulatedFault
    from streamkit.testing.simulation.items import Items
    from streamkit.testing.simulation.schedule import Step

__all__ = ["draw_schedule"]

_WRITES = (1, 2, 2, 3, 3, 4, 5, 6, 8)
_SHARDS = (1, 1, 2, 2, 3)
_MOST_SHARDS = 4
_BATCH_SIZES = (1, 1, 2, 3, 5, 10_000)
"""As far as the mapping allows them; its own where they are more."""
_FAULTS = (0, 1, 1, 2, 3)
_SPANS = (1, 10, 60, 600, 3600)
_KINDS: tuple[SimulatedFault, ...] = (
    "duplicate",
    "crash",
    Killed(1),
    Raises(1),
    "timeout",
    "throttle",
    "service_error",
    COLD_START,
    SET_ORDER,
    Slow(1),
)


def draw_schedule(seed: int, items: Items, key: Sequence[str], mapping: EventSourceMapping) -> Schedule:
    """Draw the schedule of a seed: the same items and mapping, the same schedule."""
    random = seeded(seed, "schedule", 0)
    shards = random.choice(_SHARDS)
    steps = _steps(random, items, key, shards)
    size = random.choice(_BATCH_SIZES)
    batch_size = size if size < mapping.batch_size else None
    faults = _faults(random, len(steps), mapping.maximum_retry_attempts)
    if mapping.maximum_record_age_in_seconds >= 0:
        # What takes long would lose records whatever the handler does.
        steps = tuple(Run() if isinstance(step, Pause) else step for step in steps)
        long = [call for call, fault in faults.items() if fault == "timeout" or isinstance(fault, Slow)]
        for call in long:
            del faults[call]
    return Schedule(steps, faults, shards, batch_size, random_seed=seed)


def _steps(random: Random, items: Items, key: Sequence[str], shards: int) -> tuple[Step, ...]:
    steps: list[Step] = []
    there: dict[tuple[Any, ...], dict[str, Any]] = {}
    opened, made = list(range(shards)), shards
    for _ in range(random.choice(_WRITES)):
        what = random.random()
        if there and what < 0.15:  # noqa: PLR2004  # one write in seven
            gone = random.choice(list(there))
            del there[gone]
            steps.append(Delete(gone, expired=random.random() < 0.3))  # noqa: PLR2004  # some of them
        else:
            item = items.make(random)
            if there and what < 0.5:  # noqa: PLR2004  # a third of the writes change what is there
                same = item | dict(zip(key, random.choice(list(there)), strict=True))
                item = same if items.allows(same) else item
            there[tuple(item[name] for name in key)] = item
            steps.append(Put(item))
        then = random.random()
        if then < 0.25:  # noqa: PLR2004  # else several writes wait for the same run
            steps.append(Run())
        elif then < 0.4:  # noqa: PLR2004
            steps.append(Advance(random.choice(_SPANS)))
        elif then < 0.55:  # noqa: PLR2004
            steps.append(Pause(random.choice(_SPANS)))
        elif then < 0.6 and len(opened) < _MOST_SHARDS:  # noqa: PLR2004
            shard = opened.pop(random.randrange(len(opened)))
            steps.append(Split(shard))
            opened += [made, made + 1]
            made += 2
    return tuple(steps)


def _faults(random: Random, steps: int, retries: int) -> dict[int, SimulatedFault]:
    # Of few kinds at once, so that each gets its turn without the others.
    kinds = random.sample(_KINDS, random.choice((1, 2, 3)))
    faults: dict[int, SimulatedFault] = {}
    for _ in range(random.choice(_FAULTS)):
        fault = _fault(random, random.choice(kinds))
        # More than the mapping retries would lose records whatever the handler does.
        if retries < 0 or not counts(fault) or sum(map(counts, faults.values())) < retries:
            # The first calls are the likeliest: later ones may never be made.
            faults[random.randint(1, random.randint(1, steps + 1))] = fault
    return dict(sorted(faults.items()))


def _fault(random: Random, kind: SimulatedFault) -> SimulatedFault:
    match kind:
        case Killed():
            return Killed(random.choice((1, 2, 3, 4, 6, 8, 12)))
        case Raises():
            return Raises(random.choice((1, 1, 2, 3, 5)))
        case Slow():
            return Slow(random.choice((1, 30, 300)))
        case _:
            return kind
