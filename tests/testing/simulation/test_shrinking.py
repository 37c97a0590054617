from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from streamkit import Change, stream_handler
from streamkit.local import VirtualClock
from streamkit.testing.simulation import Killed, Slow
from streamkit.testing.simulation.schedule import Advance, Delete, Pause, Put, Run, Schedule, Split, Step
from streamkit.testing.simulation.shrinking import shrunk
from streamkit.testing.simulation.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local import LocalRunner, LocalTable

handled: list[str] = []
begun: list[int] = []
finished: list[int] = []


@stream_handler
def handler(change: Change) -> None:
    handled.append(change.meta.sequence_number or "")


@stream_handler
def halves(change: Change) -> None:
    begun.append(1)
    numbers = [1]
    numbers.append(2)
    numbers.append(3)
    finished.append(1)


def put(number: Any, total: int = 7) -> Put:
    return Put({"id": number, "total": total})


def smallest(
    check: Callable[..., object],
    schedule: Schedule,
    key: str | tuple[str, ...] = "id",
    handler: Callable[..., Any] = handler,
    allows: Callable[[dict[str, Any]], bool] = lambda item: True,
) -> Schedule:
    stage = Stage(handler, check, key=key)
    performed = stage.perform(schedule)
    assert performed.failure is not None
    with stage.kept():
        return shrunk(stage, performed, allows).schedule


def test_what_has_no_part_in_it_is_left_out() -> None:
    def once(table: LocalTable, runner: LocalRunner) -> None:
        assert len(handled) == len(table.records)

    schedule = Schedule(
        (put(4), Split(0), put(5), Run(), put(4, 8), Advance(60), Delete((5,)), put(6)),
        {1: "throttle", 2: "crash", 9: "duplicate"},
        shards=2,
        batch_size=2,
    )
    assert smallest(once, schedule) == Schedule((put(1, 1),), {1: "crash"})


def test_a_call_that_is_left_out_brings_the_faults_of_later_ones_forward() -> None:
    def once(table: LocalTable, runner: LocalRunner) -> None:
        assert len(handled) == len(table.records)

    schedule = Schedule((put(1, 0), Run(), put(1, 1)), {2: "crash"})
    assert smallest(once, schedule) == Schedule((put(1, 1),), {1: "crash"})


def test_a_fault_comes_at_the_first_call_at_which_it_does_it() -> None:
    def once_if_two(table: LocalTable, runner: LocalRunner) -> None:
        assert len(table.records) < 2 or len(handled) == len(table.records)

    schedule = Schedule((put(1), Run(), put(2)), {2: "crash"})
    assert smallest(once_if_two, schedule) == Schedule((put(1, 1), put(2, 1)), {1: "crash"})


def test_two_faults_that_both_have_a_part_in_it_stay() -> None:
    def two(runner: LocalRunner) -> None:
        assert len(runner.invocations) < 3

    schedule = Schedule((put(1, 1),), {1: "crash", 2: "crash"})
    assert smallest(two, schedule) == schedule


def test_as_little_of_each_thing_as_does_it() -> None:
    def quick(table: LocalTable, runner: LocalRunner) -> None:
        assert len(table.shard_ids) < 2 or runner.clock.now().second + runner.clock.now().minute == 0

    slow = Schedule((put("a"), Run(), put("b"), put("c")), {3: Slow(300)}, shards=3, batch_size=1)
    assert smallest(quick, slow) == Schedule((put("c", 1),), {1: Slow(1)}, shards=2)


def test_time_that_passes_need_not_be_a_pause() -> None:
    def unmoved(runner: LocalRunner) -> None:
        assert runner.clock.now() == VirtualClock().now()

    assert smallest(unmoved, Schedule((put(1), Pause(60), put(2)), {})) == Schedule((Advance(60),), {})


def test_a_call_need_not_take_longer_than_it_has_to() -> None:
    def unmoved(runner: LocalRunner) -> None:
        assert runner.clock.now() == VirtualClock().now()

    assert smallest(unmoved, Schedule((put(1),), {1: Slow(300)})) == Schedule((put(1, 1),), {1: Slow(1)})


@pytest.mark.parametrize("step", [Advance(60), Run()])
def test_time_passes_only_where_that_has_a_part_in_it(step: Step) -> None:
    def at_once(table: LocalTable, runner: LocalRunner) -> None:
        assert len(runner.invocations) < 2

    found = smallest(at_once, Schedule((put(1), step, put(2)), {}))
    assert found == Schedule((put(1, 1), Run(), put(2, 1)), {})


def test_a_pause_stays_where_only_a_mapping_that_stands_still_does_it() -> None:
    def fresh(runner: LocalRunner) -> None:
        assert runner.metrics["IteratorAge"] < 60_000

    assert smallest(fresh, Schedule((put(1), Run(), put(2), Pause(600)), {})).steps == (put(1, 1), Pause(600))


def test_a_batch_size_stays_where_it_has_a_part_in_it() -> None:
    def together(runner: LocalRunner) -> None:
        assert all(len(one.sequence_numbers) > 1 for one in runner.invocations)

    schedule = Schedule((put(1), put(2), put(3)), {}, batch_size=1)
    assert smallest(together, schedule) == Schedule((put(1, 1),), {})

    def at_once(table: LocalTable, runner: LocalRunner) -> None:
        assert len(runner.invocations) <= 1 or len(table.records) < 2

    assert smallest(at_once, schedule) == Schedule((put(1, 1), put(2, 1)), {}, batch_size=1)


def test_a_kill_comes_at_the_first_line_that_does_it() -> None:
    def all_at_once(runner: LocalRunner) -> None:
        assert len(runner.invocations) <= 1

    killed = smallest(all_at_once, Schedule((put(1), put(2)), {1: Killed(1), 2: Slow(300)}))
    assert killed == Schedule((put(1, 1),), {1: Killed(1)})

    def half_done() -> None:
        assert len(begun) == len(finished)

    killed = smallest(half_done, Schedule((put(1),), {1: Killed(5)}), handler=halves)
    assert killed == Schedule((put(1, 1),), {1: Killed(2)})


def test_a_removal_by_the_user_is_simpler_than_by_time_to_live_unless_that_is_the_point() -> None:
    def kept(table: LocalTable) -> None:
        assert len(table.records) == len(table.items)

    def not_expired(table: LocalTable) -> None:
        assert not any("userIdentity" in record for record in table.records)

    schedule = Schedule((put(5), Delete((5,), expired=True)), {})
    assert smallest(kept, schedule) == Schedule((put(1, 1), Delete((1,))), {})
    assert smallest(not_expired, schedule) == Schedule((put(1, 1), Delete((1,), expired=True)), {})


def test_values_become_those_of_an_item_before_and_small() -> None:
    def no_two(table: LocalTable) -> None:
        assert len(table.items) < 2

    schedule = Schedule((Put({"id": 7, "a": "x", "n": 5}), Put({"id": 3, "a": "y", "n": 0, "b": None})), {})
    small = Schedule((Put({"id": 1, "a": "x", "n": 1}), Put({"id": 2, "a": "x", "n": 1, "b": None})), {})
    assert smallest(no_two, schedule) == small


def test_an_item_becomes_no_other_that_there_may_not_be() -> None:
    def nothing(table: LocalTable) -> None:
        assert not table.records

    schedule = Schedule((put(7, 12), put(8, 11)), {})
    heavy = smallest(nothing, schedule, allows=lambda item: item["total"] >= 10)
    assert heavy == Schedule((put(1, 11),), {})
    assert smallest(nothing, schedule, allows=lambda item: False) == Schedule((put(8, 11),), {})


def test_chance_has_a_part_in_it_only_where_the_handler_leaves_something_to_it() -> None:
    def lucky() -> None:
        assert not handled or random.Random(5).random() != random.random()  # noqa: S311  # chance is what it is about

    def unlucky(table: LocalTable) -> None:
        assert not table.records

    schedule = Schedule((put(1, 1),), {}, random_seed=5)
    assert smallest(lucky, schedule) == schedule
    assert smallest(unlucky, schedule).random_seed == 0


def test_keys_that_are_no_single_number_stay() -> None:
    def nothing(table: LocalTable) -> None:
        assert not table.records

    assert smallest(nothing, Schedule((put("b"), put("a")), {})) == Schedule((put("a", 1),), {})
    pair = Schedule((Put({"pk": 5, "sk": 6}),), {})
    assert smallest(nothing, pair, key=("pk", "sk")) == pair


def test_a_schedule_that_fails_otherwise_is_not_a_smaller_one_of_the_same() -> None:
    def check(table: LocalTable) -> None:
        if len(table.records) < 2:
            raise KeyError("another trouble")
        raise AssertionError("this one")

    assert len(smallest(check, Schedule((put(1), put(2), put(3)), {})).steps) == 2


def test_a_shard_that_a_left_out_step_would_have_made_is_not_split() -> None:
    def three(table: LocalTable) -> None:
        assert len(table.shard_ids) < 5

    assert smallest(three, Schedule((Split(0), put(1), Split(2)), {})) == Schedule((Split(0), Split(2)), {})


def test_it_ends_after_so_many_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamkit.testing.simulation.shrinking._MOST_TRIES", 1)

    def nothing(table: LocalTable) -> None:
        assert not table.records

    schedule = Schedule((put(4), put(5), put(6), put(7)), {}, batch_size=1)
    assert smallest(nothing, schedule) == schedule
