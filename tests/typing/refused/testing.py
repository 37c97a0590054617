"""What the fixtures' factories and simulations do not take."""

from streamkit import Change, stream_handler
from streamkit.local import LocalRunner, LocalTable
from streamkit.testing import Killed, RunnerFactory, Slow, TableFactory, Way, replay, simulate
from tests.typing.models import Order


@stream_handler
def handler(change: Change[Order]) -> None: ...


def invariant(table: LocalTable) -> None: ...


def a_table_has_settings_of_its_own(local_table: TableFactory) -> None:
    local_table("orders", keys="id")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def a_key_attribute_has_one_of_three_types(local_table: TableFactory) -> None:
    local_table("orders", key={"id": "T"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]


def a_view_type_is_one_of_four(local_table: TableFactory) -> None:
    local_table("orders", view_type="NEW")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_runner_has_settings_of_its_own(local_runner: RunnerFactory) -> None:
    local_runner(handler, [], batch_size=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def a_runner_wants_a_source(local_runner: RunnerFactory) -> None:
    local_runner(handler)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def a_way_is_one_of_three() -> Way:
    return "lambda"  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def a_function_that_makes_tables_takes_their_name() -> TableFactory:
    return lambda: LocalTable("orders")  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


simulate(handler)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
simulate(handler, invariant, 200)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
simulate(handler, invariant, schedules="200")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
simulate(handler, "app:check")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
replay(handler, invariant, faults={1: "explode"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
replay(handler, invariant, faults=["duplicate"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Killed()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Slow(seconds="5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_replay_yields_the_table_first() -> LocalRunner:
    with replay(handler, invariant) as (runner, _table):
        return runner  # type: ignore[return-value]  # pyright: ignore[reportReturnType]
