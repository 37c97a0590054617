"""What works, and is refused all the same: the limits of what can be said in types today.

Each is in ``test_typing.py`` a second time, where it runs.
"""

from typing import Any

from streamkit import Change, Insert, Window, stream_handler, tumbling_window
from tests.typing.models import Order, Revenue


@tumbling_window(seconds=60)
def fold(change: Insert[Order], state: Revenue) -> Revenue:
    return state


@fold.final
def publish(state: Revenue, window: Window) -> None: ...


# A type variable cannot be bound by another one ("a function of this State"), so that the parameters of a fold and of
# a final function are known by their places alone (Concatenate). Those of a @stream_handler keep their names.


def the_wrapped_fold_takes_its_parameters_by_name() -> None:
    fold.__wrapped__(change=Insert(Order(id=1)), state=Revenue())  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def a_final_function_takes_its_parameters_by_name(window: Window) -> None:
    publish(state=Revenue(), window=window)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


# The decorators call a function by the names of its parameters; checkers can ask for their places only.


@stream_handler  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
def a_change_may_be_taken_by_name_only(*, change: Change[Order]) -> None: ...


@stream_handler  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
def context_may_be_taken_by_name_only(change: Change[Order], *, context: Any) -> None: ...


@tumbling_window(seconds=60)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
def a_state_may_be_taken_by_name_only(change: Insert[Order], *, state: Revenue) -> Revenue:
    return state
