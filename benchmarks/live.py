"""What the local runner adds to reading a live stream, and how long a change takes to its handler.

    python benchmarks/live.py [--records 20000] [--rounds 7] [--puts 300] [--ministack PATH_TO_VENV_PYTHON]

Against DynamoDB Local: the server that AWS_ENDPOINT_URL names, else one of its own. Each part has a database of its own
(a new access key), since writes slow down as stream records pile up.

Throughput: from the oldest record to the newest, the yardstick, run in turn with the runner, is a bare loop of boto3's
``get_records`` with Limit 1000. The handler does nothing but count. The goal is 0.9 times its speed, with small items
and with nested ones of about 1 kB; exit code 1 if it is missed. The ratio is the median of those of the rounds.

Time from put to handler: items are put at random moments. ``--ministack``: the Python of an environment in which
ministack is installed, whose own event source mapping is then measured the same way, in processes of its own.
"""

import argparse
import contextlib
import io
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from uuid import uuid4

from streamkit.local import LocalRunner
from streamkit.local.journal import Journal
from streamkit.local.streams.livestream import LiveStream

BARE, SMALL, NESTED = "bare get_records loop", "small items", "nested items of about 1 kB"
SIZES = (100, 1000)
GOAL = 0.9
INTERVALS = (0.25, 0.02)
LONG = 60.0
AT_ONCE = 25
TABLE = "items"

Item: TypeAlias = dict[str, dict[str, Any]]
Seconds: TypeAlias = dict[str, list[float]]


class Stream(NamedTuple):
    """A stream and who reads it."""

    arn: str
    client: Any

    def bare(self, count: int) -> float:
        """Read everything with boto3 alone, and return the seconds that it took."""
        shard = self.client.describe_stream(StreamArn=self.arn)["StreamDescription"]["Shards"][0]["ShardId"]
        read, began = 0, time.perf_counter()
        answer = self.client.get_shard_iterator(StreamArn=self.arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        iterator = answer["ShardIterator"]
        while read < count:
            page = self.client.get_records(ShardIterator=iterator, Limit=1000)
            iterator = page["NextShardIterator"]
            read += len(page["Records"])
        return time.perf_counter() - began

    def run(self, count: int, size: int) -> float:
        """Bring everything to a handler in batches of this size, and return the seconds until it had the last."""
        ended = read = 0.0

        def handler(event: Any, _context: Any) -> None:
            nonlocal ended, read
            read += len(event["Records"])
            if read == count:
                ended = time.perf_counter()
                runner.stop()

        with contextlib.closing(LiveStream(self.arn)) as stream:
            runner = LocalRunner(handler, stream, {"BatchSize": size}, journal=Journal(keep=False))
            began = time.perf_counter()
            runner.follow()
        return ended - began


def small(number: int) -> Item:
    return {"id": {"S": str(number)}, "n": {"N": str(number)}}


def nested(number: int) -> Item:
    """Return an order whose stream record is about 1 kB."""
    lines = [{"M": {"sku": {"S": f"sku-{number + n:08}"}, "count": {"N": "3"}}} for n in range(12)]
    address = {"street": {"S": "12 Long Street"}, "city": {"S": "Springfield"}, "zip": {"S": "49007"}}
    more: Item = {
        "total": {"N": "129.95"},
        "tags": {"SS": ["express", "gift"]},
        "address": {"M": address},
        "lines": {"L": lines},
        "paid": {"BOOL": True},
    }
    return small(number) | more


@contextlib.contextmanager
def server() -> Iterator[None]:
    """Let the environment name a server; where it does not, start one."""
    if os.environ.get("AWS_ENDPOINT_URL"):
        yield
        return
    from tests.parts.dynamodblocal import DynamoDBLocal  # noqa: PLC0415  # needs Java

    with DynamoDBLocal() as started:
        os.environ["AWS_ENDPOINT_URL"] = started.endpoint_url
        try:
            yield
        finally:
            del os.environ["AWS_ENDPOINT_URL"]


def client_of(service: str, endpoint_url: str | None = None) -> Any:
    import boto3  # noqa: PLC0415  # an extra

    return boto3.Session(region_name="us-east-1").client(service, endpoint_url=endpoint_url)


def fresh_key() -> None:
    """Let the environment name a database with nothing in it."""
    os.environ["AWS_ACCESS_KEY_ID"] = f"AK{uuid4().hex[:18].upper()}"
    os.environ["AWS_SECRET_ACCESS_KEY"] = "secret"  # noqa: S105  # any will do
    os.environ["AWS_REGION"] = os.environ["AWS_DEFAULT_REGION"] = "us-east-1"


def create_table(client: Any) -> str:
    """Create a table with a stream, and return the stream's ARN."""
    created = client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    arn: str = created["TableDescription"]["LatestStreamArn"]
    return arn


def measure_throughput(item: Callable[[int], Item], count: int, rounds: int) -> Seconds:
    """Return the seconds of each way in each round."""
    fresh_key()
    with contextlib.closing(client_of("dynamodb")) as client:
        arn = create_table(client)
        for first in range(0, count, AT_ONCE):
            puts = [{"PutRequest": {"Item": item(n)}} for n in range(first, min(first + AT_ONCE, count))]
            client.batch_write_item(RequestItems={TABLE: puts})
    ways: dict[str, Callable[[], float]] = {}
    with contextlib.closing(client_of("dynamodbstreams")) as reader:
        stream = Stream(arn, reader)
        ways[BARE] = lambda: stream.bare(count)
        for size in SIZES:
            ways[f"runner, BatchSize {size}"] = lambda size=size: stream.run(count, size)  # type: ignore[misc]  # a default binds it
        for way in ways.values():
            way()  # what is loaded and compiled at first is not measured
        seconds: Seconds = {name: [] for name in ways}
        names = list(ways)
        for _ in range(rounds):
            for name in names:
                seconds[name].append(ways[name]())
            names.reverse()
    return seconds


def put_at_random(client: Any, puts: int, arrived: Callable[[], dict[str, float]]) -> list[float]:
    """Put items at random moments, and return after how many seconds each one came to its handler."""
    chance, sent = random.Random(puts), dict[str, float]()
    for number in range(puts):
        time.sleep(chance.uniform(0.01, 0.09))
        sent[str(number)] = time.time()
        client.put_item(TableName=TABLE, Item=small(number))
    deadline = time.monotonic() + LONG
    while len(came := arrived()) < puts:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{puts - len(came)} of {puts} items never came to the handler")
        time.sleep(0.05)
    return [came[name] - at for name, at in sent.items()]


def measure_latency(interval: float, puts: int) -> list[float]:
    """Return the seconds from each put to the handler, polled at this interval."""
    fresh_key()
    came: dict[str, float] = {}

    def handler(event: Any, _context: Any) -> None:
        now = time.time()
        came.update((record["dynamodb"]["Keys"]["id"]["S"], now) for record in event["Records"])

    with contextlib.closing(client_of("dynamodb")) as client:
        arn = create_table(client)
        with contextlib.closing(LiveStream(arn, poll_interval=interval)) as stream:
            runner = LocalRunner(handler, stream, journal=Journal(keep=False))
            thread = threading.Thread(target=runner.follow)
            thread.start()
            try:
                return put_at_random(client, puts, lambda: came)
            finally:
                runner.stop()
                thread.join()


FUNCTION = """
import json, os, time
def handler(event, context):
    now = time.time()
    lines = [json.dumps([record["dynamodb"]["Keys"]["id"]["S"], now]) for record in event["Records"]]
    fd = os.open(os.environ["ARRIVALS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(fd, "".join(line + "\\n" for line in lines).encode())
    os.close(fd)
"""


@contextlib.contextmanager
def ministack(python: str, folder: str) -> Iterator[str]:
    """Start ministack, and yield its endpoint."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    env = os.environ | {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "LAMBDA_EXECUTOR": "local"}
    env.pop("AWS_ENDPOINT_URL", None)
    command = [str(Path(python).with_name("ministack"))]
    with Path(folder, "ministack.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, cwd=folder, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + LONG
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(Path(folder, "ministack.log").read_text(errors="replace")[-2000:])
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("app.py", FUNCTION)
    return made.getvalue()


def arrivals(path: Path) -> dict[str, float]:
    """Return when each item came first."""
    came: dict[str, float] = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        name, at = json.loads(line)
        came.setdefault(name, at)
    return came


def measure_ministack(python: str, puts: int) -> list[float]:
    """Return the seconds from each put to a function under ministack's own event source mapping."""
    fresh_key()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        path = Path(folder, "arrivals.jsonl")
        url = stack.enter_context(ministack(python, folder))
        dynamodb = stack.enter_context(contextlib.closing(client_of("dynamodb", url)))
        functions = stack.enter_context(contextlib.closing(client_of("lambda", url)))
        functions.create_function(
            FunctionName="arrivals",
            Runtime=f"python3.{sys.version_info.minor}",
            Role="arn:aws:iam::000000000000:role/any",
            Handler="app.handler",
            Code={"ZipFile": zipped()},
            Timeout=30,
            Environment={"Variables": {"ARRIVALS": str(path)}},
        )
        arn = create_table(dynamodb)
        functions.create_event_source_mapping(
            FunctionName="arrivals", EventSourceArn=arn, StartingPosition="TRIM_HORIZON", BatchSize=100
        )
        return put_at_random(dynamodb, puts, lambda: arrivals(path))


def report_throughput(seconds: Seconds, count: int, what: str) -> bool:
    """Print how fast each way is; return whether the goal is reached."""
    print(f"{count:,} {what}, medians of {len(seconds[BARE])} rounds")
    reached = True
    for way, taken in seconds.items():
        median = statistics.median(taken)
        ratio, goal = statistics.median(bare / one for bare, one in zip(seconds[BARE], taken, strict=True)), ""
        if way != BARE:
            reached = reached and ratio >= GOAL
            goal = f", goal {GOAL} x: {'reached' if ratio >= GOAL else 'MISSED'}"
        print(f"{ratio:6.2f} x {count / median:10,.0f} records/s  {way}{goal}", flush=True)
    return reached


def report_latency(taken: list[float], way: str) -> None:
    ordered = sorted(taken)
    p50, p99 = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
    print(f"{p50 * 1e3:8.1f} ms p50 {p99 * 1e3:8.1f} ms p99  {way}, {len(ordered)} puts", flush=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--puts", type=int, default=300)
    parser.add_argument("--ministack", metavar="PATH_TO_VENV_PYTHON")
    options = parser.parse_args(arguments)
    reached = True
    with server():
        for item, what in ((small, SMALL), (nested, NESTED)):
            seconds = measure_throughput(item, options.records, options.rounds)
            reached = report_throughput(seconds, options.records, what) and reached
        print("from put to handler")
        for interval in INTERVALS:
            report_latency(measure_latency(interval, options.puts), f"runner, polled every {interval} s")
    if options.ministack:
        report_latency(measure_ministack(options.ministack, options.puts), "ministack's own mapping")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    raise SystemExit(main())
