"""`@tumbling_window` in the emulator: what the final functions get adds up to the records that were not given up."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from streamkit import Insert, Window, tumbling_window
from streamkit.local import LocalRunner, LocalTable
from tests.local.builders import after, batches, flags, outcomes, table_at


class Order(BaseModel):
    id: int
    total: Decimal = Decimal(1)


class Revenue(BaseModel):
    orders: int = 0
    total: Decimal = Decimal(0)
    last: datetime | None = None
    customers: set[str] = set()


class Published(list[tuple[float, Any, bool]]):
    """What a final function was called with: the window's start in seconds, the state, whether it ended early."""

    def __call__(self, state: Any, window: Window) -> None:
        self.append((window.start.timestamp() - after(0).timestamp(), state, window.terminated_early))


def revenue_handler(**options: Any) -> tuple[Any, Published]:
    def revenue(change: Insert[Order], state: Revenue) -> Revenue:
        return Revenue(
            orders=state.orders + 1,
            total=state.total + change.new.total,
            last=change.meta.created_at,
            customers=state.customers | {f"customer {change.new.id}"},
        )

    published = Published()
    handler = tumbling_window(seconds=10, **options)(revenue)
    handler.final(published)
    return handler, published


def of_orders(*numbers: int, last: float) -> Revenue:
    return Revenue(
        orders=len(numbers),
        total=Decimal(len(numbers)),
        last=after(last),
        customers={f"customer {number}" for number in numbers},
    )


def test_each_window_is_published_once_with_every_value_as_it_was() -> None:
    handler, published = revenue_handler(batch_size=1)
    runner = LocalRunner(handler, table_at(0, 3, 9, 12, 40))
    runner.run()
    assert published == [
        (0, of_orders(1, 2, 3, last=9), False),
        (10, of_orders(4, last=12), False),
        (40, of_orders(5, last=40), False),
    ]
    assert {type(state.total) for _, state, _ in published} == {Decimal}
    assert {state.last.utcoffset() for _, state, _ in published} == {timedelta(0)}
    assert {invocation.outcome for invocation in runner.invocations} == {"success"}


def test_a_record_that_fails_for_a_while_is_in_the_window_once_and_so_are_those_before_it() -> None:
    left = [1, 1]

    @tumbling_window(seconds=10)
    def count(change: Insert[Order], state: dict[str, int]) -> dict[str, int]:
        name = str(change.new.id)
        state[name] = state.get(name, 0) + 1
        if change.new.id == 3 and left:
            left.pop()
            raise ValueError("not yet")
        return state

    published = Published()
    count.final(published)
    runner = LocalRunner(count, table_at(0, 1, 2, 3), seed=1)
    runner.run()
    assert published == [(0, {"1": 1, "2": 1, "3": 1, "4": 1}, False)]
    assert runner.discarded == []


def test_records_that_are_given_up_are_in_no_window() -> None:
    @tumbling_window(seconds=10, maximum_retry_attempts=0, bisect_batch_on_function_error=True)
    def seen(change: Insert[Order], state: list[int]) -> list[int]:
        state.append(change.new.id)
        if change.new.id == 2:
            raise ValueError
        return state

    published = Published()
    seen.final(published)
    table = table_at(1, 1, 1, 1)
    runner = LocalRunner(seen, table, clock=table.clock)
    runner.run()
    assert published == [(0, [1, 3, 4], False)]
    assert [record["DDBStreamBatchInfo"]["batchSize"] for record in runner.discarded] == [1]


def test_a_state_over_1_mb_ends_its_window_early_and_the_window_goes_on_with_a_fresh_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Texts(BaseModel):
        texts: list[str] = []

    @tumbling_window(seconds=10, batch_size=1)
    def gather(change: Insert[Order], state: Texts) -> Texts:
        return Texts(texts=[*state.texts, str(change.new.id) * 600_000])

    published = Published()
    gather.final(published)
    runner = LocalRunner(gather, table_at(0, 1, 2))
    runner.run()
    assert [(start, [text[0] for text in state.texts], early) for start, state, early in published] == [
        (0, ["1", "2"], True),
        (0, ["3"], False),
    ]
    assert flags(runner) == ["", "", "final, early", "", "final"]
    assert "more than Lambda's 1,048,576: Lambda ends the window early" in caplog.text


def test_a_final_function_that_fails_is_called_again_with_the_same_state_and_holds_the_shard() -> None:
    calls: list[int] = []

    @tumbling_window(seconds=10)
    def count(change: Insert[Order], state: Revenue) -> Revenue:
        return Revenue(orders=state.orders + 1)

    @count.final
    def publish(state: Revenue, window: Window) -> None:
        calls.append(state.orders)
        if len(calls) < 3:
            raise OSError("the database is down")

    runner = LocalRunner(count, table_at(0, 1, 15))
    runner.run()
    assert calls == [2, 2, 2, 1]
    assert batches(runner) == [[1], [2], [], [], [], [3], []]
    assert outcomes(runner) == ["success", "success", "failure", "failure", "success", "success", "success"]
    assert isinstance(runner.invocations[2].error, OSError)
    assert len({invocation.request_id for invocation in runner.invocations[2:5]}) == 1


def test_a_final_function_that_never_succeeds_is_given_up_and_the_next_window_begins_afresh() -> None:
    lost: list[int] = []

    @tumbling_window(seconds=10, maximum_retry_attempts=1)
    def count(change: Insert[Order], state: Revenue) -> Revenue:
        return Revenue(orders=state.orders + 1)

    @count.final
    def publish(state: Revenue, window: Window) -> None:
        lost.append(state.orders)
        raise OSError("the database is gone")

    runner = LocalRunner(count, table_at(0, 1, 15))
    runner.run()
    assert lost == [2, 2, 1, 1]
    assert len(runner.discarded) == 2
    assert [window.how for window in runner.windows] == ["discarded", "discarded"]


def test_each_shard_folds_a_state_of_its_own_and_children_of_a_split_begin_afresh() -> None:
    handler, published = revenue_handler()
    table = LocalTable("orders")
    runner = LocalRunner(handler, table)
    for number in range(1, 9):
        table.put({"id": number})
    runner.advance(seconds=1)
    table.split(table.shard_ids[0])
    for number in range(9, 17):
        table.put({"id": number})
    runner.run()
    assert len(table.shard_ids) == 3
    assert published[0][1].customers == {f"customer {number}" for number in range(1, 9)}
    assert len(published) == 3
    assert Counter(name for _, state, _ in published for name in state.customers) == Counter(
        f"customer {number}" for number in range(1, 17)
    )


def test_a_late_record_is_folded_into_the_window_that_is_open() -> None:
    handler, published = revenue_handler(batch_size=1)
    LocalRunner(handler, table_at(12, 3, 14)).run()
    assert published == [(10, of_orders(1, 2, 3, last=14), False)]


def test_the_states_of_all_keys_come_to_the_final_function_with_the_keys_as_they_were() -> None:
    @tumbling_window(seconds=10, by=lambda change: (change.new.id % 2, change.meta.created_at), batch_size=1)
    def revenue(change: Insert[Order], state: Revenue) -> Revenue:
        return Revenue(orders=state.orders + 1)

    published = Published()
    revenue.final(published)
    LocalRunner(revenue, table_at(0, 0, 0, 1)).run()
    assert published == [
        (
            0,
            {
                (1, after(0)): Revenue(orders=2),
                (0, after(0)): Revenue(orders=1),
                (0, after(1)): Revenue(orders=1),
            },
            False,
        )
    ]
