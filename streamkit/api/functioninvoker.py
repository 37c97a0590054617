"""What runs the functions of a server: one invoker for each version of a function, found by ARN at each call."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from streamkit.local.invokers.invoker import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local.invokers.invoker import Invoker

__all__ = ["Capacity", "FunctionInvoker", "RoutedInvoker", "throttle_reason"]

_RESERVED = "ReservedFunctionConcurrentInvocationLimitExceeded"


class Capacity:
    """A function's ReservedConcurrentExecutions, which its versions share. None: no limit."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._taken = 0

    def take(self) -> bool:
        """Return whether one more invocation may run, and count it if so."""
        with self._lock:
            if self._most is not None and self._taken >= self._most:
                return False
            self._taken += 1
            return True

    def give_back(self) -> None:
        """Count one less."""
        with self._lock:
            self._taken -= 1


class FunctionInvoker:
    """A ConcurrentInvoker of one version of a function.

    ``one_at_a_time``: for a handler in this process, where several at once would not be apart as they are on Lambda:
    they wait for each other.
    """

    def __init__(self, invoker: Invoker, capacity: Capacity, *, one_at_a_time: bool) -> None:
        self._invoker = invoker
        self._capacity = capacity
        self._turn = threading.Lock() if one_at_a_time else None
        self._closed = False
        self.function_name: str = invoker.function_name

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        """See `ConcurrentInvoker`. After `close` nothing is run: that counts as a throttle, so that nothing is lost."""
        if not self._capacity.take():
            return Answer(throttled=f"Rate Exceeded: {_RESERVED}")
        try:
            if self._turn is None:
                return self._invoke(event, request_id, function_arn)
            with self._turn:
                return self._invoke(event, request_id, function_arn)
        finally:
            self._capacity.give_back()

    def close(self) -> None:
        """See `ConcurrentInvoker`. A handler in this process that is running runs on."""
        self._closed = True
        close: Callable[[], None] | None = getattr(self._invoker, "close", None)
        if close is not None:
            close()

    def _invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        try:
            if not self._closed:
                return self._invoker.invoke(event, request_id, function_arn)
        except RuntimeError:
            # It was closed just now, and says so.
            if not self._closed:
                raise
        return Answer(throttled="the server is being shut down")


class RoutedInvoker:
    """A ConcurrentInvoker for a mapping: at each call it looks up the function that the mapping has then.

    ``find`` returns what runs the function with this ARN, None where there is none. ``function_arn``: returns the ARN
    that the mapping has now; without it the one that the call names.

    A function that is not there leaves its records waiting, as a throttle does: deleting a function does not end its
    mapping (SEMANTICS §1), and they are handled when it is there again.
    """

    def __init__(
        self, find: Callable[[str], FunctionInvoker | None], function_arn: Callable[[], str] | None = None
    ) -> None:
        self._find = find
        self._function_arn = function_arn

    @property
    def function_name(self) -> str:
        """The name in the ARN that the mapping has now."""
        arn = "" if self._function_arn is None else self._function_arn()
        return arn.partition(":function:")[2].partition(":")[0] or "function"

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        """See `ConcurrentInvoker`."""
        arn = function_arn if self._function_arn is None else self._function_arn()
        invoker = self._find(arn)
        if invoker is None:
            return Answer(throttled=f"Function not found: {arn}: its records wait until the server is given it")
        return invoker.invoke(event, request_id, arn)

    def close(self) -> None:
        """Do nothing: other mappings may have the same function, which ends with the server."""


def throttle_reason(answer: Answer) -> str:
    """Return AWS's name for why a function was not run."""
    return _RESERVED if _RESERVED in (answer.throttled or "") else "ConcurrentInvocationLimitExceeded"
