"""The context object that a handler gets beside its event."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

__all__ = ["LocalContext"]

_TIMEOUT_MS = 900_000


@dataclass(frozen=True, slots=True)
class LocalContext:
    """Lambda's context, as far as something true can be said locally; the time-out is Lambda's largest."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = "128"
    log_group_name: str = "/aws/lambda/local"
    log_stream_name: str = "local"
    identity: None = None
    client_context: None = None
    tenant_id: None = None
    _started: float = field(default_factory=time.monotonic, repr=False)

    def get_remaining_time_in_millis(self) -> int:
        """Return how many milliseconds of real time are left of 15 minutes."""
        return max(0, _TIMEOUT_MS - int((time.monotonic() - self._started) * 1000))
