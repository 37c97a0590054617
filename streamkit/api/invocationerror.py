"""What Invoke answers for a function that failed: the body that Lambda has for it."""

from __future__ import annotations

import json
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamkit
from streamkit.local.invokers.functionerror import FunctionError
from streamkit.local.invokers.inprocess import ResponseError, ResponseTooLargeError
from streamkit.local.invokers.invoker import FunctionTimeoutError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["error_body", "error_log"]

# What Lambda itself says, without the members that a runtime adds.
_LAMBDAS_OWN = ("Sandbox.Timedout", "Function.ResponseSizeTooLarge", "Runtime.ExitError", "Runtime.InvalidEntrypoint")
_TYPES: Mapping[type[BaseException], str] = {
    FunctionTimeoutError: "Sandbox.Timedout",
    ResponseError: "Runtime.MarshalError",
    ResponseTooLargeError: "Function.ResponseSizeTooLarge",
}
_INVOKERS = str(Path(streamkit.__file__).parent / "local" / "invokers")


def error_body(error: BaseException, request_id: str) -> bytes:
    """Return errorMessage and errorType, and of what a runtime reported requestId and stackTrace too."""
    if isinstance(error, FunctionError):
        kind, message, trace = error.error_type, error.message, list(error.stack_trace)
    else:
        kind, message, trace = _TYPES.get(type(error), type(error).__name__), _text(error), []
        if type(error) not in _TYPES:
            trace = _trace(error)
    if isinstance(error, FunctionTimeoutError):
        message = f"RequestId: {request_id} Error: {message}"
    body: dict[str, Any] = {"errorMessage": message, "errorType": kind}
    if kind not in _LAMBDAS_OWN:
        body |= {"requestId": request_id, "stackTrace": trace}
    return json.dumps(body).encode()


def error_log(error: BaseException, request_id: str) -> str:
    """Return what Lambda, or for a handler in this process its Python runtime, writes to the log of a failure.

    A runtime in a process of its own has written what it had to say: then it is nothing.
    """
    if isinstance(error, FunctionTimeoutError):
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return f"{now} {request_id} {error}\n"
    if isinstance(error, FunctionError):
        return f"{error.message}\n{error.error_type}\n" if error.error_type in _LAMBDAS_OWN else ""
    kind = _TYPES.get(type(error), type(error).__name__)
    trace = "" if type(error) in _TYPES else f"Traceback (most recent call last):\n{''.join(_trace(error))}"
    return f"[ERROR] {kind}: {_text(error)}\n{trace}"


def _trace(error: BaseException) -> list[str]:
    """Return the lines of a traceback as Lambda's Python runtime has them: from the handler on."""
    frames = traceback.extract_tb(error.__traceback__)
    while frames and frames[0].filename.startswith(_INVOKERS):
        del frames[0]
    return traceback.format_list(frames)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  # a user's own __str__ may be as broken as what it reports
        return "(its text cannot be shown: its __str__ raises)"
