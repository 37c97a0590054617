"""Worlds of every kind: after each schedule, and however a simulation ends, they are what they were."""

from __future__ import annotations

import logging
import sys
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import BaseModel

from streamkit import Change, stream_handler
from streamkit.local import LocalTable
from streamkit.testing.simulation import SimulationFailedError, simulate
from tests.testing.simulation.survivors import hidden
from tests.testing.simulation.survivors.common import Order  # noqa: TC001  # streamkit reads the annotations

SCHEDULES = 60


@dataclass(slots=True)
class Slots:
    count: int = 0
    seen: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Frozen:
    rows: dict[str, int]


class Model(BaseModel):
    seen: set[str] = set()


def everything() -> dict[str, Any]:
    return {
        "defaultdict": defaultdict(list, {"before": ["x"]}),
        "Counter": Counter("xyz"),
        "deque": deque([1, 2], maxlen=3),
        "list": [[], [{"deep": set()}]],
        "bytearray": bytearray(b"before"),
        "slots": Slots(1, {"before"}),
        "frozen": Frozen({"before": 1}),
        "tuple": (Slots(), [1]),
        "model": Model(seen={"before"}),
        "table": LocalTable("totals", key="id"),
    }


def write_everywhere(world: dict[str, Any], name: str) -> None:
    world["defaultdict"][name].append(name)
    world["Counter"][name] += 1
    world["deque"].append(name)
    world["list"][1][0]["deep"].add(name)
    world["bytearray"].extend(name.encode())
    world["slots"].count += 1
    world["slots"].seen.add(name)
    world["frozen"].rows[name] = 1
    world["tuple"][0].seen.add(name)
    world["model"].seen.add(name)
    world["table"].put({"id": name})
    world["new"] = name


def contents(world: dict[str, Any]) -> dict[str, Any]:
    return {**world, "table": (world["table"].items, world["table"].records), "maxlen": world["deque"].maxlen}


@pytest.mark.parametrize("ending", ["nothing is found", "something is found", "it is interrupted"])
def test_the_world_is_what_it_was_when(ending: str) -> None:
    world = everything()
    before = {name: id(value) for name, value in world.items()}

    @stream_handler
    def handler(change: Change[Order]) -> None:
        write_everywhere(world, change.meta.event_id)

    def check(table: LocalTable) -> None:
        assert ("new" in world) == bool(table.records)
        if table.records and ending == "something is found":
            raise AssertionError("something")
        if table.records and ending == "it is interrupted":
            raise KeyboardInterrupt

    log, tracer = logging.getLogger("streamkit").disabled, sys.gettrace()
    try:
        simulate(handler, check, schedules=5)
    except (SimulationFailedError, KeyboardInterrupt):
        assert ending != "nothing is found"
    assert contents(world) == contents(everything())
    assert {name: id(value) for name, value in world.items()} == before
    assert (logging.getLogger("streamkit").disabled, sys.gettrace()) == (log, tracer)


def test_an_object_within_the_world_stays_itself_for_whoever_else_holds_it() -> None:
    tables: dict[str, dict[str, int]] = {"orders": {}}
    orders = tables["orders"]

    @stream_handler
    def handler(change: Change[Order]) -> None:
        orders[change.meta.event_id] = 1

    simulate(handler, lambda table: len(tables["orders"]) == len(table.records), schedules=SCHEDULES)
    assert tables["orders"] is orders


def test_each_schedule_begins_with_the_same_world() -> None:
    """Else what one schedule left would be found in another, and its seed alone would find nothing."""
    world = everything()
    before = contents(everything())
    began: list[bool] = []

    @stream_handler
    def handler(change: Change[Order]) -> None:
        if not world["frozen"].rows.get("began"):
            began.append(contents(world) == before)
            world["frozen"].rows["began"] = 1
        write_everywhere(world, change.meta.event_id)

    def check(table: LocalTable) -> None:
        assert all(began)
        assert len(began) == bool(table.records)

    assert simulate(handler, check, schedules=SCHEDULES, world=[world, began]).schedules == SCHEDULES


def test_what_a_class_holds_is_a_part_of_the_world() -> None:
    assert simulate(hidden.keeps_in_a_class, hidden.registered, schedules=SCHEDULES).schedules == SCHEDULES
    assert hidden.Registry.rows == {}


def test_what_a_default_holds_is_the_processs_memory() -> None:
    with pytest.raises(SimulationFailedError) as found:
        simulate(hidden.keeps_in_a_default, hidden.each_has_its_place)
    assert "table.put(" in found.value.test
    assert hidden.remember("anew") == 1
    hidden.remember.__defaults__[0].clear()  # type: ignore[index]  # it has one


def test_what_is_left_to_chance_comes_out_alike_in_the_printed_test() -> None:
    with pytest.raises(SimulationFailedError) as found:
        simulate(hidden.leaves_to_chance, hidden.all_done)
    namespace: dict[str, Any] = {}
    exec(found.value.test, namespace)  # noqa: S102  # what simulate printed
    with pytest.raises(AssertionError):
        namespace[f"test_all_done_with_seed_{found.value.seed}"]()
