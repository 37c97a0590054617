"""What the tests from outside share: the parts around the server, and its log beside a test that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.outside.serving import FUNCTIONS, QUICKLY, SERVERS, Around, Server, served
from tests.parts.awscli import aws_command
from tests.parts.needs import MissingPartError, missing

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tests.parts.fixtures import DynamoDBServers, MotoServer


@pytest.fixture(scope="module")
def around(dynamodb_servers: DynamoDBServers, moto_session: MotoServer) -> Around:
    """DynamoDB Local and moto with nothing in them."""
    moto_session.reset()
    return Around(dynamodb_servers("2.2.1"), moto_session)


@pytest.fixture(scope="module")
def server(around: Around, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the functions of app.py, whose mappings change their states quickly."""
    with Server(around, tmp_path_factory.mktemp("server"), *QUICKLY, *served(*FUNCTIONS)) as server:
        yield server


@pytest.fixture(scope="session")
def aws() -> tuple[str, ...]:
    """What stands for `aws`."""
    try:
        return aws_command()
    except MissingPartError as error:
        missing(error)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the servers wrote with a test that failed."""
    report = yield
    if report.failed:
        report.sections += [(f"streamkit serve on port {server.port}", server.log()) for server in SERVERS]
    if report.when == "teardown":
        SERVERS[:] = [server for server in SERVERS if server.runs]
    return report
