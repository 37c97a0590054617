"""The handlers that tests check, as a user's module has them."""

from __future__ import annotations

import functools
from typing import Any

from pydantic import BaseModel

from streamkit import Change, Insert, Modify, Remove, stream_handler, tumbling_window


class Order(BaseModel):
    id: str
    status: str = "placed"


@stream_handler
def orders(change: Change[Order]) -> None: ...


@stream_handler(on_failure="isolate")
def isolating(change: Change[Order]) -> None: ...


@stream_handler(on_failure="continue")
def continuing(change: Change[Order]) -> None: ...


@stream_handler
def batch(changes: list[Change[Order]]) -> None: ...


@stream_handler(concurrency=20)
async def quick(change: Change[Order]) -> None: ...


@stream_handler
def placed(change: Insert[Order]) -> None: ...


@stream_handler
def removed(change: Remove[Order]) -> None: ...


@stream_handler
def moved(change: Modify[Order, None]) -> None: ...


@stream_handler
def lenient(change: Insert[Order | None] | Modify[Order | None, Order | None] | Remove[None]) -> None: ...


@stream_handler(deadline_margin_ms=5_000)
def careful(change: Change[Order]) -> None: ...


@stream_handler(
    batch_size=10,
    maximum_retry_attempts=3,
    bisect_batch_on_function_error=True,
    starting_position="LATEST",
    tags={"team": "orders"},
)
def exact(change: Change[Order]) -> None: ...


@stream_handler(
    function_name="orders",
    event_source_arn="arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000",
    filter_criteria={"Filters": [{"Pattern": '{"eventName": ["INSERT"], "awsRegion": ["eu-west-1"]}'}]},
)
def named(change: Insert[Order]) -> None: ...


@stream_handler(filter_criteria={"Filters": [{"Pattern": '{"dynamodb": {"NewImage": {"status": {"S": ["PAID"]}}}}'}]})
def paid(change: Insert[Order]) -> None: ...


@stream_handler(enabled=False)
def paused(change: Change[Order]) -> None: ...


@tumbling_window(seconds=60)
def revenue(change: Insert[Order], state: dict[str, Any]) -> dict[str, Any]:
    return state


@tumbling_window(seconds=60, on_failure="raise")
def strict_revenue(change: Insert[Order], state: dict[str, Any]) -> dict[str, Any]:
    return state


def plain(event: Any, context: Any) -> None: ...


@functools.wraps(orders)
def traced(event: Any, context: Any) -> Any:
    return orders(event, context)


class Callable:
    """A Lambda handler may be an object, too."""

    def __call__(self, event: Any, context: Any) -> None: ...


as_object = Callable()
