"""Calling a handler in this process, as Lambda's Python runtime does."""

from __future__ import annotations

import inspect
import json
from asyncio import CancelledError
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from streamkit.local.batching import read_event
from streamkit.local.invokers.context import MAX_TIMEOUT, LocalContext
from streamkit.local.invokers.invoker import Answer
from streamkit.observing import failures_observed

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MAX_RESPONSE_BYTES", "InProcessInvoker", "ResponseError", "ResponseTooLargeError", "check_handler"]

MAX_RESPONSE_BYTES = 6_291_556
"""The largest response of a synchronous invocation (the limit that Lambda's own error names)."""


class ResponseError(TypeError):
    """A handler returned what Lambda's runtime could not turn into JSON."""


class ResponseTooLargeError(Exception):
    """A handler returned more than Lambda takes: the state of a tumbling window can grow so large in one invocation."""

    def __init__(self, size: int) -> None:
        super().__init__(
            f"Response payload size ({size} bytes) exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
        )


def check_handler(handler: Any, name: str) -> None:
    """Raise TypeError, under this name, for what cannot be called as Lambda calls a handler."""
    if not callable(handler) or isinstance(handler, type):
        raise TypeError(
            f"{name} is {handler!r:.80}, not a handler: it takes a function decorated with @stream_handler, "
            f"or a Lambda handler (event, context)"
        )
    try:
        inspect.signature(handler).bind({}, None)
    except TypeError:
        raise TypeError(
            f"{name} cannot be called as a Lambda handler, with (event, context): is @stream_handler missing?"
        ) from None
    except ValueError:  # some builtins have no signature; the first invocation will tell
        pass


class InProcessInvoker:
    """Calls a Lambda handler, ``(event, context) -> response``, with a fresh event each time, as Lambda does.

    ``timeout``: the function's Timeout in seconds, which its context counts down in real time.
    """

    def __init__(self, handler: Callable[[Any, Any], Any], timeout: float = MAX_TIMEOUT) -> None:
        self._handler = handler
        self._timeout = timeout
        name = getattr(handler, "__name__", type(handler).__name__)
        # A lambda's name is none that a function could have on AWS.
        self.function_name: str = name if name.isidentifier() else "handler"

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        """See `Invoker`. SystemExit, or a cancellation that nobody caught, fails the invocation, as on Lambda."""
        context = LocalContext(self.function_name, function_arn, request_id, self._timeout)
        with failures_observed() as failures:
            try:
                response = _sent_back(self._handler(read_event(event), context), self.function_name)
            except (Exception, SystemExit, CancelledError) as error:  # noqa: BLE001  # whatever it is, it fails this invocation
                return Answer(error=error, failures=failures)
        return Answer(response=response, failures=failures)


def _sent_back(response: Any, name: str) -> Any:
    """Return the response as it arrives at Lambda, through the JSON of its Python runtime."""
    if response is None:
        return None
    if inspect.isawaitable(response):
        if inspect.iscoroutine(response):
            response.close()
        raise ResponseError(
            f"{name}() is async def, and Lambda does not await a handler: decorate it with @stream_handler, which does"
        )
    try:
        text = json.dumps(response, default=_number)
        if len(text) > MAX_RESPONSE_BYTES:
            _check_size(response)
        return json.loads(text)
    except (TypeError, ValueError) as error:
        raise ResponseError(
            f"{name}() returned what Lambda cannot turn into JSON: {response!r:.200} ({error})"
        ) from error


def _check_size(response: Any) -> None:
    """Raise ResponseTooLargeError for what Lambda does not take; characters count as UTF-8 has them, not escaped."""
    text = json.dumps(response, default=_number, ensure_ascii=False)
    size = len(text.encode(errors="surrogatepass"))
    if size > MAX_RESPONSE_BYTES:
        raise ResponseTooLargeError(size)


def _number(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
