"""Revenue per minute."""

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel

from examples.windows.shop import Order
from streamkit import Insert, Window, tumbling_window


class Revenue(BaseModel):
    orders: int = 0
    total: Decimal = Decimal(0)


@tumbling_window(seconds=60, maximum_retry_attempts=3, bisect_batch_on_function_error=True)
def revenue(change: Insert[Order], state: Revenue) -> Revenue:
    return Revenue(orders=state.orders + 1, total=state.total + change.new.total)


published: dict[tuple[str, datetime], Revenue] = {}


@revenue.final
def publish(state: Revenue, window: Window) -> None:
    # Lambda may call it twice for a window: what has the same key is written over, and no minute counts double.
    published[window.shard_id, window.start] = state
