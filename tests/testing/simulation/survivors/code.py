"""Right handlers of every kind of code: what they are, what they call, and where they keep it."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from streamkit import Change, Insert, Remove, stream_handler
from tests.testing.simulation.planted import elsewhere
from tests.testing.simulation.survivors.common import Case, Order, copying, inserted, totals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.local import LocalRunner, LocalTable


class Service:
    """A handler as a method, with the world in the object."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        self.calls = 0

    def handle(self, event: dict[str, Any], _context: Any) -> None:
        for record in event["Records"]:
            self.calls += 1
            data = record["dynamodb"]
            if record["eventName"] == "REMOVE":
                self.rows.pop(data["Keys"]["id"]["N"], None)
            else:
                self.rows[data["Keys"]["id"]["N"]] = data["NewImage"]["total"]["N"]

    def check(self, table: LocalTable) -> None:
        assert self.rows == {str(number): str(total) for number, total in totals(table).items()}

    def check_calls(self, table: LocalTable) -> None:
        assert self.calls == len(table.records)


service = Service()


class ConditionalTable:
    """A fake in the file of its handlers: each of its methods is one request."""

    def __init__(self) -> None:
        self.count = 0
        self.done: set[str] = set()

    def add_once(self, event_id: str) -> None:
        if event_id in self.done:
            return
        self.done.add(event_id)
        self.count += 1


conditional = ConditionalTable()


@stream_handler
def counts_once(change: Insert[Order]) -> None:
    conditional.add_once(change.meta.event_id)


def counted_once(table: LocalTable) -> None:
    assert conditional.count == inserted(table)


logger = Logger(service="survivors", level="CRITICAL")


def a_cache() -> Case:
    prices: dict[int, int] = {}

    @lru_cache
    def price_at_start(number: int) -> int:
        return prices.get(number, 0)

    @stream_handler
    def handler(change: Insert[Order]) -> None:
        price_at_start(change.new.id)
        prices[change.new.id] = max(change.new.total, prices.get(change.new.id, 0))

    return handler, lambda table: len(prices) <= inserted(table), {}


def a_fake_in_the_handlers_file() -> Case:
    return counts_once, counted_once, {}


def a_lock() -> Case:
    rows: dict[str, int] = {}
    lock = threading.Lock()

    @stream_handler(batch_size=10)
    def handler(change: Change[Order]) -> None:
        if lock.locked():
            raise RuntimeError("a dead process holds the lock")
        with lock:
            rows[change.meta.event_id] = 1

    def check(table: LocalTable, runner: LocalRunner) -> None:
        assert len(rows) == len(table.records)
        assert not any("holds the lock" in str(invocation.error) for invocation in runner.invocations)

    return handler, check, {}


def a_method_and_a_method() -> Case:
    return service.handle, service.check, {"items": Order}


def a_module_of_its_own() -> Case:
    @stream_handler
    def handler(change: Insert[Order]) -> None:
        elsewhere.confirm_once(change.new.id)

    def check(table: LocalTable) -> None:
        ordered = {int(record["dynamodb"]["Keys"]["id"]["N"]) for record in table.records}
        assert set(elsewhere.all_sent()) == ordered
        assert len(elsewhere.all_sent()) == len(ordered)

    return handler, check, {}


def a_transaction() -> Case:
    database = sqlite3.connect(":memory:")

    def setup() -> None:
        with contextlib.closing(database.cursor()) as cursor:
            database.rollback()
            cursor.execute("DROP TABLE IF EXISTS done")
            cursor.execute("DROP TABLE IF EXISTS counted")
            cursor.execute("CREATE TABLE done (event_id TEXT PRIMARY KEY)")
            cursor.execute("CREATE TABLE counted (number INTEGER)")
        database.commit()

    @stream_handler
    def handler(change: Insert[Order]) -> None:
        with database:
            added = database.execute("INSERT OR IGNORE INTO done VALUES (?)", (change.meta.event_id,)).rowcount
            if added:
                database.execute("INSERT INTO counted VALUES (1)")

    def check(table: LocalTable) -> None:
        assert database.execute("SELECT count(*) FROM counted").fetchone() == (inserted(table),)

    return handler, check, {"setup": setup}


def async_with_a_lock() -> Case:
    rows: dict[int, int] = {}
    lock = asyncio.Lock()

    @stream_handler(batch_size=10, concurrency=3)
    async def handler(change: Change[Order]) -> None:
        await asyncio.sleep(0)
        async with lock:
            if isinstance(change, Remove):
                rows.pop(change.old.id, None)
            else:
                rows[change.new.id] = change.new.total

    return handler, lambda table: rows == totals(table), {}


def generators_and_context_managers() -> Case:
    rows: set[str] = set()

    @contextlib.contextmanager
    def collected() -> Iterator[list[str]]:
        waiting: list[str] = []
        yield waiting
        rows.update(waiting)

    def parts(event_id: str) -> Iterator[str]:
        yield event_id
        yield f"{event_id} again"

    @stream_handler
    def handler(change: Change[Order]) -> None:
        with collected() as waiting:
            waiting.extend(parts(change.meta.event_id))

    return handler, lambda table: len(rows) == 2 * len(table.records), {}


def partials() -> Case:
    rows: dict[str, int] = {}

    def handle(store: dict[str, int], event: dict[str, Any], context: Any) -> None:
        for record in event["Records"]:
            store[record["eventID"]] = 1

    def check(store: dict[str, int], table: LocalTable) -> bool:
        return len(store) == len(table.records)

    return partial(handle, rows), partial(check, rows), {"items": Order}


def powertools_batches() -> Case:
    seen: set[str] = set()
    processor = BatchProcessor(event_type=EventType.DynamoDBStreams)

    def handler(event: dict[str, Any], context: Any) -> Any:
        return process_partial_response(event, lambda record: seen.add(record.event_id), processor, context)

    mapping = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
    return handler, lambda table: len(seen) == len(table.records), {"mapping": mapping, "items": Order}


def threads_and_a_lock() -> Case:
    rows: dict[str, int] = {}
    lock = threading.Lock()

    @stream_handler(batch_size=10)
    def handler(change: Change[Order]) -> None:
        def work() -> None:
            with lock:
                rows[change.meta.event_id] = 1

        with contextlib.ExitStack() as stack:
            thread = threading.Thread(target=work)
            stack.callback(thread.join)
            thread.start()

    return handler, lambda table: len(rows) == len(table.records), {}


def under_powertools() -> Case:
    rows: dict[int, int] = {}
    handler = logger.inject_lambda_context(log_event=True)(copying(rows))
    return handler, lambda table: rows == totals(table), {}


CASES = [
    a_cache,
    a_fake_in_the_handlers_file,
    a_lock,
    a_method_and_a_method,
    a_module_of_its_own,
    a_transaction,
    async_with_a_lock,
    generators_and_context_managers,
    partials,
    powertools_batches,
    threads_and_a_lock,
    under_powertools,
]
