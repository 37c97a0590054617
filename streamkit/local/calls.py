"""How the function is called: one call after the other, or on the real clock side by side."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local.invokers.invoker import Answer, Invoker

__all__ = ["Calls", "InTurn", "SideBySide"]

_THREADS = 1_000
"""As many as an account runs at once, if it was not raised: who has less capacity throttles."""


class Calls(Protocol):
    """Starts calls of a function."""

    def start(self, event: bytes, request_id: str, function_arn: str) -> Future[Answer]:
        """Call the function with this event; the future is done when it has answered."""
        ...


class InTurn:
    """Calls the function here and now: the answer is there when `start` returns."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    def start(self, event: bytes, request_id: str, function_arn: str) -> Future[Answer]:
        """See `Calls`."""
        answered: Future[Answer] = Future()
        answered.set_result(self._invoker.invoke(event, request_id, function_arn))
        return answered


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
