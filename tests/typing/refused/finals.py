"""A final function of another state than the fold's."""

from streamkit import Insert, Window, tumbling_window
from tests.typing.models import Order, Revenue


@tumbling_window(seconds=60)
def good(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@tumbling_window(seconds=60)
def good_or_none(change: Insert[Order], state: Revenue | None) -> Revenue | None:
    return state


@tumbling_window(seconds=60, by=lambda change: str(change.new.id))
def good_by_key(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@good.final  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def a_function_of_another_state(state: Order, window: Window) -> None: ...


@good.final  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
async def an_async_function_of_another_state(state: Order, window: Window) -> None: ...


@good.final  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def a_function_without_a_window(state: Revenue) -> None: ...


@good.final  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def a_function_of_no_window(state: Revenue, window: Order) -> None: ...


@good.final  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def a_function_of_window_and_state(window: Window, state: Revenue) -> None: ...


@good_or_none.final  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def a_function_that_forgets_that_the_state_may_be_none(state: Revenue, window: Window) -> None: ...


@good_by_key.final  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def a_function_of_one_state_where_there_is_one_per_key(state: Revenue, window: Window) -> None: ...


@good_by_key.final  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def a_function_of_states_by_other_keys(states: dict[int, Revenue], window: Window) -> None: ...


@good.final
def published(state: Revenue, window: Window) -> None: ...


def a_final_function_still_wants_a_window() -> None:
    published(Revenue())  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
