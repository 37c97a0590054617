"""`async def` handlers: awaited, concurrent across items, in order within one, on one loop for the process."""

import asyncio
import contextvars
import os
import subprocess
import sys
import threading
from typing import Any

from streamkit import Change, DecodeError, Insert, stream_handler
from streamkit.asynchronous import close_loops, run_in_item_order
from streamkit.observing import failures_observed
from tests.build import SUCCESS, event, failed_from, record


def number_of(change: Any) -> int:
    return int(change.meta.sequence_number)


def test_an_async_handlers_failure_is_reported() -> None:
    @stream_handler
    async def handler(change: Change) -> None:
        await asyncio.sleep(0)
        if number_of(change) == 2:
            raise ValueError

    assert handler(event(record(1), record(2), record(3))) == failed_from(2)


def test_items_run_at_once_up_to_concurrency_and_never_two_of_one_item() -> None:
    running: list[str] = []
    most = 0
    order: list[int] = []

    @stream_handler(concurrency=3)
    async def handler(change: Change) -> None:
        nonlocal most
        item = str(change.keys["id"])
        assert item not in running
        running.append(item)
        most = max(most, len(running))
        await asyncio.sleep(0.001)
        running.remove(item)
        order.append(number_of(change))

    records = [record(number, key=number % 5) for number in range(40)]
    assert handler(event(*records)) == SUCCESS
    assert most == 3
    for item in range(5):
        assert [number for number in order if number % 5 == item] == list(range(item, 40, 5))


def test_without_concurrency_ten_items_run_at_once() -> None:
    running = 0
    most = 0

    @stream_handler
    async def handler(change: Change) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1

    handler(event(*map(record, range(30))))
    assert most == 10


def test_stop_still_finishes_what_stands_before_the_failing_record() -> None:
    done: list[int] = []

    @stream_handler(concurrency=3)
    async def handler(change: Change) -> None:
        number = number_of(change)
        if number == 3:
            raise ValueError
        await asyncio.sleep(0.002)
        done.append(number)

    assert handler(event(*map(record, range(1, 30)))) == failed_from(3)
    assert {1, 2} <= set(done)
    assert max(done) < 8


def test_invalid_may_be_async() -> None:
    aside: list[str] = []

    @stream_handler
    async def handler(change: Change[dict[str, int]]) -> None: ...

    @handler.invalid
    async def put_aside(record: dict[str, Any], error: DecodeError) -> None:
        await asyncio.sleep(0)
        aside.append(record["dynamodb"]["SequenceNumber"])

    assert handler(event(record(1), record(2, new={"x": {"S": "x"}}))) == SUCCESS
    assert aside == ["2"]


def test_an_async_handler_skips_what_it_did_not_ask_for_and_takes_a_sync_invalid() -> None:
    aside: list[str] = []

    @stream_handler
    async def handler(change: Insert[dict[str, int]]) -> None: ...

    @handler.invalid
    def put_aside(record: dict[str, Any], error: DecodeError) -> None:
        aside.append(record["dynamodb"]["SequenceNumber"])

    assert handler(event(record(1, "REMOVE"), record(2, new={"x": {"S": "x"}}))) == SUCCESS
    assert aside == ["2"]


def test_a_sync_function_that_returns_a_coroutine_has_it_awaited() -> None:
    async def later(number: int) -> None:
        await asyncio.sleep(0)
        if number == 2:
            raise ValueError

    @stream_handler
    def handler(change: Change) -> object:
        return later(number_of(change))

    assert handler(event(record(1), record(2))) == failed_from(2)


def test_a_sync_whole_batch_with_an_async_invalid_awaits_it() -> None:
    aside: list[str] = []

    @stream_handler
    def handler(changes: list[Change[dict[str, int]]]) -> None: ...

    @handler.invalid
    async def put_aside(record: dict[str, Any], error: DecodeError) -> None:
        aside.append(record["dynamodb"]["SequenceNumber"])

    assert handler(event(record(2, new={"x": {"S": "x"}}))) == SUCCESS
    assert aside == ["2"]


def test_a_cancellation_that_the_users_code_raises_fails_the_record() -> None:
    @stream_handler
    async def handler(change: Change) -> None:
        if number_of(change) == 2:
            raise asyncio.CancelledError

    with failures_observed() as failures:
        assert handler(event(record(1), record(2), record(3))) == failed_from(2)
    assert isinstance(failures[0].error, asyncio.CancelledError)


def test_a_record_whose_task_is_cancelled_is_never_taken_for_a_success() -> None:
    @stream_handler(concurrency=2)
    async def handler(change: Change) -> None:
        if number_of(change) == 2:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(1)

    assert handler(event(*map(record, range(1, 6)))) == failed_from(2)


def test_all_invocations_of_a_thread_share_one_loop() -> None:
    loops: list[object] = []

    @stream_handler
    async def handler(change: Change) -> None:
        loops.append(asyncio.get_running_loop())

    handler(event(record(1)))
    handler(event(record(2)))
    assert loops[0] is loops[1]


def test_each_thread_has_a_loop_of_its_own() -> None:
    loops: list[object] = []

    @stream_handler
    async def handler(change: Change) -> None:
        loops.append(asyncio.get_running_loop())

    handler(event(record(1)))
    thread = threading.Thread(target=handler, args=(event(record(2)), None))
    thread.start()
    thread.join()
    assert loops[0] is not loops[1]


def test_a_handler_can_be_called_where_a_loop_is_running_already() -> None:
    seen: list[int] = []

    @stream_handler
    async def handler(change: Change) -> None:
        await asyncio.sleep(0)
        seen.append(number_of(change))

    async def in_a_notebook() -> object:
        handler(event(record(1)))
        return handler(event(record(2)))

    assert asyncio.run(in_a_notebook()) == SUCCESS
    assert seen == [1, 2]


variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


def test_the_coroutine_sees_the_context_variables_of_its_own_invocation() -> None:
    seen: list[str] = []

    @stream_handler
    async def handler(change: Change) -> None:
        seen.append(variable.get())

    for value in ("first", "second"):
        token = variable.set(value)
        handler(event(record(1)))
        variable.reset(token)
    assert seen == ["first", "second"]


def test_of_the_records_that_could_start_the_lowest_starts_first() -> None:
    started: list[int] = []

    async def attempt(index: int) -> None:
        started.append(index)
        await asyncio.sleep(0)

    asyncio.run(run_in_item_order(["a", "a", "b", "a", "c"], 1, attempt))
    assert started == [0, 1, 2, 3, 4]


def test_closed_loops_are_replaced_when_the_next_one_is_needed() -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    @stream_handler
    async def handler(change: Change) -> None:
        loops.append(asyncio.get_running_loop())

    handler(event(record(1)))
    close_loops()
    assert loops[0].is_closed()
    assert handler(event(record(2))) == SUCCESS
    assert loops[1] is not loops[0]


def test_the_loops_are_closed_when_the_process_ends() -> None:
    script = """
from streamkit import Change, stream_handler
@stream_handler
async def handler(change: Change) -> None: ...
keys = {"id": {"N": "1"}}
data = {"Keys": keys, "NewImage": keys, "SequenceNumber": "1"}
handler({"Records": [{"eventName": "INSERT", "dynamodb": data}]})
"""
    result = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-X", "dev", "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONASYNCIODEBUG": "0"},
    )
    assert result.stderr == ""
