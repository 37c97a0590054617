"""From a schedule that fails to the smallest that fails alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from streamkit.testing.simulation.faults import Killed, Raises, Slow
from streamkit.testing.simulation.schedule import Advance, Delete, ImpossibleStepError, Pause, Put, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from streamkit.testing.simulation.faults import SimulatedFault
    from streamkit.testing.simulation.schedule import Schedule, Step
    from streamkit.testing.simulation.stage import Performance, Stage

__all__ = ["shrunk"]

_MOST_TRIES = 2_000


def shrunk(stage: Stage, failing: Performance, allows: Callable[[dict[str, Any]], bool]) -> Performance:
    """Return the smallest performance that fails as this one does: no single thing less and it would not.

    ``allows``: whether there may be an item that was not drawn.
    """
    tries = 0
    smaller = True
    given = [step for step in failing.schedule.steps if isinstance(step, Put)]
    while smaller:
        smaller = False
        for candidate in _smaller(failing.schedule, stage.key):
            if candidate == failing.schedule:
                continue
            if tries == _MOST_TRIES:
                return failing
            if not all(allows(step.item) for step in candidate.steps if isinstance(step, Put) and step not in given):
                continue
            tries += 1
            performed = _tried(stage, candidate)
            if performed is not None and performed.kind is failing.kind:
                failing, smaller = performed, True
                break
    return failing


def _tried(stage: Stage, schedule: Schedule) -> Performance | None:
    try:
        return stage.perform(schedule)
    except ImpossibleStepError:
        return None


def _smaller(schedule: Schedule, key: Sequence[str]) -> Iterator[Schedule]:
    """Yield schedules that are simpler, each in one respect, the greatest steps first."""
    yield from _with_less(schedule)
    for call, fault in schedule.faults.items():
        others: dict[int, SimulatedFault] = {at: other for at, other in schedule.faults.items() if at != call}
        for at, simpler in _simpler_faults(call, fault, taken=others):
            yield replace(schedule, faults=dict(sorted({**others, at: simpler}.items())))
    for place, step in enumerate(schedule.steps):
        for other in _simpler_steps(step, schedule.steps[:place], key):
            yield replace(schedule, steps=(*schedule.steps[:place], other, *schedule.steps[place + 1 :]))
    yield from _renumbered(schedule, key)


def _with_less(schedule: Schedule) -> Iterator[Schedule]:
    """Yield schedules of which something is left out."""
    steps = schedule.steps
    size = len(steps)
    while size:
        for start in range(0, len(steps), size):
            fewer = replace(schedule, steps=steps[:start] + steps[start + size :])
            yield fewer
            # Without them there may be a call less.
            yield replace(fewer, faults={at - 1: fault for at, fault in schedule.faults.items() if at > 1})
        size //= 2
    for call in schedule.faults:
        left = {at: fault for at, fault in schedule.faults.items() if at != call}
        yield replace(schedule, faults=left)
        yield replace(schedule, faults={at - (at > call): fault for at, fault in left.items()})
    for shards in range(1, schedule.shards):
        yield replace(schedule, shards=shards)
    yield replace(schedule, batch_size=None)
    yield replace(schedule, random_seed=0)


def _simpler_faults(
    call: int, fault: SimulatedFault, taken: dict[int, SimulatedFault]
) -> Iterator[tuple[int, SimulatedFault]]:
    if isinstance(fault, Killed | Raises):
        yield from ((call, type(fault)(line)) for line in range(1, fault.line))
    elif isinstance(fault, Slow) and fault.seconds > 1:
        yield call, Slow(1)
    for earlier in range(1, call):
        if earlier not in taken:
            yield earlier, fault


def _simpler_steps(step: Step, before: Sequence[Step], key: Sequence[str]) -> Iterator[Step]:
    match step:
        case Pause(seconds):
            yield Advance(seconds)
        case Advance():
            yield Run()
        case Delete(gone, expired=True):
            yield Delete(gone)
        case Put(item):
            for name, value in item.items():
                if name not in key:
                    yield from (Put({**item, name: simpler}) for simpler in _simpler_values(name, value, before))
        case _:
            pass


def _simpler_values(name: str, value: Any, before: Sequence[Step]) -> Iterator[Any]:
    """Yield simpler values of an attribute: what an item before has, else a smaller number."""
    earlier = [step.item[name] for step in before if isinstance(step, Put) and name in step.item]
    if value in earlier:
        return
    yield from earlier[:1]
    if type(value) is int and value not in (0, 1):
        yield 1


def _renumbered(schedule: Schedule, key: Sequence[str]) -> Iterator[Schedule]:
    """Yield the schedule with its items' numbers from 1 on, where a single number is their key."""
    keys = [_key_of(step, key) for step in schedule.steps]
    used = list(dict.fromkeys(one for one in keys if one is not None))
    if len(key) > 1 or any(type(one) is not int for one in used) or used == list(range(1, len(used) + 1)):
        return
    numbers = {old: new for new, old in enumerate(used, start=1)}
    steps: list[Step] = []
    for step, old in zip(schedule.steps, keys, strict=True):
        match step:
            case Put(item):
                steps.append(Put({**item, key[0]: numbers[old]}))
            case Delete(_, expired=expired):
                steps.append(Delete((numbers[old],), expired=expired))
            case _:
                steps.append(step)
    yield replace(schedule, steps=tuple(steps))


def _key_of(step: Step, key: Sequence[str]) -> Any:
    match step:
        case Put(item):
            return item[key[0]]
        case Delete(gone):
            return gone[0]
        case _:
            return None
