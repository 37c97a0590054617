"""How the function is called: one call after the other, or on the real clock side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from streamkit.local.invokers.invoker import Answer, Invoker

__all__ = ["Call", "Calls", "InTurn", "SideBySide"]

_THREADS = 1_000
"""As many as an account runs at once, if it was not raised: who has less capacity throttles."""


class Call(Protocol):
    """A call that was started: a Future, or something simpler."""

    def done(self) -> bool:
        """Whether the function has answered."""
        ...

    def result(self) -> Answer:
        """Return the answer."""
        ...


class Calls(Protocol):
    """Starts calls of a function."""

    def start(self, event: bytes, request_id: str, function_arn: str) -> Call:
        """Call the function with this event."""
        ...


class _Answered(NamedTuple):
    """A call that is over: a Future has locks, which take longer than all the rest of a small invocation."""

    answer: Answer

    def done(self) -> bool:
        return True

    def result(self) -> Answer:
        return self.answer


class InTurn:
    """Calls the function here and now: the answer is there when `start` returns."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    def start(self, event: bytes, request_id: str, function_arn: str) -> Call:
        """See `Calls`."""
        return _Answered(self._invoker.invoke(event, request_id, function_arn))


class SideBySide:
    """Calls the function in threads. ``bell`` is called, in one of them, whenever it has answered."""

    def __init__(self, invoker: Invoker, bell: Callable[[], object]) -> None:
        self._invoker = invoker
        self._bell = bell
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="streamkit-call")

    def start(self, event: bytes, request_id: str, function_arn: str) -> Future[Answer]:
        """See `Calls`."""
        future = self._threads.submit(self._invoker.invoke, event, request_id, function_arn)
        future.add_done_callback(lambda _: self._bell())
        return future

    def close(self) -> None:
        """Start no more. What is under way, since somebody did not want to wait, ends when the invoker is closed."""
        self._threads.shutdown(wait=False)
