"""Every order of a minute in one document. A busy minute has more than the 1 MB that Lambda carries: it ends early.

Lambda then calls the final function with what there is (``window.terminated_early``) and goes on with the same window
and a fresh state, so that a window has several finals: each is a part of its own.
"""

from datetime import datetime

from pydantic import BaseModel

from examples.windows.shop import Order
from streamkit import Insert, Window, tumbling_window


class Trail(BaseModel):
    first: str = ""
    """The sequence number that this part begins with: what tells the parts of a window apart."""
    orders: list[Order] = []


@tumbling_window(seconds=60, batch_size=1)
def trail(change: Insert[Order], state: Trail) -> Trail:
    state.first = state.first or change.meta.sequence_number
    state.orders.append(change.new)
    return state


class Part(BaseModel):
    orders: list[Order]
    more_follows: bool


published: dict[tuple[str, datetime, str], Part] = {}


@trail.final
def publish(state: Trail, window: Window) -> None:
    # Not by the window alone: a part would be written over by the next one.
    key = (window.shard_id, window.start, state.first)
    published[key] = Part(orders=state.orders, more_follows=window.terminated_early)
