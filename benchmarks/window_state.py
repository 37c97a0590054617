"""What it costs to carry a large state through an invocation of a window handler.

    python benchmarks/window_state.py [--rounds 15] [--bytes 900000]

The handler is called as Lambda calls it: with the event already decoded, one record, a fold that changes a little, and
a state of some 900 kB. The yardstick, run in turn with it, is 1.5 times ``orjson.loads`` and ``orjson.dumps`` of the
state, and pydantic's own ``validate_python`` and ``dump_python(mode="json")`` of its type. Medians over the rounds, the
collector off inside of each; exit code 1 if a handler costs more than its yardstick.
"""

import argparse
import copy
import gc
import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel, TypeAdapter

from streamkit import Insert, tumbling_window

FACTOR = 1.5


class Customer(BaseModel):
    name: str
    orders: int = 0
    total: Decimal = Decimal(0)


class Revenue(BaseModel):
    customers: dict[str, Customer] = {}


class Counts(BaseModel):
    seen: dict[str, int] = {}


class Case(NamedTuple):
    """One kind of state."""

    name: str
    handler: Callable[[Any], Any]
    state: dict[str, Any]
    adapter: TypeAdapter[Any]


@tumbling_window(seconds=60)
def of_models(_change: Insert, state: Revenue) -> Revenue:
    state.customers["new"] = Customer(name="new")
    return state


@tumbling_window(seconds=60)
def of_numbers(_change: Insert, state: Counts) -> Counts:
    state.seen["new"] = 1
    return state


@tumbling_window(seconds=60, by=lambda _change: "new", initial=Customer(name="new"))
def by_key(_change: Insert, state: Customer) -> Customer:
    return Customer(name=state.name, orders=state.orders + 1, total=state.total)


@tumbling_window(seconds=60, initial={"name": "nobody"})
def untyped(_change: Insert, state: dict[str, Any]) -> dict[str, Any]:
    state["new"] = 1
    return state


def customer(number: int) -> dict[str, Any]:
    return {"name": f"customer {number}", "orders": number, "total": f"{number}.99"}


def grown(member: Callable[[int], Any], size: int) -> dict[str, Any]:
    """Return as many members as have this size in JSON."""
    count = size // (len(orjson.dumps(member(10_000))) + len(b'"c000000":,'))
    return {f"c{number:06}": member(number) for number in range(count)}


def cases(size: int) -> list[Case]:
    customers, numbers = grown(customer, size), grown(lambda number: number, size)
    return [
        Case("a model of models", of_models, {"customers": customers}, TypeAdapter(Revenue)),
        Case("a model of numbers", of_numbers, {"seen": numbers}, TypeAdapter(Counts)),
        Case("a model for each key (by=)", by_key, customers, TypeAdapter(dict[str, Customer])),
        Case("an untyped dict", untyped, customers, TypeAdapter(dict[str, Any])),
    ]


def event_with(state: dict[str, Any]) -> dict[str, Any]:
    keys = {"id": {"N": "1"}}
    record = {"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": keys, "SequenceNumber": "1"}}
    window = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"}
    more = {"shardId": "s", "isFinalInvokeForWindow": False, "isWindowTerminatedEarly": False}
    return {"Records": [record], "window": window, "state": state, **more}


def seconds(work: Callable[[], Any]) -> float:
    gc.collect()
    gc.disable()
    started = time.perf_counter()
    work()
    taken = time.perf_counter() - started
    gc.enable()
    return taken


def measure(case: Case, rounds: int) -> tuple[float, float]:
    """Return the median seconds of the handler, and of its yardstick."""
    data, adapter = orjson.dumps(case.state), case.adapter
    instance = adapter.validate_python(case.state)
    handler, yardstick = [], []
    for _ in range(rounds):
        event = event_with(copy.deepcopy(case.state))
        handler.append(seconds(lambda event=event: case.handler(event)))  # type: ignore[misc]  # bound at once
        allowed = FACTOR * (seconds(lambda: orjson.loads(data)) + seconds(lambda: orjson.dumps(case.state)))
        allowed += seconds(lambda: adapter.validate_python(case.state))
        allowed += seconds(lambda: adapter.dump_python(instance, mode="json"))
        yardstick.append(allowed)
    return statistics.median(handler), statistics.median(yardstick)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--bytes", type=int, default=900_000)
    options = parser.parse_args()
    missed = 0
    for case in cases(options.bytes):
        handler, allowed = measure(case, options.rounds)
        size = len(orjson.dumps(case.state))
        missed += handler > allowed
        print(
            f"{case.name} ({size:,} bytes): {handler * 1000:.1f} ms an invocation, {handler / allowed:.2f} x the "
            f"yardstick's {allowed * 1000:.1f} ms{'' if handler <= allowed else '  MISSED'}"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
