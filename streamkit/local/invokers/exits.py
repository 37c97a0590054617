"""How a function's process ended, in Lambda's words."""

from __future__ import annotations

import signal

from streamkit.local.invokers.functionerror import FunctionError

__all__ = ["exit_error"]


def exit_error(request_id: str, code: int) -> FunctionError:
    """Return what Lambda says of a process that ended before it answered. ``code``: as subprocess has it."""
    if code == 0:
        how = "Runtime exited without providing a reason"
    elif code > 0:
        how = f"Runtime exited with error: exit status {code}"
    else:
        name = signal.strsignal(-code) or f"signal {-code}"
        how = f"Runtime exited with error: signal: {name.lower()}"
    return FunctionError("Runtime.ExitError", f"RequestId: {request_id} Error: {how}")
