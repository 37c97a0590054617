"""What tests are written with: the fixtures' types, and simulations."""

# pyright: strict

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, assert_type

from typing_extensions import Unpack

from streamkit import Change, Insert, Modify, stream_handler
from streamkit.local import DynamoTable, FaultRates, Invocation, LocalRunner, LocalTable
from streamkit.testing import (
    Killed,
    Raises,
    RunnerFactory,
    RunnerOptions,
    SimulatedFault,
    SimulatedFaults,
    Simulation,
    SimulationFailedError,
    Slow,
    Table,
    TableFactory,
    TableOptions,
    Way,
    replay,
    simulate,
)
from tests.typing.models import Order

totals: dict[int, Order] = {}


@stream_handler
def handler(change: Change[Order]) -> None:
    match change:
        case Insert(new=order) | Modify(new=order):
            totals[order.id] = order
        case _:
            totals.pop(int(change.keys["id"]), None)


def totals_equal_the_table(table: LocalTable) -> None:
    assert len(totals) == len(table.items)


def nothing_is_discarded(table: LocalTable, runner: LocalRunner) -> bool:
    return runner.discarded == []


def fixtures_are_factories_of_tables_and_runners() -> None:
    def test(local_table: TableFactory, local_runner: RunnerFactory, streamkit_way: Way) -> list[Invocation]:
        table = local_table("orders", key={"id": "N"}, view_type="NEW_IMAGE")
        assert_type(table, Table)
        assert_type(table, LocalTable | DynamoTable)
        table.put({"id": 1})
        runner = local_runner(handler, table, {"BatchSize": 3}, seed=7, timeout=3.0)
        assert_type(runner, LocalRunner)
        if streamkit_way == "in-process":
            local_runner(handler, table.records, handler.mapping, faults=FaultRates(crash=0.1)).run()
        runner.run()
        return runner.invocations

    def make_table(name: str, **options: Unpack[TableOptions]) -> LocalTable:
        return LocalTable(name)

    def make_runner(handler: Any, source: Any, mapping: Any = None, **options: Unpack[RunnerOptions]) -> LocalRunner:
        return LocalRunner(handler, source, mapping, **options)

    assert len(test(make_table, make_runner, "in-process")) == 1


def factories_of_ones_own_pass_options_on() -> None:
    table: TableOptions = {"key": ("pk", "sk"), "shards": 2, "view_type": "KEYS_ONLY"}
    runner: RunnerOptions = {"seed": 7, "checkpoints": Path("checkpoints"), "cascade_limit": None}

    def made(tables: TableFactory, runners: RunnerFactory) -> LocalRunner:
        return runners(handler, tables("orders", **table), **runner)

    assert made.__name__ == "made"


def a_simulation_holds_an_invariant_against_a_handler() -> None:
    simulation = simulate(handler, totals_equal_the_table, schedules=2, seed=7, setup=totals.clear)
    assert_type(simulation, Simulation)
    assert_type((simulation.schedules, simulation.calls, simulation.records), tuple[int, int, int])
    assert_type(simulation.faults, Mapping[str, int])


def a_simulation_takes_items_of_a_type_examples_and_a_function() -> None:
    def drawn(random: Random) -> Order:
        return Order(id=random.randrange(3))

    simulate(handler, nothing_is_discarded, schedules=1, items=Order)
    simulate(handler, nothing_is_discarded, schedules=1, items=[Order(id=1), {"id": 2}])
    simulate(handler, nothing_is_discarded, schedules=1, items=drawn, setup=totals.clear, world=[totals])


def a_failed_simulation_is_a_failed_assertion() -> None:
    def find(error: SimulationFailedError) -> AssertionError:
        assert_type((error.seed, error.test), tuple[int, str])
        return error

    find(SimulationFailedError("it does not hold", seed=1, test="def test() -> None: ..."))


def a_schedule_is_replayed_with_a_table_and_a_runner() -> None:
    killed: SimulatedFault = Killed(line=2)
    faults: SimulatedFaults = {1: "duplicate", 2: killed, 3: Raises(1), 4: Slow(5), 5: "cold_start"}
    with replay(handler, totals_equal_the_table, batch_size=1, faults=faults, setup=totals.clear) as (table, runner):
        assert_type(table, LocalTable)
        assert_type(runner, LocalRunner)
        table.put({"id": 1})
        runner.run()
