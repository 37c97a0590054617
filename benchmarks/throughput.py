"""What the local runner adds to a handler that does nothing, and that its memory does not grow with the stream.

    python benchmarks/throughput.py [--records 200000] [--rounds 5] [--files 10000 200000 1000000]

Records of about 1 kB in memory: the yardstick, run in turn with the runner in one process, is a bare loop that slices
the same records, ``orjson.dumps`` and ``orjson.loads`` each event and calls the handler. The goal is 0.6 times its
speed at BatchSize 100, and 0.8 times at 1000; exit code 1 if it is missed. The ratio is the median of those of the
rounds, since a machine is not as fast in one round as in the next.

JSON lines in files of growing length: a fresh process for each measurement, for its time and its peak memory. The
yardstick is the same loop over the lines, a batch in memory at a time.
"""

import argparse
import contextlib
import gc
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from streamkit.cli.files import journal_written
from streamkit.local import LocalRunner, VirtualClock
from streamkit.local.journal import Journal
from streamkit.local.sources.eventfiles import read_recorded
from streamkit.local.sources.recording import Recording

GOALS = {100: 0.6, 1000: 0.8}
BARE, RUNNER, KEPT, WRITTEN = "bare loop", "runner", "runner, journal kept in memory", "runner, journal in a file"
GROWTH = 1.1
"""How much more a record of the longest file may cost than one of the shortest."""
FILE_BATCH = 1000
START = datetime(2026, 1, 1, tzinfo=UTC)
PER_SECOND = 1000

Seconds: TypeAlias = dict[tuple[int, str], list[float]]
"""Of each round, by the batch size and the way."""


def handler(event: Any, context: Any) -> None:
    """Do nothing."""


def record(number: int) -> dict[str, Any]:
    """Return a change of an order, about 1 kB of JSON in Lambda's form."""
    image = {
        "id": {"S": f"order-{number:012}"},
        "customer": {"S": f"customer-{number % 9973:08}"},
        "status": {"S": "placed"},
        "total": {"N": f"{number % 100_000 / 100:.2f}"},
        "tags": {"SS": ["gift", "express"]},
        "address": {"M": {"street": {"S": "12 Long Street"}, "city": {"S": "Springfield"}, "zip": {"S": "49007"}}},
        "note": {"S": "leave it with the neighbours, please ring twice"},
        "paid": {"BOOL": True},
    }
    return {
        "eventID": f"{number:032x}",
        "eventName": "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": START.timestamp() + number // PER_SECOND,
            "Keys": {"id": image["id"]},
            "NewImage": image | {"status": {"S": "shipped"}},
            "OldImage": image,
            "SequenceNumber": str(10**20 + number),
            "SizeBytes": 500,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000",
    }


def late(count: int) -> VirtualClock:
    """Return a clock at which all records have arrived: else batches were as small as time brings them."""
    return VirtualClock(START + timedelta(seconds=count // PER_SECOND))


def measure_memory(count: int, rounds: int) -> Seconds:
    """Return how long each way takes to bring ``count`` records in memory to the handler."""
    # Parsed, as a user's are: orjson shares the names of their members.
    records = [orjson.loads(orjson.dumps(record(number))) for number in range(count)]

    def bare(size: int) -> None:
        for first in range(0, count, size):
            handler(orjson.loads(orjson.dumps({"Records": records[first : first + size]})), None)

    def runner(size: int, *, keep: bool) -> None:
        LocalRunner(handler, records, {"BatchSize": size}, clock=late(count), journal=Journal(keep=keep)).run()

    ways: dict[str, Callable[[int], None]] = {
        BARE: bare,
        RUNNER: lambda size: runner(size, keep=False),
        KEPT: lambda size: runner(size, keep=True),
    }
    seconds: Seconds = {(size, way): [] for size in GOALS for way in ways}
    gc.collect()
    # Else it is the garbage collector's passes over these millions of dicts that are measured: how many of them fall
    # into a run is chance, and each costs as much as the run itself.
    gc.freeze()
    try:
        for _ in range(rounds):
            for (size, way), taken in seconds.items():
                gc.collect()
                started = time.perf_counter()
                ways[way](size)
                taken.append(time.perf_counter() - started)
    finally:
        gc.unfreeze()
    return seconds


def measure_file(name: str, way: str) -> tuple[float, float]:
    """Return the seconds that it takes to bring a file of records to the handler, and this process's peak in MB."""
    started = time.perf_counter()
    if way == BARE:
        with open(name, "rb") as file:  # noqa: PTH123  # as in streamkit.cli.files
            while lines := list(islice(file, FILE_BATCH)):
                handler(orjson.loads(orjson.dumps({"Records": list(map(orjson.loads, lines))})), None)
    else:
        journal = Journal(keep=False)
        with open(name, "rb") as file:  # noqa: PTH123  # as in streamkit.cli.files
            recording = Recording(read_recorded(file, name))
        clock = late(len(recording))
        runner = LocalRunner(handler, recording, {"BatchSize": FILE_BATCH}, clock=clock, journal=journal)
        with journal_written(f"{name}.journal" if way == WRITTEN else None, journal, name):
            runner.run()
    unit = 1 if sys.platform == "darwin" else 1024
    return time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


@contextlib.contextmanager
def recorded(count: int) -> Iterator[str]:
    """Write a file of JSON lines, and remove it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "events.jsonl")
        with path.open("wb") as file:
            file.writelines(orjson.dumps(record(number)) + b"\n" for number in range(count))
        yield str(path)


def in_a_process(*arguments: str) -> Any:
    """Return what this script prints as JSON. Its peak is its own only if it is started by a small process."""
    command = [sys.executable, __file__, *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def report_memory(count: int, rounds: int) -> bool:
    """Print how fast records in memory are; return whether the goals are reached."""
    measured = in_a_process("--in-memory", "--records", str(count), "--rounds", str(rounds))
    seconds: Seconds = {(size, way): taken for size, way, taken in measured}
    print(f"{count:,} records of {len(orjson.dumps(record(0)))} bytes in memory, medians of {rounds} rounds")
    reached = True
    for (size, way), taken in seconds.items():
        pairs = zip(seconds[size, BARE], taken, strict=True)
        ratio, median = statistics.median(bare / other for bare, other in pairs), statistics.median(taken)
        goal = ""
        if way == RUNNER:
            reached = reached and ratio >= GOALS[size]
            goal = f", goal {GOALS[size]} x: {'reached' if ratio >= GOALS[size] else 'MISSED'}"
        figures = f"{ratio:6.2f} x {median / count * 1e6:7.2f} us {count / median:10,.0f} records/s"
        print(f"{figures}  BatchSize {size}, {way}{goal}")
    return reached


def report_files(counts: list[int], rounds: int) -> bool:
    """Print how fast files are and what memory they take; return whether both stay the same as they grow."""
    print(f"JSON lines, BatchSize {FILE_BATCH}, a fresh process each, medians")
    ways, shortest, longest = (BARE, RUNNER, WRITTEN), min(counts), max(counts)
    runs: dict[tuple[int, str], list[tuple[float, float]]] = {(count, way): [] for count in counts for way in ways}
    with contextlib.ExitStack() as stack:
        names = {count: stack.enter_context(recorded(count)) for count in counts}
        for attempt in range(rounds):
            for (count, way), measured in runs.items():
                # A long file says as much in one run as a short one in many.
                if not attempt or count * attempt < longest:
                    measured.append(in_a_process("--file", names[count], "--way", way))
    medians = {key: [statistics.median(values) for values in zip(*runs[key], strict=True)] for key in runs}
    for (count, way), (seconds, peak) in medians.items():
        ratio = medians[count, BARE][0] / seconds
        print(f"{ratio:6.2f} x {seconds / count * 1e6:7.2f} us {peak:8.1f} MB  {count:,} records, {way}")
    flat = True
    for way in ways:
        (short_seconds, short_peak), (long_seconds, long_peak) = medians[shortest, way], medians[longest, way]
        growth, limit = (long_seconds / longest) / (short_seconds / shortest), ""
        if way != BARE:
            flat = flat and growth <= GROWTH
            limit = f"; limit of the time {GROWTH} x: {'kept' if growth <= GROWTH else 'EXCEEDED'}"
        print(
            f"{growth:6.2f} x the time per record, {long_peak / short_peak:.2f} x the memory, "
            f"at {longest:,} records of those at {shortest:,}: {way}{limit}"
        )
    return flat


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--files", type=int, nargs="*", default=[10_000, 200_000, 1_000_000])
    # What the processes that it starts are to do.
    parser.add_argument("--in-memory", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.in_memory:
        seconds = measure_memory(options.records, options.rounds)
        print(json.dumps([(size, way, taken) for (size, way), taken in seconds.items()]))
        return 0
    if options.file:
        print(json.dumps(measure_file(options.file, options.way)))
        return 0
    reached = report_memory(options.records, options.rounds)
    flat = not options.files or report_files(options.files, options.rounds)
    return 0 if reached and flat else 1


if __name__ == "__main__":
    raise SystemExit(main())
