"""`streamkit serve` in a process of its own, and the real parts around it, as they look from outside."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar
from uuid import uuid4

from tests.parts.dynamodblocal import client_of, credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.parts.dynamodblocal import DynamoDBLocal
    from tests.parts.fixtures import MotoServer

__all__ = [
    "APP",
    "FUNCTIONS",
    "QUICKLY",
    "REGION",
    "ROOT",
    "SERVERS",
    "Around",
    "Server",
    "eventually",
    "served",
    "settled",
]

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[3]
STREAMKIT = str(Path(sys.executable).with_name("streamkit"))
APP: Final = "tests.api.outside.app"
REGION: Final = "us-east-2"
"""The region of the page of AWS's."""
PATIENCE: Final = 60.0
"""For what takes a second or so on a machine with nothing else to do."""
_READY = re.compile(r"streamkit serve: listening on (http://(?:127\.0\.0\.1|0\.0\.0\.0):(\d+))\s*")

QUICKLY: Final = ("--transition-seconds", "0.05")
"""Lets states last for a moment only."""

FUNCTIONS: Final = {
    "my-function": "writes_down",
    "my-function:live": "writes_down",
    "slow": "works_slowly",
    "fails": "always_fails",
    "typed": "typed",
    "revenue": "revenue",
    "echo": "echo",
    "ends": "ends_the_process",
    "odd": "answers_what_is_no_json",
}
"""What the servers' functions are called, and which of app.py they are."""

SERVERS: list[Server] = []
"""Those that ran during a test: their logs are shown if it fails."""


def eventually(look: Callable[[], T], wanted: Callable[[T], object], *, within: float = PATIENCE) -> T:
    """Return what is seen as soon as it is as wanted; raises AssertionError with what was seen last where it never is.

    What another process does is told by nothing else than looking.
    """
    deadline = time.monotonic() + within
    while not wanted(seen := look()):
        assert time.monotonic() < deadline, f"after {within:g} s still {seen!r}"
        time.sleep(0.02)
    return seen


def served(*names: str) -> list[str]:
    """Return the options that let a server have these of FUNCTIONS."""
    return [option for name in names for option in ("--function", f"{name}={APP}:{FUNCTIONS[name]}")]


class Around:
    """DynamoDB Local with a database of its own, and moto: what the server's environment leads to."""

    def __init__(self, dynamodb: DynamoDBLocal, moto: MotoServer) -> None:
        self._dynamodb, self._moto = dynamodb, moto
        self._key = f"AK{uuid4().hex[:18].upper()}"

    def environment(self) -> dict[str, str]:
        """Return the variables of the server, and of any client."""
        here = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {
            **here,
            **credentials(self._key),
            **dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), REGION),
            "AWS_ENDPOINT_URL_DYNAMODB": self._dynamodb.endpoint_url,
            "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": self._dynamodb.endpoint_url,
            "AWS_ENDPOINT_URL_SQS": self._moto.endpoint_url,
            "AWS_ENDPOINT_URL_SNS": self._moto.endpoint_url,
            "AWS_ENDPOINT_URL_S3": self._moto.endpoint_url,
        }

    def table(self, name: str, view_type: str = "NEW_AND_OLD_IMAGES") -> str:
        """Make a table with the key ``id``, and return its stream's ARN."""
        with closing(self.dynamodb()) as client:
            made = client.create_table(
                TableName=name,
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                StreamSpecification={"StreamEnabled": True, "StreamViewType": view_type},
            )
        arn: str = made["TableDescription"]["LatestStreamArn"]
        return arn

    def put(self, table: str, *numbers: int, **attributes: Any) -> None:
        """Write the items ``item N`` with ``n`` N, one after the other."""
        with closing(self.dynamodb()) as client:
            for n in numbers:
                item = {"id": {"S": f"item {n}"}, "n": {"N": str(n)}, **attributes}
                client.put_item(TableName=table, Item=item)

    def sequence_numbers(self, stream: str) -> list[str]:
        """Return those of all records that a stream holds, in order, as it tells them."""
        found: list[str] = []
        with closing(client_of("dynamodbstreams", self._dynamodb.endpoint_url, self._key, region=REGION)) as client:
            for shard in client.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]:
                at = {"StreamArn": stream, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
                iterator = client.get_shard_iterator(**at)["ShardIterator"]
                # A page of an open shard at its end is empty.
                while iterator and (page := client.get_records(ShardIterator=iterator))["Records"]:
                    found += [record["dynamodb"]["SequenceNumber"] for record in page["Records"]]
                    iterator = page.get("NextShardIterator")
        return sorted(found, key=int)

    def dynamodb(self) -> Any:
        """Return a boto3 client. Close it, as the others."""
        return client_of("dynamodb", self._dynamodb.endpoint_url, self._key, region=REGION)

    def sqs(self) -> Any:
        return client_of("sqs", self._moto.endpoint_url, self._key, region=REGION)


class Server:
    """A running server; a context that ends it. ``options``: besides the port; ``environment``: besides the usual;
    ``log``: what it has for stderr, by default what `log` shows.

    Raises AssertionError with what it wrote where it does not start.
    """

    def __init__(
        self,
        around: Around,
        folder: Path,
        *options: str,
        environment: Mapping[str, str] | None = None,
        log: int = subprocess.PIPE,
    ) -> None:
        self.ledger = folder / "ledger.jsonl"
        self._more = environment or {}
        self._log = log
        self._around = around
        self._options = options
        self._written: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._readers: list[threading.Thread] = []
        self.url = ""
        self.port = 0
        self._start("0")

    def environment(self) -> dict[str, str]:
        return {
            **self._around.environment(),
            "STREAMKIT_TEST_LEDGER": str(self.ledger),
            "PYTHONUNBUFFERED": "1",
            **self._more,
        }

    def _start(self, port: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # our own command
            # On a busy machine a function may need longer than Lambda's three seconds, and would be retried.
            [STREAMKIT, "serve", "--port", port, "--timeout", "60", *self._options],
            cwd=ROOT,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        ready: Queue[str | None] = Queue()
        for stream in filter(None, (self._process.stdout, self._process.stderr)):
            reader = threading.Thread(target=self._read, args=(stream, ready), daemon=True)
            reader.start()
            self._readers.append(reader)
        if self not in SERVERS:
            SERVERS.append(self)
        try:
            address = ready.get(timeout=PATIENCE)
        except Empty:
            address = None
        if address is None:
            self.stop(signal.SIGKILL)
            raise AssertionError(f"streamkit serve did not start:\n{self.log()}")
        match = _READY.fullmatch(address)
        assert match is not None
        self.url, self.port = match[1], int(match[2])

    def _read(self, stream: Any, ready: Queue[str | None]) -> None:
        for line in stream:
            self._written.append(line)
            if _READY.fullmatch(line):
                ready.put(line)
        # Where it ends before it is ready, nobody needs to wait for the time that it may take.
        ready.put(None)

    def descriptors(self) -> int:
        """Return how many files and connections it has open, on Linux; 0 elsewhere."""
        assert self._process is not None
        return len(list(Path(f"/proc/{self._process.pid}/fd").glob("*")))

    @property
    def runs(self) -> bool:
        """Whether it was not stopped."""
        return self._process is not None

    def log(self) -> str:
        """Return what it wrote up to now, to both."""
        return "".join(self._written)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it, and return its exit code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(how)
        try:
            return process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"streamkit serve did not end after {how.name}:\n{self.log()}") from None
        finally:
            for reader in self._readers:
                reader.join()
            for stream in filter(None, (process.stdout, process.stderr)):
                stream.close()
            self._readers.clear()

    def restart(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it and start it again on the same port; return the exit code of the first."""
        code = self.stop(how)
        self._start(str(self.port))
        return code

    def client(self, *, checked: bool = True) -> Any:
        """Return a boto3 client. ``checked``: whether it looks through parameters before it sends them. Close it."""
        from botocore.config import Config  # noqa: PLC0415  # slow

        config = Config(parameter_validation=checked, retries={"total_max_attempts": 1}, read_timeout=30)
        return client_of("lambda", self.url, "AKIDEXAMPLE", region=REGION, config=config)

    def aws(self, command: Sequence[str], *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run AWS's command line. ``command``: what stands for ``aws``."""
        return subprocess.run(  # noqa: S603  # a part, and what a test says
            [*command, *arguments, "--endpoint-url", self.url],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def noted(self, function: str | None = None, table: str | None = None) -> list[dict[str, Any]]:
        """Return the ledger's lines: those of one function or all, about one table or all."""
        text = self.ledger.read_text(encoding="utf-8") if self.ledger.exists() else ""
        # What stands behind the last line's end is being written at this moment.
        notes = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
        return [one for one in notes if function in (None, one["function"]) and table in (None, one.get("table"))]

    def numbers(self, function: str | None = None, table: str | None = None) -> list[int]:
        """Return the numbers of the items that were given to the functions, in order."""
        return [number for note in self.noted(function, table) for number in note.get("numbers", ())]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def settled(server: Server, uuid: str, state: str = "Enabled") -> dict[str, Any]:
    """Return a mapping as soon as it is in this state."""
    with closing(server.client()) as client:
        return eventually(lambda: client.get_event_source_mapping(UUID=uuid), lambda seen: seen["State"] == state)
