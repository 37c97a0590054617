from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from streamkit import Change, Insert, stream_handler
from streamkit.testing.simulation import Simulation, SimulationError, SimulationFailedError, simulate
from streamkit.testing.simulation.patience import StuckError
from streamkit.testing.simulation.schedule import Put, Run, Schedule
from streamkit.testing.simulation.stage import BrokenInvariantError, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamkit.local import LocalTable


class Order(BaseModel):
    id: int
    total: int


totals = {"orders": 0}
done: set[str] = set()


@stream_handler
def counting(change: Insert[Order]) -> None:
    totals["orders"] += 1


@stream_handler
def mended(change: Insert[Order]) -> None:
    done.add(change.meta.event_id)
    totals["orders"] = len(done)


def check(table: LocalTable) -> None:
    inserted = [record["dynamodb"]["SequenceNumber"] for record in table.records if record["eventName"] == "INSERT"]
    assert totals["orders"] == len(inserted)


def check_done(table: LocalTable) -> None:
    assert isinstance(done, set)
    check(table)


def failing(handler: Any = counting, invariant: Any = check, **options: Any) -> SimulationFailedError:
    with pytest.raises(SimulationFailedError) as caught:
        simulate(handler, invariant, **options)
    return caught.value


def test_a_counter_that_counts_twice_is_found_shrunk_and_written_as_a_test() -> None:
    error = failing()
    assert "with replay(handler" not in error.test
    assert "with replay(counting, check, faults={1: " in error.test
    assert error.test.endswith('        table.put({"id": 1, "total": 1})')
    text = str(error)
    assert text.startswith(f"schedule {error.seed + 1} of 1000 (seed {error.seed}): AssertionError: ")
    assert f"\n\n{error.test}\n\n" in text
    assert "INSERT id=1" in text
    assert "What was made to happen:\n\ncall 1: " in text
    assert f"The same again: seed={error.seed}, schedules=1 (on the command line: --seed {error.seed}" in text
    assert isinstance(error.__cause__, AssertionError)


def test_the_test_that_it_writes_fails_as_it_did() -> None:
    error = failing()
    module: dict[str, Any] = {}
    exec(error.test, module)  # noqa: S102  # what it wrote
    (test,) = (value for name, value in module.items() if name.startswith("test_"))
    with pytest.raises(AssertionError) as caught:
        test()
    assert str(caught.value) == str(error.__cause__)


def test_the_same_seed_finds_the_same() -> None:
    error = failing()
    assert str(failing()) == str(error)
    again = failing(seed=error.seed, schedules=1)
    assert again.test == error.test
    assert again.seed == error.seed


def test_a_handler_that_is_right_passes_and_what_was_tried_is_told() -> None:
    result = simulate(mended, check_done, schedules=200)
    assert result.schedules == 200
    assert result.calls > 200
    assert result.records > 200
    assert set(result.faults) >= {"crash", "duplicate", "throttle", "cold_start"}
    assert str(result).startswith(f"the invariant held after each of 200 schedules: {result.calls} calls with ")
    assert f"{result.faults['crash']} crash, " in str(result)
    assert (totals, done) == ({"orders": 0}, set())


def test_the_world_is_what_it_was_when_it_ends_however_it_ends() -> None:
    totals["other"] = 5
    try:
        failing()
        assert totals == {"orders": 0, "other": 5}

        def interrupted(table: LocalTable) -> None:
            check(table)
            if len(table.records) > 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            simulate(mended, interrupted, world=[done])
        assert totals == {"orders": 0, "other": 5}
        assert done == set()
    finally:
        del totals["other"]


def test_a_result_of_one_schedule_is_in_the_singular() -> None:
    assert str(Simulation(1, 1, 1, {})) == "the invariant held after each of 1 schedule: 1 call with 1 record; no fault"


@pytest.mark.parametrize(
    ("invariant", "kind"),
    [
        (lambda table: not table.records, BrokenInvariantError),
        (lambda runner: {"a": 1}["b"] if runner.invocations else None, KeyError),
        (lambda table: pytest.fail("no") if table.records else None, pytest.fail.Exception),
    ],
)
def test_whatever_an_invariant_raises_and_false_break_it(
    invariant: Callable[..., object], kind: type[BaseException]
) -> None:
    assert type(failing(mended, invariant, world=[done]).__cause__) is kind


@pytest.mark.parametrize("answer", [0, "", 1, [], "no"])
def test_an_invariant_that_says_neither_yes_nor_no_is_refused(answer: Any) -> None:
    with pytest.raises(SimulationError, match=r"<lambda>\(\) returned .* neither yes nor no"):
        simulate(mended, lambda table: answer, world=[done])


def test_what_cannot_be_put_back_is_not_taken_for_the_handlers_fault() -> None:
    def once(table: LocalTable, numbers: Iterator[int] = itertools.count()) -> None:  # noqa: B008  # that is the point
        assert next(numbers) != 5

    def leaks(table: LocalTable, numbers: Iterator[int] = itertools.count()) -> None:  # noqa: B008  # as above
        assert next(numbers) < 5

    assert "It failed once, and not when it was run again" in str(failing(mended, once, world=[done]))
    with pytest.raises(SimulationError, match="something outlives a schedule that streamkit cannot put back"):
        simulate(mended, leaks, world=[done])


def test_a_failure_without_a_text_shows_its_line() -> None:
    namespace: dict[str, Any] = {}
    exec("def check(table):\n    if table.records:\n        raise AssertionError", namespace)  # noqa: S102  # no source of it
    assert str(failing(mended, namespace["check"], world=[done])).startswith(
        "schedule 1 of 1000 (seed 0): AssertionError"
    )


def test_a_failure_whose_text_cannot_be_read_is_shown_as_far_as_it_can() -> None:
    class OddError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    def odd(table: LocalTable) -> None:
        if table.records:
            raise OddError

    assert "(seed 0): OddError: (its text cannot be shown" in str(failing(mended, odd, world=[done]))


def test_an_invariant_that_is_broken_before_anything_is_written_is_refused() -> None:
    totals["orders"] = 3
    try:
        with pytest.raises(
            SimulationError, match=r"before anything is written\. .*give setup=.* It raised .*\(test_simulating.py:"
        ):
            simulate(counting, check)
    finally:
        totals["orders"] = 0
    totals["orders"] = 3
    assert simulate(mended, check_done, setup=_fresh, schedules=20).schedules == 20
    assert totals["orders"] == 0


def _fresh() -> None:
    done.clear()
    totals["orders"] = 0


def test_a_simulation_in_which_nothing_reaches_the_handler_proves_nothing() -> None:
    filters = {"FilterCriteria": {"Filters": [{"Pattern": '{"dynamodb": {"Keys": {"id": {"N": ["77"]}}}}'}]}}
    with pytest.raises(SimulationError, match="no record reached the handler in 5 schedules"):
        simulate(mended, lambda: True, mapping=filters, schedules=5)


def test_a_handler_that_fails_at_a_record_for_ever_is_found() -> None:
    @stream_handler
    def picky(change: Change[Order]) -> None:
        if isinstance(change, Insert) and change.new.total > 5:
            raise ValueError("too much")

    error = failing(picky, lambda: True)
    assert "failed 20 times in a row at INSERT id=" in str(error)
    assert "ValueError: too much" in str(error)
    assert "faults=" not in error.test
    limited = simulate(picky, lambda runner: True, mapping={"MaximumRetryAttempts": 2}, schedules=50)
    assert limited.schedules == 50


def test_what_ends_a_run_in_the_middle_of_a_schedule_is_its_failure() -> None:
    @stream_handler
    def broken(change: Change) -> None:
        raise ValueError("no table")

    stage = Stage(broken, lambda: True)
    with stage.kept():
        performed = stage.perform(Schedule((Put({"id": 1}), Run(), Put({"id": 2})), {}))
    assert performed.kind is StuckError
    assert len(performed.table.records) == 1


async def _async_check(table: LocalTable) -> None: ...


def _generator(table: LocalTable) -> Any:
    yield


@pytest.mark.parametrize(
    ("handler", "options", "text"),
    [
        (counting, {"invariant": None}, "an invariant is a function of table and runner, or of one of them, not None"),
        (counting, {"invariant": dict}, "not <class 'dict'>"),
        (counting, {"invariant": lambda orders: True}, r"<lambda>\(\) asks for orders: it is given table"),
        (counting, {"invariant": _async_check}, "is async or has yield, so that calling it looks at nothing"),
        (counting, {"invariant": _generator}, "is async or has yield"),
        (counting, {"schedules": 0}, "schedules takes a whole number from 1 on, not 0"),
        (counting, {"schedules": True}, "not True"),
        (counting, {"seed": "7"}, "seed takes a whole number, not '7'"),
        (counting, {"setup": 5}, "setup takes a function without parameters, not 5"),
        (counting, {"world": 5}, r"world takes a list of objects, world=\[totals, outbox\], not 5"),
        (counting, {"mapping": {"Enabled": False}}, r"the mapping is disabled \(Enabled false\)"),
        (5, {}, "simulate takes a handler that it can call in this process"),
        (lambda: None, {}, r"cannot be called as a Lambda handler, with \(event, context\)"),
    ],
)
def test_what_cannot_be_simulated_is_refused(handler: Any, options: Any, text: str) -> None:
    with pytest.raises(SimulationError, match=text):
        simulate(handler, **{"invariant": check, **options})
