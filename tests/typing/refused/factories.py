"""What events and strategies are not made of."""

from hypothesis.strategies import SearchStrategy

from streamkit import Change
from streamkit.testing import changes, expire, insert, modify, remove, streams, window_event
from tests.typing.models import Customer, Order

ORDER = Order(id=1)

insert()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
insert(ORDER, "id")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
insert(ORDER, keys="id")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
insert(ORDER, view_type="NEW_IMAGES")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
modify(ORDER)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
remove(ORDER, key=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
expire(ORDER, at="2026-01-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
window_event(insert(ORDER), seconds="60")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
window_event(insert(ORDER), finally_=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
changes(Order, view_type="NEW_IMAGES")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
streams(Order, max_size="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def changes_of_an_order_are_none_of_a_customer(
    orders: SearchStrategy[Change[Order]],
) -> SearchStrategy[Change[Customer]]:
    return orders  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def without_old_images_there_are_other_changes() -> SearchStrategy[Change[Order]]:
    return changes(Order, view_type="NEW_IMAGE")  # type: ignore[return-value]  # pyright: ignore[reportReturnType]
