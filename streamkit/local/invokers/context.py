"""The context object that a handler gets beside its event."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

__all__ = ["MAX_TIMEOUT", "LocalContext"]

MAX_TIMEOUT = 900.0
"""The longest Timeout that a Lambda function can have, in seconds."""


@dataclass(frozen=True, slots=True)
class LocalContext:
    """Lambda's context, as far as something true can be said locally."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str
    timeout: float = field(default=MAX_TIMEOUT, repr=False)
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = "128"
    log_group_name: str = "/aws/lambda/local"
    log_stream_name: str = "local"
    identity: None = None
    client_context: None = None
    tenant_id: None = None
    _started: float = field(default_factory=time.monotonic, repr=False)

    def get_remaining_time_in_millis(self) -> int:
        """Return how many milliseconds of real time are left of the function's Timeout."""
        return max(0, int((self.timeout - (time.monotonic() - self._started)) * 1000))
