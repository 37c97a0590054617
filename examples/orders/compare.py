"""Which settings lose least? The same backlog of a day, with the same poison in it, under one mapping after the other.

Run it with `python -m examples.orders.compare`.
"""

import logging
from datetime import datetime
from typing import Any

import orjson

from examples.orders import app, record
from streamkit.local import FaultRates, LocalRunner, VirtualClock

ONLY_ORDERS = '{"dynamodb": {"NewImage": {"type": {"S": ["order"]}}}}'

SETTINGS: dict[str, dict[str, Any]] = {
    "as deployed: 100 at a time, 2 retries": {},
    "… 10 at a time": {"BatchSize": 10},
    "… halving what fails": {"BisectBatchOnFunctionError": True},
    "… and 4 lanes": {"BisectBatchOnFunctionError": True, "ParallelizationFactor": 4},
    "… and only what orders are now": {
        "BisectBatchOnFunctionError": True,
        "FilterCriteria": {"Filters": [{"Pattern": ONLY_ORDERS}]},
    },
}


ROW = "{:40}{:>8}{:>8}{:>12}{:>10}"


def compare(day: list[dict[str, Any]], faults: FaultRates | None) -> None:
    end = VirtualClock(datetime.fromisoformat("2026-09-18T00:00:00+00:00"))
    print(ROW.format("", "records", "lost", "invocations", "seconds"))
    for name, settings in SETTINGS.items():
        app.mailbox = app.Mailbox()
        clock = VirtualClock(end.now())
        mapping = app.handler.mapping.to_aws() | settings
        runner = LocalRunner(app.handler, day, mapping, clock=clock, duration=1, faults=faults)
        runner.run()
        taken = runner.metrics["PolledEventCount"] - runner.metrics["FilteredOutEventCount"]
        lost = sum(discarded["DDBStreamBatchInfo"]["batchSize"] for discarded in runner.discarded)
        passed = (clock.now() - end.now()).total_seconds()
        print(ROW.format(name, taken, lost, len(runner.invocations), round(passed)))


def main() -> None:
    # Each failure would be logged; here they are counted.
    logging.getLogger("streamkit").addHandler(logging.NullHandler())
    logging.getLogger("streamkit").propagate = False
    day: list[dict[str, Any]] = [orjson.loads(line) for line in record.FILE.read_bytes().splitlines()]
    compare(day, None)
    print("\nWhere 5 % of the calls are throttled, and in 5 % the function dies after its work is done:\n")
    compare(day, FaultRates(throttle=0.05, crash=0.05))


if __name__ == "__main__":
    main()
