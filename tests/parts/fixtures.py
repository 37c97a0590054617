"""Fixtures of real parts: AWS's DynamoDB Local, moto's server. tests/conftest.py makes them known to every test.

Where a part is missing and cannot be had, the test is skipped and says so in one line (see needs.py).
"""

from __future__ import annotations

import os
import urllib.request
from contextlib import ExitStack
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.parts.dynamodblocal import DynamoDBLocal, client_of, credentials
from tests.parts.jars import PACKAGES
from tests.parts.needs import MissingPartError, missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.parts.jars import Version

__all__ = [
    "DynamoDBServers",
    "MotoServer",
    "StartDynamoDB",
    "aws_environment",
    "dynamodb",
    "dynamodb_servers",
    "every_dynamodb",
    "moto_server",
    "moto_session",
    "start_dynamodb",
]

_MOTO_SERVICES = ("SQS", "SNS", "S3", "CLOUDWATCH", "LAMBDA")
_ANY_KEY = "testing"


class DynamoDBServers(Protocol):
    """Gives the session's server of a version."""

    def __call__(self, version: Version) -> DynamoDBLocal: ...


class StartDynamoDB(Protocol):
    """Starts a server that is the test's own."""

    def __call__(self, version: Version = "2.2.1", path: Path | None = None) -> DynamoDBLocal: ...


class MotoServer:
    """A running moto server. The clients that it makes are closed by whoever asked for them."""

    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url

    def environment(self) -> dict[str, str]:
        """Return the variables with which any client of AWS, in this process or another, asks this server."""
        return credentials(_ANY_KEY) | self.endpoints()

    def endpoints(self) -> dict[str, str]:
        """Return the variables that name the server; it takes whatever credentials there are."""
        return {f"AWS_ENDPOINT_URL_{service}": self.endpoint_url for service in _MOTO_SERVICES}

    def client(self, service: str) -> Any:
        """Return a boto3 client: ``sqs``, ``sns``, ``s3``, ``cloudwatch``. Close it when it is done."""
        return client_of(service, self.endpoint_url, _ANY_KEY)

    def reset(self) -> None:
        """Forget every queue, topic, bucket and metric."""
        request = urllib.request.Request(f"{self.endpoint_url}/moto-api/reset", method="POST")  # noqa: S310  # our own
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # as above
            answer.read()


@pytest.fixture(scope="session")
def dynamodb_servers() -> Iterator[DynamoDBServers]:
    """The session's servers, one of each version, started when first asked for."""
    started: dict[str, DynamoDBLocal | MissingPartError] = {}

    def server(version: Version) -> DynamoDBLocal:
        if version not in started:
            try:
                started[version] = stack.enter_context(DynamoDBLocal(version))
            except MissingPartError as error:
                started[version] = error
        found = started[version]
        if isinstance(found, MissingPartError):
            missing(found)
        return found

    with ExitStack() as stack:
        yield server


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Credentials of nobody, and nothing of the machine's own configuration: what the other fixtures build on."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in credentials(_ANY_KEY).items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture
def dynamodb(dynamodb_servers: DynamoDBServers, aws_environment: pytest.MonkeyPatch) -> DynamoDBLocal:
    """DynamoDB Local 2.2.1 with a database of the test's own, which the environment's AWS_* variables lead to."""
    return _for_a_test(dynamodb_servers("2.2.1"), aws_environment)


@pytest.fixture(params=sorted(PACKAGES))
def every_dynamodb(
    request: pytest.FixtureRequest, dynamodb_servers: DynamoDBServers, aws_environment: pytest.MonkeyPatch
) -> DynamoDBLocal:
    """The same with each version in turn."""
    return _for_a_test(dynamodb_servers(request.param), aws_environment)


@pytest.fixture
def start_dynamodb(aws_environment: pytest.MonkeyPatch) -> Iterator[StartDynamoDB]:
    """Start servers that the test may stop, restart, dilate; the environment leads to the last one."""

    def start(version: Version = "2.2.1", path: Path | None = None) -> DynamoDBLocal:
        try:
            server = stack.enter_context(DynamoDBLocal(version, path))
        except MissingPartError as error:
            missing(error)
        return _for_a_test(server, aws_environment)

    with ExitStack() as stack:
        yield start


@pytest.fixture(scope="session")
def moto_session() -> Iterator[MotoServer]:
    """The session's moto server."""
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415  # slow, and only wanted where a test uses it
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server  # noqa: PLC0415  # as above

    # What moto's own ThreadedMotoServer does, which leaves its socket open.
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler)
    thread = Thread(target=server.serve_forever, name="moto", daemon=True)
    thread.start()
    yield MotoServer(f"http://127.0.0.1:{server.port}")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def moto_server(moto_session: MotoServer, aws_environment: pytest.MonkeyPatch) -> MotoServer:
    """moto with nothing in it, which the environment's AWS_* variables for SQS, SNS, S3, CloudWatch lead to."""
    moto_session.reset()
    for name, value in moto_session.endpoints().items():
        aws_environment.setenv(name, value)
    return moto_session


def _for_a_test(server: DynamoDBLocal, monkeypatch: pytest.MonkeyPatch) -> DynamoDBLocal:
    server.fresh()
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    return server
