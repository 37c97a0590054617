"""A function that fails now and then, and notes what it was given and what it was done with."""

from __future__ import annotations

import time
from random import Random
from typing import Any

from tests.api.outside.app import note

CHANCE = Random()  # noqa: S311  # failures, not secrets
FAILURES = 0.15
"""Of an invocation, somewhere among its records."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any] | None:
    """Begin with each record, and be done with all of them at the end; keep count where there is a window.

    Raises RuntimeError where a record has an attribute ``poison``, always, and otherwise by chance.
    """
    records = event["Records"]
    time.sleep(CHANCE.uniform(0, 0.02))
    failing = CHANCE.choice(records) if records and CHANCE.random() < FAILURES else None
    for record in records:
        data = record["dynamodb"]
        if record is failing or "poison" in data["NewImage"]:
            raise RuntimeError("not this one")
        note("unsteady", begun=data["SequenceNumber"], item=data["Keys"]["id"]["S"])
    note("unsteady", done=[record["dynamodb"]["SequenceNumber"] for record in records])
    return {"state": {"n": event["state"].get("n", 0) + len(records)}} if "state" in event else None
