"""What an invocation costs through our Runtime API server, beside the least that one can cost.

    python benchmarks/runtime_api.py [--seconds 6] [--rounds 15]

The function does nothing and runs under the real awslambdaric. The yardstick is the smallest server that can drive the
same client: one socket, blocking, no parsing but for the end of a request, no deadline, no log, no limits; it and ours
take turns within each round, each with a process of its own. Beside them stands the in-process invoker. Medians over
the rounds; exit code 1 if ours takes more than 3 times the yardstick with one record, 2 with 100, 1.5 with 1000.
"""

import argparse
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from streamkit.local.invokers.inprocess import InProcessInvoker
from streamkit.local.invokers.invoker import Answer
from streamkit.local.invokers.lambdaruntime import LambdaRuntime

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
FUNCTION = "def handler(event, context):\n    return {'batchItemFailures': []}\n"
SIZES = (1, 100, 1000)
ALLOWED = {1: 3.0, 100: 2.0, 1000: 1.5}

Invoke = Callable[[bytes], Any]


class Costs(NamedTuple):
    """Seconds an invocation."""

    ours: float
    least: float
    inside: float


class LeastServer:
    """The smallest server that drives a runtime client."""

    def __init__(self, folder: str) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        env = {**os.environ, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{listener.getsockname()[1]}", "PYTHONPATH": folder}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", "app.handler"], env=env, stderr=subprocess.DEVNULL
        )
        self._line, _ = listener.accept()
        listener.close()
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request()

    def invoke(self, event: bytes) -> bytes:
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(event)}\r\n"
            f"Lambda-Runtime-Aws-Request-Id: r\r\nLambda-Runtime-Deadline-Ms: 1900000000000\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {ARN}\r\n\r\n"
        )
        self._line.sendall(head.encode() + event)
        response = self._request()
        self._line.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        self._request()
        return response

    def close(self) -> None:
        self._line.close()
        self._process.kill()
        self._process.wait()

    def _request(self) -> bytes:
        """Read a request and return its body: what the function answers is short, and is there with its head."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._line.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
        while len(body) < length:
            body += self._line.recv(65536)
        return body


def event_of(size: int) -> bytes:
    """Return an event with as many records."""
    image = {"id": {"N": "1"}, "status": {"S": "placed"}, "total": {"N": "9.99"}, "note": {"S": "n" * 100}}
    data = {"Keys": {"id": {"N": "1"}}, "NewImage": image, "StreamViewType": "NEW_IMAGE"}
    return orjson.dumps(
        {
            "Records": [
                {
                    "eventID": f"{number:032x}",
                    "eventName": "INSERT",
                    "eventSource": "aws:dynamodb",
                    "dynamodb": data | {"SequenceNumber": f"{number:021}"},
                    "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026",
                }
                for number in range(1, size + 1)
            ]
        }
    )


@contextmanager
def invokers() -> Iterator[tuple[Invoke, Invoke, Invoke]]:
    """Give what calls the function through our server, through the least one, and in this process."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "app.py").write_text(FUNCTION, encoding="utf-8")
        inside = InProcessInvoker(lambda _event, _context: {"batchItemFailures": []})
        with (
            LambdaRuntime("app.handler", cwd=folder) as runtime,
            contextlib.closing(LeastServer(folder)) as least,
        ):
            yield (
                lambda event: checked(runtime.invoke(event, "r", ARN)),
                least.invoke,
                lambda event: checked(inside.invoke(event, "r", ARN)),
            )


def checked(answer: Answer) -> object:
    if answer.response != {"batchItemFailures": []}:
        raise RuntimeError(f"the function failed: {answer}")
    return answer


def seconds(invoke: Invoke, event: bytes, spend: float) -> float:
    """Return what an invocation takes, over as many as there is time for."""
    calls, started = 0, time.perf_counter()
    while (spent := time.perf_counter() - started) < spend or not calls:
        invoke(event)
        calls += 1
    return spent / calls


def measure(called: tuple[Invoke, Invoke, Invoke], size: int, spend: float, rounds: int) -> Costs:
    """Return the medians of rounds in which the three take turns."""
    event = event_of(size)
    for invoke in called:
        seconds(invoke, event, spend / 10)
    taken = [[seconds(invoke, event, spend) for invoke in called] for _ in range(rounds)]
    return Costs(*(statistics.median(column) for column in zip(*taken, strict=True)))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=6.0, help="for each size and way, over all rounds")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    missed = 0
    with invokers() as called:
        for size in SIZES:
            costs = measure(called, size, options.seconds / options.rounds, options.rounds)
            ratio = costs.ours / costs.least
            missed += ratio > ALLOWED[size]
            print(
                f"{size:>4} records: {costs.ours * 1e3:.2f} ms an invocation, {ratio:.2f} x the least server's "
                f"{costs.least * 1e3:.2f} ms (allowed {ALLOWED[size]}); in process {costs.inside * 1e3:.2f} ms"
                f"{'' if ratio <= ALLOWED[size] else '  MISSED'}"
            )
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
