"""What `tumbling_window` folds, and the type of what it makes."""

# pyright: strict

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, assert_never, assert_type

from typing_extensions import TypedDict

from streamkit import (
    BatchItemFailure,
    Change,
    DecodeError,
    EventSourceMapping,
    Insert,
    Modify,
    Remove,
    TumblingWindow,
    Window,
    explain,
    tumbling_window,
)
from streamkit.explaining import Explanation
from streamkit.responses import BatchItemFailureEntry, WindowResponse
from tests.typing.models import Order, Revenue


class Counts(TypedDict):
    orders: int


@dataclass
class Seen:
    ids: set[int] = field(default_factory=set[int])


@tumbling_window(seconds=60)
def a_fold_takes_a_change_and_a_state(change: Insert[Order], state: Revenue) -> Revenue:
    return Revenue(orders=state.orders + 1, total=state.total + change.new.total)


@tumbling_window(seconds=60)
def a_fold_may_take_window_and_context(
    change: Change[Order], state: Revenue, window: Window, context: Any = None
) -> Revenue:
    assert_type(window.start, datetime)
    match change:
        case Insert(new=order) | Remove(old=order):
            assert_type(order, Order)
        case Modify(new=after, old=before):
            assert_type((after, before), tuple[Order, Order])
        case _:
            assert_never(change)
    return state


@tumbling_window(seconds=60, initial=Decimal(0))
def window_and_context_may_be_named(
    change: Insert[Order] | Modify[Order, None], state: Decimal, *, window: Window, context: Any
) -> Decimal:
    return state + change.new.total


@tumbling_window(seconds=60, initial=lambda: Revenue(orders=1))
def a_first_state_may_be_made_by_a_function(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, migrate=lambda raw: Revenue(orders=raw["count"]))
async def a_fold_may_be_async(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60)
def a_fold_may_take_the_whole_batch(changes: list[Change[Order]], state: Revenue) -> Revenue:
    raise BatchItemFailure(changes[0])


@tumbling_window(seconds=60)
def a_state_may_be_an_untyped_dict(change: Change, state: dict[str, Any]) -> dict[str, Any]:
    return {**state, "changes": state.get("changes", 0) + 1}


@tumbling_window(seconds=60)
def a_state_may_be_a_list(change: Insert[Order], state: list[int]) -> list[int]:
    return [*state, change.new.id]


@tumbling_window(seconds=60, initial={"orders": 0})
def a_state_may_be_a_typed_dict(change: Insert[Order], state: Counts) -> Counts:
    return {"orders": state["orders"] + 1}


@tumbling_window(seconds=60)
def a_state_may_be_a_dataclass(change: Insert[Order], state: Seen) -> Seen:
    return Seen({*state.ids, change.new.id})


@tumbling_window(seconds=60)
def a_state_may_be_none_at_first(change: Insert[Order], state: Revenue | None) -> Revenue | None:
    return state or Revenue()


@tumbling_window(seconds=60)
def a_fold_may_return_a_narrower_type_than_its_state(change: Insert[Order], state: Revenue | None) -> Revenue:
    return state or Revenue()


def id_of(change: Insert[Order]) -> int:
    return change.new.id


@tumbling_window(seconds=60, by=id_of)
def a_state_may_be_kept_per_key(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60, by=lambda change: (str(change.new.id), len(change.new.type)))
async def also_of_an_async_fold(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(
    seconds=900,
    on_failure="raise",
    event_source_arn="arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000",
    function_name="revenue",
    starting_position="LATEST",
    enabled=False,
    batch_size=10,
    maximum_batching_window_in_seconds=5,
    maximum_record_age_in_seconds=3_600,
    maximum_retry_attempts=2,
    bisect_batch_on_function_error=True,
    destination_config={"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:123456789012:failed"}},
    metrics_config={"Metrics": ["EventCount"]},
    tags={"team": "orders"},
)
def every_setting_that_goes_with_a_window_is_an_option(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@a_fold_takes_a_change_and_a_state.invalid
def what_does_not_decode_is_put_aside(record: dict[str, Any], error: DecodeError) -> None:
    assert_type(error.part, str)


def a_window_handler_is_called_as_lambda_calls_it() -> None:
    window = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"}
    response = a_fold_takes_a_change_and_a_state({"Records": [], "window": window, "state": {}}, None)
    assert_type(response, WindowResponse)
    assert_type(response["state"], dict[str, Any])
    assert_type(response["batchItemFailures"], list[BatchItemFailureEntry])


def a_window_handler_shows_its_mapping_and_its_name() -> None:
    assert_type(a_fold_takes_a_change_and_a_state.mapping, EventSourceMapping)
    assert_type(a_fold_takes_a_change_and_a_state.__name__, str)
    assert_type(explain(a_fold_takes_a_change_and_a_state), Explanation)


def a_window_handlers_type_names_its_fold_and_its_state() -> None:
    plain: TumblingWindow[Callable[[Insert[Order], Revenue], Revenue], Revenue] = a_fold_takes_a_change_and_a_state
    keyed: TumblingWindow[Any, dict[int, Revenue]] = a_state_may_be_kept_per_key
    handlers: list[TumblingWindow[Any, Any]] = [plain, keyed, a_fold_may_be_async]
    assert len(handlers) == 3


def the_wrapped_fold_keeps_its_own_type() -> None:
    change = Insert(Order(id=1))
    assert_type(a_fold_takes_a_change_and_a_state.__wrapped__(change, Revenue()), Revenue)
    assert_type(a_state_may_be_none_at_first.__wrapped__(change, None), Revenue | None)
    window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    assert_type(window_and_context_may_be_named.__wrapped__(change, Decimal(1), window=window, context=None), Decimal)


async def the_wrapped_fold_of_an_async_handler_is_awaited() -> None:
    assert_type(await a_fold_may_be_async.__wrapped__(Insert(Order(id=1)), Revenue()), Revenue)
