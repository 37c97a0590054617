"""Running coroutines from a synchronous Lambda handler. Imported by the first handler that needs it.

One event loop per thread lives as long as the process, as Lambda keeps a process between invocations: clients that
a handler made in one invocation (aiobotocore, httpx) still work in the next.
"""

from __future__ import annotations

import asyncio
import atexit
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

__all__ = ["close_loops", "run_awaitable", "run_in_item_order"]

T = TypeVar("T")

_local = threading.local()
_runners: dict[int, asyncio.Runner] = {}
"""By thread."""


def run_awaitable(awaitable: Awaitable[T]) -> T:
    """Run it to its end and return its result, also where a loop is running in this thread already (a notebook)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run_here(awaitable)
    context = contextvars.copy_context()
    return _other_thread().submit(context.run, _run_here, awaitable).result()


def _run_here(awaitable: Awaitable[T]) -> T:
    thread = threading.get_ident()
    runner = _runners.get(thread)
    if runner is None:
        runner = _runners[thread] = asyncio.Runner()

    async def wait() -> T:
        return await awaitable

    # Without an own copy a runner keeps the context of its first call: loggers and tracers would see an old request's.
    return runner.run(wait(), context=contextvars.copy_context())


def _other_thread() -> ThreadPoolExecutor:
    executor: ThreadPoolExecutor | None = getattr(_local, "executor", None)
    if executor is None:
        executor = _local.executor = ThreadPoolExecutor(1, thread_name_prefix="streamkit-async")
    return executor


@atexit.register
def close_loops() -> None:
    """Close every loop that is not running; the next call that needs one makes a new one."""
    while _runners:
        _runners.popitem()[1].close()


async def run_in_item_order(items: Sequence[str], concurrency: int, attempt: Callable[[int], Awaitable[Any]]) -> None:
    """Call ``attempt(index)`` for every index of a batch, up to ``concurrency`` at once.

    ``items`` names the item of each index. One item's indices run one after the other, and of those that could start,
    the lowest starts first. ``attempt`` must not raise.
    """
    following: dict[int, int] = {}
    last: dict[str, int] = {}
    for index, item in enumerate(items):
        if item in last:
            following[last[item]] = index
        last[item] = index
    waiting = set(following.values())
    ready = [index for index in range(len(items)) if index not in waiting]
    heapify(ready)

    async def work() -> None:
        # A worker that finds nothing ready may leave: whoever runs a record takes its item's next one itself.
        while ready:
            index = heappop(ready)
            await attempt(index)
            if index in following:
                heappush(ready, following[index])

    async with asyncio.TaskGroup() as workers:
        for _ in range(min(concurrency, len(ready))):
            workers.create_task(work())
