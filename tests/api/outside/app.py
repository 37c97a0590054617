"""The functions behind the server in the tests from outside. What they were given is in a ledger, line by line."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from streamkit import Insert, Window, stream_handler, tumbling_window

_LEDGER = "STREAMKIT_TEST_LEDGER"


def note(function: str, **what: Any) -> None:
    """Write a line to the ledger: there as a whole or not at all, however the process ends."""
    line = json.dumps({"function": function, "process": os.getpid(), **what}) + "\n"
    ledger = os.open(os.environ[_LEDGER], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(ledger, line.encode())
    finally:
        os.close(ledger)


def _noted(event: dict[str, Any], context: Any) -> list[dict[str, Any]]:
    images = [record["dynamodb"].get("NewImage") or record["dynamodb"]["Keys"] for record in event["Records"]]
    note(
        context.function_name,
        numbers=[int(image["n"]["N"]) for image in images],
        sequence_numbers=[record["dynamodb"]["SequenceNumber"] for record in event["Records"]],
        table=event["Records"][0]["eventSourceARN"].split("/")[1] if event["Records"] else None,
        arn=context.invoked_function_arn,
    )
    return images


def writes_down(event: dict[str, Any], context: Any) -> None:
    """Note the numbers of a batch. Raises where one has an attribute ``poison``."""
    if any("poison" in image for image in _noted(event, context)):
        raise ValueError("one of the orders is poison")


def works_slowly(event: dict[str, Any], context: Any) -> None:
    """Note them and take its time; what is poison to the other is none to it."""
    time.sleep(0.1)
    _noted(event, context)


def always_fails(event: dict[str, Any], context: Any) -> None:
    """Take nothing."""
    raise RuntimeError("not today")


@stream_handler(batch_size=10, maximum_retry_attempts=1)
def typed(change: Insert[dict[str, Any]]) -> None:
    """A handler of streamkit's: only new items."""
    note("typed", numbers=[int(change.new["n"])], table=change.meta.table_name)


@tumbling_window(seconds=60)
def revenue(change: Insert[dict[str, Any]], state: dict[str, Any]) -> dict[str, Any]:
    """Add up."""
    total = int(state.get("total", 0)) + int(change.new["n"])
    note("revenue", numbers=[int(change.new["n"])], total=total, table=change.meta.table_name)
    return {"total": total}


@revenue.final
def publish(state: dict[str, Any], window: Window) -> None:
    """Note a window's sum."""
    note("revenue", final=state["total"], start=window.start.isoformat(), end=window.end.isoformat())


def echo(event: Any, context: Any) -> Any:
    """Answer with what was given, and a word on each of the outputs."""
    print("echo was given", json.dumps(event))  # noqa: T201  # a function's log is what it prints
    sys.stderr.write("and complains\n")
    return {"given": event, "function_name": context.function_name, "arn": context.invoked_function_arn}


def ends_the_process(event: Any, context: Any) -> None:
    """End its process as a bad library might."""
    sys.exit(3)


def answers_what_is_no_json(event: Any, context: Any) -> Any:
    """Return what no JSON can say."""
    return {"a set": {1, 2}}
