"""What a function sends back, as bytes: its response, or the error that it reports."""

from __future__ import annotations

import json
from typing import Any

from streamkit.local.invokers.functionerror import FunctionError
from streamkit.local.invokers.invoker import Answer

__all__ = ["read_error", "read_response"]

_SHOWN_BYTES = 200


def read_response(payload: bytes) -> Answer:
    """Return what a function that did not fail answered; nothing at all is None. What is no JSON is a failure."""
    if not payload:
        return Answer()
    try:
        # As the in-process invoker reads it: NaN, which is no JSON but what Python's runtime sends, is let through.
        return Answer(response=json.loads(payload))
    except (ValueError, RecursionError) as error:
        told = payload[:_SHOWN_BYTES]
        return Answer(error=FunctionError("Runtime.InvalidResponse", f"the response is no JSON ({error}): {told!r}"))


def read_error(payload: bytes, name: str | None) -> FunctionError:
    """Return the error that a function or its runtime reports; one that is not in AWS's form as far as it can be told.

    ``name``: its type, where it says none.
    """
    try:
        told: Any = json.loads(payload)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        told = {"errorMessage": payload.decode(errors="backslashreplace")}
    # Node's runtime says trace where the others say stackTrace.
    trace = told.get("stackTrace") or told.get("trace")
    lines = [line if isinstance(line, str) else json.dumps(line) for line in trace] if isinstance(trace, list) else []
    return FunctionError(
        str(told.get("errorType") or name or "Runtime.Unknown"), str(told.get("errorMessage") or ""), lines
    )
