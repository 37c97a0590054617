"""A handler that keeps a ledger of what it was given: what is in it when the process is killed stays in it."""

from __future__ import annotations

import os
import time
from typing import Any

from streamkit import Change, stream_handler

LEDGER = "STREAMKIT_TEST_LEDGER"
_WORK = 0.0003
"""What a record takes, in seconds: long enough for a batch to be killed in the middle."""


@stream_handler(batch_size=100, starting_position="TRIM_HORIZON")
def handler(change: Change[dict[str, Any]]) -> None:
    time.sleep(_WORK)
    # One unbuffered write to a file opened for appending: there as a whole, or not at all.
    ledger = os.open(os.environ[LEDGER], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(ledger, f"{change.keys['id']} {change.meta.sequence_number}\n".encode())
    finally:
        os.close(ledger)
