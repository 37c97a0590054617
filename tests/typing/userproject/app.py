"""A user's module. The wheel's tests run mypy --strict and pyright on it where only the built wheel is installed.

An ignore that is not needed is an error: were the wheel's types lost, everything would be Any, and nothing refused.
"""

# pyright: strict

from datetime import datetime
from decimal import Decimal
from typing import Any, assert_never, assert_type

from pydantic import BaseModel

from streamkit import (
    Change,
    DecodeError,
    EventSourceMapping,
    Insert,
    Modify,
    Remove,
    Window,
    stream_handler,
    tumbling_window,
)
from streamkit.local import Invocation, LocalRunner, LocalTable
from streamkit.testing import Simulation, TableFactory, simulate


class Order(BaseModel):
    id: int
    status: str = "placed"
    total: Decimal = Decimal(0)


class Revenue(BaseModel):
    orders: int = 0
    total: Decimal = Decimal(0)


totals: dict[int, Decimal] = {}
aside: list[tuple[str | None, dict[str, Any]]] = []
published: dict[datetime, Decimal] = {}


@stream_handler(batch_size=10, maximum_retry_attempts=2)
def handler(change: Change[Order]) -> None:
    match change:
        case Insert(new=order) | Modify(new=order):
            totals[order.id] = assert_type(order, Order).total
        case Remove(old=order):
            totals.pop(order.id, None)
        case _:
            assert_never(change)


@handler.invalid
def put_aside(record: dict[str, Any], error: DecodeError) -> None:
    aside.append((error.sequence_number, record))


@tumbling_window(seconds=60, by=lambda change: str(change.new.id))
def revenue(change: Insert[Order], state: Revenue) -> Revenue:
    return Revenue(orders=state.orders + 1, total=state.total + change.new.total)


@revenue.final
def publish(states: dict[str, Revenue], window: Window) -> None:
    published[window.start] = sum((state.total for state in states.values()), Decimal(0))


@stream_handler
def refused(change: Insert[Order]) -> None:
    _old = change.old  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]


@stream_handler(batchsize=10)  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue, reportUntypedFunctionDecorator]
def refused_option(change: Insert[Order]) -> None: ...


@revenue.final  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def refused_final(state: Revenue, window: Window) -> None: ...


def totals_equal_the_table(table: LocalTable) -> None:
    assert totals.keys() == {item["id"] for item in table.items}


def test_orders_are_handled(local_table: TableFactory) -> None:
    assert_type(handler.mapping, EventSourceMapping)
    table = local_table("orders", key={"id": "N"})
    table.put({"id": 1, "total": "9.99"})
    runner = LocalRunner(handler, table)
    runner.run()
    assert_type(runner.invocations, list[Invocation])
    assert [invocation.outcome for invocation in runner.invocations] == ["success"]


def test_totals_hold_under_all_that_may_happen() -> None:
    assert_type(simulate(handler, totals_equal_the_table, schedules=20), Simulation)
