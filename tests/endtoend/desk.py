"""The order desk of examples/orders, keeping a diary: what was handled, by which process, in which order."""

from __future__ import annotations

import json
import os
from typing import Any

from examples.orders.app import Entity, react
from streamkit import Change, DecodeError, stream_handler

DIARY = "STREAMKIT_TEST_DIARY"


def note(keys: dict[str, Any], number: str, what: str) -> None:
    line = json.dumps({"item": f"{keys['pk']}/{keys['sk']}", "number": number, "what": what, "process": os.getpid()})
    # One write to a file opened for appending: whole even if the process is killed right after it.
    with open(os.environ[DIARY], "ab", buffering=0) as diary:  # noqa: PTH123  # unbuffered is the point
        diary.write(f"{line}\n".encode())


@stream_handler(batch_size=40, maximum_retry_attempts=2, bisect_batch_on_function_error=True)
def handler(change: Change[Entity]) -> None:
    react(change)
    note(change.keys, change.meta.sequence_number or "", "handled")


@stream_handler(batch_size=40)
def clerk(change: Change[Entity]) -> None:
    """A person who looks at what the program could not read."""
    note(change.keys, change.meta.sequence_number or "", "handled")


@clerk.invalid
def by_hand(record: dict[str, Any], error: DecodeError) -> None:
    keys = {name: next(iter(value.values())) for name, value in record["dynamodb"]["Keys"].items()}
    note(keys, record["dynamodb"]["SequenceNumber"], "by hand")
