"""The log of an invocation as Lambda answers it: its last 4 KB, between lines of Lambda's own."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamkit.local.invokers.invoker import FunctionTimeoutError
from streamkit.local.texts import function_log

if TYPE_CHECKING:
    from streamkit.api.functionmodel import ResolvedFunction
    from streamkit.local.invokers.invoker import Answer

__all__ = ["Ran", "log_tail"]

_TAIL_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Ran:
    """One invocation that is over."""

    function: ResolvedFunction
    request_id: str
    answer: Answer
    log: str
    """What the function wrote."""
    seconds: float


def log_tail(ran: Ran) -> str:
    """Return the end of the log, in base64, as Lambda puts it into a header.

    Unlike Lambda's its REPORT does not say how much memory was used, which nobody has measured.
    """
    head = f"START RequestId: {ran.request_id} Version: {ran.function.version.number}\n"
    body = f"{function_log(ran.log)}\n" if ran.log else ""
    text = f"{head}{body}END RequestId: {ran.request_id}\n{_report(ran)}"
    return base64.b64encode(text.encode(errors="backslashreplace")[-_TAIL_BYTES:]).decode()


def _report(ran: Ran) -> str:
    timed_out = isinstance(ran.answer.error, FunctionTimeoutError)
    # Lambda stops it to the millisecond.
    milliseconds = min(ran.seconds, ran.function.timeout if timed_out else ran.seconds) * 1000
    parts = [
        f"REPORT RequestId: {ran.request_id}",
        f"Duration: {milliseconds:.2f} ms",
        f"Billed Duration: {math.ceil(milliseconds)} ms",
        f"Memory Size: {ran.function.function.memory_size} MB",
    ]
    if timed_out:
        parts.append("Status: timeout")
    return "\t".join(parts) + "\t\n"
