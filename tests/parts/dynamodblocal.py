"""AWS's own DynamoDB Local as a server of a test's own."""

from __future__ import annotations

import os
import selectors
import subprocess
import tempfile
import time
import urllib.request
from functools import cache
from typing import IO, TYPE_CHECKING, Any, Final, Self
from uuid import uuid4

from tests.parts.jars import jars, java, launcher

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from boto3 import Session
    from botocore.config import Config

    from tests.parts.jars import Version

__all__ = ["REGION", "DynamoDBLocal", "client_of", "credentials"]

REGION: Final = "us-east-1"
_START_SECONDS = 90.0
_STOP_SECONDS = 15.0
_ASK_SECONDS = 30.0


def credentials(access_key: str) -> dict[str, str]:
    """Return the variables that make this key, and nothing of the machine's own configuration, AWS's credentials."""
    return {
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def client_of(
    service: str, endpoint_url: str, access_key: str, *, region: str = REGION, config: Config | None = None
) -> Any:
    """Return a boto3 client that asks this endpoint. Close it when it is done."""
    return _session().client(
        service,
        region_name=region,
        endpoint_url=endpoint_url,
        config=config,
        aws_access_key_id=access_key,
        aws_secret_access_key="secret",  # noqa: S106  # any will do
    )


@cache
def _session() -> Session:
    # One for all: each new one reads the services' descriptions again, which takes longer than most tests.
    import boto3  # noqa: PLC0415  # slow, and only wanted where a server runs

    return boto3.Session(region_name=REGION)


class DynamoDBLocal:
    """A running server on the loopback address, on a port that was free.

    Each access key is a database of its own; `fresh` takes a new one. ``path``: a folder that keeps the data over
    `restart`; without it they are in memory, and gone. The server ends with this process, however that ends.

    Raises MissingPartError where Java or the jars are not there and cannot be had, RuntimeError with what the server
    wrote where it does not start.
    """

    def __init__(self, version: Version = "2.2.1", path: Path | None = None) -> None:
        self.version: Version = version
        self.access_key = ""
        self._path = path
        self._port = 0
        self._control = 0
        self._process: subprocess.Popen[bytes] | None = None
        self.fresh()
        self.start()

    @property
    def endpoint_url(self) -> str:
        """Where it answers; the same after `restart`."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def control_url(self) -> str:
        """Where ``POST /rollover`` and ``POST /dilate?ms=N`` are taken; another one after `restart`."""
        return f"http://127.0.0.1:{self._control}"

    @property
    def pid(self) -> int | None:
        """The server's process; None while it is stopped."""
        return None if self._process is None else self._process.pid

    def fresh(self) -> None:
        """Take a new access key: a database with nothing in it."""
        # 3.3.1 takes letters and digits only.
        self.access_key = f"AK{uuid4().hex[:18].upper()}"

    def environment(self) -> dict[str, str]:
        """Return the variables with which any client of AWS, in this process or another, asks this database."""
        return credentials(self.access_key) | {
            "AWS_ENDPOINT_URL_DYNAMODB": self.endpoint_url,
            "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": self.endpoint_url,
            "STREAMKIT_DYNAMODB_CONTROL_URL": self.control_url,
        }

    def client(self, service: str = "dynamodb") -> Any:
        """Return a boto3 client of this database: ``dynamodb`` or ``dynamodbstreams``. Close it when it is done."""
        return client_of(service, self.endpoint_url, self.access_key)

    def rollover(self) -> None:
        """Close every open shard of every stream, in all databases, and open its child."""
        self._ask("/rollover")

    def dilate(self, milliseconds: int) -> None:
        """Let the stream records of all databases age so long: 15 minutes expire iterators, 24 hours trim records."""
        self._ask(f"/dilate?ms={milliseconds}")

    def start(self) -> None:
        """Start a stopped server, on the port that it had."""
        if self._process is not None:
            raise RuntimeError(f"DynamoDB Local runs already, at {self.endpoint_url}")
        folder, classes, native = jars(self.version), launcher(), "DynamoDBLocal_lib"
        command = [
            # Half the processor time of Java's own choice, and for the ten thousands of writes of a test not slower.
            *(java(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *(f"-Dlisten={self._port}", f"-Djava.library.path=./{native}"),
            *("-cp", os.pathsep.join((str(classes), "DynamoDBLocal.jar", f"{native}/*")), "LoopbackDynamoDBLocal"),
            *(["-inMemory"] if self._path is None else ["-dbPath", str(self._path)]),
        ]
        with tempfile.TemporaryFile() as log:
            self._process = subprocess.Popen(  # noqa: S603  # a program that was looked up, and our own launcher
                command,
                cwd=folder,
                env=os.environ | {"DDB_LOCAL_TELEMETRY": "0"},
                # The server ends when this pipe does: no other process has an end of it.
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
            try:
                self._port, self._control = _listening(self._process, log)
            except BaseException:
                self.stop()
                raise

    def stop(self) -> None:
        """End the server, if it runs, and wait until it has ended."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        # Closes the pipes and waits for the end.
        process.communicate()

    def restart(self) -> None:
        """Stop it and start it on the same port; data in memory are gone, those in a folder are there."""
        self.stop()
        self.start()

    def _ask(self, path: str) -> None:
        request = urllib.request.Request(self.control_url + path, method="POST")  # noqa: S310  # http, our own
        with urllib.request.urlopen(request, timeout=_ASK_SECONDS) as answer:  # noqa: S310  # as above
            answer.read()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _listening(process: subprocess.Popen[bytes], log: IO[bytes]) -> tuple[int, int]:
    """Return the server's port and its control port, once both answer."""
    deadline = time.monotonic() + _START_SECONDS
    said = b""
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.select(deadline - time.monotonic()):
            part = os.read(process.stdout.fileno(), 65536)
            said += part
            for line in said.splitlines(keepends=True):
                match line.split():
                    case [b"listening", port, control] if line.endswith(b"\n"):
                        return int(port), int(control)
            if not part:
                break
    log.seek(0)
    wrote = (said + log.read()).decode(errors="replace")[-4000:]
    raise RuntimeError(f"DynamoDB Local ({process.args!r}) did not start:\n{wrote}")
