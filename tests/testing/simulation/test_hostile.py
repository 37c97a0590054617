"""Handlers and invariants of every kind: right ones survive a simulation, and wrong ones are found in it."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from streamkit import Change, Insert, Modify, Window, stream_handler, tumbling_window
from streamkit.testing.simulation import Killed, SimulationFailedError, replay, simulate
from tests.testing.simulation.planted import elsewhere
from tests.testing.simulation.survivors import code, hidden, settings
from tests.testing.simulation.survivors.common import Case, Order, inserted

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local import LocalTable

SCHEDULES = 40
SEEDS = 400


@pytest.mark.parametrize("case", [*settings.CASES, *code.CASES], ids=lambda case: case.__name__)
def test_a_right_handler_survives(case: Callable[[], Case]) -> None:
    handler, invariant, options = case()
    assert simulate(handler, invariant, schedules=SCHEDULES, **options).schedules == SCHEDULES


# Handlers that are wrong


def find(handler: Any, invariant: Any, **options: Any) -> SimulationFailedError:
    with pytest.raises(SimulationFailedError) as found:
        simulate(handler, invariant, schedules=SEEDS, **options)
    return found.value


def pasted(error: SimulationFailedError) -> None:
    namespace: dict[str, Any] = {}
    exec(error.test, namespace)  # noqa: S102  # what simulate printed
    (test,) = [value for name, value in namespace.items() if name.startswith("test_")]
    test()


counted = 0
calls: list[str] = []


@stream_handler
def counts_with_global(change: Insert[Order]) -> None:
    global counted  # noqa: PLW0603  # how it is often written
    counted += 1


def counted_all(table: LocalTable) -> None:
    assert counted == inserted(table)


def collects(store: list[str], event: dict[str, Any], context: Any) -> None:
    store.extend(record["eventID"] for record in event["Records"])


def collected_once(store: list[str], table: LocalTable) -> bool:
    return len(store) == len(table.records)


collect_calls = partial(collects, calls)
each_is_there = partial(collected_once, calls)


def test_a_global_that_is_bound_again_is_found_and_its_test_runs_as_pasted() -> None:
    error = find(counts_with_global, counted_all)
    assert counted == 0
    with pytest.raises(AssertionError):
        pasted(error)
    assert counted == 0


def test_a_method_with_a_method_as_its_invariant_is_found_and_its_test_runs_as_pasted() -> None:
    error = find(code.service.handle, code.service.check_calls, items=Order)
    assert "service.handle" in error.test
    with pytest.raises(AssertionError):
        pasted(error)
    assert code.service.calls == 0


def test_partials_are_found_and_their_test_runs_as_pasted() -> None:
    error = find(collect_calls, each_is_there, items=Order)
    assert "replay(collect_calls, each_is_there" in error.test
    with pytest.raises(AssertionError):
        pasted(error)
    assert calls == []


def test_a_coroutine_is_killed_in_the_middle_of_its_work() -> None:
    sent: list[str] = []
    done: set[str] = set()

    @stream_handler(batch_size=10, concurrency=3)
    async def handler(change: Insert[Order]) -> None:
        if change.meta.event_id in done:
            return
        sent.append(change.meta.event_id)
        await asyncio.sleep(0)
        done.add(change.meta.event_id)

    def check(table: LocalTable) -> None:
        assert len(sent) == len(done) == inserted(table)

    error = find(handler, check)
    assert "killed before" in str(error) or "an error instead of" in str(error)


def test_what_a_handler_calls_in_another_module_is_killed_in_the_middle() -> None:
    @stream_handler
    def handler(change: Insert[Order]) -> None:
        elsewhere.confirm(change.new.id)

    def check(table: LocalTable) -> None:
        assert len(elsewhere.all_sent()) == len(set(elsewhere.all_sent()))
        assert len(elsewhere.all_sent()) == len({record["dynamodb"]["Keys"]["id"]["N"] for record in table.records})

    error = find(handler, check, world=[elsewhere.confirmed])
    assert "elsewhere.py" in str(error)
    assert elsewhere.sent == []
    assert elsewhere.confirmed == set()


def test_a_variable_of_the_function_around_is_found() -> None:
    count = 0

    @stream_handler
    def handler(change: Change[Order]) -> None:
        nonlocal count
        count += 1

    find(handler, lambda table: count == len(table.records))
    assert count == 0


def test_a_final_function_that_adds_is_found() -> None:
    published: list[int] = []

    @tumbling_window(seconds=60)
    def count(change: Insert[Order], state: int) -> int:
        return state + 1

    @count.final
    def publish(state: int, window: Window) -> None:
        published.append(state)

    find(count, lambda table: sum(published) == inserted(table))


def test_new_images_that_are_appended_are_found() -> None:
    rows: list[int] = []

    @stream_handler
    def handler(change: Insert[Order] | Modify[Order, None]) -> None:
        rows.append(change.new.id)

    error = find(handler, lambda table: len(rows) == len(table.records), view_type="NEW_IMAGE")
    assert 'view_type="NEW_IMAGE"' in error.test


def test_a_poison_record_that_takes_good_ones_with_it_is_found() -> None:
    rows: dict[int, int] = {}

    @stream_handler(maximum_retry_attempts=2)
    def handler(change: Insert[Order] | Modify[Order]) -> None:
        if change.new.total == 3:
            raise ValueError("poison")
        rows[change.new.id] = change.new.total

    def check(table: LocalTable) -> None:
        good = {item["id"]: item["total"] for item in table.items if item["total"] != 3}
        assert good.items() <= rows.items()

    def items(random: Any) -> dict[str, int]:
        return {"id": random.randint(1, 5), "total": random.randint(0, 3)}

    error = find(handler, check, items=items)
    assert "lost" in str(error)


def test_a_record_that_never_succeeds_is_found_at_once() -> None:
    @stream_handler
    def handler(change: Insert[Order]) -> None:
        raise ValueError("no")

    assert "ValueError: no" in str(find(handler, lambda table: None))


# What a killed process leaves behind


@pytest.mark.parametrize("line", range(1, 6))
def test_a_process_that_is_killed_holds_no_lock(line: int) -> None:
    rows: set[str] = set()
    lock = threading.Lock()

    @stream_handler
    def handler(change: Insert[Order]) -> None:
        if lock.locked():
            raise RuntimeError("somebody holds the lock")
        with lock:
            rows.add(change.meta.event_id)
        rows.add("done")

    def check(table: LocalTable) -> None:
        assert len(rows) == 1 + inserted(table)

    with replay(handler, check, faults={1: Killed(line)}) as (table, _):
        table.put({"id": 1, "total": 1})


# What is shown could have happened


def test_the_smallest_schedule_has_items_that_their_type_allows() -> None:
    error = find(hidden.weighs, hidden.weighed_once)
    assert "DecodeError" not in str(error)
    assert "faults={1: " in error.test


def test_the_smallest_schedule_has_items_that_the_handler_can_handle() -> None:
    mapping = {"MaximumRetryAttempts": 2}
    error = find(hidden.translates, hidden.translated_once, items=hidden.coded, mapping=mapping)
    assert "KeyError" not in str(error)
    assert "faults={1: " in error.test
