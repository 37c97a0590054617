"""Right handlers of every kind of mapping, image and answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, Field

from streamkit import Change, Insert, Modify, Remove, Window, stream_handler, tumbling_window
from tests.testing.simulation.survivors.common import Case, Order, copying, inserted, totals

if TYPE_CHECKING:
    from streamkit.local import LocalRunner, LocalTable


def a_copy() -> Case:
    rows: dict[int, int] = {}
    return copying(rows), lambda table: rows == totals(table), {}


def a_copy_in_lanes() -> Case:
    rows: dict[int, int] = {}
    return copying(rows, parallelization_factor=3), lambda table: rows == totals(table), {}


def a_copy_that_continues() -> Case:
    rows: dict[int, int] = {}
    return copying(rows, on_failure="continue"), lambda table: rows == totals(table), {}


def a_copy_that_isolates() -> Case:
    rows: dict[int, int] = {}
    return copying(rows, on_failure="isolate"), lambda table: rows == totals(table), {}


def a_copy_with_a_limit_of_age() -> Case:
    rows: dict[int, int] = {}

    def check(table: LocalTable, runner: LocalRunner) -> None:
        assert rows == totals(table)
        assert runner.discarded == []

    return copying(rows, maximum_record_age_in_seconds=60), check, {}


def a_copy_with_few_retries() -> Case:
    rows: dict[int, int] = {}

    def check(table: LocalTable, runner: LocalRunner) -> None:
        assert rows == totals(table)
        assert runner.discarded == []

    return copying(rows, maximum_retry_attempts=1, bisect_batch_on_function_error=True), check, {}


def a_filtered_copy() -> Case:
    rows: dict[int, int] = {}
    pattern = '{"eventName": ["INSERT", "MODIFY"]}'

    def check(table: LocalTable) -> None:
        assert totals(table).items() <= rows.items()

    return copying(rows, filter_criteria={"Filters": [{"Pattern": pattern}]}), check, {}


def composite_keys() -> Case:
    rows: dict[tuple[str, Any], dict[str, Any]] = {}

    @stream_handler
    def handler(change: Change) -> None:
        key = (change.keys["pk"], change.keys["sk"])
        if isinstance(change, Remove):
            rows.pop(key, None)
        else:
            rows[key] = change.new

    def items(random: Any) -> dict[str, Any]:
        return {"pk": random.choice("ab"), "sk": random.randint(1, 3), "value": random.random() > 0.5}

    return (
        handler,
        lambda table: rows == {(item["pk"], item["sk"]): item for item in table.items},
        {"key": ("pk", "sk"), "items": items},
    )


def keys_only() -> Case:
    seen: set[str] = set()

    @stream_handler
    def handler(change: Insert[None] | Modify[None] | Remove[None]) -> None:
        seen.add(change.meta.event_id)

    return handler, lambda table: len(seen) == len(table.records), {"view_type": "KEYS_ONLY", "items": Order}


def new_images() -> Case:
    rows: dict[int, int] = {}

    @stream_handler
    def handler(change: Insert[Order] | Modify[Order, None]) -> None:
        rows[change.new.id] = change.new.total

    return handler, lambda table: totals(table).items() <= rows.items(), {"view_type": "NEW_IMAGE"}


class User(BaseModel):
    kind: Literal["user"]
    pk: str
    sk: str
    name: str


class Post(BaseModel):
    kind: Literal["post"]
    pk: str
    sk: str
    likes: int


def one_table_of_two_kinds() -> Case:
    kinds: dict[tuple[str, str], str] = {}

    @stream_handler
    def handler(change: Change[Annotated[User | Post, Field(discriminator="kind")]]) -> None:
        key = (change.keys["pk"], change.keys["sk"])
        if isinstance(change, Remove):
            kinds.pop(key, None)
        else:
            kinds[key] = change.new.kind

    return (
        handler,
        lambda table: kinds == {(item["pk"], item["sk"]): item["kind"] for item in table.items},
        {"key": ("pk", "sk")},
    )


def quarantine() -> Case:
    seen: set[str] = set()
    aside: set[str] = set()

    @stream_handler
    def handler(change: Change[Order]) -> None:
        seen.add(change.meta.event_id)

    @handler.invalid
    def put_aside(record: dict[str, Any], error: Exception) -> None:
        aside.add(record["eventID"])

    def items(random: Any) -> dict[str, Any]:
        return {"id": random.randint(1, 5), "total": random.choice((1, "none"))}

    return handler, lambda table: len(seen | aside) == len(table.records), {"items": items}


def whole_batches() -> Case:
    seen: set[str] = set()

    @stream_handler(batch_size=10)
    def handler(changes: list[Change[Order]]) -> None:
        for change in changes:
            seen.add(change.meta.event_id)

    return handler, lambda table: len(seen) == len(table.records), {}


def windows_by_key() -> Case:
    published: dict[Any, dict[str, int]] = {}

    @tumbling_window(seconds=60, by=lambda change: str(change.new.id))
    def count(change: Insert[Order], state: int) -> int:
        return state + 1

    @count.final
    def publish(states: dict[str, int], window: Window) -> None:
        published[window.shard_id, window.start] = states

    return count, lambda table: sum(sum(one.values()) for one in published.values()) == inserted(table), {}


def windows_without_streamkit() -> Case:
    published: dict[Any, int] = {}

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        state = event["state"] or {"count": 0}
        state["count"] += sum(record["eventName"] == "INSERT" for record in event["Records"])
        if event["isFinalInvokeForWindow"]:
            published[event["shardId"], event["window"]["start"]] = state["count"]
        return {"state": state}

    mapping = {"TumblingWindowInSeconds": 60}
    return handler, lambda table: sum(published.values()) == inserted(table), {"mapping": mapping, "items": Order}


CASES = [
    a_copy,
    a_copy_in_lanes,
    a_copy_that_continues,
    a_copy_that_isolates,
    a_copy_with_a_limit_of_age,
    a_copy_with_few_retries,
    a_filtered_copy,
    composite_keys,
    keys_only,
    new_images,
    one_table_of_two_kinds,
    quarantine,
    whole_batches,
    windows_by_key,
    windows_without_streamkit,
]
