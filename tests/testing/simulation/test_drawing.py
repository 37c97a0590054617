from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from streamkit import EventSourceMapping
from streamkit.local import LocalRunner, LocalTable
from streamkit.testing.simulation import Slow
from streamkit.testing.simulation.drawing import draw_schedule
from streamkit.testing.simulation.faults import checked_faults, counts
from streamkit.testing.simulation.items import Items
from streamkit.testing.simulation.schedule import Advance, Delete, Pause, Put, Run, Split

if TYPE_CHECKING:
    from streamkit.testing.simulation.schedule import Schedule

MANY = range(600)


class Order(BaseModel):
    id: int
    status: Literal["placed", "paid"]


ITEMS = Items(Order, None, ["id"])


def drawn(seed: int, **settings: Any) -> Schedule:
    return draw_schedule(seed, ITEMS, ["id"], EventSourceMapping(**settings))


@given(st.integers())
def test_a_schedule_can_be_performed_and_writes_something(seed: int) -> None:
    schedule = drawn(seed)
    table = LocalTable("table", shards=schedule.shards)
    runner = LocalRunner(lambda event, context: None, table)
    for step in schedule.steps:
        step.take(table, runner)
    assert table.records
    assert checked_faults(schedule.faults) == schedule.faults
    assert drawn(seed) == schedule


def test_everything_that_may_happen_does_in_some_schedule() -> None:
    schedules = [drawn(seed) for seed in MANY]
    steps = Counter(type(step) for schedule in schedules for step in schedule.steps)
    faults = Counter(str(fault).partition("(")[0] for schedule in schedules for fault in schedule.faults.values())
    assert set(steps) == {Put, Delete, Split, Advance, Pause, Run}
    assert min(steps.values()) > 20
    named = {
        "duplicate",
        "crash",
        "timeout",
        "throttle",
        "service_error",
        "cold_start",
        "set_order",
        "Killed",
        "Raises",
        "Slow",
    }
    assert set(faults) == named
    assert min(faults.values()) > 20
    assert {schedule.shards for schedule in schedules} == {1, 2, 3}
    assert {schedule.batch_size for schedule in schedules} == {None, 1, 2, 3, 5}
    assert any(step.expired for schedule in schedules for step in schedule.steps if isinstance(step, Delete))
    changed = [Counter(step.item["id"] for step in one.steps if isinstance(step, Put)) for one in schedules]
    assert sum(max(count.values(), default=0) > 1 for count in changed) > len(schedules) / 4


def test_items_that_the_user_gave_are_written_as_they_are() -> None:
    examples = [{"id": 1, "kind": "user"}, {"id": 2, "kind": "order"}]
    given = Items(examples, None, ["id"])
    schedules = [draw_schedule(seed, given, ["id"], EventSourceMapping()) for seed in range(50)]
    assert all(step.item in examples for one in schedules for step in one.steps if isinstance(step, Put))


def test_no_batch_is_larger_than_the_mapping_allows() -> None:
    assert {drawn(seed, batch_size=2).batch_size for seed in MANY} == {None, 1}


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_faults_alone_never_use_up_the_retries(retries: int) -> None:
    schedules = [drawn(seed, maximum_retry_attempts=retries) for seed in MANY]
    failing = [sum(map(counts, schedule.faults.values())) for schedule in schedules]
    assert max(failing) == retries
    assert any(schedule.faults for schedule in schedules)


def test_where_records_may_grow_too_old_nothing_takes_long() -> None:
    schedules = [drawn(seed, maximum_record_age_in_seconds=60) for seed in MANY]
    faults = {type(fault) if isinstance(fault, Slow) else fault for one in schedules for fault in one.faults.values()}
    assert not {"timeout", Slow} & faults
    assert not any(isinstance(step, Pause) for one in schedules for step in one.steps)


def test_a_seed_draws_the_same_in_every_process() -> None:
    code = (
        "from tests.testing.simulation.test_drawing import drawn\n"
        "print([(str(step), type(step)) for seed in range(40) for step in drawn(seed).steps], drawn(3))"
    )
    seen = {
        subprocess.run(  # noqa: S603  # ourselves
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1
